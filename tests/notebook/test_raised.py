"""Errors that end a thread, a task or a callback: heard, shown all the same, no more when the extension is gone."""

from __future__ import annotations

import logging
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
def recorder(shown, recorder):
    """The recorder, which hears before ``shown``."""
    return recorder


def test_what_ends_a_thread_is_the_last_error(recorder, shell, shown):
    shell.run_cell("1 / 1", store_history=True)
    shell.run_cell(THREAD, store_history=True)
    shell.run_cell("x = 1", store_history=True)
    failure = recorder.failure
    assert (failure.text, failure.ended, failure.count) == (
        "ZeroDivisionError: division by zero",
        "a thread (loader)",
        2,
    )
    assert failure.source == THREAD.rstrip("\n")
    assert failure.at > 0
    assert [args.exc_value for args in shown] == [failure.error]


TASK = """
import asyncio, gc
async def load(rows):
    await asyncio.sleep(0)
    return 1 / rows
async def begin():
    asyncio.create_task(load(0), name="loader")
    for _ in range(5):
        await asyncio.sleep(0)
    gc.collect()
asyncio.run(begin())
"""
CALLBACK = """
import asyncio
def called():
    raise LookupError("no such row")
async def begin():
    asyncio.get_running_loop().call_soon(called)
    await asyncio.sleep(0.01)
asyncio.run(begin())
"""


@pytest.mark.parametrize(
    ("code", "text", "ended"),
    [
        (TASK, "ZeroDivisionError: division by zero", "an asyncio task (loader)"),
        (CALLBACK, "LookupError: no such row", "a callback of asyncio"),
    ],
)
def test_what_ends_a_task_is_the_last_error(recorder, shell, caplog, code, text, ended):
    shell.run_cell("[][0]", store_history=True)
    shell.run_cell(code, store_history=True)
    failure = recorder.failure
    assert (failure.text, failure.ended, failure.count) == (text, ended, 2)
    assert [record.exc_info[1] for record in caplog.records] == [failure.error]


def test_a_loop_with_a_handler_of_the_users_is_left_to_it(recorder, shell, caplog):
    handled = "asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)"
    shell.run_cell(
        TASK.replace("    asyncio.create_task", f"    {handled}\n    asyncio.create_task"), store_history=True
    )
    assert recorder.failure is None
    assert caplog.records == []


def test_what_a_callback_shows_between_cells_is_the_last_error(recorder, shell, capsys):
    shell.run_cell("def clicked(button):\n    return {}['missing']", store_history=True)
    shell.run_cell("[][0]", store_history=True)
    shell.run_cell("1 / 1", store_history=True)
    try:
        shell.user_ns["clicked"](None)
    except KeyError:
        shell.showtraceback()  # as ipywidgets does
    shell.run_cell("x = 1", store_history=True)
    capsys.readouterr()
    failure = recorder.failure
    assert (failure.text, failure.ended, failure.count) == ("KeyError: 'missing'", "a callback", 1)
    shell.run_cell("x = 2", store_history=True)
    shell.run_cell("{}[1]", store_history=True)
    capsys.readouterr()
    assert (recorder.failure.text, recorder.failure.ended) == ("KeyError: 1", "")


def test_an_execution_that_nobody_sees_is_no_callback(recorder, shell, capsys):
    shell.run_cell("1 / 0", store_history=False)
    shell.run_cell("x = 1", store_history=True)
    capsys.readouterr()
    assert recorder.failure is None


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
    assert "The code that it ended is from cell [1]" in text
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
    assert (recorder.failure.ended, recorder.failure.text) == ("", "IndexError: list index out of range")


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
    assert logging.getLogger("asyncio").filters
    recorder.stop()
    assert threading.excepthook == before
    assert not logging.getLogger("asyncio").filters


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
