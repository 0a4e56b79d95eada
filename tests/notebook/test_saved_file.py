"""The notebook as its file has it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, new_raw_cell

from deepseek_magic.context.sources.notebook import notebook_items
from deepseek_magic.errors import QuestionError
from deepseek_magic.guard import Guard, Redactor
from deepseek_magic.notebook import saved_file as module
from deepseek_magic.notebook.cells import ExecutedCell
from deepseek_magic.notebook.saved_file import SavedNotebook, read_notebook
from deepseek_magic.settings.keys import Secret

REPLY = new_output("display_data", {"text/plain": "the reply"}, metadata={"deepseek_magic": {"version": 1}})


def write(folder: Path, *cells, name: str = "page.ipynb") -> SavedNotebook:
    nbformat.write(new_notebook(cells=list(cells)), folder / name)
    return read_notebook(folder / name)


def test_the_page_in_its_order(tmp_path):
    picture = {"image/png": "iVBORw0KGgo=", "text/html": "<b>1</b>", "text/plain": "<Figure>"}
    saved = write(
        tmp_path,
        new_markdown_cell("# Title\n\nText."),
        new_code_cell("x = 1\nx", execution_count=7, outputs=[new_output("execute_result", {"text/plain": "1"})]),
        new_code_cell(
            "plot()",
            execution_count=3,
            outputs=[
                new_output("stream", name="stdout", text="10%\r20%\nprinted\n"),
                new_output("display_data", picture),
                new_output("error", ename="ValueError", evalue="bad", traceback=["long"]),
            ],
        ),
        new_code_cell(""),
        new_raw_cell("raw"),
    )
    (item,) = notebook_items(saved)
    assert (item.kind, item.title, item.notes) == ("notebook", "notebook page.ipynb", ())
    assert item.text == (
        "--- 1. markdown ---\n# Title\n\nText.\n\n"
        "--- 2. code [7] ---\nx = 1\nx\nOutput:\n1\n\n"
        "--- 3. code [3] ---\nplot()\nOutput:\n20%\nprinted\n<Figure>\nValueError: bad\n\n"
        "--- 5. raw ---\nraw"
    )


def test_questions_replies_and_marked_cells_are_left_out(tmp_path):
    saved = write(
        tmp_path,
        new_code_cell("%%deepseek\nwhy?", outputs=[REPLY]),
        new_code_cell("x = %deepseek why?\nprint(1)", outputs=[REPLY, new_output("stream", text="1\n")]),
        new_code_cell("# deepseek: ignore\nkey = 's3cret'"),
        new_code_cell("tagged = 's3cret'", metadata={"tags": ["deepseek-ignore"]}),
        new_markdown_cell("<!-- deepseek: ignore -->\ns3cret"),
        new_code_cell("reply", outputs=[new_output("execute_result", {"text/html": '<div class="deepseek x">again'})]),
    )
    (item,) = notebook_items(saved)
    assert item.text == ("--- 2. code ---\nx = %deepseek why?\nprint(1)\nOutput:\n1\n\n--- 6. code ---\nreply")


def test_markdown_that_was_displayed_and_widgets(tmp_path):
    saved = write(
        tmp_path,
        new_code_cell(
            "show",
            outputs=[
                new_output(
                    "display_data", {"text/plain": "<IPython.core.display.Markdown object>", "text/markdown": "# T"}
                ),
                new_output("display_data", {"text/plain": "HBox()", "application/vnd.jupyter.widget-view+json": {}}),
            ],
        ),
    )
    assert notebook_items(saved)[0].text == "--- 1. code ---\nshow\nOutput:\n# T"


def test_a_file_that_is_older_than_the_session(tmp_path):
    saved = write(tmp_path, new_code_cell("x = 1"), new_markdown_cell("text"))
    executed = [
        ExecutedCell(1, "x = 1"),
        ExecutedCell(2, "y = 1", cell_id="a"),
        ExecutedCell(3, "y = 2", cell_id="a"),
        ExecutedCell(4, "%%deepseek\nwhy", question=True),
        ExecutedCell(5, "key", ignored=True),
        ExecutedCell(6, "z = 3"),
    ]
    (item,) = notebook_items(saved, executed)
    assert item.notes == (
        "the file is older than the session: it does not have [3], [6] as executed; save the notebook",
    )
    (item,) = notebook_items(saved, [ExecutedCell(count, f"v{count}") for count in range(1, 30)])
    assert "[9], [10] and others as executed" in item.notes[0]


def test_an_empty_page_is_nothing(tmp_path):
    assert notebook_items(write(tmp_path)) == []


def test_outputs_are_cut_after_masking(tmp_path):
    text = "a" * 40 + " SECRET-0123456789 " + "b" * 100
    saved = write(tmp_path, new_code_cell("# SECRET-0123456789", outputs=[new_output("stream", text=text)]))
    (item,) = notebook_items(
        saved, output_limit=100, redactor=Redactor(Guard("mask", {}, [Secret("SECRET-0123456789")]))
    )
    assert "SEC" not in item.text
    assert "# [masked" in item.text
    assert "characters left out …]" in item.text


def test_ids_counts_and_the_time_of_saving_are_read(tmp_path):
    cell = new_code_cell("x", execution_count=4, id="abc")
    write(tmp_path, cell)
    os.utime(tmp_path / "page.ipynb", (1_000, 2_000))
    saved = read_notebook(tmp_path / "page.ipynb")
    assert (saved.cells[0].cell_id, saved.cells[0].count, saved.saved) == ("abc", 4, 2_000)


def test_multi_line_strings_and_odd_content_are_read(tmp_path):
    path = tmp_path / "odd.ipynb"
    cells = [
        {
            "cell_type": "code",
            "source": ["a\n", "b"],
            "outputs": [{"output_type": "stream", "text": ["c\n", "d"]}, 3, {}],
        },
        {"cell_type": "code", "source": 7, "metadata": [], "outputs": {}, "execution_count": "x"},
        "no cell",
        {},
    ]
    path.write_text(json.dumps({"cells": cells}))
    assert notebook_items(read_notebook(path))[0].text == "--- 1. code ---\na\nb\nOutput:\nc\nd"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("no json", "page.ipynb is not a notebook"),
        ("[1, 2]", "page.ipynb is not a notebook"),
        ("{}", "page.ipynb is not a notebook"),
        ("[" * 100_000, "page.ipynb is not a notebook"),
        ('{"worksheets": [{"cells": []}]}', "page.ipynb has the notebook format of before 2015"),
    ],
)
def test_files_that_are_no_notebook(tmp_path, content, said):
    path = tmp_path / "page.ipynb"
    path.write_text(content)
    with pytest.raises(QuestionError, match=said) as caught:
        read_notebook(path)
    assert "-c cells sends the executed cells instead" in str(caught.value)


def test_files_that_are_not_there(tmp_path):
    with pytest.raises(QuestionError, match="the notebook's file is not known in this front end: -c cells"):
        read_notebook(None)
    with pytest.raises(QuestionError, match=r"gone.ipynb cannot be read \(No such file or directory\): save"):
        read_notebook(tmp_path / "gone.ipynb")
    with pytest.raises(QuestionError, match="cannot be read"):
        read_notebook(tmp_path)


def test_a_huge_file_is_refused_unread(tmp_path):
    path = tmp_path / "huge.ipynb"
    with path.open("wb") as file:
        file.truncate(300_000_000)
    with pytest.raises(QuestionError, match=r"huge.ipynb has 300 MB, and at most 40 MB are read: clear its outputs"):
        read_notebook(path)
    assert module.LARGEST_FILE == 40_000_000
