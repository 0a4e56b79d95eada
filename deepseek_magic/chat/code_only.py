"""Code and no prose: the reply is begun for the model with a fence, and compiled before it is offered.

Source: DeepSeek's chat-prefix-completion guide, whose example begins with a fence and stops at the next one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from deepseek_magic.api.dialects import Dialect
from deepseek_magic.api.events import Event, Finished, TextDelta
from deepseek_magic.api.messages import Message, Request, TextPart
from deepseek_magic.commonmark.code_blocks import code_blocks
from deepseek_magic.text import one_line

from .exchange import OneStep
from .transcript import Turn

FENCE = "```"
_OPENING = f"{FENCE}python\n"
_IN_WORDS = (
    "Answer with code alone: one ```python block that is complete and ready to run, and nothing before or after it."
)
_REPAIR = "This does not compile: {problem}. Give the whole code again, corrected."


class CodeOnly(OneStep):
    """Asks for code alone, and once more where it does not compile.

    Args:
        dialect: tells whether the endpoint goes on with a reply that was begun; else it is asked in words.
        problem_of: tells in a few words why a source does not compile; "" where it does.
    """

    def __init__(self, dialect: Dialect, problem_of: Callable[[str], str]) -> None:
        self._begins = bool(dialect.prefix)
        self._thinks = "off" if dialect.deepseek else None
        self._problem_of = problem_of
        self._open = False
        self._ended_line = self._whole = self._came = False
        self._first_problem = self._problem = ""

    def reopened(self) -> None:
        """Wait for another end."""
        self._whole = False

    def first(self, request: Request) -> Request:
        """Return ``request`` begun with a fence, or with the wish in words."""
        if not self._begins:
            *earlier, asked = request.messages
            text = f"{asked.text}\n\n{_IN_WORDS}"
            words = replace(asked, content=(TextPart(text), *asked.images) if asked.images else text)
            return replace(request, messages=(*earlier, words))
        beginning = Message("assistant", _OPENING, prefix=True)
        stop = request.stop if FENCE in request.stop else (*request.stop, FENCE)
        return replace(
            request,
            messages=(*request.messages, beginning),
            stop=stop,
            thinking=request.thinking or ("off" if self._thinks else None),
        )

    def taken(self, event: Event) -> Event | None:
        """Return ``event``; the first text has the opening fence before it."""
        if isinstance(event, Finished):
            self._whole = event.reason == "stop"
        self._came = self._came or isinstance(event, TextDelta)
        if not self._begins or not isinstance(event, TextDelta):
            return event
        self._ended_line = event.text.endswith("\n")
        if self._open:
            return event
        self._open = True
        return TextDelta(_OPENING + event.text)

    def rest(self) -> list[Event]:
        """Return the closing fence; code that was cut stays open, so that one can go on with it."""
        if not self._open or not self._whole:
            return []
        self._open = False
        return [TextDelta(f"{FENCE}\n" if self._ended_line else f"\n{FENCE}\n")]

    def then(self, turn: Turn, request: Request, show: Callable[[Event], None]) -> Request | None:  # noqa: ARG002
        """Return the request for a repair, where the code does not compile; once."""
        source = code_of(turn.text)
        self._problem = self._problem_of(source) if source.strip() and self._whole else ""
        if not self._problem or self._first_problem:
            return None
        self._first_problem, self._whole, self._came = self._problem, False, False
        begun = request.messages[:-1] if self._begins else request.messages
        repair = Message("user", _REPAIR.format(problem=one_line(self._problem, 200)))
        following = (*begun, Message("assistant", turn.text), repair)
        turn.start_over()
        return replace(request, messages=(*following, *(request.messages[-1:] if self._begins else ())))

    def notes(self) -> tuple[str, ...]:
        """Tell that the code was asked for twice, and that it still does not compile."""
        if self._first_problem and not self._came:
            return (f"This code does not compile: {self._first_problem}. It was asked for again, and nothing came.",)
        notes = []
        if self._first_problem:
            notes.append(f"The first version did not compile ({self._first_problem}); this is the second.")
        if self._problem:
            notes.append(f"This code does not compile: {self._problem}.")
        return tuple(notes)


def code_of(text: str) -> str:
    """Return the source of the code blocks of a reply, joined by a blank line."""
    return "\n\n".join(block.source.rstrip("\n") for block in code_blocks(text))
