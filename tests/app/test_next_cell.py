"""Code into the next cell: once for the same code of the same cell, and said in one line."""

from __future__ import annotations

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from deepseek_magic.app.next_cell import NO_CODE, OLDER, STANDS, NextCells, noted
from deepseek_magic.commands import ask_command, continue_, fim, fix
from deepseek_magic.commands.call import Call
from deepseek_magic.notebook import snapshot
from deepseek_magic.notebook.kernel import Kernel
from tests.faults import reply


class InCell(Kernel):
    """The shell as it works on the cell of an id; "" where the front end does not name it."""

    def __init__(self, shell, cell_id):
        super().__init__(shell)
        self._cell_id = cell_id

    @property
    def cell_id(self):
        return self._cell_id


@pytest.fixture
def run(session, server, shell):
    """Runs a magic in a cell: returns the next cell (``None`` where nothing was inserted), and the lines shown."""

    def run(command, line, answer, cell_id="a", cell=None):
        if answer is not None:
            server.enqueue(reply(answer))
        shell.rl_next_input = None
        result = command(Call(session, {"renderer": "none"}, InCell(shell, cell_id), line, cell))
        lines = tuple(shown for shown in result.show if isinstance(shown, str))
        return shell.rl_next_input, lines

    return run


CODE = "```python\n{}\n```\n"
ONE, TWO = CODE.format("x = 1"), CODE.format("x = 2")
FIRST = ()


def asking(run, answer, cell_id="a"):
    return run(ask_command.command, "--as code do it", answer, cell_id)


def test_the_same_code_is_inserted_once_and_other_code_above_the_older(run):
    assert asking(run, ONE) == ("x = 1", FIRST)
    assert asking(run, ONE) == (None, (STANDS,))
    assert asking(run, ONE) == (None, (STANDS,))
    assert asking(run, TWO) == ("x = 2", (OLDER,))
    assert asking(run, ONE) == ("x = 1", (OLDER,))
    assert asking(run, ONE, "b") == ("x = 1", FIRST)
    assert asking(run, "Which one do you mean?") == (None, (NO_CODE,))


@pytest.mark.parametrize(
    ("below", "inserted"),
    [
        ([new_code_cell("x = 1\n")], False),
        ([new_code_cell("x = 2")], True),
        ([new_markdown_cell("x = 1"), new_code_cell("x = 1")], True),
        ([new_code_cell("y"), new_code_cell("x = 1")], True),
        ([], True),
    ],
)
def test_a_kernel_that_was_started_again_finds_the_code_in_the_notebook(
    run, session, tmp_path, monkeypatch, below, inserted
):
    notebook = new_notebook(cells=[new_code_cell("%deepseek --as code do it", id="a"), *below])
    nbformat.write(notebook, tmp_path / "a.ipynb")
    monkeypatch.setattr(session, "environ", {**session.environ, "JPY_SESSION_NAME": str(tmp_path / "a.ipynb")})
    first = asking(run, ONE)
    assert first == (("x = 1", FIRST) if inserted else (None, (STANDS,)))
    assert asking(run, ONE, "elsewhere") == ("x = 1", FIRST)
    assert asking(run, ONE) == (None, (STANDS,)), "and knows it from now on"


def test_a_file_that_cannot_be_read_is_no_reason_to_keep_code_back(run, session, tmp_path, monkeypatch):
    (tmp_path / "a.ipynb").write_text("{")
    monkeypatch.setattr(session, "environ", {**session.environ, "JPY_SESSION_NAME": str(tmp_path / "a.ipynb")})
    assert asking(run, ONE) == ("x = 1", FIRST)


def test_where_cells_have_no_names_each_is_inserted(run):
    assert asking(run, ONE, "") == asking(run, ONE, "") == ("x = 1", FIRST)


def test_what_is_quiet_is_quiet(run):
    for _ in range(2):
        _, lines = run(ask_command.command, "--quiet --as code do it", ONE)
        assert lines == ()


@pytest.mark.parametrize("line", [STANDS, OLDER, NO_CODE])
def test_each_is_one_line(line):
    assert "\n" not in line
    assert len(line) < 100


def test_code_that_does_not_compile_is_inserted_once_below_its_note(run, server):
    for inserted, said in (
        ("# Note: this does not compile ('(' was never closed in line 1)\nx = (", ()),
        (None, (STANDS,)),
    ):
        server.enqueue(reply("x = ("))
        assert asking(run, "x = (") == (inserted, said)


def test_a_cell_magic_has_its_note_below(run):
    cell, lines = asking(run, CODE.format("%%time\nx = '\u202e'"))
    assert cell == "%%time\nx = '\u202e'"
    assert lines == ("Note: this holds characters that cannot be seen (the first is U+202E in line 2).",)


def test_code_that_was_cut_and_gone_on_with(run, session, server):
    server.enqueue(reply("```python\ndef f(x):\n    ret", finish="length"))
    cell, lines = asking(run, None)
    assert (cell, lines) == (
        "# Note: the code was cut; %deepseek_continue goes on with it\ndef f(x):\n    ret",
        FIRST,
    )
    cell, (line, *_) = run(continue_.command, "", "urn x\n```\n", "b")
    assert cell == "def f(x):\n    return x"
    assert line == "The code is in the next cell; the cell with the part that was cut is older."


def test_the_repaired_cell_is_inserted_once(run, shell, session):
    snapshot.start(shell)
    try:
        shell.run_cell("x = 1 / 0", store_history=True)
        _, (line,) = run(fix.command, "", ONE)
        assert line == "The repaired cell is the next one; look at it before you run it."
        cell, (line,) = run(fix.command, "", ONE)
        assert cell is None
        assert line.startswith("The repaired cell is already below, from the last run of this cell; ")
        assert line.endswith(" %deepseek_code inserts it again.")
        cell, (line,) = run(fix.command, "", TWO)
        assert cell == "x = 2"
        assert line.endswith(" The cell below that, from an earlier run, is older.")
    finally:
        snapshot.stop(shell)


def test_a_filled_cell_is_inserted_once(run):
    assert run(fim.command, "", "1", cell="x = <fill>\n") == ("x = 1", FIRST)
    assert run(fim.command, "", "1", cell="x = <fill>\n") == (None, (STANDS,))


def test_a_gap_is_sent_without_what_a_variable_of_a_secrets_name_holds(run, server, shell):
    shell.user_ns["password"] = "hunter2-Qz81xw"
    run(fim.command, "", "1", cell="log_in('hunter2-Qz81xw')\nx = <fill>\n")
    assert b"hunter2-Qz81xw" not in server.requests[-1].body


def test_many_cells_cost_little_and_nothing_that_was_not_put_is_held():
    cells = NextCells()
    assert not cells.holds("")
    assert [cells.take("a", text) for text in ("x", "x", "y", "x")] == ["first", "same", "other", "other"]
    assert cells.holds("x")
    assert not cells.holds("y")
    assert cells.take("", "x") == cells.take("", "x") == "first"


def test_a_note_stands_above_what_is_no_cell_magic():
    assert noted("x", "a", "", "b") == ("# Note: a; b\nx", "a; b")
    assert noted("x") == ("x", "")
    assert noted("%%time\nx", "a") == ("%%time\nx", "a")
