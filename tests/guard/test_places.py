"""Secrets planted in everyday texts, and texts without any: of one part every one is right, of the other most.

The held-out part was written before the guard was changed and not looked at while it was; the bounds are what was
measured. Before the change 49 of its 115 places leaked, and 10 of its 131 texts were masked.
"""

from __future__ import annotations

import pytest

from deepseek_magic.guard import Guard
from tests.guard.places import harmless, planted

SEEDS = range(3)


def cleaned(text: str) -> str:
    guard = Guard("mask", {})
    once = guard.clean(text).text
    assert guard.clean(once).text == once
    return once


@pytest.mark.parametrize("seed", SEEDS)
def test_every_planted_secret_is_masked(seed):
    places = planted("planted", seed)
    assert len(places) >= 150
    assert not [place.name for place in places if place.leaks(cleaned(place.text))]


def test_what_the_places_hold_is_found_by_the_test_itself():
    """A place whose secret the test does not see in the text shows nothing."""
    for part in ("planted", "planted_held_out"):
        assert not [place.name for place in planted(part) if not place.leaks(place.text)]


@pytest.mark.parametrize("text", harmless("harmless"))
def test_a_harmless_text_stays(text):
    assert cleaned(text) == text


def test_they_stay_side_by_side():
    text = "\n\n".join(harmless("harmless"))
    assert cleaned(text) == text


def test_of_what_was_held_out_few_leak_and_fewer_are_masked():
    places = [place for seed in SEEDS for place in planted("planted_held_out", seed)]
    leaked = [place.name for place in places if place.leaks(cleaned(place.text))]
    assert len(leaked) <= 0.08 * len(places), leaked
    texts = harmless("harmless_held_out")
    masked = [text for text in texts if cleaned(text) != text]
    assert len(masked) <= 0.02 * len(texts), masked


def test_there_are_enough_of_them():
    assert len(planted("planted")) + len(planted("planted_held_out")) >= 200
    assert len(harmless("harmless")) + len(harmless("harmless_held_out")) >= 300
