"""What a real kernel's session looks like as plain values: sources, outputs, errors, and what is never known."""

from __future__ import annotations

import ast
import json
from typing import Any

import pytest

from tests.faults import FaultServer, reply
from tests.kernel import Cell, Kernel, Running

START = "from deepseek_magic.notebook import kernel as _kernel, snapshot as _snapshot; _snapshot.start(get_ipython())"
STOP = "from deepseek_magic.notebook import kernel as _kernel, snapshot as _snapshot; _snapshot.stop(get_ipython())"
EXECUTED = "[__import__('dataclasses').asdict(cell) for cell in _snapshot.executed(get_ipython())]"
FAILURE = """(lambda failure: failure and {
    "text": failure.text, "source": failure.source, "count": failure.count, "cell_id": failure.cell_id,
    "ignored": failure.ignored, "names": failure.names(_kernel.transform(get_ipython()))
})(_snapshot.last_failure(get_ipython()))"""
ERROR = """__import__("deepseek_magic.context.sources.error", fromlist=["error_item"]).error_item(
    _snapshot.last_failure(get_ipython()), _snapshot.executed(get_ipython()),
    describe=lambda value, name, tokens: repr(value)[:80], cell_of=_kernel.cell_of(get_ipython()),
    folder=__import__("pathlib").Path.cwd()
).text"""


@pytest.fixture(scope="module")
def process(tmp_path_factory):
    with Kernel(tmp_path_factory.mktemp("home")) as kernel:
        yield kernel


@pytest.fixture
def kernel(process):
    """A session that has just begun."""
    process.quietly(STOP)
    process.quietly("get_ipython().reset(new_session=True); import sys; sys.last_value = None")
    process.quietly(START)
    return process


def look(kernel: Kernel, expression: str) -> Any:
    """The value of ``expression``, without running a cell."""
    message = kernel.client.execute(
        "", silent=True, store_history=False, user_expressions={"it": f"__import__('json').dumps({expression})"}
    )
    told = Running(kernel, message, ()).end().reply["user_expressions"]["it"]
    assert told["status"] == "ok", told
    return json.loads(ast.literal_eval(told["data"]["text/plain"]))


def executed(kernel: Kernel) -> list[dict[str, Any]]:
    return look(kernel, EXECUTED)


def outputs(kernel: Kernel) -> list[str]:
    return [cell["output"] for cell in executed(kernel)]


def run_with(kernel: Kernel, code: str, metadata: dict[str, Any]) -> Cell:
    content = {
        "code": code,
        "silent": False,
        "store_history": True,
        "user_expressions": {},
        "allow_stdin": False,
        "stop_on_error": False,
    }
    message = kernel.client.session.msg("execute_request", content, metadata=metadata)
    kernel.client.shell_channel.send(message)
    return Running(kernel, message["header"]["msg_id"], ()).end()


def test_cells_as_typed_with_what_they_showed(kernel):
    kernel.run("x = 1  \n\n")
    kernel.run("print('out')\nimport sys; print('err', file=sys.stderr)\nx + 1", "cell-a")
    kernel.run("%time y = 2;\n!echo shell")
    cells = executed(kernel)
    assert [cell["source"] for cell in cells[:2]] == [
        "x = 1  ",
        "print('out')\nimport sys; print('err', file=sys.stderr)\nx + 1",
    ]
    assert [cell["count"] for cell in cells] == [1, 2, 3]
    assert [cell["cell_id"] for cell in cells] == ["", "cell-a", ""]
    assert [cell["failed"] for cell in cells] == [False] * 3
    assert [cell["remarks"] for cell in cells] == [[]] * 3
    assert cells[0]["output"] == ""
    assert sorted(cells[1]["output"].splitlines()) == ["2", "err", "out"]
    assert cells[2]["output"].startswith("CPU times")
    assert cells[2]["output"].endswith("shell")
    assert all(cell["ended"] > 1_700_000_000 for cell in cells)


def test_displays_their_updates_and_what_was_cleared(kernel):
    kernel.run("from IPython.display import *\ndisplay({'a': 1})\ndisplay(Markdown('# Title'))\n'last'")
    kernel.run("handle = display('first', display_id=True)\nhandle.update('second')")
    kernel.run("handle.update('third')")
    kernel.run("print('gone')\nclear_output()\nprint('there')\nclear_output(wait=True)")
    kernel.run("import ipywidgets; display(ipywidgets.IntSlider())\nHTML('<b>no</b>')")
    assert outputs(kernel) == [
        "{'a': 1}\n# Title\n'last'",
        "'third'",
        "",
        "there",
        "<IPython.core.display.HTML object>",
    ]


def test_colours_go_and_progress_bars_show_their_last_state(kernel):
    kernel.run("import sys\nfor n in range(50): sys.stderr.write(f'\\r{n}%')\nprint('\\x1b[31mred\\x1b[0m')")
    assert sorted(outputs(kernel)[0].splitlines()) == ["49%", "red"]


