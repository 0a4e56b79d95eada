"""The cells of a row: as GitHub has them, but for pipes in code and formulas, and for what is over in a row."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepseek_magic.commonmark.tables import alignments, cell_bounds, cells


@pytest.mark.parametrize(
    ("row", "columns", "wanted"),
    [
        ("| a | b |", 2, ["a", "b"]),
        ("a | b", 2, ["a", "b"]),
        ("| a | b |", 0, ["a", "b"]),
        ("| a \\| b | c |", 2, ["a | b", "c"]),
        ("| norm | $|x|$ |", 2, ["norm", "$|x|$"]),
        ("| $|x|$ | norm |", 2, ["$|x|$", "norm"]),
        ("| $P(A|B)$ | $P(B|A)$ | bayes |", 3, ["$P(A|B)$", "$P(B|A)$", "bayes"]),
        ("| \\(|x|\\) | $$|y|$$ |", 2, ["\\(|x|\\)", "$$|y|$$"]),
        ("| `a | b` | or |", 2, ["`a | b`", "or"]),
        ("| ``a ` | b`` | or |", 2, ["``a ` | b``", "or"]),
        ("| `x | y | z |", 3, ["`x", "y", "z"]),
        ("| `x | y | z |", 2, ["`x", "y | z"]),
        ("| $5 | $10 |", 2, ["$5", "$10"]),
        ("| $5 | $10 | $15 |", 2, ["$5", "$10 | $15"]),
        ("| 1 | 2 | 3 |", 2, ["1", "2 | 3"]),
        ("| 1 | 2 | 3 |", 1, ["1 | 2 | 3"]),
        ("| `a|b` |", 2, ["`a", "b`"]),
        ("| a |", 3, ["a"]),
    ],
)
def test_the_cells_of_a_row(row, columns, wanted):
    assert cells(row, columns) == wanted


@pytest.mark.parametrize(
    ("head", "row", "count"),
    [
        ("| $|x|$ | norm |", "|---|---|", 2),
        ("| `a|b` | or |", "|---|---|", 2),
        ("| a | b |", "|---|", 0),
        ("| a | b | c |", "|---|---|", 0),
    ],
)
def test_a_head_with_a_pipe_in_a_formula_is_one(head, row, count):
    assert len(alignments(row, head)) == count


ROWS = st.text("|$`\\\\ ab1(x)", max_size=40)


@given(ROWS, st.integers(1, 4))
def test_nothing_of_a_row_is_lost(row, columns):
    bounds = list(cell_bounds(row, columns))
    assert len(bounds) <= columns
    kept = "".join(row[start:end] for start, end in bounds)
    assert [character for character in kept if character not in "| "] == [
        character for character in row if character not in "| "
    ]


@given(ROWS, st.integers(1, 4))
def test_the_bounds_are_those_of_the_cells(row, columns):
    assert [row[start:end].replace("\\|", "|").strip() for start, end in cell_bounds(row, columns)] == cells(
        row, columns
    )
