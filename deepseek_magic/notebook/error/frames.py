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
from deepseek_magic.notebook.cells import ExecutedCell, asks_to_be_ignored, title_of

from .ran import BODIES, above_body, cell_of_body, cell_of_code

#: Most lines of a function that are shown whole; of a longer one only those around the failing line.
_WHOLE_FUNCTION = 40
_LINES_AROUND = 4
#: Packages that run the user's code and have no part in its errors.
_MACHINERY = ("IPython", "ipykernel", "deepseek_magic", "runpy")
_STANDARD_LIBRARY = Path(inspect.__file__).parent
_INSTALLED = ("site-packages", "dist-packages")
#: What code is called that is in no cell as it ran: it was made there, or run by another cell.
RAN = "code that a cell ran"
STRING = "code of a string, which is not known"
_LEFT_OUT = (ModuleType, type, FunctionType, MethodType, BuiltinFunctionType)
# A name whose value counts for its line: no attribute, no keyword of a call, not what the line is about to bind.
_NAME = re.compile(r"(?<![\w.])[^\W\d]\w*\b(?!\s*=(?!=))")
_STRING = re.compile(r"""(?<![fFtT])(?:"[^"\\]*(?:\\.[^"\\]*)*"|'[^'\\]*(?:\\.[^'\\]*)*')""")


@dataclass(frozen=True, slots=True)
class RanCode:
    """What is known of the code that ran.

    Attributes:
        cells: the executed cells by execution count, the failing one included.
        failing: the execution count of the failing cell; 0 if there is none.
        cell_of: the execution count of the cell that was compiled under a file name, or ``None``.
        folder: the user's folder: files below it are the user's own, unless they were installed there.
        redactor: masks secrets.
    """

    cells: Mapping[int, ExecutedCell]
    failing: int
    cell_of: Callable[[str], int | None]
    folder: Path
    redactor: Redactor = NOTHING_MASKED

    def cell_with(self, file: str) -> ExecutedCell | None:
        """Return the cell that holds the code of the file name ``file``; ``None`` if none is known to."""
        count = self.cell_of(file)
        return None if count is None else cell_of_code(self._near(count), count, lines_of(file))

    def is_hidden(self, file: str) -> bool:
        """Return whether the code of the file name ``file`` is never sent; where its cell is not known, any near it."""
        cell, count = self.cell_with(file), self.cell_of(file)
        if cell is not None or count is None:
            return cell is not None and cell.ignored
        return any(one.ignored for one in self._near(count)) or asks_to_be_ignored("\n".join(lines_of(file)))

    def _near(self, count: int) -> list[ExecutedCell]:
        counts = dict.fromkeys((count, count - 1, self.failing))
        return [self.cells[one] for one in counts if one in self.cells]

    def masked(self, lines: list[str]) -> tuple[str, ...]:
        """Return ``lines`` without their secrets; none at all where their numbers would no longer be right."""
        masked = self.redactor.text("\n".join(lines)).split("\n")
        return tuple(masked) if len(masked) == len(lines) else ()


@dataclass(frozen=True, slots=True)
class CodePlace:
    """One frame of a traceback.

    Attributes:
        kind: whose code it is: a cell's, that of a file of the user's, or a library's.
        title: its name to the model.
        line: the line as the source is typed, from 1; 0 if it is not known.
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

    def is_failing_cell(self, session: RanCode) -> bool:
        """Return whether this is the failing cell itself, outside of any function."""
        return self.kind == "cell" and self.title == title_of(session.failing) and self.function == "<module>"


def places(traceback: TracebackType | None, session: RanCode) -> list[CodePlace]:
    """Return the frames of ``traceback``, the outermost first, without those of IPython's machinery."""
    found, profiled = [], False
    while traceback is not None:
        place = _place(traceback.tb_frame, traceback.tb_lineno or 0, session, profiled=profiled)
        # by this function, %%prun runs its body as a string
        profiled = traceback.tb_frame.f_code.co_name == "runctx"
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


def excerpt(place: CodePlace) -> str:
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


def values(place: CodePlace) -> Iterator[tuple[str, object]]:
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


