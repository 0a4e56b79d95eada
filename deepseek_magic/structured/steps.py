"""A reply that is a value: asked for in JSON mode, shown as a table or tree, checked, and asked for again once.

Source: DeepSeek's JSON-output guide, and what is known of its traps: empty content, floods of blank space, cut JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from deepseek_magic.api.dialects import Dialect
from deepseek_magic.api.events import Event, TextDelta
from deepseek_magic.api.messages import Message, Request
from deepseek_magic.chat.exchange import EndOfRound, OneStep
from deepseek_magic.chat.transcript import Turn
from deepseek_magic.errors import DeepSeekError, DoesNotFit
from deepseek_magic.text import one_line, words_of

from .checking import preload
from .instructions import correction
from .live_view import Sight, markdown_of
from .problem import Misfit, Problem
from .shape import Shape

# A model that was not told well enough what to write floods its reply with blank space until the limit.
_FLOOD = 2_000


class Structured(OneStep):
    """Asks for a value of ``shape``.

    Args:
        shape: of the value.
        dialect: of the endpoint.
        build: makes what the user gets of plain JSON that fits; without it that is what the shape was made of.
    """

    def __init__(self, shape: Shape, dialect: Dialect, build: Callable[[Any], Any] | None = None) -> None:
        self._shape = shape
        self._dialect = dialect
        self._build = build
        self._sight = Sight(shape.schema)
        self._blank = 0
        self._told: tuple[str, ...] = ()
        self._asked_again = ""
        self._found: Any = None
        self._fits = False
        self._built: Any = None

    def reopened(self) -> None:
        """Show the value from its beginning again."""
        self._sight = Sight(self._shape.schema)
        self._blank = 0

    def first(self, request: Request) -> Request:
        """Return ``request`` in JSON mode, without thinking unless the user wants it (the guide's remedy)."""
        preload()
        thinking = request.thinking or ("off" if self._dialect.deepseek else None)
        return replace(request, response_format="json_object", thinking=thinking)

    def taken(self, event: Event) -> Event | None:
        """Return ``event``; a flood of blank space ends the round."""
        if isinstance(event, TextDelta):
            self._blank = 0 if event.text.strip() else self._blank + len(event.text)
            if self._blank > _FLOOD:
                raise EndOfRound
        return event

    def seen(self, event: Event) -> tuple[Event, ...]:
        """Return what the reader sees of ``event``: rows and branches where it is text."""
        if not isinstance(event, TextDelta):
            return (event,)
        added = self._sight.feed(event.text)
        return (TextDelta(added),) if added else ()

    def then(self, turn: Turn, request: Request, show: Callable[[Event], None]) -> Request | None:  # noqa: ARG002
        """Check the reply; return the request that asks for a corrected one, once.

        Raises:
            DoesNotFit: it still does not fit, or cannot be made a value.
        """
        problems = self._problems(turn.text)
        if not problems:
            turn.finish_reason = turn.finish_reason or "stop"  # the flood behind a whole value was ended by us
            return None
        first = problems[0]
        if self._asked_again:
            kept = "; its text is kept" if turn.text.strip() else ""
            msg = f"the reply does not fit what was asked for: {one_line(str(first), 300)}{kept}"
            raise DoesNotFit(msg)
        self._asked_again = one_line(str(first), 200)
        said = turn.text.strip()
        turn.start_over()
        self._sight = Sight(self._shape.schema)
        self._blank = 0
        if first.kind == "empty" or not said:  # an empty reply is not told: the endpoint would refuse an empty message
            return replace(request, response_format=None)
        again = (Message("assistant", said), Message("user", correction(problems)))
        return replace(request, messages=(*request.messages, *again))

    def _problems(self, text: str) -> Sequence[Problem]:
        """Read, check and build the value of ``text``; return what is wrong with it."""
        try:
            result = self._shape.read(text)
            self._built = result.value if self._build is None else self._build(result.data)
        except Misfit as error:
            return error.problems
        except DeepSeekError:
            raise
        except Exception as error:  # a defect of ours or of a library: to ask again would cost, and change nothing
            msg = f"the reply could not be made the value that was asked for ({words_of(error)}); its text is kept"
            raise DoesNotFit(msg) from error
        self._found, self._fits, self._told = result.data, True, result.notes
        return ()

    def notes(self) -> tuple[str, ...]:
        """Tell what was read generously, and that the reply was asked for again."""
        notes = [f"{note[0].upper()}{note[1:]}." for note in self._told]
        if self._asked_again:
            notes.append(f"The first reply did not fit ({self._asked_again}); this is the second.")
        return tuple(notes)

    def view(self, turn: Turn) -> str:
        """Return the value as a table or tree; a reply that does not fit as it is."""
        if self._fits:
            return markdown_of(self._found, self._shape.schema)
        fence = "```"
        while fence in turn.text:
            fence += "`"
        return f"{fence}json\n{turn.text}\n{fence}\n" if turn.text.strip() else ""

    def json(self) -> Any:
        """Return the JSON value; ``None`` where there is none."""
        return self._found

    def value(self) -> Any:
        """Return what the user gets."""
        return self._built
