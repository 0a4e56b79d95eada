"""The slots: never more requests than slots, who waits goes on before new ones, and a stop wakes everybody."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from deepseek_magic.batch.slots import Sending, Slots
from deepseek_magic.errors import Interrupted


def test_no_more_are_under_way_than_there_are_slots():
    """Nine threads share three slots: all get their turn, and never more than three have one."""
    slots, lock, inside, most = Slots(3), threading.Lock(), [0], [0]
    together = threading.Barrier(3)

    def work(_):
        assert slots.enter()
        with lock:
            inside[0] += 1
            most[0] = max(most[0], inside[0])
        together.wait(60)  # three are inside at the same time, or this fails
        with lock:
            inside[0] -= 1
        slots.leave()

    with ThreadPoolExecutor(9) as pool:
        list(pool.map(work, range(9)))
    assert most == [3]


def test_a_slot_is_kept_while_nobody_returns():
    """Renewing keeps the slot, waiting gives it away and takes one again."""
    slots = Slots(1)
    assert slots.enter()
    assert slots.renew()
    assert slots.wait(0)
    slots.pause(0)
    slots.leave()
    assert slots.enter()


def test_who_waits_before_another_try_leaves_its_slot_to_others():
    """While one thread waits, another gets the only slot; the first returns when it is given back."""
    slots, entered = Slots(1), threading.Event()

    def other():
        assert slots.enter()
        entered.set()
        slots.leave()

    assert slots.enter()
    thread = threading.Thread(target=other)
    thread.start()
    while not entered.is_set():
        assert slots.wait(0.001)
    thread.join(60)
    assert slots.renew()


def test_a_stop_wakes_all_and_lets_nobody_in():
    """Those that wait for a slot, those that wait to go on and those that come later are all turned away."""
    slots = Slots(1)
    assert slots.enter()
    with ThreadPoolExecutor(3) as pool:
        waiting = [pool.submit(slots.enter) for _ in range(3)]
        slots.stop()
        assert [one.result(60) for one in waiting] == [False] * 3
    slots.leave()
    assert (slots.enter(), slots.renew(), slots.wait(60)) == (False, False, False)
    with pytest.raises(Interrupted, match=r"^stopped before another try$"):
        slots.pause(60)


def test_the_gate_is_held_until_the_request_is_sent():
    """The block holds the gate, `open` gives it to the next thread, and the end of the block gives it once only."""
    slots = Slots(1)
    sending = Sending(slots)
    with sending:
        assert slots.gate.locked()
        sending.open()
        assert not slots.gate.locked()
        with slots.gate:
            sending.open()
            assert slots.gate.locked()
    with pytest.raises(ZeroDivisionError), sending:
        _ = 1 / 0
    assert not slots.gate.locked()
