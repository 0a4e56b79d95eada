"""Code that is not ours: how often it is run, for how long, and what is said when it gives no answer."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pandas as pd
import pytest

from deepseek_magic.description import describe
from tests.description.zoo import A_MINUTE, Exits, Interrupts, ReturnsNumber, ReturnsText, Swells, Uncomparable


class Counting:
    """Counts how often its ``__repr__`` is asked."""

    asked = 0

    def __repr__(self) -> str:
        type(self).asked += 1
        return "Counting()"


@pytest.fixture(autouse=True)
def _afresh() -> None:
    Counting.asked = 0


def hanging() -> tuple[type, threading.Event, list[threading.Thread]]:
    """A class whose ``__repr__`` waits for the event, and the threads that came in."""
    let_go = threading.Event()
    inside: list[threading.Thread] = []

    class Hanging:
        def __repr__(self) -> str:
            inside.append(threading.current_thread())
            let_go.wait(A_MINUTE)
            return "Hanging()"

    return Hanging, let_go, inside


def test_a_repr_that_hangs_costs_the_deadline_and_is_said() -> None:
    cls, let_go, inside = hanging()
    assert describe(cls(), deadline=0.05) == "<Hanging: its __repr__ did not end within 0.02 s>"
    assert [thread.daemon for thread in inside] == [True]
    let_go.set()


def test_while_it_hangs_no_second_thread_is_started_for_its_type() -> None:
    cls, let_go, inside = hanging()
    describe(cls(), deadline=0.05)
    for _ in range(20):
        assert "was not asked again" in describe(cls(), deadline=0.05)
    assert "was not asked again" in describe([cls(), {"a": cls()}], deadline=0.05)
    assert len(inside) == 1
    let_go.set()
    inside[0].join(60)
    assert describe(cls(), deadline=60) == "Hanging()"
    assert len(inside) == 2


@pytest.mark.thorough
def test_many_types_that_hang_share_one_deadline() -> None:
    made = [hanging() for _ in range(12)]
    text = describe([cls() for cls, _, _ in made], tokens=2_000, deadline=0.3)
    assert text.count("<Hanging: its __repr__") == 12
    assert text.startswith("list of 12, of Hanging:\n- <Hanging: its __repr__ did not end within 0.0")
    for _, let_go, _ in made:
        let_go.set()


@pytest.mark.thorough
def test_a_neighbour_of_one_that_hangs_is_told() -> None:
    cls, let_go, _ = hanging()
    text = describe([cls(), ReturnsText(), 3], deadline=2)
    assert "did not end" in text
    assert "a text of its own" in text
    let_go.set()


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (Exits(), "<Exits: its __repr__ raised SystemExit>"),
        (Interrupts(), "<Interrupts: its __repr__ raised KeyboardInterrupt>"),
        (Uncomparable(), "<Uncomparable: its __repr__ raised RuntimeError>"),
        (ReturnsNumber(), "<ReturnsNumber: its __repr__ returned int, not str>"),
    ],
)
def test_what_gives_no_answer_says_why(value: object, said: str) -> None:
    assert describe(value) == said
    assert describe(value, name="v") == f"v: {said}"
    assert describe({"k": value}) == "{'k': " + said + "}"


def test_of_a_huge_text_only_the_start_is_taken() -> None:
    text = describe(Swells(), deadline=30)
    assert text.startswith("Swells: xxxx")
    assert text.endswith("… (30,000,000 characters)")


@pytest.mark.thorough
@pytest.mark.parametrize(
    "make", [list, tuple, lambda items: dict(enumerate(items)), lambda items: np.array(items, object)]
)
def test_of_many_objects_few_are_asked(make: Any) -> None:
    value = make([Counting() for _ in range(50_000)])
    assert "Counting()" in describe(value, tokens=5_000)
    assert 0 < Counting.asked <= 60


def test_objects_in_a_frame_are_told_by_their_type_and_a_few_of_them() -> None:
    frame = pd.DataFrame({"thing": [Counting() for _ in range(5_000)], "n": range(5_000)})
    text = describe(frame)
    assert "- 'thing' object: holds Counting; such as Counting()" in text
    assert 0 < Counting.asked <= 60


def test_objects_that_cannot_be_compared_or_hashed_stand_in_frames() -> None:
    frame = pd.DataFrame({"thing": [Uncomparable(), None, "x", "x"]})
    text = describe(frame)
    assert "- 'thing' object, 1 null: holds str (2), Uncomparable (1); 'x' (2)" in text
    assert "<Uncomparable: its __repr__ raised Runt…" in text


def test_no_code_of_a_subclass_of_a_container_is_run() -> None:
    """It has no ``__repr__`` of its own, so the slots of the built-in class tell it."""
    ran: list[str] = []

    def note(*_: object) -> None:
        ran.append("ran")

    cls = type("Sub", (list,), dict.fromkeys(("__len__", "__iter__", "__getitem__", "__getattribute__"), note))
    assert describe(cls([1, 2])) == "Sub([1, 2])"
    assert ran == []


def test_a_generator_is_not_consumed_and_an_iterator_not_advanced() -> None:
    generator = (number for number in range(3))
    iterator = iter([1, 2, 3])
    mapped = map(str, [1, 2])
    files: list[Any] = [generator, iterator, mapped, zip([1], [2], strict=True), enumerate("ab")]
    text = describe(files) + "".join(describe(each) for each in files)
    assert "not consumed" in text
    assert (list(generator), list(iterator), list(mapped)) == ([0, 1, 2], [1, 2, 3], ["1", "2"])


def test_a_frame_of_ten_million_rows_is_sampled_and_says_so() -> None:
    frame = pd.DataFrame({"n": np.zeros(10_000_000, "int8"), "half": np.tile(np.array([0, 1], "int8"), 5_000_000)})
    text = describe(frame)
    assert "10,000,000 rows × 2 columns" in text
    assert "[sample]: nulls and values of 10,000 of the 10,000,000 rows, evenly spaced" in text
    assert "- 'n' int8: 0 (10,000) [sample]" in text


def test_a_huge_number_is_not_turned_into_digits() -> None:
    assert describe(10**1_000_000) == "int of about 1,000,001 digits"
    assert describe(-(10**5_000)) == "negative int of about 5,001 digits"
    assert describe(10**1_000) == str(10**1_000)
