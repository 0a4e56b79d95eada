"""How old the last error is, and whether a thread raised it: what a task raised is not heard."""

from __future__ import annotations

import re

import pytest

from deepseek_magic.context.sources.error import age
from deepseek_magic.notebook.cells import ExecutedCell
from deepseek_magic.notebook.error.failure import Failure

CELLS = [ExecutedCell(1, "1 / 0", failed=True), ExecutedCell(2, "%deepseek why?", question=True)]


@pytest.mark.parametrize(
    ("count", "later", "said"),
    [
        (1, [], ""),
        (1, [3], "The last error is that of cell [1]: 1 cell ran since without one."),
        (1, [3, 4], "The last error is that of cell [1]: 2 cells have run since without one."),
        (0, [3], ""),
    ],
)
def test_the_age_of_an_error_is_said(count, later, said):
    executed = [*CELLS, *(ExecutedCell(number, "start(thread)") for number in later)]
    assert age(Failure(ZeroDivisionError("division by zero"), "1 / 0", count), executed) == said


def test_an_error_of_a_thread_is_said_to_be_one():
    failure = Failure(ZeroDivisionError("division by zero"), ended="a thread (Thread-7 (load))", at=1_800_000_000.5)
    said = age(failure, [*CELLS, ExecutedCell(3, "start(thread)")])
    assert re.fullmatch(
        r"The last error is that of a thread \(Thread-7 \(load\)\), which it ended at \d\d:\d\d:\d\d\.", said
    )


def test_an_error_whose_time_is_not_known_is_said_to_be_between_cells():
    said = age(Failure(ZeroDivisionError("division by zero"), ended="a callback"), CELLS)
    assert said == "The last error is that of a callback, which it ended between two cells."
