"""The README's tour without a key: each of its questions gets a reply that a person would call an answer."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from deepseek_magic.app import options
from deepseek_magic.app.python_conversation import Conversation
from deepseek_magic.demo.endpoint import EmbeddedEndpoint
from deepseek_magic.demo.request_report import NOTICE
from deepseek_magic.render import safe_html

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
_LINE = re.compile(r"(?:reply = )?%deepseek (?!-)(.+)|(?:reply = )?%deepseek (--think off .+)")
_PYTHON = re.compile(r'deepseek_magic\.(?:ask|stream)\("([^"]+)"')
_CELL = re.compile(r"^%%deepseek\b(.+?)```", re.MULTILINE | re.DOTALL)
_SHELL = re.compile(r'`deepseek-magic ask "([^"]+)"`')


def tour() -> list[str]:
    """Return the questions of the tour, in order."""
    text = README[: README.index("## Options of a question")]
    asked = [found[1] or found[2] for found in _LINE.finditer(text)]
    cells = [" ".join(found[1].split()) for found in _CELL.finditer(text)]
    asked += _PYTHON.findall(text) + cells + _SHELL.findall(text)
    return [options.parse(question).text for question in asked]


def test_the_tour_has_questions_of_every_kind() -> None:
    asked = tour()
    assert len(asked) >= 8
    for one in ("What's a p-value?", "Give me a haiku about it", "What is a monad?"):
        assert one in asked
    assert any(question.startswith("Why does the sample variance") for question in asked)


def test_each_question_of_the_tour_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DEEPSEEK_API_KEY", raising=False)
    with EmbeddedEndpoint() as endpoint:
        conversation = Conversation(base_url=endpoint.url)
        for question in tour():
            text = conversation.ask(question).text
            assert NOTICE not in text, question
            assert "written by hand" in text, question


def test_what_is_asked_beside_it_gets_a_short_answer_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DEEPSEEK_API_KEY", raising=False)
    with EmbeddedEndpoint() as endpoint:
        text = Conversation(base_url=endpoint.url).ask("Who was Emmy Noether?").text
    first, second, folded = text.split("\n\n", 2)
    assert first == NOTICE
    assert "with a key (`%deepseek_login`" in second
    assert folded.startswith("<details>\n<summary>What it received: 1 message, about ")
    assert folded.endswith("</details>")
    shown = str(safe_html.answer(text))
    assert shown.count("<details") == shown.count("</details>") == 1
    assert shown.index("%deepseek_login") < shown.index("<details") < shown.index("Who was Emmy Noether?")
