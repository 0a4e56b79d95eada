"""What describing costs where there is very much to describe: ``python -m tests.benchmarks.describing``.

Each case is told to a model as a question would tell it, secrets masked, and is to be told within half a second and
within its budget. ``--quick`` makes the large ones a hundred times smaller.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from deepseek_magic.context.compose import compose
from deepseek_magic.context.items import Item
from deepseek_magic.context.reader import Reader
from deepseek_magic.context.sources import file as files
from deepseek_magic.context.sources.cells import select_cells
from deepseek_magic.context.sources.needs import needs
from deepseek_magic.description import describe, title_of
from deepseek_magic.description.fitting import cost
from deepseek_magic.errors import QuestionError
from deepseek_magic.guard import Guard, Redactor
from deepseek_magic.notebook import saved_file
from deepseek_magic.notebook.cells import ExecutedCell
from deepseek_magic.notebook.running import RunningNotebook

#: Seconds within which each is to be described.
LIMIT = 0.5
#: Estimated tokens for one value, and for the cells of a session.
VALUE, SESSION = 1_500, 8_000
_MARKER = "m0123456789abcdef"


@dataclass(frozen=True, slots=True)
class Described:
    """One case: its seconds, those of the processor, its text, its budget in estimated tokens, and its megabytes.

    On a busy machine the seconds of the processor tell more. ``memory`` is what was taken at most: it counts what
    Python and numpy allocated, in a second pass, since counting costs time.
    """

    name: str
    seconds: float
    processor: float
    text: str
    budget: int
    memory: float

    @property
    def tokens(self) -> int:
        """Estimated tokens of the text."""
        return cost(self.text)


class Sleeper:
    """Takes a minute to say what it is."""

    def __repr__(self) -> str:
        time.sleep(60)
        return "Sleeper()"


def run(*, quick: bool = False) -> list[Described]:
    """Describe every case and measure it; ``quick`` makes the large ones a hundred times smaller."""
    with tempfile.TemporaryDirectory() as folder:
        return [_measured(*case) for case in _cases(Path(folder), 100 if quick else 1)]


def _measured(name: str, tell: Callable[[], str], budget: int) -> Described:
    began, began_to_work = time.perf_counter(), time.process_time()
    text = tell()
    seconds, processor = time.perf_counter() - began, time.process_time() - began_to_work
    if budget == SESSION:  # texts alone; counting what their syntax trees take would cost more than all the rest
        return Described(name, seconds, processor, text, budget, 0.0)
    tracemalloc.start()
    tell()
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return Described(name, seconds, processor, text, budget, peak)


def _cases(folder: Path, shrunk: int) -> Iterator[tuple[str, Callable[[], str], int]]:
    for name, make in _values(shrunk).items():
        value = make()
        yield name, lambda value=value: _value(value), VALUE
        del value
    for name, line in (
        ("needs: every cell mentions the name", "df['c{0}'] = df['a'] * {0}\nprint(df.head())\ny{0} = df.c{0}.mean()"),
        ("needs: each cell builds on the one before", "v{0} = v{1} + 1\nprint(v{0})"),
        ("needs: functions that call each other", "def f{0}(x):\n    y = f{1}(x)\n    return y + df.size"),
    ):
        session = _session(line)
        yield name, lambda session=session: _composed(needs(session, ["df", "v2000", "f2000"])), SESSION
    yield "cells: all of them", lambda session=session: _composed(select_cells(session)), SESSION
    reader = Reader(RunningNotebook(None, {}), {}, Guard("off", {}), tokens=SESSION)
    text, notebook = folder / "long.txt", folder / "long.ipynb"
    text.write_text("a line of a log\n" * 10_000)
    notebook.write_text('{"cells": [\n')
    for file in (text, notebook):
        os.truncate(file, 300_000_000)
    yield "a text file of 300 MB", lambda: files.read(reader, str(text))[0].text, SESSION * 3
    yield "a notebook file of 300 MB", lambda: _refused(lambda: saved_file.read_notebook(notebook)), VALUE


def _values(shrunk: int) -> dict[str, Callable[[], Any]]:
    rows = 10_000_000 // shrunk
    return {
        "a frame of 1,700 columns": lambda: pd.DataFrame(
            {f"column {n}": np.arange(50) if n % 3 else ["some words"] * 50 for n in range(1_700)}
        ),
        "a frame of 10 million rows": lambda: pd.DataFrame(
            {
                "n": np.arange(rows),
                "x": np.linspace(0, 1, rows),
                "kind": pd.Categorical.from_codes(np.arange(rows) % 3, ["a", "b", "c"]),
                "text": np.resize(np.array(["red", "green", "a longer text of some words " * 9], dtype=object), rows),
                "day": np.resize(np.arange("2026-01-01", "2026-12-31", dtype="datetime64[D]"), rows),
            }
        ),
        "a text of 1 GB": lambda: "some words " * (100_000_000 // shrunk),
        "bytes of 1 GB": lambda: b"some words " * (100_000_000 // shrunk),
        "a recursive dictionary": _recursive,
        "lists nested 100,000 deep": _nested,
        "an object whose repr takes a minute": Sleeper,
        "1,000 of them in a list": lambda: [Sleeper() for _ in range(1_000)],
        "an array of 100 million numbers": lambda: np.zeros((10_000 // shrunk, 10_000)),
        "a dictionary of a million texts": lambda: {f"key {n}": f"value {n} " * 9 for n in range(1_000_000 // shrunk)},
    }


def _recursive() -> dict[str, Any]:
    found: dict[str, Any] = {"name": "outer", "list": []}
    found["self"] = found
    found["list"] += [found, [found, {"again": found}]]
    return found


def _nested() -> list[Any]:
    found: list[Any] = []
    for _ in range(100_000):
        found = [found]
    return found


def _session(line: str) -> list[ExecutedCell]:
    first = ExecutedCell(1, "import pandas as pd\ndf = pd.DataFrame()\nv1 = 1\ndef f1(x):\n    return x")
    return [first, *(ExecutedCell(n, line.format(n, n - 1), f"some output of {n}\n" * 5) for n in range(2, 2_001))]


def _guard() -> Guard:
    return Guard("mask", {"SHOP_PASSWORD": "x7Kq9vT2w-nobody-has-it", **os.environ})


def _value(value: object) -> str:
    guard = _guard()
    text = describe(value, tokens=VALUE, name="it", redactor=Redactor(guard))
    return _composed([Item("variable", title_of(value, "it"), text)], guard, VALUE).removesuffix("why?")


def _composed(items: list[Item], guard: Guard | None = None, budget: int = SESSION) -> str:
    made = compose("why?", items, budget=budget, guard=guard or _guard(), marker=_MARKER)
    return made.content


def _refused(read: Callable[[], object]) -> str:
    try:
        read()
    except QuestionError as error:
        return str(error)
    raise AssertionError("it was read")


def main() -> None:
    """Print a line for each case."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.describing", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the large ones a hundred times smaller")
    for one in run(quick=parser.parse_args().quick):
        verdict = "PASS" if one.seconds <= LIMIT else "over"
        print(
            f"{verdict}  {one.name:<42} {one.seconds:6.3f} s  {one.processor:6.3f} s CPU  {one.tokens:>6,} tokens"
            f"  {one.memory:7.1f} MB"
        )


if __name__ == "__main__":
    main()
