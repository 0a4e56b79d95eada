"""A conversation from Python, shaped, written to a file and loaded."""

from __future__ import annotations

import gc

import pytest

import deepseek_magic
from deepseek_magic.app.session import process_session
from deepseek_magic.errors import QuestionError
from tests.app.asking import texts


def test_a_conversation_is_shaped_from_python(server):
    conversation = deepseek_magic.Conversation(system="Be brief.")
    for question in ("one", "two", "three"):
        conversation.ask(question)
    other = conversation.fork(2)
    conversation.drop(1)
    conversation.edit(2, "mine")
    assert [(said.number, said.text, said.origin, said.stale) for said in conversation.turns] == [
        (2, "mine", "edited", False),
        (3, "answer to three", "model", True),
    ]
    conversation.undo()
    conversation.ask("four")
    assert texts(server.requests[-1]) == ["Be brief.", "two", "mine", "four"]
    other.ask("five")
    assert texts(server.requests[-1]) == ["Be brief.", "one", "answer to one", "two", "answer to two", "five"]
    name = process_session().conversations.latest.name
    del other
    gc.collect()
    assert name not in process_session().conversations


def test_a_conversation_is_written_and_loaded_from_python(server, tmp_path):
    conversation = deepseek_magic.Conversation()
    conversation.ask("one")
    conversation.export(tmp_path / "a.jsonl")
    with pytest.raises(QuestionError, match="exists"):
        conversation.export(str(tmp_path / "a.jsonl"))
    conversation.export(tmp_path / "a.jsonl", force=True)
    loaded = deepseek_magic.Conversation.load(tmp_path / "a.jsonl", system="Be brief.")
    assert [(said.question, said.text, said.origin) for said in loaded.turns] == [("one", "answer to one", "imported")]
    loaded.ask("two")
    assert texts(server.requests[-1]) == ["Be brief.", "one", "answer to one", "two"]
