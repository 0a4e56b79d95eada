"""Questions from Python without a notebook: which turns go along."""

from __future__ import annotations

import gc
import inspect
import pydoc
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

import deepseek_magic
from deepseek_magic.app.session import process_session
from deepseek_magic.settings.parameters import Changes, Keeping, QuestionOptions
from tests.app.asking import texts
from tests.chat.scripted import call, calling
from tests.faults import MODEL, Fault, deltas, document, finish, reply


def test_a_new_conversation_has_no_turns_of_an_old_one(server):
    for question in ("one", "two", "three"):
        assert deepseek_magic.Conversation().ask(question).text == f"answer to {question}"
    assert [texts(request) for request in server.requests] == [["one"], ["two"], ["three"]]


def test_two_conversations_at_a_time_share_no_turns(server):
    first, second = deepseek_magic.Conversation(), deepseek_magic.Conversation()
    for conversation, question in ((first, "a"), (second, "b"), (first, "c"), (second, "d")):
        conversation.ask(question)
    assert texts(server.requests[2]) == ["a", "answer to a", "c"]
    assert texts(server.requests[3]) == ["b", "answer to b", "d"]


def test_a_conversation_goes_with_its_object(server):
    session = process_session()
    gc.collect()
    before = set(session.conversations)
    kept = deepseek_magic.Conversation()
    for _ in range(3):
        deepseek_magic.Conversation().ask("question")
    gc.collect()
    (name,) = set(session.conversations) - before
    kept.ask("again")
    assert session.conversations[name].last_reply.text == "answer to again"
    assert session.conversations.latest is session.conversations[name]
    del kept
    gc.collect()
    assert set(session.conversations) == before
    assert session.conversations.latest.last_reply.text == "answer to again"  # its code can still go into a cell


def test_a_conversation_that_the_user_chose_by_name_stays(server):
    session = process_session()
    conversation = deepseek_magic.Conversation()
    conversation.ask("first")
    name = session.conversations.latest.name
    assert session.conversations.named(name) is session.conversations.latest
    conversation.ask("second")
    assert texts(server.requests[1]) == ["first", "answer to first", "second"]
    del conversation
    gc.collect()
    assert [turn.question for turn in session.conversations.named(name).transcript.turns] == ["first", "second"]


def test_a_name_that_the_user_took_is_not_given_again(server):
    session = process_session()
    conversation = deepseek_magic.Conversation()
    conversation.ask("first")
    number = int(session.conversations.latest.name.rpartition("-")[2])
    taken = session.conversations.named(f"python-{number + 1}")
    later = deepseek_magic.Conversation()
    later.ask("other")
    assert session.conversations.latest is not taken
    assert texts(server.requests[-1]) == ["other"]


def test_a_conversation_shows_its_turns(server):
    conversation = deepseek_magic.Conversation()
    assert (conversation.turns, conversation.last) == ((), None)
    conversation.ask("one")
    assert list(conversation.stream("two"))
    assert [(turn.question, turn.text, turn.state) for turn in conversation.turns] == [
        ("one", "answer to one", "complete"),
        ("two", "answer to two", "complete"),
    ]
    assert conversation.turns[0].model == MODEL
    assert conversation.last.text == "answer to two"
    conversation.reset()
    assert (conversation.turns, conversation.last) == ((), None)
    conversation.ask("three")
    assert texts(server.requests[-1]) == ["three"]


@pytest.mark.parametrize("call", ["ask", "stream", "Conversation"])
def test_a_misspelt_option_is_an_error_that_names_the_right_one(call):
    arguments = () if call == "Conversation" else ("question",)
    with pytest.raises(TypeError, match=r"^unknown option 'temprature': did you mean temperature\?$"):
        getattr(deepseek_magic, call)(*arguments, temprature=1)


