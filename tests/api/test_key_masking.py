"""The key in what an endpoint says."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepseek_magic.api.events import Event, Finished, ReasoningDelta, Served, TextDelta
from deepseek_magic.api.filters.filtering import filtered
from deepseek_magic.api.filters.key_masking import KeyMask
from deepseek_magic.errors import StreamBroken
from deepseek_magic.settings.keys import Secret

SECRET = "sk-0123456789abcdef"


def masked(events: Iterator[Event], secret: Secret, size: int = 1) -> Iterator[Event]:
    """The events masked, ``size`` of them a batch."""
    mask = KeyMask(secret)
    batches = iter(lambda: list(islice(events, size)), [])
    return chain.from_iterable(filtered(batches, mask.feed, mask.flush))


def text_of(events: Iterator[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def in_pieces(text: str, cuts: list[int]) -> Iterator[Event]:
    places = [0, *sorted(cut % (len(text) + 1) for cut in cuts), len(text)]
    for start, end in pairwise(places):
        if start < end:
            yield TextDelta(text[start:end])


SIZES = st.integers(1, 12)


@given(
    st.text("sk-0123 x", max_size=30),
    st.text("sk-0123 x", max_size=30),
    st.lists(st.integers(0, 99), max_size=9),
    SIZES,
)
def test_it_is_masked_wherever_it_is_cut(before: str, after: str, cuts: list[int], size: int) -> None:
    """At most its harmless beginning stands before the mask."""
    said = text_of(masked(in_pieces(before + SECRET + after, cuts), Secret(SECRET), size))
    assert SECRET[3:] not in said
    assert said.startswith(before)
    assert said.endswith("****" + after)


@given(st.text("sk-0123456 x", max_size=60), st.lists(st.integers(0, 99), max_size=20), SIZES)
def test_other_text_stays_as_it_is(text: str, cuts: list[int], size: int) -> None:
    """Also where it looks like the beginning of the key."""
    assert text_of(masked(in_pieces(text, cuts), Secret(SECRET), size)) == text


def test_the_end_of_a_word_does_not_wait() -> None:
    """A stream may pause after any token."""
    events = masked(iter([TextDelta("it begins"), TextDelta(" now")]), Secret(SECRET))
    assert next(events) == TextDelta("it begins")


def _take(events: Iterator[Event], seen: list[Event]) -> None:
    for event in events:
        seen.append(event)  # extend would lose them to the error


def test_text_held_back_is_handed_on_when_the_stream_breaks() -> None:
    """What has arrived is never thrown away."""

    def broken() -> Iterator[Event]:
        yield ReasoningDelta("a sk-012")
        yield TextDelta("b sk-0123")
        raise StreamBroken("gone")

    seen: list[Event] = []
    events = masked(broken(), Secret(SECRET))
    with pytest.raises(StreamBroken):
        _take(events, seen)
    assert "".join(event.text for event in seen if isinstance(event, ReasoningDelta)) == "a sk-012"
    assert text_of(iter(seen)) == "b sk-0123"


def test_names_and_reasons_are_masked() -> None:
    """They end up in footer and metadata."""
    events = [Served(SECRET, f"a-{SECRET}", SECRET), Finished(SECRET)]
    assert list(masked(iter(events), Secret(SECRET))) == [Served("****", "a-****", "****"), Finished("****")]
