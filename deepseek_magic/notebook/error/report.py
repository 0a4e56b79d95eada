"""The last failure in words: what was raised, where, and the values around it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from deepseek_magic.notebook.cells import title_of
from deepseek_magic.notebook.outputs import cut_middle
from deepseek_magic.text import estimate_tokens, one_line

from .failure import Failure, exception_text
from .frames import STRING, CodePlace, RanCode, excerpt, marked, places, values
from .ran import BODIES, above_body, magic_of

#: Estimated tokens that one value, and all values together, may take.
_ONE_VALUE, _ALL_VALUES = 150, 1_200
_MESSAGE_LIMIT, _SOURCE_LIMIT, _LINE_LIMIT = 4_000, 20_000, 500
#: Most frames that are shown: the first ones, and those next to the error.
_FIRST_FRAMES, _LAST_FRAMES = 3, 8
_CHAIN, _GROUP_DEPTH, _GROUP_WIDTH = 6, 4, 8


def report(failure: Failure, session: RanCode, describe: Callable[[object, str, int], str]) -> str:
    """Return ``failure`` in words, within bounds.

    Args:
        failure: an error, and the cell that it ended.
        session: what is known of the code that ran; it masks secrets, before anything is cut.
        describe: describes a value: the value, its name, the most estimated tokens. Nothing else here calls code of
            the user's, but for the message of the exception.
    """
    writer = _Writer(session, describe)
    parts = [
        cut_middle(session.redactor.text(failure.text), _MESSAGE_LIMIT),
        *writer.syntax(failure.error),
        *writer.missing_module(failure.error),
        *writer.ended(failure),
        *writer.failing_cell(failure),
        *writer.frames(failure.error),
        *writer.group(failure.error),
        *writer.chain(failure.error),
    ]
    return "\n\n".join(part for part in parts if part)


class _Writer:
    """Writes the report of one failure, part by part."""

    def __init__(self, session: RanCode, describe: Callable[[object, str, int], str]) -> None:
        self._session = session
        self._describe = describe
        self._mask = session.redactor.text
        self._left = _ALL_VALUES
        self._described: dict[int, str] = {}
        self._shown: set[str] = set()

    def ended(self, failure: Failure) -> Iterator[str]:
        """Return the thread or task that it ended."""
        if failure.ended:
            yield f"It ended {self._mask(one_line(failure.ended, 100))}, not a cell."

    def failing_cell(self, failure: Failure) -> Iterator[str]:
        """Return the failing cell's source with an arrow at the failing line."""
        if not failure.source:
            return
        source = failure.source.rstrip()
        lines = self._mask(source).split("\n")
        line = self._failing_line(failure)
        where = f", line {line}" if line else ""
        # a secret of several lines becomes one: then the arrow would point beside the line
        arrow = line if len(lines) == source.count("\n") + 1 else 0
        failed = "The code that it ended is from" if failure.ended else "Failed in"
        yield f"{failed} {title_of(failure.count)}{where}:\n{cut_middle(marked(lines, arrow), _SOURCE_LIMIT)}"

    def syntax(self, error: BaseException) -> Iterator[str]:
        """Return the line that is not Python, with a mark below the place."""
        if isinstance(error, SyntaxError) and isinstance(error.text, str):
            text = error.text.rstrip("\n")
            column = error.offset or 0
            file = error.filename or "<unknown>"
            cell, of_a_cell = self._session.cell_with(file), self._session.cell_of(file) is not None
            unnamed = of_a_cell or file[0] == "<"
            place = cell.title if cell is not None else "the code that ran" if unnamed else Path(file).name
            if not self._session.is_hidden(file):
                caret = "\n" + " " * (column - 1) + "^" if 0 < column <= _LINE_LIMIT else ""
                yield f"Not Python, in {place}:\n{self._mask(text)[:_LINE_LIMIT]}{caret}"

    def missing_module(self, error: BaseException) -> Iterator[str]:
        """Return the module that could not be imported."""
        if isinstance(error, ImportError) and isinstance(error.name, str) and error.name:
            yield f"Not imported: {error.name}"

    def frames(self, error: BaseException) -> Iterator[str]:
        """Return the way of the error through the code, from the outside in."""
        way = places(error.__traceback__, self._session)
        shown = [text for text in map(self._frame, _shortened(way)) if text]
        only_the_line = len(way) == 1 and way[0].is_failing_cell(self._session) and "\n" not in shown[0]
        if shown and not only_the_line:
            yield "Where it passed through, from the outside in:\n" + "\n".join(shown)

    def group(self, error: BaseException, depth: int = 1) -> Iterator[str]:
        """Return the exceptions in an exception group, as a tree."""
        lines = list(self._members(error, depth))
        if lines:
            yield "The exceptions in it:\n" + "\n".join(lines)

    def chain(self, error: BaseException) -> Iterator[str]:
        """Return the exceptions that this one came from, the nearest first."""
        seen = {id(error)}
        for _ in range(_CHAIN):
            cause = error.__cause__
            before = cause if cause is not None else None if error.__suppress_context__ else error.__context__
            if before is None or id(before) in seen:
                return
            seen.add(id(before))
            relation = "It was raised because of" if cause is not None else "It came up while this was being handled"
            yield f"{relation}:\n{self._briefly(before)}"
            yield from self.group(before)
            error = before

    def _failing_line(self, failure: Failure) -> int:
        error = failure.error
        file = error.filename or "<unknown>" if isinstance(error, SyntaxError) else ""
        if isinstance(error, SyntaxError) and (file[0] == "<" or self._session.cell_of(file) is not None):
            typed = failure.source.rstrip().split("\n")
            alike = [number for number, line in enumerate(typed, 1) if line.strip() == (error.text or "").strip()]
            above = above_body(failure.source) if file in BODIES and magic_of(typed) else 0
            number = (error.lineno or 0) + above if error.lineno else 0
            return number if number in alike or not alike else alike[0]
        inside = [place for place in places(error.__traceback__, self._session) if place.is_failing_cell(self._session)]
        return inside[-1].line if inside else 0

    def _frame(self, place: CodePlace | str) -> str:
        if isinstance(place, str):
            return place
        if place.kind == "library":
            return f"- {place.where}" + ("" if place.title == STRING else " (library)")
        lines = [f"- {place.where}" + (", which is never sent" if place.hidden else "")]
        if place.where not in self._shown and not place.is_failing_cell(self._session):
            lines += filter(None, [cut_middle(excerpt(place), _MESSAGE_LIMIT)])
        self._shown.add(place.where)
        return "\n".join([*lines, *self._values(place)])

    def _values(self, place: CodePlace) -> Iterator[str]:
        """Describe the values around a place, each large one once, within what is left of the budget."""
        for name, value in values(place):
            now = " now" if place.function == "<module>" else ""
            if id(value) in self._described:
                yield f"  {name}{now}: the same as {self._described[id(value)]} above"
                continue
            if self._left < 20:
                yield "  (more values are left out)"
                return
            text = self._describe(value, name, min(_ONE_VALUE, self._left))
            if len(text) > 50:
                self._described[id(value)] = name
            self._left -= estimate_tokens(text)
            yield f"  {name}{now}: " + text.replace("\n", "\n    ")

    def _members(self, error: BaseException, depth: int) -> Iterator[str]:
        members = _members_of(error)
        for member in members[:_GROUP_WIDTH]:
            yield "  " * (depth - 1) + "- " + self._briefly(member).replace("\n", "\n" + "  " * (depth - 1))
            if depth < _GROUP_DEPTH:
                yield from self._members(member, depth + 1)
        if len(members) > _GROUP_WIDTH:
            yield "  " * (depth - 1) + f"- and {len(members) - _GROUP_WIDTH} more"

    def _briefly(self, error: BaseException) -> str:
        """Return the exception and the user's line that it came from."""
        text = cut_middle(self._mask(exception_text(error)), _MESSAGE_LIMIT // 4)
        own = [place for place in places(error.__traceback__, self._session) if place.kind != "library"]
        if not own:
            return text
        code = f": {own[-1].code[:_LINE_LIMIT]}" if own[-1].code else ""
        return f"{text}\n  at {own[-1].where}{code}"


def _shortened(way: list[CodePlace]) -> list[CodePlace | str]:
    """Leave out frames in the middle of libraries and of a deep recursion."""
    kept = _libraries_shortened(way)
    if len(kept) <= _FIRST_FRAMES + _LAST_FRAMES:
        return kept
    gone = f"- [… {len(kept) - _FIRST_FRAMES - _LAST_FRAMES:,} frames left out …]"
    return [*kept[:_FIRST_FRAMES], gone, *kept[-_LAST_FRAMES:]]


def _libraries_shortened(way: list[CodePlace]) -> list[CodePlace | str]:
    """Of frames of libraries that follow each other keep the first, which was called, and the last, which raised."""
    kept: list[CodePlace | str] = []
    for library, group in itertools.groupby(way, lambda place: place.kind == "library"):
        run = list(group)
        kept += [run[0], f"- [… {len(run) - 2:,} frames left out …]", run[-1]] if library and len(run) > 3 else run
    return kept


def _members_of(error: BaseException) -> Sequence[BaseException]:
    # by name: Python 3.10 has the class from a package
    if not any(kind.__name__ == "BaseExceptionGroup" for kind in type(error).__mro__):
        return ()
    members = getattr(error, "exceptions", ())
    return members if isinstance(members, tuple) else ()
