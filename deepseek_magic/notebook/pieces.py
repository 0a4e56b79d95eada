"""Runs pieces of code in the user's own namespace, and keeps what they print and show in place of the page.

The code of a piece is a model's: nothing here decides whether it may run.
"""

from __future__ import annotations

import ast
import linecache
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from inspect import CO_COROUTINE
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from deepseek_magic.guard import Redactor

from .cells import ExecutedCell
from .error.failure import Failure
from .kernel import cell_of
from .recording import Recording, picture_in
from .snapshot import executed

#: Pictures that are kept of one piece, and most bytes of one.
MOST_IMAGES, MOST_IMAGE = 4, 2_000_000
_KEPT = 1_000
_FILE = "<piece {}>"
#: Awaits a coroutine and returns its result.
Awaited = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class PieceOutcome:
    """The outcome of a piece of code.

    Attributes:
        text: what it printed and showed, in order, as plain text within bounds.
        images: the pictures that it showed, as the bytes of image files.
        error: what it raised, if anything; a stop of the user's is a ``KeyboardInterrupt``.
        lines: how many of its lines, from the first, ran to their end.
    """

    text: str
    images: tuple[bytes, ...]
    error: BaseException | None
    lines: int


class Pieces:
    """The pieces of one shell, numbered from 1 on.

    Args:
        shell: in whose namespace they run.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._number = 0
        self._sources: dict[str, tuple[int, str]] = {}

    def next_number(self) -> int:
        """Return the number of the next piece."""
        self._number += 1
        return self._number

    def run(self, number: int, source: str, awaited: Awaited) -> PieceOutcome:
        """Run ``source``, the piece ``number``, and return its outcome, including whatever it raised."""
        file = _FILE.format(number)
        self._sources[file] = (number, source)
        while len(self._sources) > _KEPT:
            del self._sources[next(iter(self._sources))]
        capture, error = _Capture(self._shell), None
        ran = [0]
        self._trigger("pre_execute")
        try:
            with capture.instead(quiet=source.rstrip().endswith(";")):
                try:
                    for line in self._statements(source, file, awaited):
                        ran.append(line)  # at once: the next statement may raise
                    ran.append(source.count("\n") + 1)
                except BaseException as raised:  # noqa: BLE001  # the code may raise anything, and even exit
                    error = raised
                self._trigger("post_execute")  # where inline figures are shown
        except KeyboardInterrupt as raised:
            error = raised
        return PieceOutcome(capture.text, tuple(capture.images), error, ran[-1])

    def _statements(self, source: str, file: str, awaited: Awaited) -> Iterator[int]:
        """Run the statements one by one, as IPython does; yield after each the last of its lines."""
        code = self._shell.transform_cell(source)
        lines = code.splitlines(keepends=True)
        linecache.cache[file] = (len(code), None, lines, file)  # for tracebacks, and for `inspect`
        tree = self._shell.transform_ast(self._parsed(code, file))
        shown = _shown(tree.body, self._shell.ast_node_interactivity)
        same = len(lines) == source.count("\n") + 1
        for place, node in enumerate(tree.body):
            one: ast.AST = ast.Interactive([node]) if place in shown else ast.Module([node], [])
            self._execute(self._compiled(one, file, "single" if place in shown else "exec"), awaited)
            yield (node.end_lineno or 0) if same else 0

    def _parsed(self, code: str, file: str) -> Any:
        with self._shell.compile.extra_flags(ast.PyCF_ALLOW_TOP_LEVEL_AWAIT):
            return self._shell.compile.ast_parse(code, filename=file)

    def _compiled(self, node: ast.AST, file: str, mode: str) -> Any:
        with self._shell.compile.extra_flags(ast.PyCF_ALLOW_TOP_LEVEL_AWAIT):
            return self._shell.compile(node, file, mode)

    def _execute(self, compiled: Any, awaited: Awaited) -> None:
        if compiled.co_flags & CO_COROUTINE:
            awaited(eval(compiled, self._shell.user_ns))
        else:
            exec(compiled, self._shell.user_ns)

    def _trigger(self, event: str) -> None:
        with suppress(Exception):  # what listens to cells must not cost the piece
            self._shell.events.trigger(event)

    def report(self, error: BaseException, describe: Callable[[object, str, int], str], redactor: Redactor) -> str:
        """Return ``error``, which a piece raised, in words: with its way through the user's code and the values there.

        Args:
            error: what was raised.
            describe: describes a value: the value, its name, the most estimated tokens.
            redactor: masks secrets, before anything is cut.
        """
        from .error.frames import RanCode  # heavy, and most pieces run
        from .error.report import report

        of_cells = cell_of(self._shell)

        def count(file: str) -> int | None:
            found = self._sources.get(file)
            return of_cells(file) if found is None else -found[0]

        session = RanCode(self._cells(), 0, count, Path.cwd(), redactor)
        return report(Failure(error), session, describe)

    def _cells(self) -> Mapping[int, ExecutedCell]:
        cells = {cell.count: cell for cell in executed(self._shell)}
        return {**cells, **{-number: ExecutedCell(-number, source) for number, source in self._sources.values()}}


_of_shells: WeakKeyDictionary[Any, Pieces] = WeakKeyDictionary()


def pieces_of(shell: Any) -> Pieces:
    """Return the pieces of ``shell``; the same object each time."""
    return _of_shells.setdefault(shell, Pieces(shell))


def _shown(body: list[ast.stmt], interactivity: str) -> set[int]:
    """Return the indices of the statements whose values are shown, by IPython's setting."""
    last = len(body) - 1
    if interactivity == "all":
        return set(range(len(body)))
    if interactivity == "none" or not body or (interactivity != "last" and not isinstance(body[last], ast.Expr)):
        return set()
    return {last}


