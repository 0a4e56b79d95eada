"""Slices as data: notebooks, the names that are asked for, the right cells; and the shell that really runs them.

A file of slices holds blocks of this form; the probe is an expression that stands for the names (without it: their
values)::

    === what it is about | names | counts of the right cells | probe
    first cell
    ---
    second cell
"""

from __future__ import annotations

import os
import random
import re
import shutil
import sys
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from IPython.core.interactiveshell import InteractiveShell
from matplotlib import pyplot as plt

from deepseek_magic.notebook.cells import ExecutedCell

from .fingerprint import fingerprint

HERE = Path(__file__).parent
LIBRARIES = HERE / "libraries"


@dataclass(frozen=True, slots=True)
class Slice:
    """One notebook and one question to it."""

    title: str
    names: tuple[str, ...]
    right: frozenset[int]
    probe: str
    cells: tuple[str, ...]


def read(name: str) -> list[Slice]:
    """Return the slices of the file ``name``."""
    return list(_slices((HERE / f"{name}.txt").read_text(encoding="utf-8")))


def _slices(text: str) -> Iterator[Slice]:
    for block in re.split(r"^=== ", text, flags=re.MULTILINE)[1:]:
        head, _, body = block.partition("\n")
        title, names, right, *probe = (part.strip() for part in head.split(" | "))
        cells = tuple(cell.strip("\n") for cell in re.split(r"^---\n", body, flags=re.MULTILINE))
        yield Slice(title, tuple(names.split()), frozenset(map(int, right.split())), "".join(probe), cells)


@contextmanager
def libraries() -> Iterator[None]:
    """Let cells import the stand-ins of libraries that are too large for the tests; forget them in the end."""
    known, paths, backend = set(sys.modules), list(sys.path), mpl.get_backend()
    hidden = {
        name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] in ("sklearn", "torch")
    }
    sys.path.insert(0, str(LIBRARIES))
    plt.switch_backend("agg")
    try:
        yield
    finally:
        plt.close("all")
        plt.switch_backend(backend)
        sys.path[:] = paths
        for name in set(sys.modules) - known:
            if name.partition(".")[0] in ("sklearn", "torch"):
                del sys.modules[name]
        sys.modules.update(hidden)


class Run:
    """Some cells of a slice, executed in a shell of their own, in an empty folder."""

    def __init__(self, cells: Mapping[int, str]) -> None:
        self.executed: list[ExecutedCell] = []
        self.shell: Any = InteractiveShell()
        self.shell.history_manager.enabled = False
        self._cells = cells

    def __enter__(self) -> Run:
        self._where, self._folder, self._known = Path.cwd(), tempfile.mkdtemp(), set(sys.modules)
        self._environ, self._rc = dict(os.environ), dict(mpl.rcParams)
        sys.path.insert(0, self._folder)
        os.chdir(self._folder)
        random.seed(20)
        np.random.seed(20)
        if (torch := sys.modules.get("torch")) is not None:
            torch.manual_seed(0)  # as it is when it is loaded: only the first run of a process loads it
        for count, source in self._cells.items():
            self._execute(count, source)
            plt.close("all")  # as the inline back end does
        return self

    def __exit__(self, *_: object) -> None:
        plt.close("all")
        os.chdir(self._where)
        sys.path.remove(self._folder)
        for name in set(sys.modules) - self._known:
            file = getattr(sys.modules[name], "__file__", None)
            if file and file.startswith((self._folder, os.path.realpath(self._folder))):
                del sys.modules[name]
        for name in set(os.environ) - set(self._environ):
            del os.environ[name]
        os.environ.update(self._environ)
        mpl.rcParams.update(self._rc)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _execute(self, count: int, source: str) -> None:
        self.shell.execution_count = count
        with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
            result = self.shell.run_cell(source, store_history=True)
        self.executed.append(ExecutedCell(count, source, failed=not result.success))

    def value(self, one: Slice) -> str:
        """Return what the names of ``one`` are now, as a text that is equal where they are equal."""
        found = []
        for expression in [one.probe] if one.probe else one.names:
            with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
                found.append(fingerprint(eval(expression, self.shell.user_ns)))
        return "\n".join(found)


def run(one: Slice, counts: Collection[int] | None = None) -> Run:
    """Return a run of the cells with these ``counts``, of all where there are none."""
    return Run({count: cell for count, cell in enumerate(one.cells, 1) if counts is None or count in counts})


def wrong(one: Slice) -> str:
    """Return why the right cells of ``one`` are not right; "" where they are.

    They are enough: run without the others they give the same value. Each is needed: without it, the value differs, or
    something fails.
    """
    with run(one) as whole:
        value, failed = whole.value(one), {cell.count for cell in whole.executed if cell.failed}
    if (found := _outcome(one, one.right, failed)) != value:
        return f"not enough: {found[:300]} instead of {value[:300]}"
    idle = [count for count in sorted(one.right) if _outcome(one, one.right - {count}, failed) == value]
    return f"not needed: {idle}" if idle else ""


def _outcome(one: Slice, counts: Collection[int], may_fail: Collection[int]) -> str:
    with run(one, counts) as part:
        failed = [cell.count for cell in part.executed if cell.failed and cell.count not in may_fail]
        if failed:
            return f"failed: {failed}"
        try:
            return part.value(one)
        except Exception as error:  # noqa: BLE001  # whatever the probe raises, there is no value
            return f"failed: {type(error).__name__}: {error}"
