"""The reply to an unknown question: what was received, word for word, in markdown that it cannot break."""

from __future__ import annotations

import json
from typing import Any

import pytest

from deepseek_magic.demo.chat_request import ChatRequest, read
from deepseek_magic.demo.request_report import NOTICE, described, fenced, questions, quoted, thought


def parsed(*words: str, **fields: Any) -> ChatRequest:
    """The request with these messages of the user."""
    messages = [{"role": "user", "content": one} for one in words]
    return read(json.dumps({"model": "deepseek-flash", "messages": messages, **fields}).encode(), beta=False)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", "(empty)"),
        ("a\n  b", "`a b`"),
        ("a|b`c", "`a¦b'c`"),
        ("1234567890", "`1234567890`"),
        ("12345678901", "`123456789…`"),
    ],
)
def test_a_quotation_is_one_code_span(text: str, shown: str) -> None:
    assert quoted(text, 10) == shown


def test_nothing_in_a_block_closes_it() -> None:
    assert fenced("a") == "```text\na\n```"
    assert fenced("````\nb") == "`````text\n````\nb\n`````"


def test_messages_stand_with_role_and_size_and_the_last_in_full() -> None:
    text = described(parsed("First.", "x" * 1_500))
    assert text.startswith(NOTICE)
    assert "\n| 1 | user | 6 | " in text
    assert "\n| 2 | user | 1,500 | " in text
    assert fenced("x" * 1_500) in text
    assert "### Earlier questions of this conversation\n\n1. `First.`" in text
    assert "Earlier questions" not in described(parsed("First."))


def test_what_is_left_out_of_a_long_message_is_counted() -> None:
    text = described(parsed("x" * 4_010))
    assert fenced("x" * 4_000) in text
    assert "The other 10 of its 4,010 characters are left out here." in text


def test_settings_stand_with_what_becomes_of_them() -> None:
    text = described(parsed("Why?", max_tokens=50, temperature=0.5, presence_penalty=1, colour="red"))
    assert "| `max_tokens` | `50` | includes the thinking |" in text
    assert "| `temperature` | `0.5` | without effect while thinking |" in text
    assert "| `presence_penalty` | `1` | deprecated, without effect |" in text
    assert '| `colour` | `"red"` | unknown to the API, ignored |' in text
    assert "| thinking, as understood | high | at most 50 tokens of output |" in text
    assert "served as `deepseek-flash`" in described(parsed("Why?", model="deepseek-v4-flash"))


def test_more_effort_thinks_in_more_paragraphs() -> None:
    texts = [thought(parsed("Why?", reasoning_effort=effort)) for effort in ("low", "high", "max")]
    assert [len(text.split("\n\n")) for text in texts] == [1, 2, 3]


def test_the_questions_are_the_words_of_the_user() -> None:
    assert questions(parsed("One", "Two")) == ["One", "Two"]