class _Capture:
    """Captures what a piece prints and displays."""

    #: What a question of ours that is asked in a piece is shown by.
    captures = True

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._recording = Recording.of("", {})
        self._quiet = False
        self.images: list[bytes] = []
        self.left_out = 0

    @contextmanager
    def instead(self, *, quiet: bool) -> Iterator[None]:
        """Capture everything in the block; ``quiet`` leaves out the value of the last statement."""
        self._quiet = quiet
        before = sys.stdout, sys.stderr, sys.displayhook, self._shell.display_pub
        sys.stdout, sys.stderr = _Stream(self._recording, "stdout"), _Stream(self._recording, "stderr")
        sys.displayhook, self._shell.display_pub = self._value, self
        try:
            yield
        finally:
            sys.stdout, sys.stderr, sys.displayhook, self._shell.display_pub = before

    @property
    def text(self) -> str:
        """What was printed and shown, in order."""
        shown = self._recording.cell().output
        left = f"\n[{self.left_out} more pictures, or too large ones, are left out]" if self.left_out else ""
        return f"{shown}{left}".strip("\n")

    def _value(self, value: object) -> None:
        if value is None or self._quiet:
            return
        data, metadata = self._shell.display_formatter.format(value)
        self._take(data, metadata, "", "result")

    # what IPython calls on a publisher of displays

    def publish(
        self,
        data: Mapping[str, Any],
        metadata: Mapping[str, Any] | None = None,
        *,
        transient: Mapping[str, Any] | None = None,
        update: bool = False,
        **_: object,
    ) -> None:
        """Capture a display, or an update of one."""
        display_id = str((transient or {}).get("display_id") or "")
        if not (update and self._recording.update(data, metadata or {}, display_id)):
            self._take(data, metadata or {}, display_id, "display")

    def clear_output(self, wait: bool = False) -> None:
        """Forget what was shown so far."""
        self._recording.clear(wait)

    def _take(self, data: Mapping[str, Any], metadata: Mapping[str, Any], display_id: str, kind: str) -> None:
        picture = picture_in(data)
        if picture and (len(picture) > MOST_IMAGE or len(self.images) >= MOST_IMAGES):
            self.left_out += 1
        elif picture:
            self.images.append(picture)
        self._recording.display(data, metadata, display_id, kind)


class _Stream:
    """One of the two standard streams, while a piece runs."""

    encoding, errors, closed = "utf-8", "replace", False

    def __init__(self, recording: Recording, name: str) -> None:
        self._recording = recording
        self._name = name
        self.name = f"<{name}>"

    def write(self, text: str) -> int:
        """Take in ``text``."""
        if not isinstance(text, str):
            msg = f"write() argument must be str, not {type(text).__name__}"
            raise TypeError(msg)
        if text:
            self._recording.stream(self._name, text)
        return len(text)

    def writelines(self, lines: Any) -> None:
        """Take in ``lines``."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Do nothing."""

    def isatty(self) -> bool:
        """Return that it is not a terminal."""
        return False

    def writable(self) -> bool:
        """Return that it can be written."""
        return True

    def readable(self) -> bool:
        """Return that it cannot be read."""
        return False
