"""No cut of a description leaves half a secret: texts go through the mask before they are cut."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepseek_magic.description import describe
from deepseek_magic.guard import Guard, Redactor
from tests.guard.made import FORMED
from tests.guard.test_corpora import leaked


@dataclass
class Record:
    user: str
    note: str


class Shown:
    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return f"Shown {self.text}"


class Hooked(Shown):
    def __llm__(self, _tokens: int) -> str:
        return self.text


class Noted(Exception):
    def __str__(self) -> str:
        return str(self.args[0])


def noted(text: str) -> Exception:
    error = ValueError("refused")
    error.__notes__ = [text]
    return error


def documented(text: str) -> Callable[[], None]:
    def function() -> None:
        pass

    function.__doc__ = text
    return function


VALUES: dict[str, Callable[[str], object]] = {
    "text": lambda text: text,
    "bytes": lambda text: text.encode(),
    "list": lambda text: [text, text, text],
    "dict": lambda text: {"a": text, text: 1, "n": {"deep": [text]}},
    "many": lambda text: [{"name": "x", "value": text}] * 40,
    "set": lambda text: {text, "other"},
    "record": lambda text: Record("bob", text),
    "object": Shown,
    "objects": lambda text: [Shown(text)] * 3,
    "hook": Hooked,
    "exception": ValueError,
    "its __str__": Noted,
    "its note": noted,
    "docstring": documented,
    "member": lambda text: enum.Enum("Kind", {"A": text}).A,
    "frame": lambda text: pd.DataFrame({"n": [1, 2], "value": [text, "x"]}, index=[text, "b"]),
    "series": lambda text: pd.Series([text] * 3, dtype=object),
    "category": lambda text: pd.Series([text] * 3, dtype="category"),
    "polars": lambda text: pl.DataFrame({"n": [1, 2], "value": [text, "x"]}),
}


@pytest.mark.parametrize("kind", VALUES)
@settings(deadline=None)  # how long an example takes is the machine's affair
@given(
    random=st.integers(0, 10**6).map(Random),
    form=st.sampled_from(sorted(FORMED)),
    before=st.sampled_from([0, 1, 5, 15, 25, 35, 45, 75, 115, 155, 195, 395, 495, 1990, 2300]),
    after=st.sampled_from([0, 30, 3000]),
    tokens=st.sampled_from([8, 20, 60, 150, 400, 1500]),
)
def test_no_piece_of_a_secret_is_left_by_a_cut(kind, random, form, before, after, tokens):
    guard = Guard("mask", {})
    secret = FORMED[form](random)
    text = f"{'word ' * (before // 5)}{secret} {'more ' * (after // 5)}".strip()
    described = describe(VALUES[kind](text), tokens=tokens, name="it", redactor=Redactor(guard))
    assert not leaked(secret, guard.clean(described).text, 12), described


@pytest.mark.parametrize("size", [12, 40, 180, 250, 2_000, 5_000])
def test_the_value_of_a_secret_name_is_masked_however_long(size):
    secret = "".join(Random(size).choices("abcdefghijkmnopqrstuvwxyz23456789", k=size))
    guard = Guard("mask", {})
    for tokens in (20, 60, 400, 1500):
        text = describe(secret, tokens=tokens, name="db_password", redactor=Redactor(guard))
        assert not leaked(secret, guard.clean(text).text)
        assert tokens < 60 or guard.clean(text).text.startswith("db_password = '[masked: password")


def test_what_is_not_cut_is_as_it_was():
    """Only what is cut is searched, and what a name calls a secret, so that most values cost nothing."""
    key = FORMED["AWS key"](Random(1))
    redactor = Redactor(Guard("mask", {}))
    text = describe({"a": key, "b": [1, 2.5, None], "pwd": "tiger"}, redactor=redactor)
    assert text == f"{{'a': '{key}', 'b': [1, 2.5, None], 'pwd': '[masked: password]'}}"
    assert describe({"a": f"{key} {'x' * 1_000}"}, tokens=30, redactor=redactor) == (
        "dict of 1, values all str:\n- 'a': '[masked: AWS key] xxxxxxxxxxxx…'"
    )


def test_a_mask_is_not_cut_either():
    key = FORMED["AWS key"](Random(1))
    for tokens in range(4, 40):
        text = describe("begin " + "x" * 30 + f" {key}" * 20, tokens=tokens, redactor=Redactor(Guard("mask", {})))
        assert text.replace("[masked: AWS key]", "").count("[masked") == 0
