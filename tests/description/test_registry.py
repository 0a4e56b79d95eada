"""Types that are taught to describe themselves: the registry and the hook."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest

from deepseek_magic.description import describe


class Money:
    def __init__(self, amount: int) -> None:
        self.amount = amount


class Coin(Money):
    pass


class Own:
    def __llm__(self, tokens: int) -> str:
        return f"own words, up to {tokens} tokens"


class OwnOfClass:
    @classmethod
    def __llm__(cls, tokens: int) -> str:
        return cls.__name__


class Disabled(Own):
    __llm__ = None

    def __repr__(self) -> str:
        return "Disabled()"


@pytest.fixture
def teach() -> Iterator[Any]:
    """``describe.register``, forgotten at the end."""
    taught: list[type | str] = []

    def register(kind: type | str, function: Any) -> Any:
        taught.append(kind)
        return describe.register(kind, function)

    yield register
    for kind in taught:
        describe.unregister(kind)


def test_a_registered_function_tells_its_type_and_subclasses(teach: Any) -> None:
    teach(Money, lambda value, tokens: f"{value.amount} euros in {tokens}")
    assert describe(Money(3), tokens=50) == "3 euros in 50"
    assert describe(Coin(2), tokens=50) == "2 euros in 50"
    assert describe([Coin(2)]).startswith("[2 euros in ")


def test_it_is_a_decorator_too() -> None:
    @describe.register(Money)
    def tell(value: Money, tokens: int) -> str:
        return "decorated"

    assert describe(Money(1)) == "decorated"
    assert tell(Money(1), 3) == "decorated"
    describe.unregister(Money)
    assert describe(Money(1)) == "Money object\nattributes:\n- amount: 1"


def test_a_dotted_name_serves_for_a_class_that_is_not_imported(teach: Any) -> None:
    teach(f"{Money.__module__}.Money", lambda value, tokens: "by name")
    assert describe(Money(1)) == "by name"


def test_the_nearest_class_decides(teach: Any) -> None:
    teach(Money, lambda value, tokens: "money")
    teach(Coin, lambda value, tokens: "coin")
    assert (describe(Money(1)), describe(Coin(1))) == ("money", "coin")


def test_the_users_word_goes_before_ours(teach: Any) -> None:
    teach("pandas.DataFrame", lambda value, tokens: "my frame")
    teach(pd.DataFrame, lambda value, tokens: "my frame")
    assert describe(pd.DataFrame({"a": [1]})) == "my frame"


def test_the_hook_is_looked_up_on_the_type() -> None:
    value = Own()
    value.__dict__["__llm__"] = lambda tokens: "not this one"
    assert describe(value, tokens=99) == "own words, up to 99 tokens"
    assert describe(OwnOfClass()) == "OwnOfClass"
    assert describe(Own).startswith("class Own of module ")
    assert describe(Disabled()) == "Disabled()"


def test_what_is_too_long_is_cut_and_what_fails_is_said(teach: Any) -> None:
    teach(Money, lambda value, tokens: "long " * 100_000)
    assert describe(Money(1), tokens=20).endswith("long long…")
    teach(Money, lambda value, tokens: None)
    assert describe(Money(1)) == "Money (its own description returned NoneType, not str)"
    teach(Money, lambda value: "")
    assert describe(Money(1)) == "Money (its own description raised TypeError)"


@pytest.mark.parametrize(("kind", "function"), [(3, len), (Money, "no function")])
def test_a_registration_that_cannot_work_is_refused(kind: Any, function: Any) -> None:
    with pytest.raises(TypeError, match=r"describe\.register: expected a"):
        describe.register(kind, function)
