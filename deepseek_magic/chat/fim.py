"""Fill in the middle: send the code around a gap, and show it with the model's text in the gap.

Source: DeepSeek's fill-in-the-middle guide.
"""

from __future__ import annotations

from deepseek_magic.api.events import Batch, Event, Finished, TextDelta
from deepseek_magic.api.messages import FimRequest, Request
from deepseek_magic.errors import QuestionError
from deepseek_magic.guard import Guard

from .code_only import FENCE
from .plan import Outcome, Plan
from .turn import Turn

#: Marks the gap in the code.
MARK = "<fill>"


def around(code: str) -> tuple[str, str]:
    """Return the code before and after the mark in ``code``.

    Raises:
        QuestionError: there is not exactly one mark, or no code around it.
    """
    before, mark, after = code.partition(MARK)
    if not mark or MARK in after:
        found = "none" if not mark else f"{code.count(MARK)}"
        msg = f"%%deepseek_fim needs one {MARK} where code is to be filled in, and found {found}"
        raise QuestionError(msg)
    if not (before + after).strip():
        msg = f"%%deepseek_fim needs code before or after {MARK}: there is none"
        raise QuestionError(msg)
    return before, after


class Fill(Plan):
    """Asks for text to fill a gap, and shows it inside the code around it, as one code block.

    Args:
        before: the code before the gap, as typed.
        after: the code after it.
        guard: masks secrets in what is sent.
    """

    def __init__(self, before: str, after: str, guard: Guard) -> None:
        self._before = before
        self._after = after
        self._guard = guard
        self._open = self._whole = False

    def prepare(self, request: Request) -> FimRequest:
        """Return the fill-in-the-middle request, with only the settings of ``request``."""
        before = self._guard.clean(self._before, "the code before the gap").text
        after = self._guard.clean(self._after, "the code after the gap").text
        return FimRequest(request.settings, before, after)

    def filter(self, batch: Batch) -> Batch:
        """Return ``batch``, with the code before the gap put before the first text."""
        made: list[Event] = []
        for event in batch:
            made.append(event)
            if isinstance(event, Finished):
                self._whole = event.reason == "stop"
            elif isinstance(event, TextDelta) and not self._open:
                self._open = True
                made[-1] = TextDelta(f"{_fence(self._before + self._after)}python\n{self._before}{event.text}")
        return made

    def held(self) -> Batch:
        """Return the code after the gap; if the text was cut, the mark comes first, so that it can be continued."""
        if not self._open:
            return ()
        line_end = "" if self._after.endswith("\n") else "\n"
        mark = "" if self._whole else MARK
        return (TextDelta(f"{mark}{self._after}{line_end}{_fence(self._before + self._after)}\n"),)

    def outcome(self, turn: Turn, request: Request | FimRequest) -> Outcome:  # noqa: ARG002
        """Return how the user can continue if the text was cut."""
        return Outcome(go_on=f"{MARK} marks the place: run that code below %%deepseek_fim.")


def _fence(code: str) -> str:
    fence = FENCE
    while fence in code:
        fence += "`"
    return fence
