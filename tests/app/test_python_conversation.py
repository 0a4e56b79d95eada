"""A conversation from Python, shaped, written to a file and loaded."""

from __future__ import annotations

import gc
import inspect
import re

import pytest

import deepseek_magic
from deepseek_magic.app.session import process_session
from deepseek_magic.errors import ConfigurationError, OptionError, QuestionError
from tests.app.asking import texts
from tests.faults import reply


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


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ({"temperature": 99}, "temperature is 99: expected a number from 0 to 2"),
        ({"max_tokens": 0}, "max_tokens is 0: expected a whole number from 1"),
        ({"model": 7}, "model is 7: expected "),
        ({"base_url": "ollma"}, "bad URL 'ollma': "),
        ({"thinking": "enormous"}, "thinking is 'enormous': expected one of "),
        ({"stop": [""]}, "expected at most 16 strings"),
    ],
)
def test_an_option_that_no_question_could_be_asked_with_is_refused_where_it_is_given(option, said):
    """Not by each question."""
    with pytest.raises(ConfigurationError, match=re.escape(said)):
        deepseek_magic.Conversation(**option)


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


def test_one_of_several_answers_is_kept(server):
    server.repeat(lambda request: reply(f"{request.json['thinking']['type']}"))
    conversation = deepseek_magic.Conversation(model="deepseek-v4-pro", thinking="low")
    answers = conversation.compare("Which?", "think=off,high")
    assert {name: answer.text for name, answer in answers.items()} == {"off": "disabled", "high": "enabled"}
    for picked, text in ((2, "enabled"), ("off", "disabled"), ("think=high", "enabled")):
        assert conversation.pick(picked).text == text
        conversation.ask("And?")
        assert texts(server.requests[-1])[:3] == ["Which?", text, "And?"]
    for wrong in ("max", 3, 2.5, True, "", None):
        said = f"there is no answer {wrong!r} to pick: expected one of 1, 2, 'think=off', 'think=high'"
        with pytest.raises(QuestionError, match=f"^{said}$"):
            conversation.pick(wrong)
    conversation.compare("Which?", {"plain": {}, "other": {"thinking": "off"}})
    with pytest.raises(QuestionError, match="no answer '' to pick: expected one of 1, 2, 'plain', 'other'"):
        conversation.pick("")
    assert conversation.pick("plain").text == "enabled"


def test_what_python_is_told_names_no_option_of_the_magics():
    conversation, searching = deepseek_magic.Conversation(), deepseek_magic.Conversation(web=True)
    with pytest.raises(QuestionError, match=r"has no answers to pick from: ask for several with its method compare$"):
        conversation.pick(1)
    said = "^unknown option 'web': it asks you about some addresses: use ask for this question$"
    for one, web in ((deepseek_magic, True), (conversation, 2), (conversation, False)):
        with pytest.raises(TypeError, match=said):
            one.submit("hello", web=web)
        with pytest.raises(TypeError, match=said):
            one.compare("hello", ["a", "b"], web=web)
        assert not {"web"} & {*inspect.signature(one.submit).parameters, *inspect.signature(one.compare).parameters}
    said = "^{}: this conversation has web=True, which asks you about some addresses: use its method ask$"
    with pytest.raises(OptionError, match=said.format("submit")):
        searching.submit("hello")
    with pytest.raises(OptionError, match=said.format("compare")):
        searching.compare("hello", ["a", "b"])
    with pytest.raises(OptionError, match=r"^compare a: expected two values or more"):
        conversation.compare("hello", "a")


def test_a_question_waits_for_the_reply_before_it(server):
    conversation = deepseek_magic.Conversation()
    coming = conversation.submit("one")
    conversation.ask("two")
    assert coming.done
    assert texts(server.requests[-1]) == ["one", "answer to one", "two"]
