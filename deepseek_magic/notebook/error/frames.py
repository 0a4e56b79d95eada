"""Where an exception passed through: the user's own code with its source and values, libraries in one line each."""

from __future__ import annotations

import inspect
import linecache
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import BuiltinFunctionType, FrameType, FunctionType, MethodType, ModuleType, TracebackType
from typing import Literal

from deepseek_magic.guard import NOTHING_MASKED, Redactor
from deepseek_magic.notebook.cells import ExecutedCell, title_of

#: Most lines of a function that are shown whole; of a longer one only those around the failing line.
_WHOLE_FUNCTION = 40
_LINES_AROUND = 4
#: Packages that run the user's code and have no part in its errors.
_MACHINERY = ("IPython", "ipykernel", "deepseek_magic", "runpy")
_STANDARD_LIBRARY = Path(inspect.__file__).parent
_INSTALLED = ("site-packages", "dist-packages")
# Where IPython's magics run a cell's body: under these names, with the body's own line numbers.
_BODIES = re.compile(r"<(timed (exec|eval)|magic-timeit)>")
_LEFT_OUT = (ModuleType, type, FunctionType, MethodType, BuiltinFunctionType)
# A name whose value counts for its line: no attribute, no keyword of a call, not what the line is about to bind.
_NAME = re.compile(r"(?<![\w.])[^\W\d]\w*\b(?!\s*=(?!=))")
_STRING = re.compile(r"""(?<![fFtT])(?:"[^"\\]*(?:\\.[^"\\]*)*"|'[^'\\]*(?:\\.[^'\\]*)*')""")


@dataclass(frozen=True, slots=True)
class Session:
    """What is known of the code that ran.

    Attributes:
        cells: the executed cells by execution count, the failing one included.
        failing: the execution count of the failing cell; 0 where there is none.
        cell_of: the execution count of the cell that was compiled under a file name, or ``None``.
        folder: the user's folder: files below it are the user's own, unless they were installed there.
        redactor: masks secrets.
    """

    cells: Mapping[int, ExecutedCell]
    failing: int
    cell_of: Callable[[str], int | None]
    folder: Path
    redactor: Redactor = NOTHING_MASKED

    def masked(self, lines: list[str]) -> tuple[str, ...]:
        """Return ``lines`` without their secrets; none at all where their numbers would no longer be right."""
        masked = self.redactor.text("\n".join(lines)).split("\n")
        return tuple(masked) if len(masked) == len(lines) else ()


@dataclass(frozen=True, slots=True)
class Place:
    """One frame of a traceback.

    Attributes:
        kind: whose code it is: a cell's, that of a file of the user's, or a library's.
        title: its name to the model.
        line: the line as the source is typed, from 1; 0 where it is not known.
        function: the function, ``<module>`` outside of any.
        source: the lines of the cell or file; empty for a library and for what is never sent.
        frame: the frame itself.
        starts: the line where its function starts, decorators included.
        hidden: whether its source and values are never sent.
    """

    kind: Literal["cell", "file", "library"]
    title: str
    line: int
    function: str
    source: tuple[str, ...]
    frame: FrameType
    starts: int = 0
    hidden: bool = False

    @property
    def where(self) -> str:
        """Cell or file, line and function, in words."""
        line = f", line {self.line}" if self.line else ""
        return f"{self.title}{line}" + ("" if self.function == "<module>" else f", in {self.function}")

    @property
    def code(self) -> str:
        """The line itself, without its indentation."""
        return self.source[self.line - 1].strip() if 0 < self.line <= len(self.source) else ""

    def is_failing_cell(self, session: Session) -> bool:
        """Return whether this is the failing cell itself, outside of any function."""
        return self.kind == "cell" and self.title == title_of(session.failing) and self.function == "<module>"


def places(traceback: TracebackType | None, session: Session) -> list[Place]:
    """Return the frames of ``traceback``, the outermost first, without those of IPython's machinery."""
    found = []
    while traceback is not None:
        place = _place(traceback.tb_frame, traceback.tb_lineno or 0, session)
        if place is not None:
            found.append(place)
        traceback = traceback.tb_next
    body = max((at for at, place in enumerate(found) if place.is_failing_cell(session)), default=0)
    # a magic's own line says nothing beside the line that it ran
    return [place for at, place in enumerate(found) if at >= body or not place.code.startswith("%")]


def marked(lines: Iterable[str], line: int, first: int = 1) -> str:
    """Return numbered ``lines``, the first of which has the number ``first``, with an arrow at ``line``."""
    return "\n".join(
        f"{'->' if number == line else '  '} {number:>3} {text}".rstrip() for number, text in enumerate(lines, first)
    )


