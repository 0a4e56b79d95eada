"""Secrets planted in everyday texts, and texts without any: of one part every one is right, of the other most.

The held-out part was written before the guard was changed and not looked at while it was: 18 of its 345 places leaked
at first (49 of 115 before any change), and 10 of its 131 texts were masked. Of the later part 36 of 93 places leaked,
and 3 of 65 texts were masked. The guard has learned from both since. The fresh part was written after that, and of it
nothing was learned: the bounds are what was measured.
"""

from __future__ import annotations

import pytest

from deepseek_magic.guard import Guard
from tests.each import each
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
    for part in ("planted", "planted_held_out", "planted_later", "planted_fresh"):
        assert not [place.name for place in planted(part) if not place.leaks(place.text)]


@each("text", {repr(text): text for text in harmless("harmless")})
def test_a_harmless_text_stays(text):
    assert cleaned(text) == text


def test_they_stay_side_by_side():
    text = "\n\n".join(harmless("harmless"))
    assert cleaned(text) == text


@pytest.mark.parametrize(("part", "leak", "mask"), [("held_out", 0, 0.01), ("later", 0, 0), ("fresh", 0.04, 0)])
def test_of_the_other_parts_few_leak_and_fewer_are_masked(part, leak, mask):
    places = [place for seed in SEEDS for place in planted(f"planted_{part}", seed)]
    leaked = [place.name for place in places if place.leaks(cleaned(place.text))]
    assert len(leaked) <= leak * len(places), leaked
    texts = harmless(f"harmless_{part}")
    masked = [text for text in texts if cleaned(text) != text]
    assert len(masked) <= mask * len(texts), masked


def test_there_are_enough_of_them():
    assert len(planted("planted")) + len(planted("planted_held_out")) >= 200
    assert len(harmless("harmless")) + len(harmless("harmless_held_out")) >= 300
