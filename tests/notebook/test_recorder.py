"""What a real shell executes, as the recorder hears it; what it may cost, and that nothing of it stays behind."""

from __future__ import annotations

import pytest

from deepseek_magic.errors import QuestionError
from deepseek_magic.notebook.recorder import ALL_OUTPUTS, Recorder
from deepseek_magic.notebook.recording import PIECE_LIMIT


@pytest.fixture
def run(shell, capsys):
    """Runs cells as the front end does, and keeps what they print to itself."""

    def run(*sources, store_history=True):
        for source in sources:
            shell.run_cell(source, store_history=store_history)
        capsys.readouterr()

    return run


def outputs(recorder):
    return [(cell.count, cell.source, cell.output) for cell in recorder.executed()]


def test_cells_with_what_they_printed_and_returned(recorder, run, shell):
    run("print('a')\n", "1 + 1", "x = 1")
    # outside a kernel only IPython 9 keeps what was printed
    printed = "a" if hasattr(shell.history_manager, "outputs") else ""
    assert outputs(recorder) == [(1, "print('a')", printed), (2, "1 + 1", "2"), (3, "x = 1", "")]


def test_what_fails_is_the_failure(recorder, run):
    run("ok = 1", "1 / 0", "x = 2")
    assert [cell.failed for cell in recorder.executed()] == [False, True, False]
    assert recorder.executed()[1].output.endswith("ZeroDivisionError: division by zero")
    failure = recorder.failure
    assert (failure.text, failure.source, failure.count) == ("ZeroDivisionError: division by zero", "1 / 0", 2)


def test_code_that_is_not_python_is_a_failure_too(recorder, run):
    run("x = = 1")
    assert recorder.failure.text.startswith("SyntaxError: ")
    assert recorder.failure.source == "x = = 1"


def test_our_own_errors_are_no_failure(recorder, run, shell):
    shell.user_ns["QuestionError"] = QuestionError
    run("raise QuestionError('no question')")
    assert recorder.failure is None


def test_what_runs_inside_of_a_cell_is_no_cell(recorder, run, shell):
    run("get_ipython().run_cell('y = 1', store_history=False)", "silent = 1")
    run("hidden = 1", store_history=False)
    assert [cell.source for cell in recorder.executed()] == [
        "get_ipython().run_cell('y = 1', store_history=False)",
        "silent = 1",
    ]


def test_the_cell_that_runs_is_not_among_the_executed(recorder, run, shell):
    shell.user_ns["recorder"] = recorder
    run("a = 1", "seen = [cell.source for cell in recorder.executed()]")
    assert shell.user_ns["seen"] == ["a = 1"]


def test_cells_from_before_it_started_are_known(shell, run):
    shell.reset(new_session=True)
    run("1 + 1", "before = 2")
    late = Recorder(shell)
    late.start()
    try:
        run("after = 3")
        assert [cell.source for cell in late.executed()] == ["1 + 1", "before = 2", "after = 3"]
        assert late.executed()[0].output == "2"
    finally:
        late.stop()


def test_a_new_session_forgets(recorder, run, shell):
    run("a = 1", "1 / 0")
    shell.reset(new_session=True)
    run("b = 2")
    assert [(cell.count, cell.source) for cell in recorder.executed()] == [(1, "b = 2")]
    assert recorder.failure is None


@pytest.mark.thorough
def test_of_a_long_session_the_oldest_outputs_go(recorder, run):
    count = ALL_OUTPUTS // PIECE_LIMIT + 20
    run(*["'x ' * 50_000"] * count)
    cells = recorder.executed()
    assert [cell.count for cell in cells] == list(range(1, count + 1))
    assert cells[0].output.startswith("[… ")
    assert len(cells[0].output) < 100
    assert len(cells[-1].output) > PIECE_LIMIT // 2
    assert sum(len(cell.output) for cell in cells) < ALL_OUTPUTS + 100 * count


def test_nothing_stays_behind(shell, run):
    before = {event: list(heard) for event, heard in shell.events.callbacks.items()}
    recorder = Recorder(shell)
    recorder.start()
    run("1 / 0")
    recorder.stop()
    assert {event: list(heard) for event, heard in shell.events.callbacks.items()} == before
    assert recorder.failure is None
    recorder.stop()  # once more does no harm
