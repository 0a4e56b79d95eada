"""Errors that end a thread of the user's: heard, shown all the same, and heard no more when the extension is gone."""

from __future__ import annotations

import sys
import threading

import pytest

from deepseek_magic.context.sources.error import error_item
from deepseek_magic.notebook.kernel import cell_of
from deepseek_magic.notebook.recorder import Recorder

THREAD = """
import threading
def work(rows):
    return 1 / rows
thread = threading.Thread(target=work, args=(0,), name="loader")
thread.start()
thread.join()
"""


@pytest.fixture
def shown(monkeypatch):
    """What the hook that was there before shows."""
    found = []
    monkeypatch.setattr(threading, "excepthook", found.append)
    return found


@pytest.fixture
def recorder(shell, shown):
    shell.reset(new_session=True)
    recorder = Recorder(shell)
    recorder.start()
    yield recorder
    recorder.stop()


def test_what_ends_a_thread_is_the_last_error(recorder, shell, shown):
    shell.run_cell("1 / 1", store_history=True)
    shell.run_cell(THREAD, store_history=True)
    shell.run_cell("x = 1", store_history=True)
    failure = recorder.failure
    assert (failure.text, failure.thread, failure.count) == ("ZeroDivisionError: division by zero", "loader", 2)
    assert failure.source == THREAD.rstrip("\n")
    assert failure.at > 0
    assert [args.exc_value for args in shown] == [failure.error]


def test_it_is_reported_with_the_code_of_its_thread(recorder, shell, tmp_path):
    shell.run_cell(THREAD, store_history=True)
    text = error_item(
        recorder.failure,
        recorder.executed(),
        describe=lambda value, _name, _tokens: repr(value),
        cell_of=cell_of(shell),
        folder=tmp_path,
    ).text
    assert "It ended a thread (loader), not a cell." in text
    assert "The code of the thread is from cell [1]" in text
    assert "return 1 / rows" in text
    assert "rows" in text
    assert "Failed in cell" not in text


def test_a_mark_on_its_cell_counts(recorder, shell):
    shell.run_cell(f"# deepseek: ignore\n{THREAD}", store_history=True)
    assert recorder.failure.ignored


def test_a_cell_that_fails_after_it_is_the_last_error(recorder, shell, capsys):
    shell.run_cell(THREAD, store_history=True)
    shell.run_cell("[][0]", store_history=True)
    capsys.readouterr()
    assert (recorder.failure.thread, recorder.failure.text) == ("", "IndexError: list index out of range")


def test_code_of_the_users_own_file_counts(recorder, shell, tmp_path, monkeypatch):
    (tmp_path / "loading.py").write_text("def work():\n    raise LookupError('no such row')\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    code = "import loading, threading\nthread = threading.Thread(target=loading.work)\nthread.start()\nthread.join()"
    shell.run_cell(code, store_history=True)
    assert (recorder.failure.text, recorder.failure.count) == ("LookupError: no such row", 0)


def test_a_thread_of_a_library_and_one_that_exits_do_not_count(recorder, shown, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # so that this file is not below the user's folder
    for target in (sys.exit, lambda: int("x")):
        thread = threading.Thread(target=target)
        thread.start()
        thread.join()
    assert len(shown) == 2
    assert recorder.failure is None


def test_nothing_is_heard_when_the_recorder_has_stopped(shell, shown):
    before = threading.excepthook
    shell.reset(new_session=True)
    recorder = Recorder(shell)
    recorder.start()
    assert threading.excepthook != before
    recorder.stop()
    assert threading.excepthook == before


def test_a_hook_that_was_set_since_stays_and_ours_only_passes_on(shell, shown):
    shell.reset(new_session=True)
    recorder = Recorder(shell)
    recorder.start()
    ours = threading.excepthook

    def theirs(args):
        ours(args)

    threading.excepthook = theirs
    recorder.stop()
    assert threading.excepthook is theirs
    shell.run_cell(THREAD, store_history=True)
    assert len(shown) == 1
    assert recorder.failure is None
