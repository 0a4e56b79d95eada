"""JSON that still grows: whole, piece by piece and cut, it is the same value as far as it goes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepseek_magic.structured.partial import MAX_DEPTH, PartialJson, partial
from tests.structured.test_reading import JSON

TREES = JSON.map(lambda value: value if isinstance(value, (dict, list)) else [value])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("Here it is: ", None),
        ("{", {}),
        ('{"a', {}),
        ('{"a":', {}),
        ('{"a": "he', {"a": "he"}),
        ('{"a": "he\\', {"a": "he"}),
        ('{"a": "he\\u00', {"a": "he"}),
        ('{"a": "he\\\\u00', {"a": "he\\u00"}),
        ('{"a": "he\\ud83d', {"a": "he"}),
        ('{"a": "he\\ud83d\\ude80', {"a": "he🚀"}),
        ('{"a": 12', {}),
        ('{"a": 12,', {"a": 12}),
        ('{"a": tru', {}),
        ('{"a": true, "b": nul', {"a": True}),
        ('{"rows": [{"x": 1}, {"x": 2, "y": "', {"rows": [{"x": 1}, {"x": 2, "y": ""}]}),
        ("[1, [2, [3", [1, [2, []]]),
        ('```json\n{"a": [', {"a": []}),
        ('see [1], and [ {"a": 1', [{}]),
        ('{"a": 1} and {"b": 2}', {"a": 1}),
        ('{"a": 1, oops "b": 2}', {"a": 1}),
        ('{"a": 1, "a": 2, "b', {"a": 2}),
    ],
)
def test_what_is_there_so_far(text, value):
    assert partial(text) == value


@settings(deadline=None, max_examples=50)
@given(TREES, st.booleans(), st.sampled_from([None, 2]), st.data())
def test_pieces_make_the_same_value(value, escaped, indent, data):
    text = json.dumps(value, ensure_ascii=escaped, indent=indent)
    growing = PartialJson()
    position = 0
    while position < len(text):
        end = position + data.draw(st.integers(1, 7))
        growing.feed(text[position:end])
        assert growing.value == partial(text[:end])
        position = end
    assert growing.complete
    assert not growing.broken
    assert growing.read == len(text)
    assert growing.value == value


@settings(deadline=None, max_examples=50)
@given(TREES, st.data())
def test_what_is_shown_stays(value, data):
    """A longer part never takes a row or key away, and containers stay the same objects."""
    text = json.dumps(value)
    cut = data.draw(st.integers(0, len(text)))
    growing = PartialJson()
    growing.feed(text[:cut])
    before = growing.value
    count = len(before) if before is not None else 0
    growing.feed(text[cut:])
    assert before is None or growing.value is before
    assert len(growing.value) >= count


@given(st.text())
def test_no_text_raises(text):
    growing = PartialJson()
    growing.feed("{" + text)
    assert isinstance(growing.value, dict)


@settings(deadline=None, max_examples=50)
@given(TREES, st.data())
def test_the_place_of_a_cut_leads_to_something(value, data):
    text = json.dumps(value)
    growing = PartialJson()
    growing.feed(text[: data.draw(st.integers(1, len(text) - 1))])
    place = value
    for part in growing.path:
        place = place[part]
    assert not growing.complete


def test_it_ends_at_what_cannot_be_json():
    growing = PartialJson()
    growing.feed('{"a": [1, 2 3]}')
    assert (growing.broken, growing.complete, growing.read, growing.path) == (True, False, 12, ("a", 1))
    growing.feed(", 4]}")
    assert growing.value == {"a": [1, 2]}


def test_depth_is_bounded():
    growing = PartialJson()
    growing.feed("[" * (MAX_DEPTH + 5))
    assert growing.broken
    assert growing.read == MAX_DEPTH
