"""The plan of a reply that is a value: ask in JSON mode, show a table or tree, check it, and ask once for a correction.

Source: DeepSeek's JSON-output guide, and its known traps: empty content, floods of blank space, truncated JSON.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from deepseek_magic.api.dialects import Dialect
from deepseek_magic.api.events import Batch, Event, Opened, TextDelta
from deepseek_magic.api.filters.filtering import EndOfStream
from deepseek_magic.api.messages import FimRequest, Message, Request
from deepseek_magic.chat.plan import Outcome, Plan, Show
from deepseek_magic.chat.turn import Turn
from deepseek_magic.errors import DeepSeekError, DoesNotFit
from deepseek_magic.render.renderer import Ending, Renderer
from deepseek_magic.text import one_line, words_of

from .checking import preload
from .instructions import correction
from .live_view import JsonMarkdown, markdown_of
from .problem import Misfit, Problem
from .schema import Schema
from .shape import Shape

# A model that was not instructed well enough fills its reply with blank space until the limit. But JSON mode also
# replaces text that is not JSON by as many spaces, so the value may follow thousands of them.
_FLOOD = 2_000
_SPACES = 50_000


class Structured(Plan):
    """Asks for a value of ``shape``.

    Args:
        shape: the shape of the value.
        dialect: the dialect of the endpoint.
        build: makes the user's value of plain JSON that fits the schema; without it, ``shape`` makes it.
    """

    def __init__(self, shape: Shape, dialect: Dialect, build: Callable[[Any], Any] | None = None) -> None:
        self._shape = shape
        self._dialect = dialect
        self._build = build
        self._blank = self._spaces = 0
        self._closed = False  # the value may be complete: the blanks after it need not be waited for
        self._read: tuple[str, ...] = ()
        self._asked_again = ""  # what was wrong with the first reply, in words
        self._given_up = False  # the second reply did not fit either; the error says so
        self._found: Any = None
        self._fits = False
        self._built: Any = None

    def prepare(self, request: Request) -> Request:
        """Return ``request`` in JSON mode; without thinking, as the guide advises, unless the user asks for it."""
        thinking = request.settings.thinking or ("off" if self._dialect.can_be_quiet else None)
        schema = json.dumps(self._shape.schema, default=str)
        return replace(request, response_format="json_object", reply_schema=schema).changed(thinking=thinking)

    def filter(self, batch: Batch) -> Batch:
        """Return ``batch``, cut where a flood of blank space begins; that ends the stream."""
        for place, event in enumerate(batch):
            if isinstance(event, Opened):
                self._blank, self._spaces, self._closed = 0, 0, False
                if self._shape.python is None:  # for a Python type, jsonschema is needed only if the value does not fit
                    preload(self._shape.schema)
            elif isinstance(event, TextDelta):
                if said := event.text.rstrip():
                    self._blank = self._spaces = len(event.text) - len(said)
                    self._closed = said[-1] in "]}"
                else:
                    self._blank += len(event.text)
                    self._spaces += event.text.count(" ")
                if self._blank - (0 if self._closed else self._spaces) > _FLOOD or self._spaces > _SPACES:
                    raise EndOfStream(batch[:place])
        return batch

    def shown_by(self, renderer: Renderer) -> Renderer:
        """Return a renderer that shows the value as it grows; ``renderer`` itself if it shows the source."""
        return renderer if renderer.shows_source else LiveValue(renderer, self._shape.schema)

    def follow_up(self, turn: Turn, request: Request, show: Show) -> Request | None:  # noqa: ARG002
        """Check the reply; if it does not fit, return the request that asks for a corrected one, once.

        Raises:
            DoesNotFit: the second reply does not fit either, or no value can be made of it.
        """
        problems = self._problems(turn.text)
        if not problems:
            turn.finish_reason = turn.finish_reason or "stop"  # we ended the flood that followed a complete value
            return None
        first = problems[0]
        if self._asked_again:
            kept = "its text is kept, and it" if turn.text.strip() else "it"
            wrong = f"the reply does not fit what was asked for: {one_line(str(first), 300)}"
            msg = f"{wrong}; {kept} was asked for twice: run the cell again, or ask for less"
            self._given_up = True
            raise DoesNotFit(msg)
        self._asked_again = one_line(str(first), 200)
        said = turn.text.strip()
        turn.start_over()
        if first.kind == "empty" or not said:  # the endpoint would refuse an empty message
            return replace(request, response_format=None)
        again = (Message("assistant", said), Message("user", correction(problems)))
        return replace(request, messages=(*request.messages, *again))

    def accept(self, turn: Turn) -> None:
        """Check a kept reply against the shape, and build its value.

        Raises:
            DoesNotFit: it does not fit, or no value can be made of it.
        """
        if problems := self._problems(turn.text):
            msg = (
                f"the kept reply does not fit what is asked for: {one_line(str(problems[0]), 300)}; --fresh asks again"
            )
            raise DoesNotFit(msg)

    def outcome(self, turn: Turn, request: Request | FimRequest) -> Outcome:  # noqa: ARG002
        """Return the value, and its table or tree as Markdown. A reply that does not fit is shown as it is."""
        notes = [f"{note[0].upper()}{note[1:]}." for note in self._read]
        if self._asked_again and turn.fallen_back:
            first = "This is the first reply" if self._given_up else "The second reply did not come; this is the first"
            notes += [f"{first} ({self._asked_again})."] if turn.text.strip() else []
        elif self._asked_again and not self._given_up:
            notes.append(f"The first reply did not fit ({self._asked_again}); this is the second.")
        view = markdown_of(self._found, self._shape.schema) if self._fits else _fenced(turn.text)
        return Outcome(self._built, self._found, view, tuple(notes))

    def _problems(self, text: str) -> Sequence[Problem]:
        """Read, check and build the value of ``text``; return what is wrong with it."""
        try:
            result = self._shape.read(text)
            self._built = result.value if self._build is None else self._build(result.data)
        except Misfit as error:
            return error.problems
        except DeepSeekError:
            raise
        except Exception as error:  # a bug of ours or of a library: asking again would cost money and not help
            msg = (
                f"the reply could not be made the value that was asked for ({words_of(error)}); "
                "ask again, or without the format; its text is kept"
            )
            raise DoesNotFit(msg) from error
        self._found, self._fits, self._read = result.data, True, result.notes
        return ()


class LiveValue:
    """Turns the JSON text of a reply into Markdown, and passes it to another renderer."""

    shows_source = False

    def __init__(self, renderer: Renderer, schema: Schema | None) -> None:
        self._renderer = renderer
        self._markdown = JsonMarkdown(schema)

    @property
    def display_id(self) -> str:
        """That of the other renderer."""
        return self._renderer.display_id

    def open(self) -> None:
        """Open the other renderer."""
        self._renderer.open()

    def show(self, batch: Batch) -> float | None:
        """Show what the text of ``batch`` adds to the value. Pass on the other events as they are."""
        shown: list[Event] = []
        for event in batch:
            if not isinstance(event, TextDelta):
                shown.append(event)
            elif added := self._markdown.feed(event.text):
                shown.append(TextDelta(added))
        return self._renderer.show(shown) if shown else None

    def close(self, ending: Ending) -> None:
        """Close the other renderer."""
        self._renderer.close(ending)


def _fenced(text: str) -> str:
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}json\n{text}\n{fence}\n" if text.strip() else ""