def _place(frame: FrameType, line: int, session: RanCode, *, profiled: bool) -> CodePlace | None:
    file, function = frame.f_code.co_filename, frame.f_code.co_name
    if function.startswith("<cell line: "):  # as IPython 7 calls it
        function = "<module>"
    module = module_of(frame)
    if isinstance(module, str) and module.partition(".")[0] in _MACHINERY:
        return None
    if file in BODIES and (file != "<string>" or profiled):
        return _in_body(frame, line, "<module>" if function == "inner" else function, session)
    if file == "<string>":
        return CodePlace("library", STRING, line, function, (), frame)
    if session.cell_of(file) is not None:
        return _in_cell(frame, line, function, session)
    path = Path(file)
    short = "/".join(path.parts[-3:]).replace("//", "/")
    if is_users(path, session.folder, module):
        source = session.masked([text.rstrip("\n") for text in linecache.getlines(file)])
        title = str(path.relative_to(session.folder)) if path.is_relative_to(session.folder) else short
        return CodePlace("file", title, line, function, source, frame, frame.f_code.co_firstlineno)
    return CodePlace("library", short, line, function, (), frame)


def _in_cell(frame: FrameType, line: int, function: str, session: RanCode) -> CodePlace:
    """Return the place in the cell that holds the code; if none does, in the code as it ran."""
    file, starts = frame.f_code.co_filename, frame.f_code.co_firstlineno
    ran = lines_of(file)
    cell = session.cell_with(file)
    if cell is None:
        hidden = session.is_hidden(file)
        source = () if hidden else session.masked(ran)
        return CodePlace("cell", RAN, line, function, source, frame, starts, hidden)
    typed = cell.source.rstrip().split("\n")
    number = typed_line(typed, list(ran), line)
    lines = () if cell.ignored else session.masked(typed)
    return CodePlace("cell", cell.title, number, function, lines, frame, number - line + starts, cell.ignored)


def _in_body(frame: FrameType, line: int, function: str, session: RanCode) -> CodePlace | None:
    """Return the place in the body of a cell magic, whose lines count from below the magic."""
    cell = cell_of_body(session.cells, session.failing, frame.f_code)
    if cell is not None:
        above = above_body(cell.source)
        lines = () if cell.ignored else session.masked(cell.source.rstrip().split("\n"))
        starts = frame.f_code.co_firstlineno + above
        return CodePlace("cell", cell.title, line + above, function, lines, frame, starts, cell.ignored)
    if function == "<module>":
        return None  # a line magic: the frame of its own line says more
    return CodePlace("cell", f"{RAN}, which is not known", line, function, (), frame, hidden=True)


def lines_of(file: str) -> list[str]:
    """Return the lines that were compiled under the name ``file``; none if they are not known."""
    return [text.rstrip("\n") for text in linecache.getlines(file)]


def typed_line(typed: list[str], ran: list[str], line: int) -> int:
    """Return the number of the typed line that ran as ``line``; 0 if that is not known.

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


def module_of(frame: FrameType) -> object:
    """Return the name of the module that ``frame`` runs; a script's is gone when ``%run`` has ended."""
    named = frame.f_globals.get("__name__")
    script = named is None and frame.f_globals.get("__file__") == frame.f_code.co_filename
    return "__main__" if script else named


def is_users(path: Path, folder: Path, module: object = "") -> bool:
    """Return whether the file ``path``, which ran as ``module``, is the user's own.

    That is one below their ``folder`` that is not installed there, and a script that they ran, wherever it is.
    """
    if not path.is_absolute() or path.suffix != ".py" or any(part in _INSTALLED for part in path.parts):
        return False
    if path.is_relative_to(_STANDARD_LIBRARY):
        return False
    return path.is_relative_to(folder) or (module == "__main__" and path.is_file())


def _block(lines: tuple[str, ...]) -> tuple[str, ...]:
    try:
        return tuple(inspect.getblock([f"{line}\n" for line in lines[: _WHOLE_FUNCTION * 2]]))
    except (SyntaxError, IndentationError, ValueError):
        return ()
