"""One description in the making: its budget, its cuts, and what it asks of foreign code."""

from __future__ import annotations

import pytest

from deepseek_magic.description.deadline import Unanswered
from deepseek_magic.description.task import MOST_CALLS, Task
from deepseek_magic.guard import Guard, Redactor


def test_the_room_is_what_the_budget_holds_at_most() -> None:
    assert [Task(tokens, 1.0).room for tokens in (0, 20, 300)] == [0, 66, 1_000]


def test_a_text_is_cut_to_the_budget_and_says_so() -> None:
    task = Task(400, 1.0)
    assert task.fit("abc", 10) == "abc"
    assert task.fit("a" * 100, 10) == "a" * 31 + "…"
    assert task.fit("abc", 0) == ""
    assert task.fit("a\x1bb", 10) != "a\x1bb"


def test_lines_that_do_not_fit_are_counted() -> None:
    task = Task(20, 1.0)
    assert task.lines("h", ["a", "b"]) == "h\na\nb"
    assert task.lines("h", ["a"], already=3, left_out="{} missing") == "h\na\n3 missing"
    shown = task.lines("h", [f"line {place}" for place in range(20)]).splitlines()
    assert shown[1:-1] == [f"line {place}" for place in range(len(shown) - 2)]
    assert shown[-1] == f"… {20 - (len(shown) - 2)} more lines"


def test_start_and_end_are_cut_outside_of_secrets() -> None:
    assert (Task(400, 1.0).start("abcdef", 3), Task(400, 1.0).end("abcdef", 3)) == ("abc", "def")
    task = Task(400, 1.0, Redactor(Guard("mask", {})))
    text = 'password = "tiger7-lion8" # ' + "x" * 40
    assert "tig" not in task.start(text, 16)
    assert "lion8" not in task.end(text, 50)


def test_foreign_code_is_asked_within_a_number_of_calls() -> None:
    task = Task(400, 600.0)
    assert [task.ask(lambda: 3, int) for _ in range(MOST_CALLS)] == [3] * MOST_CALLS
    with pytest.raises(Unanswered, match="too many objects"):
        task.ask(lambda: 3, int)


def test_nothing_is_asked_when_the_time_is_over() -> None:
    task = Task(400, -1.0)
    assert task.is_late
    assert not Task(400, 600.0).is_late
    with pytest.raises(Unanswered, match="no time left"):
        task.ask(lambda: 3, int)
