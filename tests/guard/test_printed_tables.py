"""A column that is named after a secret holds secrets, however the table is printed."""

from __future__ import annotations

import sys
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepseek_magic.guard import Guard
from tests.guard.made import password
from tests.guard.test_corpora import leaked

NAMES = ["bob", "alice", "Zoë van Dam"]
SECRETS = [password(Random(seed)) for seed in (1, 2, 3)]
ROWS = [(name, secret, str(age)) for name, secret, age in zip(NAMES, SECRETS, (31, 7, 104), strict=True)]
HEAD = ("user", "password", "age")


def frame(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A DataFrame as pandas prints it: right-aligned below its header, after the index."""
    table = [("", *head), *((str(number), *row) for number, row in enumerate(rows))]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    index = widths.pop(0)
    return "\n".join(
        row[0].ljust(index) + "".join("  " + cell.rjust(width) for cell, width in zip(row[1:], widths, strict=True))
        for row in table
    )


def left(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A table of plain text, left-aligned."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in (head, *rows))


def bars(head: tuple[str, ...], rows: list[tuple[str, ...]], bar: str = "|") -> str:
    """A Markdown table."""
    lines = [f"{bar} " + f" {bar} ".join(row) + f" {bar}" for row in (head, *rows)]
    return "\n".join([lines[0], bar + "---|" * len(head), *lines[1:]])


def psql(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A result as psql prints it, without bars at its edges."""
    return "\n".join([" | ".join(head), "------+------+-----", *(" | ".join(row) for row in rows), "(3 rows)"])


def separated(by: str):
    """A CSV file with this separator."""
    return lambda head, rows: "\n".join(by.join(row) for row in (head, *rows))


LAYOUTS = {
    "frame": frame,
    "left": left,
    "Markdown": bars,
    "box": lambda head, rows: bars(head, rows, "│"),
    "psql": psql,
    **{f"by {by!r}": separated(by) for by in ",;\t"},
    "quoted": lambda head, rows: "\n".join(",".join(f'"{cell}"' for cell in row) for row in (head, *rows)),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    "head", [HEAD, ("name", "db_password", "n"), ("a", "API Key", "b"), ("x", "Client Secret", "y")]
)
def test_a_column_is_masked_and_the_others_stay(layout, head):
    if layout in ("frame", "left"):
        head = tuple(name.replace(" ", "_") for name in head)
    text = f"before\n\n{LAYOUTS[layout](head, ROWS)}\n\nafter"
    guard = Guard("mask", {})
    cleaned = guard.clean(text)
    for secret in SECRETS:
        assert not leaked(secret, cleaned.text)
    for kept in (*NAMES, *head, "104", "before", "after"):
        assert kept in cleaned.text
    assert len(cleaned.findings) == 3
    assert guard.clean(cleaned.text) == cleaned


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_column_with_another_name_stays(layout):
    rows = [("the", "x7Kq9vT2w", "1"), ("cat", "9aB3dEfGh", "2")]
    for head in (("token", "id", "count"), ("word", "hash", "n"), ("key", "primary_key", "value")):
        text = LAYOUTS[layout](head, rows)
        assert Guard("mask", {}).clean(text).text == text


def test_plain_words_in_a_column_of_passwords_are_passwords():
    text = frame(("user", "password"), [("bob", "letmein"), ("alice", "dragon")])
    cleaned = Guard("mask", {}).clean(text)
    assert [finding.kind for finding in cleaned.findings] == ["password", "password"]
    assert "alice" in cleaned.text


def test_a_frame_with_dots_and_a_named_index():
    text = "    user   password\nid                 \n1    bob  x7Kq9vT2w\n..   ...        ...\n9  alice  Zz81Kq0pL"
    cleaned = Guard("mask", {}).clean(text).text
    assert "x7Kq9vT2w" not in cleaned
    assert "Zz81Kq0pL" not in cleaned
    assert "alice" in cleaned


def test_a_series_is_masked_by_its_name():
    text = "0    x7Kq9vT2w\n1      dragon\nName: password, dtype: object"
    cleaned = Guard("mask", {}).clean(f"{text}\n\n{text.replace('password', 'word')}").text
    assert cleaned.count("dragon") == 1
    assert "x7Kq9vT2w" not in cleaned


@pytest.mark.parametrize(
    "told",
    [
        "{{'user': ['bob', 'al', 'eve'], 'password': ['{0}', '{1}', '{2}']}}",
        "df['password'] = [\n    '{0}',\n    '{1}',\n    '{2}',\n]",
        'passwords = ["{0}", "{1}", "{2}"]',
    ],
)
def test_lists_of_values_are_masked(told):
    cleaned = Guard("mask", {}).clean(told.format(*SECRETS))
    for secret in SECRETS:
        assert not leaked(secret, cleaned.text)
    assert len({cleaned.text[finding.start : finding.end] for finding in cleaned.findings}) == 3


def test_what_follows_a_list_stays():
    text = "connect(password='x7Kq9vT2w', user='bob', hosts=['a1b2c3d4e5', 'b'])"
    assert Guard("mask", {}).clean(text).text == text.replace("x7Kq9vT2w", "[masked: password]")


_LINES = st.lists(
    st.sampled_from(["user,password", "a,b", " user password", "0  bob  x1y2z3", "| password |", "| a |", "", "a  b"])
)


@given(_LINES, st.text(max_size=30))
def test_any_table_is_clean_after_one_cleaning(lines, text):
    guard = Guard("mask", {})
    once = guard.clean("\n".join([*lines, text, *lines])).text
    assert guard.clean(once).text == once


@pytest.mark.parametrize(
    "unit", ["as CSV:\npassword\n", "password  x\n", "password,user\n", "Name: password, dtype: x\n"]
)
def test_a_long_table_is_read_once(unit):
    """Lines that could each head a table: the calls that judge a cell grow as the text does."""
    counts = []
    for many in (100, 400):
        calls = 0

        def count(frame, event, argument):
            nonlocal calls
            calls += event == "call"

        sys.setprofile(count)
        try:
            Guard("mask", {}).clean(unit * many)
        finally:
            sys.setprofile(None)
        counts.append(calls)
    assert counts[1] < counts[0] * 6
