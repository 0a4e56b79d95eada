"""The redactor: what a name makes of a value, wherever `describe` knows the name."""

from __future__ import annotations

import dataclasses
import functools
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from deepseek_magic.description import describe
from deepseek_magic.errors import SecretFound
from deepseek_magic.guard import Guard, Redactor


@dataclasses.dataclass
class Login:
    user: str
    password: str


def connect(host: str, password: str = "tiger") -> None: ...


connect.__code__ = connect.__code__.replace(co_filename="<no source>")


class Plain:
    def __init__(self) -> None:
        self.user, self.db_password = "bob", "tiger"


NAMED: dict[str, tuple[str, Any]] = {
    "a key": ("it", {"user": "bob", "password": "tiger"}),
    "a key of bytes": ("it", {"user": "bob", "password": b"tiger"}),
    "a deep key": ("it", [{"user": "bob", "login": {"password": "tiger"}}] * 3),
    "a tuple of a key": ("it", {("user", "name"): "bob", ("user", "password"): "tiger"}),
    "items of a key": ("it", {"user": ["bob"], "passwords": ["tiger", "tiger"]}),
    "a field": ("it", Login("bob", "tiger")),
    "fields in a list": ("it", [Login("bob", "tiger")] * 30),
    "an attribute": ("it", Plain()),
    "a namespace": ("it", {"of": SimpleNamespace(user="bob"), "password": "tiger"}),
    "a default": ("it", connect),
    "an argument": ("it", functools.partial(print, "bob", password="tiger")),
    "a column": ("it", pd.DataFrame({"user": ["bob"], "password": ["tiger"]})),
    "a column of bytes": ("it", pl.DataFrame({"user": ["bob"], "password": [b"tiger"]})),
    "a variable": ("db_password", "tiger"),
    "a list": ("passwords", ["tiger"] * 3),
    "a long list": ("passwords", ["tiger"] * 300),
    "a mapping by numbers": ("passwords", {1: "tiger", 2: "tiger"}),
    "a series": ("passwords", pd.Series(["tiger", "tiger"])),
    "a series of polars": ("passwords", pl.Series(["tiger", "tiger"])),
    "an array": ("passwords", np.array(["tiger", "tiger"])),
}


@pytest.mark.parametrize("where", NAMED)
@pytest.mark.parametrize("tokens", [30, 90, 2_000])
def test_a_plain_word_is_masked_where_its_name_is_known(where, tokens):
    name, value = NAMED[where]
    text = describe(value, tokens=tokens, name=name, redactor=Redactor(Guard("mask", {})))
    assert "tige" not in text
    if tokens == 2_000:
        assert "[masked: password]" in text
        assert "bob" in text or "bob" not in repr(value)


def test_without_a_guard_nothing_is_masked():
    for name, value in NAMED.values():
        assert "tiger" in describe(value, tokens=2_000, name=name)


@pytest.mark.parametrize("index", [pd.Index(["bob", "alice"]), pd.RangeIndex(2)])
def test_an_index_is_not_called_as_the_variable_is(index):
    redactor = Redactor(Guard("mask", {}))
    series = describe(pd.Series(["tiger", "wolf"], index=index), name="passwords", redactor=redactor)
    frame = describe(pd.DataFrame({"n": [1, 2]}, index=index), name="df_password", redactor=redactor)
    assert "tiger" not in series
    assert [word in series and word in frame for word in ("bob", "alice")] == [index.dtype != int] * 2


@pytest.mark.parametrize(
    "value",
    [
        {"password": "This field is required.", "token": "the", "key": "a1", "sort_key": "x7Kq9vT2w"},
        {"user": "bob", "secret": "many words that are a story " * 300},
        {"password": None, "pwd": True, "pass": 4312, "passed": "tiger", "secret": ""},
        {"password": {"type": "string", "minimum": 8}, "api_key": "<your-key>", "credentials": "changeme"},
        pd.DataFrame({"pass": [3, 5, 80], "password": ["", "none", "hidden"], "tokens": ["the", "cat", "x7Kq9vT2w"]}),
    ],
)
def test_what_is_no_secret_stays(value):
    guard = Guard("mask", {})
    assert describe(value, name="it", redactor=Redactor(guard)) == describe(value, name="it")


def test_a_secret_has_one_mask_however_it_is_shown():
    """Cut or whole, by its name or found again in a text."""
    guard = Guard("mask", {})
    long = "x7Kq9vT2w-" * 30
    values = {"user": "bob", "password": long, "pw": "other9!", "notes": [f"it was {long}"]}
    for tokens in (20, 40, 60, 100, 1_000):
        text = describe(values, tokens=tokens, redactor=Redactor(guard))
        assert "x7Kq9v" not in guard.clean(text).text
        assert tokens < 60 or "[masked: password]" in text
    assert "[masked: password 2]" in text
    assert guard.clean(f"login with {long}").text == "login with [masked: password]"


def test_a_key_of_known_form_is_called_what_it_is():
    key = "sk-" + "ab12" * 8
    guard = Guard("mask", {"MY_TOKEN": "x7Kq9vT2w"})
    text = describe({"api_key": key, "password": "x7Kq9vT2w"}, redactor=Redactor(guard))
    assert text == "{'api_key': '[masked: DeepSeek key]', 'password': '[masked: value of MY_TOKEN]'}"


def test_a_mask_that_a_value_holds_stays():
    text = describe({"password": "[masked: password 3]"}, redactor=Redactor(Guard("mask", {})))
    assert text == "{'password': '[masked: password 3]'}"


def test_a_guard_that_refuses_is_heard_after_the_description():
    redactor = Redactor(Guard("refuse", {}), "the frame")
    frame = pd.DataFrame({"user": ["bob"], "password": ["tiger"]})
    assert describe(frame, redactor=redactor) == describe(frame)
    with pytest.raises(SecretFound, match=r"the frame holds a secret \(password; line 1\)"):
        redactor.check()
    Redactor(Guard("refuse", {})).check()


def test_names_run_no_code():
    class Hostile(str):
        def __hash__(self):
            raise AssertionError

        __eq__ = __str__ = __getitem__ = __len__ = __hash__

    class Falsy:
        def __bool__(self):
            raise AssertionError

    redactor = Redactor(Guard("mask", {}))
    assert redactor.text("tiger", name=Hostile("password")) == "[masked: password]"
    assert redactor.text("tiger", name=Falsy()) == "tiger"
    assert redactor.text("tiger", name=(Falsy(), Hostile("password"))) == "[masked: password]"