def excerpt(place: Place) -> str:
    """Return the function around the failing line, or the lines around it where the function is long."""
    if not 0 < place.line <= len(place.source):
        return ""
    first, last = place.line - _LINES_AROUND, place.line + _LINES_AROUND
    if place.function != "<module>":
        block = _block(place.source[place.starts - 1 :]) if place.starts >= 1 else ()
        if 0 < len(block) <= _WHOLE_FUNCTION and place.starts + len(block) > place.line:
            first, last = place.starts, place.starts + len(block) - 1
    first, last = max(1, first), min(len(place.source), last)
    return marked(place.source[first - 1 : last], place.line, first)


def values(place: Place) -> Iterator[tuple[str, object]]:
    """Yield the values around the failing line: names on that line first, then the function's other names.

    Outside of functions only names on the line are used, because the namespace holds everything. Modules, functions and
    classes are left out. Nothing of the user's is called.
    """
    if place.hidden or place.kind == "library":
        return
    own: dict[str, object] = dict(place.frame.f_locals)
    words = _NAME.findall(_STRING.sub("", place.code))
    on_line = [name for name in dict.fromkeys(words) if not name.startswith("__")]
    names = [name for name in on_line if name in own or name in place.frame.f_globals]
    if place.function != "<module>":
        names += [name for name in own if name.isidentifier() and not name.startswith("__") and name not in names]
    for name in names:
        value = own[name] if name in own else place.frame.f_globals[name]
        # isinstance would ask the value for its class, which is the user's code
        if not issubclass(type(value), _LEFT_OUT):
            yield name, value


def _place(frame: FrameType, line: int, session: Session) -> Place | None:
    file, function = frame.f_code.co_filename, frame.f_code.co_name
    if function.startswith("<cell line: "):  # as IPython 7 calls it
        function = "<module>"
    module = frame.f_globals.get("__name__")
    if isinstance(module, str) and module.partition(".")[0] in _MACHINERY:
        return None
    count = session.cell_of(file)
    in_body = count is None and _BODIES.fullmatch(file) is not None
    if in_body:
        count, function = session.failing, "<module>" if function == "inner" else function
    if count is not None:
        ran = [] if in_body else [text.rstrip("\n") for text in linecache.getlines(file)]
        return _in_cell(frame, line, function, [session.failing] if in_body else [count, count - 1], ran, session)
    path = Path(file)
    if is_users(path, session.folder):
        source = session.masked([text.rstrip("\n") for text in linecache.getlines(file)])
        title = str(path.relative_to(session.folder))
        return Place("file", title, line, function, source, frame, frame.f_code.co_firstlineno)
    return Place("library", "/".join(path.parts[-3:]), line, function, (), frame)


def _in_cell(frame: FrameType, line: int, function: str, counts: list[int], ran: list[str], session: Session) -> Place:
    """Return the place in the first cell of ``counts`` that has the line.

    IPython 9 numbers what a magic runs in its cell (``%%capture``) as if it were the next one.
    """
    found = None
    for count in [*counts, session.failing]:
        cell = session.cells.get(count)
        if cell is None:
            continue
        typed = cell.source.rstrip().split("\n")
        in_body = not ran and len(typed) > 1
        number = line + 1 if in_body else typed_line(typed, list(ran), line)
        if found is None or number:
            starts = number - line + frame.f_code.co_firstlineno
            lines = () if cell.ignored else session.masked(typed)
            found = Place("cell", cell.title, number, function, lines, frame, starts, cell.ignored)
        if number:
            break
    return found or Place("cell", title_of(counts[0]), 0, function, (), frame, hidden=True)


def typed_line(typed: list[str], ran: list[str], line: int) -> int:
    """Return the number of the typed line that ran as ``line``; 0 where that is not known.

    IPython drops empty lines at the top, and rewrites magics, so that what ran may have fewer lines than the cell.
    """
    while ran and not ran[-1].strip():
        ran.pop()
    if not 0 < line <= len(ran):
        return line if 0 < line <= len(typed) and not ran else 0
    for offset in (len(typed) - len(ran), 0):
        number = line + offset
        if 0 < number <= len(typed) and (
            typed[number - 1].strip() == ran[line - 1].strip() or (not offset and len(typed) == len(ran))
        ):
            return number
    alike = [number for number, text in enumerate(typed, 1) if text.strip() == ran[line - 1].strip()]
    if len(alike) == 1:
        return alike[0]
    if len(ran) == 1:  # a cell magic: the whole cell is one call
        return next((number for number, text in enumerate(typed, 1) if text.strip()), 0)
    return 0


def is_users(path: Path, folder: Path) -> bool:
    """Return whether the file ``path`` is the user's own: below their ``folder``, and not installed there."""
    if not path.is_absolute() or any(part in _INSTALLED for part in path.parts):
        return False
    return path.is_relative_to(folder) and path.suffix == ".py" and not path.is_relative_to(_STANDARD_LIBRARY)


def _block(lines: tuple[str, ...]) -> tuple[str, ...]:
    try:
        return tuple(inspect.getblock([f"{line}\n" for line in lines[: _WHOLE_FUNCTION * 2]]))
    except (SyntaxError, IndentationError, ValueError):
        return ()
