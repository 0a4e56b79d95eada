"""The executed cells as the model is told of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepseek_magic.context.sources.cells import select_cells
from deepseek_magic.errors import QuestionError
from deepseek_magic.guard import Guard, Redactor
from deepseek_magic.notebook.cells import ExecutedCell, asks_to_be_ignored, holds_a_question, is_question
from deepseek_magic.notebook.outputs import cut_middle, plain
from deepseek_magic.notebook.saved_file import SavedCell, SavedNotebook
from deepseek_magic.settings.keys import Secret

SESSION = [
    ExecutedCell(1, "import os"),
    ExecutedCell(2, "x = 1\nx", "1", "a"),
    ExecutedCell(3, "%%deepseek\nwhy?", question=True),
    ExecutedCell(4, "1 / 0", "ZeroDivisionError: division by zero", "b", failed=True),
    ExecutedCell(5, "# deepseek: ignore\nkey = 's3cret'", "s3cret", "c", ignored=True),
    ExecutedCell(6, "x = 2\nx", "2", "a"),
    ExecutedCell(8, "y", "", "d", remarks=("what it printed is not known",)),
]


def titles(**choice) -> list[str]:
    return [item.title for item in select_cells(SESSION, **choice)]


def test_all_cells_in_the_order_of_execution():
    items = select_cells(SESSION)
    assert [(item.kind, item.title, item.text, item.notes) for item in items] == [
        ("cell", "cell [1]", "import os", ("kept back, marked `deepseek: ignore`: [5]",)),
        ("cell", "cell [4]", "1 / 0\nOutput:\nZeroDivisionError: division by zero", ("failed",)),
        ("cell", "cell [6]", "x = 2\nx\nOutput:\n2", ("run again since: [6] replaces [2]",)),
        ("cell", "cell [8]", "y", ("what it printed is not known",)),
    ]


@pytest.mark.parametrize(
    ("choice", "wanted"),
    [
        ({"last": 1}, [8]),
        ({"last": 3}, [4, 6, 8]),
        ({"last": 99}, [1, 4, 6, 8]),
        ({"last": 0}, []),
        ({"between": (4, 6)}, [4, 6]),
        ({"between": (1, 2)}, [1, 2]),
        ({"between": (2, 6)}, [4, 6]),
        ({"between": (3, 3)}, []),
        ({"between": (5, 5)}, []),
        ({"between": (7, 99)}, [8]),
    ],
)
def test_some_cells(choice, wanted):
    assert titles(**choice) == [f"cell [{count}]" for count in wanted]


def test_an_older_execution_that_was_asked_for_is_told_as_such():
    (_, older) = select_cells(SESSION, between=(1, 2))
    assert older.notes == ("run again since, as [6]",)


def test_counts_that_were_never_executed():
    with pytest.raises(QuestionError, match=r"no cell from \[20\] to \[30\] was executed: there are \[1\] to \[8\]"):
        select_cells(SESSION, between=(20, 30))
    with pytest.raises(QuestionError, match="none has been executed before this one"):
        select_cells([], between=(1, 2))
    assert select_cells([]) == []


def test_what_the_file_knows_of_executed_cells(tmp_path):
    executed = [
        ExecutedCell(1, "x = 1", cell_id="a", ended=100.0),
        ExecutedCell(2, "y = 1", cell_id="b", ended=100.0),
        ExecutedCell(3, "z = 1", cell_id="c", ended=300.0),
        ExecutedCell(4, "w = 1", cell_id="d", ended=100.0),
    ]
    cells = (
        SavedCell("code", "x = 2", "a"),
        SavedCell("code", "y = 1\n", "b"),
        SavedCell("code", "z = 2", "c"),
        SavedCell("code", "w = 1", "d", ignored=True),
    )
    saved = SavedNotebook(tmp_path / "a.ipynb", cells, saved=200.0)
    items = select_cells(saved.mark_ignored(executed), saved=saved)
    assert [(item.title, item.notes) for item in items] == [
        ("cell [1]", ("edited since it ran", "kept back, marked `deepseek: ignore`: [4]")),
        ("cell [2]", ()),
        ("cell [3]", ()),  # it ran after the file was saved: what is there is older, not newer
    ]


def test_long_outputs_are_cut_in_the_middle_after_masking():
    output = "first\n" + "a" * 90 + " SECRET-0123456789 " + "b" * 200 + "\nlast"
    (item,) = select_cells(
        [ExecutedCell(1, "x", output)],
        output_limit=200,
        redactor=Redactor(Guard("mask", {}, [Secret("SECRET-0123456789")])),
    )
    head, mark, tail = item.text.removeprefix("x\nOutput:\n").split("\n")[1:4]
    assert item.text.startswith("x\nOutput:\nfirst\naaa")
    assert item.text.endswith("bbb\nlast")
    assert "left out" in head + mark + tail
    assert "SEC" not in item.text
    assert item.notes == ("its output is cut in the middle",)


def test_cuts_are_added_up():
    once = cut_middle("a" * 1_000, 100)
    assert once == f"{'a' * 50}\n[… 900 characters left out …]\n{'a' * 50}"
    assert cut_middle(once, 40) == f"{'a' * 20}\n[… 962 characters left out …]\n{'a' * 20}"
    lines = "\n".join(f"line {number}" for number in range(100))
    assert all(line.startswith(("line ", "[…")) for line in cut_middle(lines, 200).split("\n"))


@given(st.text(max_size=400), st.integers(1, 200))
def test_a_cut_text_is_short_and_keeps_both_ends(text, limit):
    cut = cut_middle(text, limit)
    if len(text) <= limit:
        assert cut == text
    else:
        head, _, tail = cut.partition("\n[… ")
        assert text.startswith(head)
        assert text.endswith(tail.partition("…]\n")[2])
        assert len(cut) <= limit + 50


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("10%\r20%\r30%\n", "30%\n"),
        ("10%\r20%\r", "20%"),
        ("windows\r\nlines\r\n", "windows\nlines\n"),
        ("\x1b]0;title\x07text", "text"),
        ("as it is\n", "as it is\n"),
    ],
)
def test_text_as_it_ends_up_on_a_screen(typed, wanted):
    assert plain(typed) == wanted


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("# deepseek: ignore\nx = 1", True),
        ("x = 1\n    #deepseek:ignore  \n", True),
        ("x = 1\n# DeepSeek: Ignore", True),
        ("<!-- deepseek: ignore -->\n# Title", True),
        ("x = 1  # deepseek: ignore", True),
        ("key = 's'  #deepseek:ignore (the real one)", True),
        ("# deepseek: ignore this cell, please", True),
        ("# deepseek: ignored", True),
        ("#DEEPSEEK :  IGNORE", True),
        ("## deepseek: ignore", True),
        ("#| deepseek: ignore\nx = 1", True),
        ("# deepseek-ignore", True),
        ("# deepseek ignore", True),
        ("# deepseek\uff1aignore", True),
        ("# noqa  # deepseek: ignore", True),
        ("def f():\n\t# deepseek: ignore\n\treturn 1", True),
        ("%%sql\n-- deepseek: ignore\nSELECT 1", True),
        ("%%javascript\n// deepseek: ignore", True),
        ("%%html\n<!--deepseek:ignore: private-->", True),
        ("%%writefile a.css\n/* deepseek: ignore */", True),
        ("[//]: # (deepseek: ignore)", True),
        ("x = 1\r\n# deepseek: ignore\r\n", True),
        ("# a deepseek: ignore comment", False),
        ("# what deepseek ignores", False),
        ("# deepseek is not to ignore this", False),
        ("deepseek = ignore", False),
        ("%deepseek ignore the outliers", False),
        ("%%deepseek ignore\nthe outliers", False),
        ("%%latex\n% deepseek: ignore", True),
    ],
)
def test_marks_in_a_cell(source, wanted):
    assert asks_to_be_ignored(source) is wanted
    assert asks_to_be_ignored("x", ["a", "deepseek: ignore"])
    assert asks_to_be_ignored("x", ["deepseek-ignore"])
    assert not asks_to_be_ignored("x", ["deepseek", 3, None])


@pytest.mark.parametrize(
    ("source", "question", "within"),
    [
        ("%%deepseek\nwhy?", True, True),
        ("%%deepseek -c cells why", True, True),
        ("# a comment\n\n%%deepseek\nwhy?", True, True),
        ("%deepseek why", True, True),
        ("%deepseek", True, True),
        ("%deepseek_fix\n%deepseek_models", True, True),
        ("%%deepseek_fim\nx = <fill>", True, True),
        ("%deepseek why\nx = 1", False, True),
        ("x = %deepseek why", False, True),
        ("%%time\n%deepseek why", False, True),
        ("%%deepseeker\nwhy", False, False),
        ("%load_ext deepseek_magic", False, False),
        ("x = 1", False, False),
        ("# only a comment", False, False),
        ("", False, False),
    ],
)
def test_questions_of_ours(source, question, within):
    assert (is_question(source), holds_a_question(source)) == (question, within)
