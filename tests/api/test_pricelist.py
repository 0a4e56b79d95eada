"""The user's table of prices over the built-in one, and what a question will cost before it is asked."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepseek_magic.api.catalogue import AS_OF, PRICES, Cost, Rate, longest_reply
from deepseek_magic.api.events import Usage
from deepseek_magic.api.pricelist import load
from deepseek_magic.errors import ConfigurationError
from deepseek_magic.settings.parameters import Settings

HOST = "https://api.deepseek.com"
OWN = "http://gpu.example:8000/v1"
QUIET = datetime(2026, 10, 28, 12, 0, tzinfo=timezone.utc)  # a Wednesday
BUSY = QUIET.replace(hour=2)
MILLION = Usage(prompt=2_000_000, completion=1_000_000, cache_hit=1_000_000, cache_miss=1_000_000)
TABLE = {
    "as_of": "2026-12-01",
    "models": {
        "deepseek-flash": {
            "off_peak": {"cache_hit": 1, "cache_miss": 2, "output": 3},
            "peak": {"cache_hit": 2, "cache_miss": 4, "output": 6},
        },
        "mine": {"cache_miss": 0.5, "output": 0.25},
    },
    "hosts": {
        "GPU.example:8000": {"*": {"cache_miss": 0, "output": 0}, "dear": {"cache_miss": 1, "output": 1}},
        "gateway.example": {"deepseek-flash": {"cache_hit": 0.1, "cache_miss": 1, "output": 2}},
    },
}


def low(prices, url, model, usage=MILLION):
    found = prices.cost(url, model, usage, QUIET, 1)
    return None if found is None else found.low


@pytest.mark.parametrize(
    ("url", "model", "dollars"),
    [
        (HOST, "deepseek-flash", 1 + 2 + 3),
        (HOST, "deepseek-v4-flash", 1 + 2 + 3),
        (HOST, "deepseek-v4-pro", 0.022 + 0.66 + 1.98),
        (HOST, "mine", 0.5 + 0.5 + 0.25),
        ("https://gateway.example/v1", "mine", 0.5 + 0.5 + 0.25),
        ("https://gateway.example/v1", "deepseek-flash", 0.1 + 1 + 2),
        ("https://gateway.example/v1", "deepseek-v4-pro", None),
        ("https://gateway.example:8443/v1", "deepseek-flash", None),
        ("https://gateway.example/v1", "other", None),
        (OWN, "whatever", 0),
        (OWN, "deepseek-flash", 0),
        (OWN, "dear", 3),
    ],
)
def test_which_price_holds(url, model, dollars):
    assert low(load(TABLE), url, model) == (None if dollars is None else pytest.approx(dollars))


def test_a_cost_carries_the_date_of_its_own_figures():
    prices = load(TABLE)
    assert prices.cost(HOST, "deepseek-flash", MILLION, QUIET, 1).as_of == "2026-12-01"
    assert prices.cost(HOST, "deepseek-v4-pro", MILLION, QUIET, 1).as_of == AS_OF
    assert prices.cost(HOST, "deepseek-flash", MILLION, BUSY, 1) == Cost(12, 12, "2026-12-01")


def test_from_a_file(tmp_path):
    file = tmp_path / "prices.json"
    file.write_text(json.dumps(TABLE), encoding="utf-8")
    assert low(load(file), HOST, "deepseek-flash") == low(load(str(file)), HOST, "deepseek-flash") == 6


def test_an_empty_table_changes_nothing():
    prices = load({"as_of": "2026-12-01"})
    assert (dict(prices.models), dict(prices.hosts), prices.peak) == (dict(PRICES.models), {}, PRICES.peak)


def test_peak_hours_of_the_table():
    prices = load({"as_of": "2026-12-01", "peak_utc": {"weekdays": [2], "hours": [[12, 13]]}})
    assert prices.cost(HOST, "deepseek-flash", MILLION, QUIET, 1).high == pytest.approx(1.506)
    assert prices.cost(HOST, "deepseek-flash", MILLION, BUSY, 1).high == pytest.approx(0.753)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({}, "as_of is None: expected the date of the figures"),
        ({"as_of": "soon"}, "as_of is 'soon'"),
        ({"as_of": 20261201}, "as_of"),
        ({"as_of": "2026-12-01", "model": {}}, "the table holds 'model': expected as_of, models, hosts, web, peak_utc"),
        ({"as_of": "2026-12-01", "models": []}, r"models is \[\]: expected an object"),
        ({"as_of": "2026-12-01", "models": {"m": 3}}, "models.m is 3: expected an object"),
        ({"as_of": "2026-12-01", "models": {"m": {"output": 1}}}, "models.m.cache_miss is None: expected US dollars"),
        ({"as_of": "2026-12-01", "models": {"m": {"cache_miss": 1, "output": "2"}}}, "models.m.output is '2'"),
        ({"as_of": "2026-12-01", "models": {"m": {"cache_miss": -1, "output": 2}}}, "models.m.cache_miss is -1"),
        ({"as_of": "2026-12-01", "models": {"m": {"cache_miss": float("nan"), "output": 2}}}, "cache_miss is nan"),
        ({"as_of": "2026-12-01", "models": {"m": {"cache_miss": True, "output": 2}}}, "cache_miss is True"),
        ({"as_of": "2026-12-01", "models": {"m": {"input": 1, "output": 2}}}, "models.m holds 'input'"),
        ({"as_of": "2026-12-01", "models": {"m": {"peak": {}}}}, "models.m.off_peak is None"),
        ({"as_of": "2026-12-01", "hosts": {"h": {"m": {"cache_miss": 1}}}}, "hosts.h.m.output is None"),
        ({"as_of": "2026-12-01", "hosts": {"h": 5}}, "hosts.h is 5"),
        ({"as_of": "2026-12-01", "peak_utc": {}}, "peak_utc.weekdays is None"),
        ({"as_of": "2026-12-01", "peak_utc": {"weekdays": [7], "hours": []}}, r"peak_utc.weekdays is \[7\]"),
        ({"as_of": "2026-12-01", "peak_utc": {"weekdays": [], "hours": [[1]]}}, r"peak_utc.hours is \[\[1\]\]"),
        ({"as_of": "2026-12-01", "peak_utc": {"weekdays": [], "hours": 5}}, "peak_utc.hours is 5"),
        ({"as_of": "2026-12-01", "peak_utc": {"days": []}}, "peak_utc holds 'days'"),
    ],
)
def test_a_table_that_cannot_be_used_is_one_line(table, words):
    with pytest.raises(ConfigurationError, match=f"prices: .*{words}"):
        load(table)


@pytest.mark.parametrize(("content", "words"), [(b"{", "is not JSON"), (b"\xff", "is not JSON"), (b"[]", "object")])
def test_a_file_that_cannot_be_used_is_one_line(tmp_path, content, words):
    file = tmp_path / "prices.json"
    file.write_bytes(content)
    with pytest.raises(ConfigurationError, match=words):
        load(file)


def test_a_file_that_cannot_be_read_is_one_line(tmp_path):
    with pytest.raises(ConfigurationError, match=r"cannot be read \(No such file or directory\)"):
        load(tmp_path / "none.json")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load(tmp_path)


def test_what_a_question_will_cost_at_most():
    found = PRICES.estimate(HOST, "deepseek-flash", 1_000_000, 8192, QUIET)
    assert found == Cost(0.15, pytest.approx(0.15 + 8192 * 0.6 / 1e6))
    assert PRICES.estimate(HOST, "unheard-of", 1, 1, QUIET) is None
    assert PRICES.estimate("http://localhost:8000/v1", "deepseek-flash", 1, 1, QUIET) is None


def test_a_reply_may_run_into_the_peak():
    for at in (BUSY, BUSY.replace(hour=0, minute=30), BUSY.replace(hour=3, minute=59)):
        assert PRICES.estimate(HOST, "deepseek-flash", 0, 1_000_000, at).high == pytest.approx(1.20)
    for at in (QUIET, BUSY.replace(hour=23, minute=59) - timedelta(days=1)):
        assert PRICES.estimate(HOST, "deepseek-flash", 0, 1_000_000, at).high == pytest.approx(0.60)


TOKENS = st.integers(0, 10**7)


@given(TOKENS, TOKENS, st.integers(0, 10**6), st.datetimes(timezones=st.just(timezone.utc)), st.floats(0, 3600))
def test_no_reply_costs_more_than_was_estimated(prompt, longest, less, asked, elapsed):
    estimate = PRICES.estimate(HOST, "deepseek-v4-pro", prompt, longest, asked)
    usage = Usage(prompt, max(0, longest - less), cache_hit=prompt // 3)
    actual = PRICES.cost(HOST, "deepseek-v4-pro", usage, asked + timedelta(seconds=elapsed), elapsed)
    assert actual.high <= estimate.high * 1.000001
    assert estimate.low <= estimate.high


def test_a_rate_needs_tokens():
    assert Rate(1, 1, 1).of(Usage(prompt=1)) is None


@pytest.mark.parametrize(
    ("settings", "tokens"),
    [
        (Settings(), 65_536),
        (Settings(thinking="off"), 8192),
        (Settings(thinking="low"), 65_536),
        (Settings(thinking="max"), 131_072),
        (Settings(thinking="max", max_tokens=5), 5),
    ],
)
def test_how_long_a_reply_may_be(settings, tokens):
    assert longest_reply(settings) == tokens
