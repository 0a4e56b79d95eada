"""Code and no prose: the reply is begun for the model with a fence, and compiled before it is offered.

Source: DeepSeek's chat-prefix-completion guide, whose example begins with a fence and stops at the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from deepseek_magic.api.dialects import Dialect
from deepseek_magic.api.events import Batch, Event, Finished, TextDelta
from deepseek_magic.api.messages import FimRequest, Message, Request, TextPart
from deepseek_magic.commonmark.code_blocks import code_blocks
from deepseek_magic.text import one_line

from .plan import Outcome, Plan, Show
from .turn import Turn

FENCE = "```"
# Code may hold a fence, in a docstring for example, but hardly at the start of a line.
_STOP = f"\n{FENCE}"
_OPENING = f"{FENCE}python\n"
_IN_WORDS = (
    "Answer with code alone: one ```python block that is complete and ready to run, and nothing before or after it."
)
_REPAIR = "This does not compile: {problem}. Give the whole code again, corrected."


class CodeOnly(Plan):
    """Asks for code and nothing else, and once more where it does not compile.

    Args:
        dialect: whether the endpoint goes on with a reply that was begun; else it is asked in words.
        problem_of: returns in a few words why a source does not compile; "" where it does.
        source_of: returns the source in a reply; "" where there is none.
    """

    def __init__(
        self, dialect: Dialect, problem_of: Callable[[str], str], source_of: Callable[[str], str] | None = None
    ) -> None:
        self._begins = bool(dialect.prefix)
        self._deepseek = dialect.deepseek
        self._problem_of = problem_of
        self._source_of = source_of or code_of
        self._open = False
        self._ended_line = self._whole = self._came = False
        self._first_problem = self._problem = ""

    def prepare(self, request: Request) -> Request:
        """Return ``request`` begun with a fence, or with the wish in words."""
        if not self._begins:
            *earlier, asked = request.messages
            text = f"{asked.text}\n\n{_IN_WORDS}"
            words = replace(asked, content=(TextPart(text), *asked.images) if asked.images else text)
            return replace(request, messages=(*earlier, words))
        settings = request.settings
        request = request.changed(
            stop=settings.stop if {FENCE, _STOP} & {*settings.stop} else (*settings.stop, _STOP),
            thinking=settings.thinking or ("off" if self._deepseek else None),
        )
        return replace(request, messages=(*request.messages, Message("assistant", _OPENING, prefix=True)))

    def filter(self, batch: Batch) -> Batch:
        """Return ``batch``; the first text has the opening fence before it."""
        made: list[Event] = []
        for event in batch:
            made.append(event)
            if isinstance(event, Finished):
                self._whole = event.reason == "stop"
            elif isinstance(event, TextDelta):
                self._came = True
                if self._begins:
                    self._ended_line = event.text.endswith("\n")
                    if not self._open:
                        self._open = True
                        made[-1] = TextDelta(_OPENING + event.text)
        return made

    def held(self) -> Batch:
        """Return the closing fence; code that was cut stays open, so that one can go on with it."""
        if not self._open or not self._whole:
            return ()
        self._open = False
        return (TextDelta(f"{FENCE}\n" if self._ended_line else f"\n{FENCE}\n"),)

    def follow_up(self, turn: Turn, request: Request, show: Show) -> Request | None:  # noqa: ARG002
        """Return the request for a corrected version, where the code does not compile; once."""
        source = self._source_of(turn.text)
        self._problem = self._problem_of(source) if source.strip() and self._whole else ""
        if not self._problem or self._first_problem:
            return None
        self._first_problem, self._whole, self._came = self._problem, False, False
        place = len(request.messages) - self._begins
        asked, begun = request.messages[:place], request.messages[place:]
        repair = Message("user", _REPAIR.format(problem=one_line(self._problem, 200)))
        following = (*asked, Message("assistant", turn.text), repair, *begun)
        turn.start_over()
        return replace(request, messages=following)

    def outcome(self, turn: Turn, request: Request | FimRequest) -> Outcome:  # noqa: ARG002
        """Return notes that the code was asked for twice, and that it still does not compile."""
        return Outcome(notes=tuple(self._notes()), is_code=True, code=self._source_of(turn.text))

    def _notes(self) -> Iterator[str]:
        if self._first_problem and not self._came:
            yield f"This code does not compile: {self._first_problem}. It was asked for again, and nothing came."
            return
        if self._first_problem:
            yield f"The first version did not compile ({self._first_problem}); this is the second."
        if self._problem:
            yield f"This code does not compile: {self._problem}."


def code_of(text: str) -> str:
    """Return the source of the code blocks of a reply, joined by a blank line."""
    return "\n\n".join(block.source.rstrip("\n") for block in code_blocks(text))
