"""Fill in the middle: the code around a gap, and what the model puts into it.

Source: DeepSeek's fill-in-the-middle guide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

from deepseek_magic.api.events import Event, Finished, TextDelta
from deepseek_magic.api.messages import FimRequest, Request
from deepseek_magic.errors import QuestionError
from deepseek_magic.guard import Guard
from deepseek_magic.settings.parameters import Settings

from .code_only import FENCE
from .exchange import OneStep

#: Marks the gap in the code.
MARK = "<fill>"


class Filler(Protocol):
    """What fills gaps; `deepseek_magic.api.client.Client` is one."""

    def fill(self, request: FimRequest, timeout: float, sent: Callable[[], object] | None = None) -> Iterator[Event]:
        """Have the gap of ``request`` filled and yield the events."""


def around(code: str) -> tuple[str, str]:
    """Return what stands before and after the mark in ``code``.

    Raises:
        QuestionError: there is not exactly one mark, or nothing beside it.
    """
    before, mark, after = code.partition(MARK)
    if not mark or MARK in after:
        found = "none" if not mark else f"{code.count(MARK)}"
        msg = f"%%deepseek_fim wants one {MARK} where code is to be filled in, and found {found}"
        raise QuestionError(msg)
    if not (before + after).strip():
        msg = f"%%deepseek_fim wants code before or after {MARK}: there is none"
        raise QuestionError(msg)
    return before, after


class Gap:
    """An endpoint that fills one gap, whatever it is asked: the conversation's loop runs it as any other.

    Args:
        before: the code before the gap, as typed.
        after: the code after it.
        guard: masks secrets in what is sent.
        settings: what it is asked with.
    """

    def __init__(self, before: str, after: str, guard: Guard, settings: Settings) -> None:
        self._filler: Filler | None = None
        self.request = FimRequest(
            settings.model,
            guard.clean(before, "the code before the gap").text,
            guard.clean(after, "the code after the gap").text,
            max_tokens=settings.max_tokens,
            temperature=settings.temperature,
            top_p=settings.top_p,
            stop=settings.stop,
        )

    def through(self, filler: Filler) -> Gap:
        """Return this, asking ``filler``."""
        self._filler = filler
        return self

    def stream(self, request: Request, timeout: float, sent: Callable[[], object] | None = None) -> Iterator[Event]:  # noqa: ARG002  # the protocol's
        """Fill the gap and yield the events."""
        assert self._filler is not None  # the session says whom to ask
        return self._filler.fill(self.request, timeout, sent)


class Filled(OneStep):
    """Shows the fill inside the code around it, as one code block.

    Args:
        before: the code before the gap, as typed.
        after: the code after it.
    """

    def __init__(self, before: str, after: str) -> None:
        self._before = before
        self._after = after
        self._open = self._whole = False

    @property
    def go_on(self) -> str:
        """How the user goes on with a fill that was cut."""
        return f"{MARK} marks the place: run that code below %%deepseek_fim."

    def taken(self, event: Event) -> Event | None:
        """Return ``event``; the first text has the code before the gap before it."""
        if isinstance(event, Finished):
            self._whole = event.reason == "stop"
        if not isinstance(event, TextDelta) or self._open:
            return event
        self._open = True
        fence = _fence(self._before + self._after)
        return TextDelta(f"{fence}python\n{self._before}{event.text}")

    def rest(self) -> list[Event]:
        """Return the code after the gap; a fill that was cut has the mark at its end, so that one can go on with it."""
        if not self._open:
            return []
        line_end = "" if self._after.endswith("\n") else "\n"
        mark = "" if self._whole else MARK
        return [TextDelta(f"{mark}{self._after}{line_end}{_fence(self._before + self._after)}\n")]


def _fence(code: str) -> str:
    fence = FENCE
    while fence in code:
        fence += "`"
    return fence