@pytest.mark.parametrize(
    ("function", "table"),
    [
        (deepseek_magic.ask, QuestionOptions),
        (deepseek_magic.stream, QuestionOptions),
        (deepseek_magic.map, Keeping),
        (deepseek_magic.Conversation, QuestionOptions),
        (deepseek_magic.Conversation.ask, QuestionOptions),
        (deepseek_magic.Conversation.load, QuestionOptions),
        (deepseek_magic.Conversation.resume, Changes),
    ],
)
def test_the_signature_names_every_option(function, table):
    """Where `help` and IPython look; type checkers read the annotation."""
    parameters = inspect.signature(function).parameters
    assert [name for name in parameters if name in table.__annotations__] == list(table.__annotations__)
    assert not [one for one in parameters.values() if one.kind is inspect.Parameter.VAR_KEYWORD]
    assert "model: 'str' = ..." in str(inspect.signature(function))
    assert "_AsSet" not in pydoc.render_doc(function, renderer=pydoc.plaintext)


def test_an_option_of_the_magics_and_an_empty_text_are_one_line():
    with pytest.raises(
        TypeError, match=r"^unknown option 'tools': it is an option of the magics, not of this function$"
    ):
        deepseek_magic.ask("question", tools=[print])
    with pytest.raises(
        deepseek_magic.errors.EmptyQuestion, match=r"^there is no question: expected words, and the text is empty$"
    ):
        deepseek_magic.ask(" ")


def test_a_conversation_says_what_it_is(server):
    conversation = deepseek_magic.Conversation()
    conversation.ask("one")
    assert re.fullmatch(r"<Conversation python-\d+: 1 turn>", repr(conversation))


def test_a_callback_that_yields_the_text_so_far(server):
    """As Panel, Voila and Gradio call one."""

    def callback(contents, user="", instance=None):
        said = ""
        for piece in deepseek_magic.stream(contents):
            said += piece
            yield said

    server.repeat(reply("one two three", pieces=5))
    shown = list(callback("count"))
    assert shown[-1] == "one two three"
    assert all(later.startswith(earlier) for earlier, later in pairwise(shown))


def test_conversations_in_threads_share_no_turns(server):
    def talk(name):
        conversation = deepseek_magic.Conversation()
        return [conversation.ask(f"{name}{n}").text for n in range(3)]

    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(talk, "abcd"))
    assert said == [[f"answer to {name}{n}" for n in range(3)] for name in "abcd"]
    assert all(len({text[0] for text in texts(request)[::2]}) == 1 for request in server.requests)


def test_what_is_public_can_be_imported_and_is_in_help():
    text = pydoc.render_doc(deepseek_magic, renderer=pydoc.plaintext)
    for name in deepseek_magic.__all__:
        assert getattr(deepseek_magic, name) is not None
        assert (name.strip("_").upper() if name == "__version__" else name) in text
        assert name in dir(deepseek_magic)


def test_kept_answers_are_found_from_python(server, tmp_path, monkeypatch):
    """In this process, and in another one by a record; a stream and a conversation as well; fresh asks again."""
    record = str(tmp_path / "answers.db")
    first = deepseek_magic.ask("one", record=record)
    assert deepseek_magic.ask("one", replay="auto").kept == "memory"
    assert deepseek_magic.ask("two", record=record, no_record=True).kept == ""
    talk = deepseek_magic.Conversation(record=record)
    talk.ask("three")
    "".join(deepseek_magic.stream("four", record=record))
    deepseek_magic.map(["a", "b"], "Name {value}", record=record, show=False)
    count = len(server.requests)
    monkeypatch.setattr("deepseek_magic.app.session._of_process", {})  # as in another process
    kept = deepseek_magic.ask("one", replay="only", record=record)
    assert (kept.text, kept.kept) == (first.text, "record")
    again = deepseek_magic.Conversation(replay="only", record=record)
    assert again.ask("three").kept == "record"
    stream = deepseek_magic.stream("four", replay="only", record=record)
    assert ("".join(stream), stream.reply.kept) == ("answer to four", "record")
    mapped = deepseek_magic.map(["a", "b"], "Name {value}", replay="only", record=record, show=False)
    assert list(mapped) == ["answer to Name a", "answer to Name b"]
    with pytest.raises(deepseek_magic.errors.NotKept, match="no answer to this question is kept"):
        deepseek_magic.ask("two", replay="only", record=record)
    assert len(server.requests) == count
    assert deepseek_magic.ask("one", replay="auto", fresh=True, record=record).kept == ""
    assert len(server.requests) == count + 1


