"""Which lines of a log speak of a failure, as the embedded endpoint computes it."""

from __future__ import annotations

import json

import pytest

from deepseek_magic.demo.chat_request import ChatRequest, read
from deepseek_magic.demo.composing import COMPUTED, compose
from deepseek_magic.demo.computed_answers import failing
from tests.demo.test_parts import with_context

LOG = "start\nconnect to db\nConnectionError: timed out\nretry\nFATAL: giving up\nend"


def asked(question: str, *blocks: tuple[str, str]) -> ChatRequest:
    text = with_context(question, *blocks) if blocks else question
    messages = [{"role": "user", "content": text}]
    return read(json.dumps({"model": "deepseek-flash", "messages": messages}).encode(), beta=False)


def test_the_lines_that_speak_of_a_failure_are_named_with_their_numbers() -> None:
    text = failing(asked("what fails here?", ("log.txt", LOG)))
    assert text is not None
    assert text.startswith("Of the 6 lines of `log.txt` 2 speak of a failure:")
    assert "3: ConnectionError: timed out\n5: FATAL: giving up\n" in text


def test_of_many_the_last_are_shown() -> None:
    text = failing(asked("What failed?", ("log.txt", "an error\n" * 40)))
    assert text is not None
    assert "40 speak of a failure, the last 5 of which are:" in text
    assert text.count("an error") == 5


@pytest.mark.parametrize("question", ["what is this?", "what fails here?"])
def test_without_a_log_or_for_another_question_there_is_no_such_answer(question: str) -> None:
    blocks = () if "fails" in question else (("log.txt", LOG),)
    assert failing(asked(question, *blocks)) is None


def test_a_log_without_failures_says_so_and_the_reply_says_that_it_is_computed() -> None:
    text = compose(asked("what fails here?", ("log.txt", "all well"))).text
    assert text == f"Of the 1 lines of `log.txt` none speaks of a failure.\n\n{COMPUTED}".replace("1 lines", "1 line")
