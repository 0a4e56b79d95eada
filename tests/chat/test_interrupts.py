"""Stops of the user, raised in this process as the kernel's are."""

from __future__ import annotations

import signal

import pytest

from deepseek_magic.chat.interrupts import Interrupts


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
