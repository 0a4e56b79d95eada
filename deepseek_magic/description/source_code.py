"""Find the source of functions and classes, in regular files of limited size and in notebook cells.

``inspect.getsource`` is not used, because it reads attributes of every loaded module, which runs lazy imports.
"""

from __future__ import annotations

import inspect
import linecache
import re
import stat
import sys
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import CodeType, FunctionType, ModuleType

from .classes import exactly, instance_dict, module_of, namespace, plain, qualname

# No module that people write is longer. A device or a pipe with a code object's file name must not be read at all.
_MOST_BYTES = 2_000_000
_MOST_CELLS = 3_000
_MOST_LINES = 3_000


def function_source(function: FunctionType) -> str:
    """Return the source of ``function``, dedented, or "" if there is none."""
    code = function.__code__
    return _block(_lines(code.co_filename), code.co_firstlineno - 1)


def class_source(cls: type) -> str:
    """Return the source of ``cls``, dedented; "" if it cannot be identified for certain."""
    _, lines, place = _place(cls)
    return _block(lines, _decorated(lines, place))


def class_file(cls: type) -> str:
    """Return the name of the file that defines ``cls``; "" if that is not known."""
    file, _, _ = _place(cls)
    if file:
        return file
    files = (function.__code__.co_filename for function in _functions(cls))
    return next((file for file in files if file != "<string>"), "")  # methods that dataclasses generate


def _functions(cls: type) -> Iterator[FunctionType]:
    for item in namespace(cls).values():
        inner = item.__func__ if exactly(item, staticmethod, classmethod) else item
        if type(inner) is FunctionType:
            yield inner


def _place(cls: type) -> tuple[str, Sequence[str], int]:
    """Return the file of ``cls``, its lines, and the index of its first line; "", none and -1 if it is not found."""
    name = re.escape(qualname(cls).rpartition(".")[2])
    pattern = re.compile(rf"^\s*class\s+{name}\b")
    inside = _code_of(cls)
    for file in [inside.co_filename] if inside else _candidates(cls):
        lines = _lines(file)
        places = [place for place, line in enumerate(lines) if pattern.match(line)]
        if inside:
            before = [place for place in places if place < inside.co_firstlineno]
            places = before[-1:]
        if places:
            return file, lines, places[-1]
    return "", (), -1


def _code_of(cls: type) -> CodeType | None:
    """Return the code of a method that was written inside ``cls``, which names the file."""
    for function in _functions(cls):
        code = function.__code__
        is_inside = plain(function.__qualname__) == f"{qualname(cls)}.{code.co_name}"
        if is_inside and plain(function.__module__) == module_of(cls) and _lines(code.co_filename):
            return code
    return None


def _candidates(cls: type) -> list[str]:
    """Return the files that may define a class without methods: its module's file, else the cells, newest first."""
    module = sys.modules.get(module_of(cls))
    file = instance_dict(module).get("__file__") if issubclass(type(module), ModuleType) else None
    if type(file) is str:
        return [file]
    if module_of(cls) != "__main__":
        return []
    entries = list(linecache.cache.items())
    cells = [name for name, entry in entries if len(entry) == 4 and entry[1] is None]
    return list(reversed(cells[-_MOST_CELLS:]))


def _lines(filename: str) -> Sequence[str]:
    entry = linecache.cache.get(filename)
    if entry is not None and len(entry) == 4:
        return entry[2]
    try:
        status = Path(filename).stat()
    except (OSError, ValueError):
        return ()
    if not stat.S_ISREG(status.st_mode) or status.st_size > _MOST_BYTES:
        return ()
    return linecache.getlines(filename)


def _decorated(lines: Sequence[str], place: int) -> int:
    while place > 0 and lines[place - 1].lstrip().startswith("@"):
        place -= 1
    return place


def _block(lines: Sequence[str], start: int) -> str:
    if not 0 <= start < len(lines):
        return ""
    try:
        block = inspect.getblock(list(lines[start : start + _MOST_LINES]))
    except Exception:  # noqa: BLE001 - the file changed since it was loaded, so that the lines are not a block
        return ""
    return textwrap.dedent("".join(block)).rstrip()
