"""Each kind of parameter reads what an option spells, checks what Python hands over, and refuses the rest."""

from __future__ import annotations

import math

import pytest

from deepseek_magic.settings.kinds import (
    Choice,
    Flag,
    Number,
    Several,
    Text,
    Whole,
    are_names,
    dashed,
    is_filled,
    is_label,
    is_name,
    is_own_name,
    joined_names,
)

UP_TO_TWO = Number(0, 2, "a number from 0 to 2")
ABOVE_ZERO = Number(0, 1, "a number above 0, at most 1", above=True)
WORDS = Several(Text("a word", bool), 2, "at most two words")


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (UP_TO_TWO, "0", 0.0),
        (UP_TO_TWO, "2.0", 2.0),
        (ABOVE_ZERO, "1e-3", 0.001),
        (Whole(1), "1", 1),
        (Text(), "", ""),
        (Choice(("low", "high")), "high", "high"),
        (WORDS, "one", "one"),
    ],
)
def test_an_option_is_read(kind, text, value):
    """The text of an option becomes the value that it spells, of the right type."""
    found = kind.read(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (UP_TO_TWO, "2.1"),
        (UP_TO_TWO, "nan"),
        (UP_TO_TWO, "hot"),
        (ABOVE_ZERO, "0"),
        (Whole(1), "0"),
        (Whole(1), "1.5"),
        (Text("filled", is_filled), " \n"),
        (Choice(("low", "high")), "High"),
        (WORDS, ""),
        (Flag(), "yes"),
    ],
)
def test_an_option_that_does_not_fit_is_refused(kind, text):
    """Text that spells no value of the kind raises `ValueError`, and nothing else."""
    with pytest.raises(ValueError):  # noqa: PT011  # the caller words the error
        kind.read(text)


@pytest.mark.parametrize(
    ("kind", "given", "held"),
    [
        (Flag(), True, True),
        (UP_TO_TWO, 1, 1.0),
        (Whole(0), 0, 0),
        (WORDS, "one", ("one",)),
        (WORDS, ["one", "two"], ("one", "two")),
        (WORDS, (), ()),
    ],
)
def test_a_value_of_python_is_held_in_one_type(kind, given, held):
    """A value is held as the parameter declares it: a whole number as float, one string as a tuple."""
    found = kind.checked(given)
    assert found == held
    assert type(found) is type(held)


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (Flag(), 1),
        (UP_TO_TWO, True),
        (UP_TO_TWO, "1"),
        (UP_TO_TWO, math.inf),
        (Whole(0), False),
        (Whole(0), 1.0),
        (Text(), 5),
        (Choice(("a",)), ["a"]),
        (WORDS, ["one", "two", "three"]),
        (WORDS, {"one"}),
        (WORDS, [1]),
    ],
)
def test_a_value_of_another_type_is_refused(kind, given):
    """A bool is no number, a number no string, and a set has no order."""
    with pytest.raises(ValueError):  # noqa: PT011  # the caller words the error
        kind.checked(given)


def test_names_and_labels():
    """A name can be assigned to; a label is up to 60 characters without white space."""
    assert [is_name(text) for text in ("a_1", "für", "class", "1a", "")] == [True, True, False, False, False]
    assert are_names("a, b,c")
    assert not are_names("a,,b")
    assert is_label("x" * 60)
    assert not any(map(is_label, ("x" * 61, "", "a b", "a\x07")))
    assert Choice(("low", "high")).expected == "one of low, high"
    assert Whole(3).expected == "a whole number from 3"


@pytest.mark.parametrize(
    ("kind", "text", "meant"),
    [
        (UP_TO_TWO, "0,5", "0.5"),
        (UP_TO_TWO, "hot", ""),
        (UP_TO_TWO, "3", ""),
        (Number(0, 1e6, "dollars"), "$1.50", "1.5"),
        (Number(0, 1e6, "dollars"), "2usd", "2"),
        (Number(0, 1e6, "seconds"), "30s", "30"),
        (Number(0, 1e6, "seconds"), "-1", ""),
        (Whole(1), "1,000", "1000"),
        (Whole(1), "4k", "4000"),
        (Whole(1), "1e3", "1000"),
        (Whole(1), "1e99", ""),
        (Whole(1), "5.0", "5"),
        (Whole(1), "1.5", ""),
        (Whole(1), "." * 100_000, ""),
        (Choice(("low", "high")), "HIGH", "high"),
        (Choice(("low", "high"), {"much": "high"}), "Much", "high"),
        (Choice(("low", "high")), "blue", ""),
        (Text("names", are_names, joined_names), "a b;c", "a,b,c"),
        (Text("names", are_names, joined_names), "a,", ""),
        (Text("names", are_names, joined_names), "a + 1", ""),
        (Several(Text("names", are_names, joined_names), 9, "names"), "[a, b]", "a,b"),
        (Text("a label", is_label, dashed), "my trip", "my-trip"),
        (Text("a label", is_label, dashed), "a " * 100, ""),
        (Text("filled", is_filled), "", ""),
        (Flag(), "yes", ""),
    ],
)
def test_what_is_refused_has_a_meaning_where_it_is_plain(kind, text, meant):
    """It is accepted in its place; a text without a plain one gets none."""
    with pytest.raises(ValueError):  # noqa: PT011  # the kinds' own
        kind.read(text)
    assert kind.meant(text) == meant
    if meant:
        kind.read(meant)


def test_the_names_of_python_are_not_free():
    assert is_own_name("answer")
    assert not any(map(is_own_name, ("print", "len", "class", "1a", "")))
