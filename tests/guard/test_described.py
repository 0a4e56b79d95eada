"""Passwords that are plain words, in frames and series as `describe` tells them: they have no form of their own."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from deepseek_magic.description import Describe
from deepseek_magic.guard import Guard, Redactor

PLAIN = ["tiger", "lion99", "ab", 'it\'s a "b"', "Open, sesame!", "wolf " * 12]
# What of them would be read, wherever they were cut and however they are quoted.
TELLING = ("tige", "lion", "'ab'", "\nab", ",ab", "it's", "it\\'s", "sesame", "wol")


def described(value: object, tokens: int = 2_000, name: str = "it") -> str:
    """The description as it is sent: masked where the names are known, then cleaned as a whole."""
    guard = Guard("mask", {})
    text = Describe()(value, tokens=tokens, name=name, redactor=Redactor(guard))
    cleaned = guard.clean(text)
    assert guard.clean(cleaned.text) == cleaned
    return cleaned.text


def columns(values: list[object], name: str = "password") -> dict[str, list[object]]:
    return {"user": [f"user{number}" for number in range(len(values))], name: values}


FRAMES = {
    "pandas": lambda values: pd.DataFrame(columns(values)),
    "pandas, objects": lambda values: pd.DataFrame(columns([*values, 3.5, None])),
    "pandas, categories": lambda values: pd.DataFrame(columns(values)).astype({"password": "category"}),
    "pandas, ordered": lambda values: pd.DataFrame({"pw": pd.Categorical(values, values, ordered=True)}),
    "pandas, another name": lambda values: pd.DataFrame(columns(values, "db_password")),
    "pandas, one column": lambda values: pd.DataFrame({"Passphrase": values}),
    "pandas, counted": lambda values: pd.DataFrame(columns(values * 3 + values[:2])),
    "pandas, two levels": lambda values: pd.DataFrame({("a", "password"): values, ("b", "x"): 1}),
    "pandas, upper level": lambda values: pd.DataFrame({("password", "old"): values, ("b", "x"): 1}),
    "pandas, index": lambda values: pd.DataFrame(columns(values)).set_index("password"),
    "pandas Series": lambda values: pd.Series(values, name="password"),
    "pandas Series, index": lambda values: pd.Series(values, name="password", index=range(5, 5 + len(values))),
    "pandas Index": lambda values: pd.Index(values, name="password"),
    "polars": lambda values: pl.DataFrame(columns(values)),
    "polars, counted": lambda values: pl.DataFrame(columns(values * 3 + values[:2])),
    "polars, categories": lambda values: pl.DataFrame({"password": pl.Series(values, dtype=pl.Categorical)}),
    "polars, enumeration": lambda values: pl.DataFrame({"password": pl.Series(values, dtype=pl.Enum(values))}),
    "polars Series": lambda values: pl.Series("password", values),
}


@pytest.mark.parametrize("tokens", [2_000, 120, 40, 25])
@pytest.mark.parametrize("frame", FRAMES)
def test_no_plain_password_of_a_column_is_told(frame, tokens):
    distinct = [PLAIN, PLAIN[::-1], PLAIN[:2]]
    repeated = [] if "enumeration" in frame or "ordered" in frame else [PLAIN[2:3] * 2 + PLAIN[:2]]
    for values in distinct + repeated:
        text = described(FRAMES[frame](values), tokens)
        assert not [word for word in TELLING if word in text], text


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame])
def test_the_other_columns_stay(make):
    frame = make({"user": ["bob", "alice"], "password": ["tiger", "ab"], "token": ["the", "cat"], "n": [7, 8]})
    text = described(frame)
    for kept in ("'bob', 'alice'", "'the', 'cat'", "7", "8", "such as '[masked: password]', '[masked: password 2]'"):
        assert kept in text
    assert "bob,[masked: password],the,7\nalice,[masked: password 2],cat,8" in text


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame])
def test_a_frame_without_passwords_stays(make):
    frame = make(
        {
            "token": ["the", "cat", "dog"],
            "key": ["a1", "b2", "c3"],
            "pass": ["none", "", "hidden"],
            "n_pass": [3, 400, 5],
        }
    )
    assert described(frame) == Describe()(frame, tokens=2_000, name="it")


def test_a_pin_is_a_value_and_a_count_is_none():
    text = described(pd.DataFrame({"password": [1234, 5678] * 500}))
    assert "1234" not in text
    assert "5678" not in text
    assert text.count(" (500)") == 2


@pytest.mark.parametrize(
    "value",
    [
        {"user": "bob", "password": "tiger"},
        [{"user": "bob", "password": "tiger"}] * 3,
        {"password": ["tiger", "lion99"]},
        {"passwords": {"tiger", "lion99"}},
        {"password": ("tiger", 1)},
        {"bob": {"password": "tiger"}},
    ],
)
@pytest.mark.parametrize("tokens", [2_000, 40])
def test_no_plain_password_of_a_dictionary_is_told(value, tokens):
    text = described(value, tokens)
    assert not [word for word in TELLING if word in text], text
    assert "bob" in text or "bob" not in repr(value)


ROWS = {
    "a series": lambda word: pd.Series({"user": "bob", "password": word}),
    "a named series": lambda word: pd.Series({"user": "bob", "password": word, "n": 3}, name="it"),
    "a row of a frame": lambda word: pd.DataFrame({"user": ["bob"], "pwd": [word], "n": [3]}).iloc[0],
    "a transposed frame": lambda word: pd.DataFrame({"user": ["bob", "ann"], "password": [word, "w0lf"]}).T,
    "two levels": lambda word: pd.Series({("a", "user"): "bob", ("a", "password"): word}),
    "records": lambda word: np.array([("bob", word)], dtype=[("user", "U9"), ("password", "U20")]),
    "a record": lambda word: np.array([("bob", word)], dtype=[("user", "U9"), ("password", "U20")])[0],
}


@pytest.mark.parametrize("rows", ROWS)
@pytest.mark.parametrize("tokens", [2_000, 60])
def test_no_plain_password_of_a_row_is_told(rows, tokens):
    text = described(ROWS[rows]("tigerlily"), tokens)
    assert "tige" not in text
    assert "bob" in text or tokens == 60


@pytest.mark.parametrize(
    "value",
    [
        pd.Series({"password": 0.031, "token_count": 0.02}),
        pd.DataFrame({"feature": ["password", "user"], "importance": [0.031, 0.2]}),
        pd.DataFrame({"session_id": ["8f14e45fceea167a", "c9f0f895fb98ab91"], "n": [1, 2]}),
        pd.DataFrame({"student": ["ann", "bob"], "pass": ["Y", "N"]}),
        pd.DataFrame({"dtype": ["int64", "object"]}, index=["password", "token"]),
        ["pass", "##word", "is", "hid", "##den1"],
    ],
)
def test_what_is_no_password_stays(value):
    assert described(value) == Describe()(value, tokens=2_000, name="it")
