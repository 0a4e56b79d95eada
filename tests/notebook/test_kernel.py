"""What the shell is asked: which cell asks, where the notebook lies, which cell a file name belongs to."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from deepseek_magic.notebook.kernel import Kernel, cell_of, in_terminal, notebook_path, parent_message, transform


def asked(cell_id=None, code="", message="m1", kind="execute_request", **more):
    """A request to execute, as a front end sends it."""
    metadata = {} if cell_id is None else {"cellId": cell_id}
    return {"header": {"msg_type": kind, "msg_id": message}, "metadata": metadata, "content": {"code": code, **more}}


class Front:
    """A shell whose kernel works on one request after the other; only messages are made up."""

    def __init__(self, parent=None):
        self.parent = parent or asked()
        self.kernel = SimpleNamespace(get_parent=lambda: self.parent)
        self.execution_count = 1
        self.user_ns = {}


def identities(shell, kernel, *parents):
    found = []
    for parent in parents:
        shell.parent = parent
        found.append(kernel.identity())
    return found


def test_a_cell_keeps_its_identity_when_it_is_run_again():
    shell = Front()
    kernel = Kernel(shell)
    first, again = asked("cell-a", message="m1"), asked("cell-a", "other code", message="m2")
    assert identities(shell, kernel, first, again) == ["cell-a", "cell-a"]


def test_questions_of_one_execution_are_told_apart_by_their_order():
    shell = Front()
    one = asked("cell-a")
    assert identities(shell, Kernel(shell), one, one, one) == ["cell-a", "cell-a#2", "cell-a#3"]


def test_without_a_name_of_the_cell_there_is_no_identity():
    shell = Front()
    found = identities(shell, Kernel(shell), asked(code="a"), asked(7, "a", message="m2"), asked("", "a", message="m3"))
    assert found == ["", "", ""]


@pytest.mark.parametrize(
    "shell", [None, SimpleNamespace(kernel=None), Front(asked("a", kind="comm_msg")), Front("odd")]
)
def test_where_no_cell_asks_there_is_no_identity(shell):
    assert Kernel(shell).identity() == ""


def test_a_real_shell_without_a_kernel_is_a_terminal(shell):
    assert in_terminal(shell)
    assert in_terminal(None)
    assert not in_terminal(Front())
    assert (parent_message(shell), parent_message(None)) == ({}, {})
    place = Kernel(shell).front_end()
    assert (place.in_kernel, place.watched) == (Kernel(None).front_end().in_kernel, Kernel(None).front_end().watched)
    assert Kernel(shell).magics is None


@pytest.mark.parametrize("watched", [True, False])
def test_a_run_without_a_user_is_known_by_its_request(watched):
    place = Kernel(Front(asked("a", message="m7", allow_stdin=watched))).front_end()
    assert (place.in_kernel, place.watched, place.message, place.captured) == (True, watched, "m7", False)


@pytest.mark.parametrize(
    ("version", "environ", "hears"),
    [
        *(((7, minor), {}, minor < 4) for minor in (0, 1, 2, 3, 4)),
        ((6, 31), {}, False),
        ((7, 3), {"VSCODE_PID": "7"}, False),
    ],
)
def test_clicks_are_heard_while_a_cell_runs_where_that_was_measured(monkeypatch, version, environ, hears):
    """In real kernels and front ends: ``tests/browser/test_background.py``."""
    monkeypatch.setitem(sys.modules, "ipykernel", SimpleNamespace(version_info=(*version, 0)))
    assert Kernel(Front(), environ=environ).front_end().subshells is hears


def test_a_reply_is_shown_where_it_was_streamed_only():
    shell = Front(asked("cell-a", message="m1"))
    shown = Kernel(shell).shown_here()
    shell.execution_count += 1  # as a subshell does that runs beside it
    assert shown()
    shell.parent = asked("cell-a", message="m2")
    assert not shown()
    assert Kernel(None).shown_here() is None
    assert not Kernel(Front()).shown_here(quiet=True)()


def test_names_and_the_next_cell(shell):
    kernel = Kernel(shell)
    kernel.bind("answer", 42)
    assert shell.user_ns["answer"] == 42
    kernel.keep_as_result("value")
    assert shell.user_ns["_"] == "value"
    kernel.set_next_cell("x = 1")
    assert shell.rl_next_input == "x = 1"


def test_files_belong_to_cells(shell, capsys):
    shell.run_cell("def of_the_cell(): pass", store_history=True)
    count = cell_of(shell)
    assert count(shell.user_ns["of_the_cell"].__code__.co_filename) == shell.execution_count - 1
    assert count(__file__) is None
    assert count("<ipython-input-12-abc>") in (12, None)
    assert count("") is None


def test_ipythons_syntax_becomes_python_and_is_not_run(shell):
    assert "run_line_magic('time'" in transform(shell)("%time x = 1")


@pytest.mark.parametrize(
    ("names", "environ", "path"),
    [
        ({}, {}, None),
        ({"__vsc_ipynb_file__": "/a/b.ipynb"}, {"JPY_SESSION_NAME": "/c.ipynb"}, "/a/b.ipynb"),
        ({"__vsc_ipynb_file__": 7}, {"JPY_SESSION_NAME": "/c.ipynb"}, "/c.ipynb"),
        ({}, {"JPY_SESSION_NAME": "0f3c-console"}, None),
    ],
)
def test_where_the_notebook_lies(names, environ, path):
    assert notebook_path(SimpleNamespace(user_ns=names), environ) == (None if path is None else Path(path))
