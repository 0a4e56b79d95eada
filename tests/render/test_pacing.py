"""When to paint: at once for the first text, then as seldom as keeps all repaints linear."""

from __future__ import annotations

import time

import pytest

from deepseek_magic.render import pacing
from deepseek_magic.render.pacing import FAST, FLOOD, FLOODED, GATHER, INTERVAL, MOST, REST, Pacer, gather


class TestPacer:
    def test_the_first_text_is_due_at_once_and_repaints_grow_with_what_they_repaint(self) -> None:
        now = 0.0
        pacer = Pacer(lambda: None, lambda: None, clock=lambda: now)
        assert pacer.due(1, 1)
        pacer.painted()
        now = 1.0
        assert not pacer.due(31, 100)
        assert not pacer.due(1, 100), "it was looked at just now"
        now = 2.0
        assert pacer.due(0, 100)
        now = 3.0
        assert not pacer.due(0, 100_000)

    def test_what_is_paid_for_is_painted_at_the_end_of_a_batch(self) -> None:
        now = 0.0
        pacer = Pacer(lambda: None, lambda: None, clock=lambda: now)
        pacer.painted()
        now = 1.0
        assert pacer.grew(1, now)
        assert not pacer.worth(400)
        now = 1.0 + INTERVAL / 2
        assert not pacer.grew(1, now), "it was looked at just now"
        now = 1.001 + INTERVAL
        assert pacer.grew(1, now)
        assert pacer.worth(400, covered=True)

    def test_what_gathers_is_due_when_it_was_read(self) -> None:
        """Else every second batch would be painted."""
        assert INTERVAL < GATHER

    def test_what_would_not_be_shown_yet_gathers(self) -> None:
        """To read it sooner would cost as much, and nobody would see it sooner."""
        assert gather(10, 1.0) == gather(10, 1.0, 0.01) == GATHER
        assert gather(10, 1.0, GATHER + 0.1) == GATHER + 0.1
        assert gather(FAST + 1, 1.0, MOST) == 0, "a fast stream gathers by itself"
        assert gather(0, 0.0, MOST) < GATHER / 10, "how fast it is shows only after the first text"
        now = 0.0
        pacer = Pacer(lambda: None, lambda: None, clock=lambda: now)
        pacer.painted()
        assert pacer.rest == 0, "the first paint has much to import"
        pacer.grew(1000, now)
        pacer.worth(10, covered=True)
        _work(0.05)
        pacer.painted()
        assert pacer.rest == MOST
        now = MOST / 2
        assert pacer.rest == MOST / 2
        now = 2 * MOST
        assert pacer.rest == 0

    def test_a_paint_that_took_long_is_followed_by_a_rest(self) -> None:
        now = 0.0
        pacer = Pacer(lambda: None, lambda: None, clock=lambda: now)
        assert pacer.due(1, 1)
        _work(0.006)
        pacer.painted()
        now = 0.25
        assert pacer.due(1000, 10), "the first one is not counted: it has much to import"
        _work(0.05)
        pacer.painted()
        now = 0.5
        pacer.grew(1000, now)
        assert not pacer.worth(10, covered=True)
        now = 0.25 + MOST
        assert pacer.worth(10, covered=True)

    def test_one_paint_that_took_long_among_others_costs_no_turn(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """What paints take is averaged, and the rests after all of them together stay the same."""
        now = spent = 0.0
        monkeypatch.setattr(pacing, "thread_time", lambda: spent)
        pacer = Pacer(lambda: None, lambda: None, clock=lambda: now)
        rests = []
        for cost in (0.0, 0.003, 0.003, 0.006, *[0.0] * 30):
            pacer.grew(100, now)
            pacer.worth(10, covered=True)
            spent += cost
            pacer.painted()
            rests.append(pacer.rest)
            now += MOST
        assert max(rests) < GATHER < REST * 0.006
        assert sum(rests) == pytest.approx(REST * 0.012, rel=0.01)

    def test_a_flood_is_painted_seldom_and_what_can_be_followed_often(self) -> None:
        now = 0.0
        pacer = Pacer(lambda: None, lambda: None, clock=lambda: now)
        pacer.painted()
        now = 0.2
        assert pacer.due(int(0.2 * FLOOD), 0)
        pacer.painted()
        now = 0.4
        assert not pacer.due(FLOOD, 0)
        now = 0.4 + FLOODED
        assert pacer.due(5 * FLOOD, 0)

    def test_html_that_is_long_is_repainted_less_often(self) -> None:
        now = 0.0
        pacer = Pacer(lambda: None, lambda: None, clock=lambda: now)
        pacer.painted()
        now = 1.0
        pacer.grew(100, now)
        assert pacer.worth(400, 1.0)
        assert not pacer.worth(400, 10.0)

    def test_what_is_pending_is_painted_when_the_stream_pauses(self) -> None:
        painted: list[float] = []
        pacer = Pacer(lambda: painted.append(time.monotonic()), lambda: None)
        pacer.painted()
        pacer.due(1, 1000)
        pacer.start()
        deadline = time.monotonic() + 60
        while not painted and time.monotonic() < deadline:
            time.sleep(0.01)
        pacer.stop()
        pacer.stop()
        assert len(painted) == 1

    def test_a_view_that_fails_in_the_thread_says_nothing(self, capfd: pytest.CaptureFixture[str]) -> None:
        pacer = Pacer(lambda: 1 / 0, lambda: None)  # type: ignore[arg-type, return-value]
        pacer.painted()
        pacer.due(1, 1000)
        pacer.start()
        pacer._thread.join(60)
        pacer.stop()
        assert capfd.readouterr().err == ""


def _work(seconds: float) -> None:
    began = time.thread_time()
    while time.thread_time() < began + seconds:
        pass
