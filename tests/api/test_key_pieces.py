"""The key, and pieces of it, in text: found in every form, at every cut, and nothing else is touched."""

from __future__ import annotations

import base64
from random import Random
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepseek_magic.api.filters.key_pieces import MASK, KeyPieces
from deepseek_magic.settings.keys import Secret

KEY = "sk-7Qm2+xW9/vT4zR8nB1cK6"
PIECES = KeyPieces(Secret(KEY))


@pytest.mark.parametrize("around", [("", ""), ("key=", "."), ("字", "字"), ("4f", "a0")])
@pytest.mark.parametrize(
    "form",
    [KEY, quote(KEY, safe=""), KEY.encode().hex(), KEY.encode().hex().upper(), KEY[:12], KEY[8:], KEY[5:15]],
)
def test_every_form_and_every_long_piece_is_masked(form, around):
    before, after = around
    found = PIECES.masked(f"{before}{form}{after}")
    assert form not in found
    assert MASK in found
    assert found.startswith(before)
    assert found.endswith(after)


@pytest.mark.parametrize("name", ["", "u:", "ab", "user:", "xyz "])
def test_a_key_in_base64_is_masked_whatever_stands_before_it(name):
    coded = base64.b64encode(f"{name}{KEY}".encode()).decode()
    assert coded[8:-8] not in PIECES.masked(f"Basic {coded}")


@pytest.mark.parametrize("gap", ["...", "…", "****", " ... ", "-", ""])
def test_the_end_behind_a_beginning_is_masked_too(gap):
    found = PIECES.masked(f"invalid key {KEY[:9]}{gap}{KEY[-4:]}, try again")
    assert KEY[-4:] not in found
    assert found.endswith(", try again")


@pytest.mark.parametrize(
    "text", ["", "the key is wrong", KEY[:7], "sk-", KEY[-4:], "a" * 1_000, KEY.lower(), KEY[::-1]]
)
def test_other_text_stays_as_it_is(text):
    assert PIECES.masked(text) == text


@given(st.text(max_size=60), st.text(max_size=60), st.integers(0, 200))
def test_what_may_go_on_is_held_back_at_every_cut(before, after, cut):
    """Masked in two parts, of which the first keeps back its tail, no piece gets through that is masked in one."""
    text = f"{before}{KEY}{after}"
    cut = min(cut, len(text))
    held = PIECES.tail(text[:cut])
    assert 0 <= held <= cut
    shown = PIECES.masked(text[: cut - held]) + PIECES.masked(text[cut - held :])
    assert KEY not in shown
    assert not any(
        KEY[place : place + 8] in shown and KEY[place : place + 8] not in before + after for place in range(16)
    )


@given(st.text())
def test_text_that_passes_holds_no_piece(text):
    if PIECES.passes(text):
        assert PIECES.masked(text) == text


@pytest.mark.parametrize(("key", "whole_only"), [("EMPTY", False), ("ollama", False), ("my-own-password", True)])
def test_a_placeholder_is_not_masked_and_a_word_only_whole(key, whole_only):
    pieces = KeyPieces(Secret(key))
    assert pieces.none is not whole_only
    assert pieces.masked(f"say {key} or {key[:9]}.") == f"say {MASK if whole_only else key} or {key[:9]}."


def test_no_attribute_shows_the_key():
    shown = " ".join(f"{getattr(PIECES, name)!r}" for name in PIECES.__slots__)
    assert not any(KEY[place : place + 4] in shown for place in range(len(KEY) - 3))


def walk(seed: int, size: int) -> str:
    """Text of which every two neighbours are neighbours in a form of the key, too."""
    made, forms = Random(seed), (KEY, KEY.encode().hex(), quote(KEY, safe=""))
    pairs = {form[place : place + 2] for form in forms for place in range(len(form) - 1)}
    text = KEY[3]
    while len(text) < size:
        following = sorted(pair[1] for pair in pairs if pair[0] == text[-1])
        text += made.choice(following) if following else KEY[3]
    return text


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("cut", [1, 7, 64])
def test_text_that_looks_like_the_key_all_along_is_not_held_for_ever(seed, cut):
    text = walk(seed, 2_000)
    assert PIECES.tail(text) <= 8 * len(KEY)
    held = shown = ""
    for place in range(0, len(text), cut):
        held += text[place : place + cut]
        end = len(held) - PIECES.tail(held)
        shown += PIECES.masked(held[:end])
        held = held[end:]
    shown += PIECES.masked(held)
    assert all(shown.find(KEY[place : place + 8]) < 0 for place in range(len(KEY) - 7))
    assert PIECES.masked(shown) == shown
