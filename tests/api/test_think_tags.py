"""Thinking that a server left in the answer: set apart, however the tags are cut."""

from __future__ import annotations

import itertools
from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepseek_magic.api.events import Finished, ReasoningDelta, TextDelta, ToolCallDelta
from deepseek_magic.api.filters.filtering import filtered
from deepseek_magic.api.filters.think_tags import ThinkSplitter, ThinkTags
from deepseek_magic.errors import StreamBroken


def split(events, tags):
    """The events with the thinking apart, one event a batch."""
    made = ThinkTags(tags)
    return itertools.chain.from_iterable(filtered(([event] for event in events), made.feed, made.flush))


def joined(pieces, *, begun=False):
    splitter = ThinkSplitter(begun=begun)
    found = [event for piece in pieces for event in splitter.feed(piece)] + splitter.flush()
    kinds = (ReasoningDelta, TextDelta)
    assert all(event.text for event in found)
    return tuple("".join(event.text for event in found if isinstance(event, kind)) for kind in kinds)


CASES = [
    ("<think>why</think>so", False, ("why", "so")),
    ("\n <think>\nwhy\n</think>\n\nso\n", False, ("why\n", "so\n")),
    ("<think></think>so", False, ("", "so")),
    ("<think>\n\n</think>\n\nso", False, ("", "so")),
    ("<think>never closed", False, ("never closed", "")),
    ("<think>a</thin", False, ("a</thin", "")),
    ("so it is", False, ("", "so it is")),
    ("Use <think>x</think> tags", False, ("", "Use <think>x</think> tags")),
    ("why</think>so", False, ("", "why</think>so")),
    ("<thinking>a</thinking>", False, ("", "<thinking>a</thinking>")),
    ("  two spaces", False, ("", "  two spaces")),
    ("<thi", False, ("", "<thi")),
    ("   ", False, ("", "   ")),
    ("<think>a</think>b<think>c</think>d", False, ("a", "b<think>c</think>d")),
    ("<think>a <think> b</think>c", False, ("a <think> b", "c")),
    (" " * 200 + "<think>a</think>", False, ("", " " * 200 + "<think>a</think>")),
    ("why</think>so", True, ("why", "so")),
    ("\nwhy\n</think>\n\nso", True, ("why\n", "so")),
    ("<think>why</think>so", True, ("why", "so")),
    ("no end", True, ("no end", "")),
    ("a < b </thin k></think>c", True, ("a < b </thin k>", "c")),
    ("a</think>b</think>c", True, ("a", "b</think>c")),
    ("", True, ("", "")),
    ("<th", True, ("<th", "")),
]


@pytest.mark.parametrize(("text", "begun", "expected"), CASES)
def test_whole_and_by_single_characters(text, begun, expected):
    assert joined([text], begun=begun) == expected
    assert joined(text, begun=begun) == expected


WORDS = st.lists(st.sampled_from(["<think>", "</think>", "<", "/", "think>", " ", "\n", "a", "so", "`"]), max_size=12)


@given(WORDS.map("".join), st.lists(st.integers(0, 80)), st.booleans())
def test_at_any_cuts(text, cuts, begun):
    places = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    pieces = [text[a:b] for a, b in itertools.pairwise(places)]
    assert joined(pieces, begun=begun) == joined([text], begun=begun)


@given(st.text())
def test_an_answer_that_does_not_begin_with_the_tag_is_untouched(text):
    if not text.lstrip().startswith("<think>"):
        assert joined(text) == ("", text)


def test_a_word_is_not_held_back_longer_than_it_may_be_a_tag():
    splitter = ThinkSplitter()
    assert splitter.feed("<") == []
    assert splitter.feed("b>") == [TextDelta("<b>")]
    assert splitter.feed("<think>") == [TextDelta("<think>")]


def test_a_server_that_sets_thinking_apart_is_taken_at_its_word():
    events = [ReasoningDelta("why"), TextDelta("<think>in</think> the text"), Finished("stop")]
    for tags in ("split", "open"):
        assert list(split(iter(events), tags)) == events


def test_what_is_held_back_comes_before_the_end_and_before_a_call():
    for last in (Finished("stop"), ToolCallDelta(0, "c", "f")):
        assert list(split(iter([TextDelta("<th"), last]), "split")) == [TextDelta("<th"), last]


def test_what_is_held_back_survives_a_break():
    def broken():
        yield TextDelta("<think>a</thi")
        raise StreamBroken("gone")

    found = []
    with pytest.raises(StreamBroken):
        deque(map(found.append, split(broken(), "split")))
    assert found == [ReasoningDelta("a"), ReasoningDelta("</thi")]
