"""How old the last error is: what a thread raised is not heard, and an old error must not pass for it."""

from __future__ import annotations

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
