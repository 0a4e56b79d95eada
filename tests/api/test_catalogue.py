"""Models, prices, peak hours, and the arithmetic of cost."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from deepseek_magic.api.catalogue import AS_OF, MODELS, PRICES, Cost, known_model, modernised
from deepseek_magic.api.events import Usage
from deepseek_magic.settings.parameters import Settings

HOST = "https://api.deepseek.com"
QUIET = datetime(2026, 10, 28, 12, 0, tzinfo=timezone.utc)  # a Wednesday
BUSY = QUIET.replace(hour=2)
MILLION = Usage(prompt=2_000_000, completion=1_000_000, cache_hit=1_000_000, cache_miss=1_000_000)


@pytest.mark.parametrize(
    ("hour", "minute", "peak"),
    [
        *((0, 59, False), (1, 0, True), (3, 59, True), (4, 0, False), (5, 59, False)),
        *((6, 0, True), (9, 59, True), (10, 0, False), (23, 0, False)),
    ],
)
def test_the_borders_of_the_peak_hours(hour, minute, peak):
    assert PRICES.peak.holds(QUIET.replace(hour=hour, minute=minute)) is peak


def test_no_peak_at_the_weekend():
    days = [QUIET.replace(hour=2) + timedelta(days=n) for n in range(7)]
    assert [PRICES.peak.holds(day) for day in days] == [True, True, True, False, False, True, True]


def test_peak_hours_are_utc_wherever_the_clock_stands():
    beijing = timezone(timedelta(hours=8))
    assert PRICES.peak.holds(datetime(2026, 10, 28, 9, 30, tzinfo=beijing))
    assert not PRICES.peak.holds(datetime(2026, 10, 28, 2, 0, tzinfo=beijing))
    assert not PRICES.peak.holds(datetime(2026, 10, 26, 7, 0, tzinfo=beijing))  # still Sunday in UTC


@pytest.mark.parametrize(
    ("model", "dollars"),
    [
        ("deepseek-flash", 0.003 + 0.15 + 0.60),
        ("deepseek-v4-flash", 0.003 + 0.15 + 0.60),
        ("deepseek-v4-pro", 0.022 + 0.66 + 1.98),
    ],
)
def test_a_cost_off_peak_is_one_figure(model, dollars):
    found = PRICES.cost(HOST, model, MILLION, QUIET, 1)
    assert found is not None
    assert found.low == found.high == pytest.approx(dollars)
    assert found.as_of == AS_OF


def test_in_a_year_whose_holidays_are_known_the_price_is_known():
    busy = PRICES.cost(HOST, "deepseek-flash", MILLION, BUSY, 1)
    assert busy is not None
    assert busy.low == busy.high == pytest.approx(1.506)
    for day in ("2026-10-01", "2026-10-07", "2026-02-16", "2027-01-01"):
        ended = datetime.fromisoformat(f"{day}T02:00:00+00:00")
        assert not PRICES.peak.holds(ended)
        holiday = PRICES.cost(HOST, "deepseek-flash", MILLION, ended, 1)
        assert holiday is not None
        assert holiday.low == holiday.high == pytest.approx(0.753)


def test_the_next_instant_off_peak():
    assert PRICES.peak.quiet_from(QUIET) == QUIET
    friday = datetime(2026, 10, 30, 1, 30, tzinfo=timezone.utc)
    assert PRICES.peak.quiet_from(friday) == friday.replace(hour=4, minute=0)
    assert PRICES.peak.quiet_from(friday.replace(hour=9, minute=59)) == friday.replace(hour=10, minute=0)


@pytest.mark.parametrize(
    ("ended", "elapsed"), [(BUSY.replace(year=2027, month=11, day=3), 1), (BUSY.replace(hour=4, minute=1), 120)]
)
def test_a_cost_that_is_not_sure_is_a_range(ended, elapsed):
    found = PRICES.cost(HOST, "deepseek-flash", MILLION, ended, elapsed)
    assert found is not None
    assert (found.low, found.high) == (pytest.approx(0.753), pytest.approx(1.506))


def test_without_hits_every_prompt_token_is_a_miss():
    found = PRICES.cost(HOST, "deepseek-flash", Usage(prompt=1_000_000, completion=0), QUIET, 1)
    assert found is not None
    assert found.low == pytest.approx(0.15)


def test_misses_that_are_not_told_are_what_is_no_hit():
    found = PRICES.cost(HOST, "deepseek-flash", Usage(prompt=1_000_000, completion=0, cache_hit=1_000_000), QUIET, 1)
    assert found is not None
    assert found.low == pytest.approx(0.003)


@pytest.mark.parametrize(
    ("url", "model", "usage"),
    [
        (HOST, "unheard-of", MILLION),
        ("https://gateway.example", "deepseek-flash", MILLION),
        ("http://127.0.0.1:8000", "deepseek-flash", MILLION),
        (HOST, "deepseek-flash", Usage(prompt=1)),
        (HOST, "deepseek-flash", Usage(completion=1)),
        (HOST, "deepseek-flash", Usage()),
    ],
)
def test_no_cost_where_price_or_tokens_are_unknown(url, model, usage):
    assert PRICES.cost(url, model, usage, QUIET, 1) is None


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (0, 0, "$0"),
        (0.000021, 0.000021, "$0.000021"),
        (0.00123, 0.00123, "$0.0012"),
        (0.0456, 0.0912, "$0.046 to $0.091"),
        (0.1, 0.1, "$0.10"),
        (1.506, 3.012, "$1.51 to $3.01"),
    ],
)
def test_how_a_cost_is_written(low, high, text):
    assert str(Cost(low, high)) == text


def test_costs_add_up_and_keep_the_older_date():
    assert Cost(1, 2, "2026-01-01") + Cost(3, 4, "2025-01-01") == Cost(4, 6, "2025-01-01")


def test_aliases_are_known():
    assert known_model("deepseek-v4-flash") == known_model("deepseek-flash")
    assert known_model("unheard-of") is None
    assert {"deepseek-flash", "deepseek-v4-pro"} <= set(MODELS)


def test_a_name_that_is_not_retired_stays():
    settings = Settings(model="deepseek-v4-pro")
    assert modernised(settings) == (settings, "")


def test_the_beta_paths_of_the_host_have_retired_the_names_too():
    settings, note = modernised(Settings(base_url=f"{HOST}/beta", model="deepseek-chat", thinking="max"))
    assert (settings.model, settings.thinking) == ("deepseek-flash", "max")
    assert note
