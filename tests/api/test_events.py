"""The events: values that never change, and the arithmetic of tokens."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepseek_magic.api.events import Event, TextDelta, Usage, assert_never

FIGURES = st.none() | st.integers(0, 1000)
USAGES = st.builds(Usage, FIGURES, FIGURES, FIGURES, FIGURES, FIGURES)


def test_tokens_of_two_replies():
    """Figures add up one by one; one that only one reply gave is that one's, one that none gave stays unknown."""
    assert Usage(1, 2, None, 3) + Usage(10, None, None, 4, 5) == Usage(11, 2, None, 7, 5)
    assert Usage() + Usage() == Usage()


def test_tokens_since_an_earlier_count():
    """The difference is never negative, and a figure that is not known now has none."""
    assert Usage(11, 2, None, 7, 5).since(Usage(10, 5, 1, None)) == Usage(1, 0, None, 7, 5)
    assert Usage(1).since(None) == Usage(1)


@settings(max_examples=30, deadline=None)
@given(USAGES, USAGES, USAGES)
def test_the_order_of_replies_does_not_matter(a, b, c):
    """Addition is commutative and associative, and nothing added is nothing changed."""
    assert a + b == b + a
    assert (a + b) + c == a + (b + c)
    assert a + Usage() == a


@settings(max_examples=30, deadline=None)
@given(USAGES, USAGES)
def test_what_was_added_is_what_came_since(a, b):
    """The sum since the first reply is the second, as far as its figures are known."""
    for name in Usage.__dataclass_fields__:
        if (figure := getattr(b, name)) is not None:
            assert getattr((a + b).since(a), name) == figure


@pytest.mark.parametrize("kind", get_args(Event), ids=lambda kind: kind.__name__)
def test_an_event_is_a_frozen_value(kind):
    """Two events of the same fields are equal and hash alike, and no field and no attribute can be set."""
    fields = dict.fromkeys(kind.__dataclass_fields__, "x")
    event = kind(**fields)
    assert event == kind(**fields)
    assert hash(event) == hash(kind(**fields))
    for name in (*fields, "other"):
        with pytest.raises((FrozenInstanceError, AttributeError, TypeError)):
            setattr(event, name, 1)


def test_a_match_that_misses_an_event_says_which():
    """The end of a match raises with the event that no case handles."""
    with pytest.raises(AssertionError, match="TextDelta"):
        assert_never(TextDelta("x"))
