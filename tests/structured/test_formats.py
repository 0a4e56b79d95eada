"""The formats of strings: what reads one is its check, and there is an example of each."""

from __future__ import annotations

import datetime
import decimal

import pytest

from deepseek_magic.structured.formats import EXAMPLES, FORMATS, another, clock, day, moment, number

UTC = datetime.timezone.utc


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (moment, "2026-01-31T09:30:00Z", datetime.datetime(2026, 1, 31, 9, 30, tzinfo=UTC)),
        (moment, "2026-01-31 09:30:00.5", datetime.datetime(2026, 1, 31, 9, 30, 0, 500_000)),
        (moment, "2026-01-31T09:30:00.123456789+00:00", datetime.datetime(2026, 1, 31, 9, 30, 0, 123_456, UTC)),
        (day, "2026-01-31", datetime.date(2026, 1, 31)),
        (clock, "09:30:00z", datetime.time(9, 30, tzinfo=UTC)),
        (number, " 1.10 ", decimal.Decimal("1.10")),
        (number, 3, decimal.Decimal(3)),
    ],
)
def test_what_is_read(read, text, value):
    found = read(text)
    assert (found, str(found)) == (value, str(value))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("date-time", "2026-01-31"),
        ("date-time", ""),
        ("date", "20260131"),
        ("date", "2026-02-30"),
        ("date", " 2026-01-31"),
        ("time", "25:00:00"),
        ("decimal", "1,5"),
        ("decimal", ""),
        ("uuid", "1234"),
        ("email", "name"),
        ("email", "a b@c"),
        ("ipv4", "1.2.3.256"),
        ("ipv6", "::g"),
    ],
)
def test_anything_else_is_a_value_error(name, text):
    with pytest.raises(ValueError, match=r"|."):
        FORMATS[name](text)


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_reads_its_own_example_and_others_of_its_form(name):
    texts = [another(EXAMPLES[name], turn) for turn in range(3)]
    assert texts[0] == EXAMPLES[name]
    assert len(set(texts)) == 3
    for text in texts:
        FORMATS[name](text)


@pytest.mark.parametrize(
    ("text", "turn", "made"),
    [
        ("item 9", 1, "item 10"),
        ("007", 2, "009"),
        ("name", 1, "name2"),
        ("https://a.example/", 1, "https://a.example/2"),
        ("", 3, ""),
    ],
)
def test_another_text_of_the_same_form(text, turn, made):
    assert another(text, turn) == made