def test_what_is_printed_elsewhere_belongs_to_its_cell(kernel):
    kernel.run("import threading\nt = threading.Thread(target=lambda: print('from a thread'))\nt.start(); t.join()")
    kernel.run("async def later():\n    print('awaited')\nawait later()")
    kernel.run("%%capture taken\nprint('captured')")
    kernel.run("import os\nos.system('echo around Python');")
    first, second, third, fourth = outputs(kernel)
    assert (first, second, third) == ("from a thread", "awaited", "")
    assert fourth in ("around Python", "")  # it comes through a pipe, at its own time


@pytest.mark.slow
def test_ten_megabytes_are_kept_within_bounds(kernel):
    kernel.run("for n in range(20_000): print(f'{n:>50}')\nprint('the end')")
    kernel.run("print('x' * 10_000_000)")
    kernel.run("from IPython.display import display\nfor n in range(700): display('y' * 100)")
    lines, one_line, displays = outputs(kernel)
    assert len(lines) < 40_000
    assert (lines[:51], lines[-7:]) == (" " * 49 + "0\n", "the end")
    assert "characters left out …]" in lines
    assert len(one_line) < 40_000
    assert (len(displays) < 70_000, displays.count("characters left out …]")) == (True, 1)


def test_errors_and_the_last_failure(kernel):
    assert look(kernel, FAILURE) is None
    kernel.run("def f(v):\n    return 1 / v")
    kernel.run("zero = 0\nf(zero)", "cell-b")
    kernel.run("ok = 1")
    assert [cell["failed"] for cell in executed(kernel)] == [False, True, False]
    assert outputs(kernel)[1] == "ZeroDivisionError: division by zero"
    assert look(kernel, FAILURE) == {
        "text": "ZeroDivisionError: division by zero",
        "source": "zero = 0\nf(zero)",
        "count": 2,
        "cell_id": "cell-b",
        "ignored": False,
        "names": ["f"],
    }
    kernel.run("x = = 2")
    assert (look(kernel, FAILURE)["text"], outputs(kernel)[3]) == ("SyntaxError: invalid syntax",) * 2


def test_errors_of_ours_are_not_the_last_failure(kernel):
    kernel.run("1 / 0")
    kernel.run("from deepseek_magic.errors import QuestionError, Interrupted\nraise QuestionError('refused')")
    kernel.run("raise Interrupted('stopped')")
    kernel.run("%deepseek_unknown")
    assert [cell["failed"] for cell in executed(kernel)] == [True] * 4
    assert look(kernel, FAILURE)["text"] == "ZeroDivisionError: division by zero"
    kernel.run("raise KeyboardInterrupt")
    assert look(kernel, FAILURE)["text"] == "KeyboardInterrupt"


def test_an_error_in_a_captured_cell_is_its_own(kernel):
    kernel.run("%%capture\nx = 1\n1 / 0")
    failure = look(kernel, FAILURE)
    assert (failure["source"], failure["count"]) == ("%%capture\nx = 1\n1 / 0", 1)


def test_marked_cells_are_known_by_comment_and_by_tag(kernel):
    kernel.run("# deepseek: ignore\nsecret = 1")
    run_with(kernel, "tagged = 1", {"cellId": "cell-t", "tags": ["deepseek-ignore"]})
    run_with(kernel, "other = 1", {"cellId": "cell-o", "tags": ["hide-input"]})
    kernel.run("# say deepseek: ignore is a mark")
    kernel.run("# deepseek: ignore\n1 / 0")
    assert [cell["ignored"] for cell in executed(kernel)] == [True, True, False, False, True]
    assert executed(kernel)[1]["cell_id"] == "cell-t"
    assert look(kernel, FAILURE)["ignored"]


def test_questions_are_known_and_replies_are_not_output(kernel):
    shown = (
        "display({'text/plain': 'the reply', 'text/html': '<div></div>'}, raw=True, metadata={'deepseek_magic': {}})"
    )
    kernel.run(f"from IPython.display import display\nprint('before')\n{shown}\nprint('after')")
    kernel.run(
        "handle = display('…', display_id=True)\n"
        "handle.update({'text/plain': 'reply'}, raw=True, metadata={'deepseek_magic': 1})"
    )
    kernel.run("# why?\n%deepseek_models now")
    cells = executed(kernel)
    assert [cell["output"] for cell in cells[:2]] == ["before\nafter", ""]
    assert [cell["question"] for cell in cells] == [False, False, True]


def test_real_replies_are_not_output(process):
    with FaultServer() as server:
        process.fresh(server.url)
        process.quietly("get_ipython().reset(new_session=True)")
        process.quietly(START)
        server.enqueue(reply("the reply of the model"))
        process.run("print('before')\nanswer = %deepseek hello\nprint('after')")
        process.run("answer")
        server.enqueue(reply("the reply of the model"))
        process.run("%deepseek hello again")
        cells = executed(process)
    assert [(cell["output"], cell["question"]) for cell in cells] == [
        ("before\nafter", False),
        ("", False),
        ("", True),
    ]


