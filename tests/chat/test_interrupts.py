"""Stops of the user, raised in this process as the kernel's are."""

from __future__ import annotations

import signal
import threading

import pytest

from deepseek_magic.chat.interrupts import Interrupts, Latch
from tests.faults import PATIENCE
from tests.stops import stopped_everywhere


def _stop() -> str:
    signal.raise_signal(signal.SIGINT)
    return "after the stop"


def test_a_stop_that_is_held_back_comes_when_that_ends() -> None:
    done: list[str] = []
    with Interrupts() as interrupts:
        with pytest.raises(KeyboardInterrupt), interrupts.held():
            done.append(_stop())
        assert done == ["after the stop"]
        assert not interrupts.pending


def test_an_attempt_ends_at_a_stop_which_stays_pending() -> None:
    with Interrupts() as interrupts:
        interrupts.hold()
        assert interrupts.attempt(lambda: "made") == "made"
        assert not interrupts.pending
        assert interrupts.attempt(_stop) is None
        assert interrupts.pending
        _stop()  # held back again, or this would raise


def test_an_attempt_after_a_stop_that_was_held_back_makes_nothing() -> None:
    made: list[str] = []
    with Interrupts() as interrupts:
        interrupts.hold()
        _stop()
        assert interrupts.attempt(lambda: made.append("made")) is None
        assert made == []
        assert interrupts.pending


def test_a_latch_is_set_once_for_all_who_wait() -> None:
    latch = Latch()
    waiting = [threading.Thread(target=latch.wait, args=(PATIENCE,), daemon=True) for _ in range(3)]
    for thread in waiting:
        thread.start()
    assert not latch.wait(0)
    latch.set()
    for thread in waiting:
        thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in waiting)
    assert latch.wait(0)
    assert latch.is_set()


def test_a_stop_at_any_moment_of_a_wait_does_not_keep_a_latch_from_being_set() -> None:
    latches: list[Latch] = []

    def look() -> None:
        latches.append(Latch())
        latches[-1].wait(0)

    def set_it() -> None:
        setting = threading.Thread(target=latches[-1].set, daemon=True)
        setting.start()
        setting.join(PATIENCE)
        assert not setting.is_alive()

    assert stopped_everywhere(look, ("wait",), set_it) > 3
