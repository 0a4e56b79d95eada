"""Pieces that join, and a cut within the budget."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from deepseek_magic.demo.protocol import cut
from deepseek_magic.demo.reply_bodies import pieces
from deepseek_magic.text import estimate_tokens

TEXT = st.text(alphabet=st.one_of(st.characters(codec="utf-8"), st.sampled_from("世界語🚀 ab")))


@given(TEXT)
def test_pieces_join_and_are_about_a_token(text: str) -> None:
    """Nothing is lost; English comes in three to five characters; no piece is half a character."""
    found = list(pieces(text))
    assert "".join(found) == text
    assert all(1 <= len(piece) <= 5 and piece.encode() for piece in found)


def test_english_pieces_have_three_to_five_characters() -> None:
    """But for the last."""
    assert {len(piece) for piece in list(pieces("a word and another one " * 9))[:-1]} == {3, 4, 5}


@given(TEXT, st.integers(0, 50))
def test_a_cut_is_the_longest_beginning_within_the_budget(text: str, budget: int) -> None:
    """One more character would cost too much."""
    kept = cut(text, budget)
    assert text.startswith(kept)
    assert estimate_tokens(kept) <= budget
    assert kept == text or estimate_tokens(text[: len(kept) + 1]) > budget


def test_chinese_pieces_have_two_or_three_characters() -> None:
    """A character carries more there."""
    assert {len(piece) for piece in list(pieces("世界语言模型" * 9))[:-1]} == {2, 3}