def test_the_web_from_python(server):
    """True is the usual number of requests; a stream, which a thread asks, refuses what it would ask for."""
    found = document({"results": [{"title": "T", "url": "https://example.org/a", "summary": "So."}]})
    leak = calling(call("web_fetch", '{"url": "https://collect.example.net/?d=all"}', "f"))
    search = calling(call("web_search", '{"query": "what"}', "s"))
    server.enqueue(search, found, reply("So [1]."))
    answer = deepseek_magic.ask("What?", web=True)
    assert [(one.number, one.url) for one in answer.sources] == [(1, "https://example.org/a")]
    assert answer.web_requests == 1
    server.enqueue(leak, search, found, reply("So [1]."))
    stream = deepseek_magic.Conversation(web=2).stream("What?")
    assert "".join(stream).strip() == "So [1]."
    assert "did not allow it" in server.requests[4].json["messages"][-1]["content"]
    assert [one.title for one in stream.reply.sources] == ["T"]
    assert "web" not in server.requests[0].json
    assert deepseek_magic.ask("Plain", web=False).sources == ()
    assert "tools" not in server.requests[-1].json
    with pytest.raises(deepseek_magic.errors.ConfigurationError, match="web is 'much': expected a whole number from 0"):
        deepseek_magic.ask("What?", web="much")


def test_several_answers_at_once(server):
    server.repeat(lambda request: reply(f"{request.json['model']} on {request.json['thinking']['type']} thinking"))
    answers = deepseek_magic.compare("Which?", ["deepseek-flash", "deepseek-v4-pro"], temperature=0)
    assert isinstance(answers, deepseek_magic.Answers)
    assert {name: answer.text for name, answer in answers.items()} == {
        "deepseek-flash": "deepseek-flash on enabled thinking",
        "deepseek-v4-pro": "deepseek-v4-pro on enabled thinking",
    }
    assert [request.json["temperature"] for request in server.requests] == [0, 0]
    named = {"fast": {"thinking": "off"}, "slow": {"thinking": "high", "model": "deepseek-v4-pro"}}
    answers = deepseek_magic.compare("Which?", named)
    assert answers["fast"].text == "deepseek-flash on disabled thinking"
    assert answers["slow"].text == "deepseek-v4-pro on enabled thinking"
    with pytest.raises(deepseek_magic.errors.OptionError, match="each column a model of its own"):
        deepseek_magic.compare("Which?", named, model="deepseek-flash")
    with pytest.raises(TypeError, match=r"deepseek_magic\.compare does that"):
        deepseek_magic.ask("Which?", compare="a,b")


def test_replies_that_are_to_come(server):
    """At most four are asked at a time; a script needs no notebook for them, and none that shows them."""
    held = threading.Event()

    def answer(request):
        def steps():
            assert held.wait(60)
            yield from deltas(f"answer to {texts(request)[-1]}")
            yield from finish()

        return Fault(steps)

    server.repeat(answer)
    coming = [deepseek_magic.submit(f"question {number}") for number in range(6)]
    assert server.wait_requests(4, 60)
    with pytest.raises(TimeoutError, match="still coming"):
        coming[0].result(timeout=0)
    assert not any(one.done for one in coming)
    assert "waiting for one of 4 places" in repr(coming[5])
    assert len(server.requests) == 4
    held.set()
    assert [one.result(60).text for one in coming] == [f"answer to question {number}" for number in range(6)]
    with pytest.raises(deepseek_magic.errors.OptionError, match="needs a notebook"):
        deepseek_magic.submit("question", show=True)
    with pytest.raises(TypeError, match=r"deepseek_magic\.submit does that"):
        deepseek_magic.ask("question", background=True)
