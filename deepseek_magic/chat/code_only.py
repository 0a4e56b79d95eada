"""The plan for code without prose: a fence begins the model's reply, and the code is compiled before it is offered.

Source: DeepSeek's chat-prefix-completion guide, whose example begins with a fence and stops at the next one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from deepseek_magic.api.dialects import Dialect
from deepseek_magic.api.events import Batch, Event, Finished, TextDelta
from deepseek_magic.api.messages import FimRequest, Message, Request, TextPart
from deepseek_magic.commonmark.code_blocks import code_blocks, ends_in_fence
from deepseek_magic.text import one_line

from .plan import Outcome, Plan, Show
from .turn import Turn

FENCE = "```"
# Code may hold a fence, in a docstring for example, but hardly at the start of a line.
_STOP = f"\n{FENCE}"
_OPENING = f"{FENCE}python\n"
# A model may begin with a fence of its own, although there is one already.
_FENCED = re.compile(r"\A\s*`{3,}[^`\n]*(?:\n|\Z)")
_MAY_BE_FENCED = re.compile(r"\A\s*(?:`{1,2}|`{3,}[^`\n]{0,80})?\Z")
_IN_WORDS = (
    "Answer with code only: one ```python block that is complete and ready to run, and nothing before or after it."
)
_REPAIR = "This does not compile: {problem}. Give the whole code again, corrected."


class CodeOnly(Plan):
    """Asks for code and nothing else, and once more if it does not compile.

    Args:
        dialect: says whether the endpoint continues a reply that was begun; if not, code is asked for in words.
        problem_of: returns in a few words why the source in a reply does not compile; "" if it does.
        source_of: returns the source in a reply; "" if there is none.
    """

    def __init__(
        self, dialect: Dialect, problem_of: Callable[[str], str], source_of: Callable[[str], str] | None = None
    ) -> None:
        self._begins = bool(dialect.prefix)
        self._can_be_quiet = dialect.can_be_quiet
        self._problem_of = problem_of
        self._source_of = source_of or code_of
        self._first_problem = self._problem = ""
        self._start()

    def _start(self) -> None:
        """Start to read a version of the code."""
        self._pieces: list[str] = []
        self._head: str | None = ""  # until it is clear whether it begins with a fence
        self._whole = False

    def prepare(self, request: Request) -> Request:
        """Return ``request`` with the beginning of the reply, a fence, or with an instruction in words."""
        if not self._begins:
            *earlier, asked = request.messages
            text = f"{asked.text}\n\n{_IN_WORDS}"
            words = replace(asked, content=(TextPart(text), *asked.images) if asked.images else text)
            return replace(request, messages=(*earlier, words))
        settings = request.settings
        request = request.changed(
            stop=settings.stop if {FENCE, _STOP} & {*settings.stop} else (*settings.stop, _STOP),
            thinking=settings.thinking or ("off" if self._can_be_quiet else None),
        )
        return replace(request, messages=(*request.messages, Message("assistant", _OPENING, prefix=True)))

    def filter(self, batch: Batch) -> Batch:
        """Return ``batch``, with the opening fence before the first text."""
        made: list[Event] = []
        for event in batch:
            if isinstance(event, TextDelta):
                made += self._text(event.text)
                continue
            if isinstance(event, Finished):
                self._whole = event.reason == "stop"
            made.append(event)
        return made

    def _text(self, text: str, *, more: bool = True) -> list[Event]:
        if self._head is not None and self._begins:
            self._head += text
            if more and _MAY_BE_FENCED.match(self._head):
                return []
            text = _FENCED.sub("", self._head, count=1)
            if not text:
                return []
            text, self._head = _OPENING + text, None
        self._pieces.append(text)
        return [TextDelta(text)]

    def held(self) -> Batch:
        """Return the closing fence; after code that was cut nothing, so that it can be continued."""
        made = self._text("", more=False) if self._head else []
        text = "".join(self._pieces)
        if self._begins and self._whole and ends_in_fence(text):
            closing = f"{FENCE}\n" if text.endswith("\n") else f"\n{FENCE}\n"
            self._pieces.append(closing)
            made.append(TextDelta(closing))
        return made

    def follow_up(self, turn: Turn, request: Request, show: Show) -> Request | None:  # noqa: ARG002
        """Return the request for a corrected version if the code does not compile, once."""
        self._problem = self._problem_of(turn.text) if self._whole else ""
        if not self._problem or self._first_problem:
            return None
        self._first_problem, self._problem = self._problem, ""
        self._start()
        place = len(request.messages) - self._begins
        asked, begun = request.messages[:place], request.messages[place:]
        repair = Message("user", _REPAIR.format(problem=one_line(self._first_problem, 200)))
        following = (*asked, Message("assistant", turn.text), repair, *begun)
        turn.start_over()
        return replace(request, messages=following)

    def accept(self, turn: Turn) -> None:
        """Compile the code of a kept reply."""
        source = self._source_of(turn.text)
        self._problem = self._problem_of(source) if source.strip() else ""

    def outcome(self, turn: Turn, request: Request | FimRequest) -> Outcome:  # noqa: ARG002
        """Return notes if the code was asked for twice, or still does not compile."""
        return Outcome(notes=tuple(self._notes(turn)), is_code=True, code=self._source_of(turn.text))

    def _notes(self, turn: Turn) -> Iterator[str]:
        first, problem = self._first_problem, self._problem
        if first and turn.fallen_back:
            yield f"This code does not compile: {first}. It was asked for again, and nothing came."
        elif first and problem:
            yield f"This code does not compile: {problem}. It is the second version; the first did not compile either."
        elif first:
            yield f"The first version did not compile ({first}); this is the second."


def code_of(text: str) -> str:
    """Return the source of the code blocks of a reply, joined by a blank line."""
    return "\n\n".join(block.source.rstrip("\n") for block in code_blocks(text))
