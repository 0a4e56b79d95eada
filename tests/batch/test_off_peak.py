"""A map that waits for the lower price: how long, what is said, what a stop leaves."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from deepseek_magic.api.catalogue import PRICES
from deepseek_magic.batch.engine import Job
from deepseek_magic.batch.off_peak import wait
from deepseek_magic.errors import Interrupted
from deepseek_magic.settings.parameters import Settings

PEAK = datetime(2026, 10, 28, 9, 59, 30, tzinfo=timezone.utc)


class Clock:
    """A clock that goes on while somebody sleeps."""

    def __init__(self, at, stop_after=10**9):
        self.at, self.slept, self._stop = at, 0.0, stop_after

    def now(self):
        return self.at

    def sleep(self, seconds):
        self.at += timedelta(seconds=seconds)
        self.slept += seconds
        if self.slept > self._stop:
            raise KeyboardInterrupt


class Bar:
    def __init__(self, total):
        self.total, self.done, self.closed = total, 0, False

    def update(self, count):
        self.done += count

    def close(self):
        self.closed = True


def waited(clock, base_url="https://api.deepseek.com", model="deepseek-flash"):
    said, bars = [], []
    job = Job(["a", "b", None, "a"], Settings(base_url=base_url, model=model, max_tokens=1_000_000), PRICES, None, None)
    try:
        wait(job, lambda total: bars.append(Bar(total)) or bars[-1], said.append, clock.now, clock.sleep)
    finally:
        waited.bars = bars
    return said, bars


def test_at_peak_it_waits_to_the_end_of_the_peak():
    clock = Clock(PEAK)
    (line,), (bar,) = waited(clock)
    assert clock.slept == 30
    assert (bar.total, bar.done, bar.closed) == (30, 30, True)
    here = PEAK.replace(hour=10, minute=0).astimezone()
    assert line.startswith(f"Waiting for off-peak hours until 10:00 UTC ({here:%H:%M} here): $")
    assert line.endswith("$2.40 now.")
    assert "$1.20 then" in line


@pytest.mark.parametrize("at", [PEAK.replace(hour=12), datetime(2026, 10, 1, 2, tzinfo=timezone.utc)])
def test_off_peak_and_on_a_holiday_nothing_waits(at):
    (line,), bars = waited(Clock(at))
    assert line.startswith("--when off-peak: it is off-peak now ($")
    assert not bars


def test_where_the_price_does_not_change():
    (line,), bars = waited(Clock(PEAK), "https://example.org/v1", "mine")
    assert line == "--when off-peak: the price here does not change with the hour, so nothing waits."
    assert not bars


def test_a_stop_asks_nothing():
    with pytest.raises(Interrupted, match="stopped while it waited for off-peak hours; nothing was asked"):
        waited(Clock(PEAK, stop_after=3))
    assert waited.bars[0].closed
