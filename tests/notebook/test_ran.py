"""Which cell holds code that ran: that of a cell magic, of a run inside of a cell, of a string."""

from __future__ import annotations

import pytest

from deepseek_magic.context.sources.error import error_item
from deepseek_magic.notebook.cells import ExecutedCell
from deepseek_magic.notebook.error.ran import cell_of_code
from deepseek_magic.notebook.kernel import cell_of
from deepseek_magic.notebook.recorder import Recorder

HARMLESS = "harmless = 1\n# a second line"
DEFINED = "def share(rows):\n    return 1 / rows\n"


@pytest.fixture
def report(shell, tmp_path, capsys):
    """Runs cells, and says in words how the last error came about."""
    shell.reset(new_session=True)
    recorder = Recorder(shell)
    recorder.start()

    def told(*cells: str) -> str:
        for cell in cells:
            shell.run_cell(cell, store_history=True)
        capsys.readouterr()
        executed = recorder.executed()
        return error_item(
            recorder.failure, executed, describe=lambda *_: "told", cell_of=cell_of(shell), folder=tmp_path
        ).text

    yield told
    recorder.stop()


@pytest.mark.parametrize("magic", ["capture", "time", "timeit", "prun"])
@pytest.mark.parametrize("above", ["", "\n  \n"])
def test_the_body_of_a_cell_magic_is_in_its_cell(report, magic, above):
    line = 3 + above.count("\n")
    text = report(f"{above}%%{magic}\ny = 2\n1 / 0", HARMLESS)
    assert f"Failed in cell [1], line {line}:" in text
    assert f"->   {line} 1 / 0" in text
    assert "harmless" not in text


@pytest.mark.parametrize("magic", ["capture", "time"])
def test_a_function_of_such_a_body_is_in_its_cell_whichever_calls_it(report, magic):
    text = report(f"%%{magic}\n{DEFINED}", HARMLESS, "%%time\nz = 1\nshare(0)", HARMLESS)
    assert "- cell [1], line 3, in share\n     2 def share(rows):\n->   3     return 1 / rows" in text
    assert "Failed in cell [3], line 3:" in text
    assert "harmless" not in text


def test_a_function_of_a_body_that_nobody_has_any_more_is_not_known(report, shell):
    shell.run_cell(f"%%time\n{DEFINED}", store_history=False)
    text = report("%%time\nx = 1\nshare(0)")
    assert "- code that a cell ran, which is not known, line 2, in share" in text
    assert "Failed in cell [1], line 3:" in text


@pytest.mark.parametrize("lines", [1, 2])
def test_what_a_cell_runs_is_shown_as_it_ran(report, lines):
    text = report("get_ipython().run_cell('a = 1\\n1 / 0').raise_error()", "\n".join(HARMLESS.split("\n")[:lines]))
    assert "- code that a cell ran, line 2\n     1 a = 1\n->   2 1 / 0" in text
    assert "harmless" not in text


def test_what_a_cell_runs_that_is_never_sent_stays_hidden(report):
    text = report("# deepseek: ignore\nget_ipython().run_cell('def share(rows):\\n    return 7 / rows')", "share(0)")
    assert "in share, which is never sent" in text
    assert "7 / rows" not in text


@pytest.mark.parametrize("code", ["exec('a = 1\\n1 / 0')", "eval('1 / 0')"])
def test_the_code_of_a_string_is_not_known(report, code):
    text = report(code, HARMLESS)
    assert f"Failed in cell [1], line 1:\n->   1 {code}" in text
    assert "- code of a string, which is not known, line" in text
    assert "harmless" not in text


def test_a_script_of_the_users_that_is_run_in_the_namespace(report, tmp_path):
    (tmp_path / "script.py").write_text("b = 1\n1 / 0\n")
    text = report(f"%run -i {tmp_path / 'script.py'}", HARMLESS)
    assert "- script.py, line 2\n     1 b = 1\n->   2 1 / 0" in text
    assert "harmless" not in text


@pytest.mark.parametrize("option", ["-i ", ""])
def test_a_script_outside_of_the_folder_is_the_users_as_well(report, tmp_path, tmp_path_factory, option):
    folder = tmp_path_factory.mktemp("elsewhere")
    (folder / "script.py").write_text("def share(rows):\n    return 1 / rows\n\nshare(0)\n")
    text = report(f"%run {option}{folder / 'script.py'}", HARMLESS)
    short = "/".join((folder / "script.py").parts[-3:])
    assert f"- {short}, line 4\n" in text
    assert f"- {short}, line 2, in share\n     1 def share(rows):\n->   2     return 1 / rows" in text
    assert "(library)" not in text
    assert "harmless" not in text


def test_a_module_outside_of_the_folder_is_a_library(report, tmp_path_factory, monkeypatch):
    folder = tmp_path_factory.mktemp("elsewhere")
    (folder / "of_elsewhere.py").write_text("1 / 0\n")
    monkeypatch.syspath_prepend(folder)
    assert "of_elsewhere.py, line 1 (library)" in report("import of_elsewhere")


def test_code_that_is_not_python_is_in_the_cell_of_its_magic(report):
    assert "Not Python, in cell [1]:\n1 +" in report("%%capture\n1 +", HARMLESS)


def test_a_line_of_a_body_that_python_refuses_counts_from_the_top_of_its_cell(report):
    text = report("%%time\nimport asyncio\nawait asyncio.sleep(0)", HARMLESS)
    assert "Failed in cell [1], line 3:" in text


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_of_such_a_body_is_of_its_cell(report):
    begin = "import threading\nthread = threading.Thread(target=share, args=(0,))\nthread.start()\nthread.join()"
    text = report(f"%%capture\n{DEFINED}{begin}", HARMLESS)
    assert "The code that it ended is from cell [1]" in text
    assert "harmless" not in text


@pytest.mark.parametrize(
    ("source", "ran", "is_it"),
    [
        ("x = 1\n1 / 0", "x = 1\n1 / 0\n", True),
        ("\nx = 1\n\n1 / 0", "x = 1\n\n1 / 0\n", True),
        (">>> 1 / 0", "1 / 0\n", True),
        ("%time 1 / 0", "get_ipython().run_line_magic('time', '1 / 0')\n", True),
        ("x = !ls \\\n  -l\n1 / 0", "x = get_ipython().getoutput('ls   -l')\n1 / 0\n", True),
        ("f?", "get_ipython().run_line_magic('pinfo', 'f')\n", True),
        ("%%time\n1 / 0", "get_ipython().run_cell_magic('time', '', '1 / 0')\n", True),
        ("%%time\n1 / 0", "get_ipython().run_cell_magic('prun', '', '1 / 0')\n", False),
        ("try:\n    1 / 0\nexcept E: pass", "1 / 0\n", False),
        ("x = 1", "1 / 0\n", False),
        ("x = 1", "", False),
    ],
)
def test_a_cell_is_that_of_the_code_only_where_it_holds_it(source, ran, is_it):
    cell = ExecutedCell(3, source)
    assert (cell_of_code([cell], 3, ran.splitlines()) is cell) is is_it