def test_the_running_cell_is_not_there(kernel):
    kernel.run("x = 1")
    cell = kernel.run("print([one.count for one in _snapshot.executed(get_ipython())])")
    assert cell.printed == "[1]\n"


def test_what_ran_before_the_recorder(kernel):
    kernel.quietly(STOP)
    kernel.run("print('early')\n41 + 1")
    kernel.run("1 / 0")
    kernel.quietly(START)
    kernel.run("late = 1")
    cells = executed(kernel)
    assert [cell["count"] for cell in cells] == [1, 2, 3]
    assert [cell["source"] for cell in cells] == ["print('early')\n41 + 1", "1 / 0", "late = 1"]
    assert cells[0]["output"].endswith("42")
    assert (look(kernel, FAILURE)["source"], look(kernel, FAILURE)["count"]) == ("1 / 0", 2)


def test_nothing_is_left_after_stopping(kernel):
    count = "[len(calls) for calls in get_ipython().events.callbacks.values()]"
    hooks = "[len(get_ipython().display_pub._hooks)]"
    before = look(kernel, count), look(kernel, hooks)
    kernel.quietly(STOP)
    assert sum(look(kernel, count)) == sum(before[0]) - 2
    assert look(kernel, hooks) == [before[1][0] - 1]
    kernel.quietly(START)
    kernel.quietly(START)
    assert (look(kernel, count), look(kernel, hooks)) == before


def test_a_new_session_begins_with_reset(kernel):
    kernel.run("x = 1")
    kernel.run("1 / 0")
    kernel.quietly("get_ipython().reset(new_session=True)")
    kernel.quietly(START)
    kernel.run("y = 2")
    assert [(cell["count"], cell["source"]) for cell in executed(kernel)] == [(1, "y = 2")]
    assert look(kernel, FAILURE) is None


def test_a_forked_child_shows_what_it_likes(kernel):
    kernel.run(
        "import os\nfrom IPython.display import display\npid = os.fork()\n"
        "if not pid:\n    display('child')\n    os._exit(0)\nstatus = os.waitpid(pid, 0)[1]"
    )
    assert look(kernel, "status") == 0


def test_the_path_of_the_notebook(kernel):
    path = "str(_kernel.notebook_path(get_ipython(), {'JPY_SESSION_NAME': %r}))"
    assert look(kernel, path % "/home/me/a.ipynb") == "/home/me/a.ipynb"
    assert look(kernel, path % "console-1") == "None"
    kernel.run("__vsc_ipynb_file__ = '/home/me/b.ipynb'")
    assert look(kernel, path % "/home/me/a.ipynb") == "/home/me/b.ipynb"


def test_an_error_across_cells_is_told_with_source_and_values(kernel):
    kernel.run("def share(total, parts):\n    part = total / parts\n    return part")
    kernel.run("\n\nrates = [2, 1, 0]\nfor rate in rates:\n    share(10, rate)")
    assert (
        look(kernel, ERROR)
        == """\
ZeroDivisionError: division by zero

Failed in cell [2], line 5:
     1
     2
     3 rates = [2, 1, 0]
     4 for rate in rates:
->   5     share(10, rate)

Where it passed through, from the outside in:
- cell [2], line 5
  rate now: 0
- cell [1], line 2, in share
     1 def share(total, parts):
->   2     part = total / parts
     3     return part
  total: 10
  parts: 0"""
    )


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("%%time\nx = 0\ny = 1 / x", "line 3:\n     1 %%time\n     2 x = 0\n->   3 y = 1 / x"),
        ("%%capture\nx = 0\ny = 1 / x", "line 3:\n     1 %%capture\n     2 x = 0\n->   3 y = 1 / x"),
        ("\n%time 1 / 0", "line 2:\n     1\n->   2 %time 1 / 0"),
        ("!ls \\\n -l\nb = 1\n1 / 0", "line 4:\n     1 !ls \\\n     2  -l\n     3 b = 1\n->   4 1 / 0"),
        ("%%time\nx = = 1", "line 2:\n     1 %%time\n->   2 x = = 1"),
        ("a = 1\nif a\n  b", "line 2:\n     1 a = 1\n->   2 if a\n     3   b"),
        (
            "async def f(n):\n    return n / 0\nawait f(1)",
            "line 3:\n     1 async def f(n):\n     2     return n / 0\n->   3 a",
        ),
    ],
)
def test_the_failing_line_is_marked_as_it_was_typed(kernel, code, told):
    kernel.run(code)
    assert f"Failed in cell [1], {told}" in look(kernel, ERROR)


def test_an_error_that_a_script_showed_is_the_last_one(kernel):
    (kernel.home / "script.py").write_text("def go(n):\n    return [][n]\ngo(3)\n")
    kernel.run("%run script.py")
    assert look(kernel, FAILURE)["text"] == "IndexError: list index out of range"
    assert "- script.py, line 2, in go\n     1 def go(n):\n->   2     return [][n]\n  n: 3" in look(kernel, ERROR)
    assert outputs(kernel) == ["IndexError: list index out of range"]
    kernel.run("x = 1")
    assert outputs(kernel)[1] == ""
