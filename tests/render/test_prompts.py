"""Questions at the keyboard: what counts as a yes, and what it means that nobody can be asked."""

from __future__ import annotations

import pytest

from deepseek_magic.render.prompts import says_yes, typed


@pytest.mark.parametrize(("answer", "means"), [("y", True), (" YES \n", True), ("", False), ("ye", False)])
def test_yes_is_y_or_yes_and_all_else_is_no(monkeypatch, answer, means):
    monkeypatch.setattr("builtins.input", lambda prompt: answer)
    assert says_yes("Go on? ") is means
    assert typed("Go on? ") == answer.strip()


@pytest.mark.parametrize("error", [EOFError, NotImplementedError, RuntimeError("input() is not supported here")])
def test_where_nobody_can_be_asked_there_is_no_answer(error):
    def ask(prompt: str) -> str:
        raise error

    assert typed("Go on? ", ask) is None
    assert says_yes("Go on? ", ask) is None


def test_a_stop_at_the_prompt_is_the_users():
    def ask(prompt: str) -> str:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        typed("Go on? ", ask)
