"""One value asked over real HTTP: its outcome, what is asked again, and what every other value would meet as well."""

from __future__ import annotations

import pickle
from contextlib import contextmanager

import pytest

from deepseek_magic import errors
from deepseek_magic.api.events import Usage
from deepseek_magic.app.mapping import key_here
from deepseek_magic.batch.results import ValueOutcome
from deepseek_magic.batch.slots import Sending, Slots
from deepseek_magic.batch.work import ValueTask, failure
from deepseek_magic.settings.parameters import Settings
from deepseek_magic.structured.shape import Shape
from tests.batch.asking import prompts
from tests.faults import MODEL, NORMAL_TEXT, Close, api_error, deltas, error, reply, stream

BROKEN = stream(*deltas("The an"), Close())


@contextmanager
def asking(server, **fields):
    """What asks one prompt, with a slot."""
    slots = Slots(1)
    assert slots.enter()
    task = ValueTask(Settings(base_url=server.url), fields.get("shape"), fields.get("before", ""), key_here)
    sending = Sending(slots)
    client = task.client(None, sending, slots.pause)
    try:
        yield lambda prompt: task(prompt, client, sending, slots), slots
    finally:
        client.close()


def test_a_value_is_asked_behind_what_stands_before_it(server):
    """The outcome has the text, the tokens and the model that served."""
    with asking(server, before="Say. ") as (ask, _):
        assert ask("it") == ValueOutcome(NORMAL_TEXT, usage=Usage(10, 20, 0, 10, 0), model=MODEL)
    assert prompts(server) == ["Say. it"]


def test_a_value_of_a_shape_is_read_from_the_reply(server):
    """The JSON value of the reply is in the outcome beside its text."""
    server.enqueue(reply('{"value": 7}'))
    with asking(server, shape=Shape.of(int)) as (ask, _):
        outcome = ask("Answer in JSON: how many?")
    assert (outcome.json, outcome.error) == (7, "")


def test_a_reply_that_breaks_off_is_asked_again_and_all_tokens_count(server):
    """The broken try is estimated: "it" is 1 token, "The an" are 2; the whole reply has 10 and 20."""
    server.enqueue(BROKEN)
    with asking(server) as (ask, _):
        outcome = ask("it")
    assert outcome.text == NORMAL_TEXT
    assert (outcome.usage.prompt, outcome.usage.completion) == (11, 22)
    assert len(server.requests) == 2


@pytest.mark.thorough
def test_three_tries_are_the_most(server):
    """The error of the last try is the outcome's, and no other value need meet it."""
    server.repeat(BROKEN)
    with asking(server) as (ask, _):
        outcome = ask("it")
    assert (outcome.failed, outcome.fatal, len(server.requests)) == (True, False, 3)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (reply(" \n", finish="length"), "its thinking used up the token limit: raise --max-tokens, or use --think low"),
        (reply("x", finish="content_filter"), "the endpoint's filter withheld the reply"),
        (reply("", finish="content_filter"), "the endpoint's filter withheld the reply"),
        (reply(" ", "thoughts", finish="content_filter"), "the endpoint's filter withheld the reply"),
    ],
)
def test_a_reply_that_is_none_is_an_error_at_once(server, answer, words):
    """What would come out the same is not asked again."""
    server.enqueue(answer)
    with asking(server) as (ask, _):
        assert ask("it").error.startswith(words)
    assert len(server.requests) == 1


def test_once_the_run_is_stopped_nothing_is_asked_again(server):
    """The try under way comes to its end, and is the last."""
    server.enqueue(BROKEN)
    with asking(server) as (ask, slots):
        slots.stop()
        assert ask("it").failed
    assert len(server.requests) == 1


def test_a_refused_key_is_fatal(server):
    """What the server says of the key holds for every value."""
    server.enqueue(error(401, api_error("no such key")))
    with asking(server) as (ask, _):
        outcome = ask("it")
    assert (outcome.fatal, outcome.fault, outcome.usage) == (True, False, Usage())


def test_whose_fault_an_error_is():
    """A key and money are everybody's, an endpoint out of order is a fault of its own, and a value's own is neither."""
    found = [failure(kind("x")) for kind in (errors.InsufficientBalance, errors.ServerError, ValueError)]
    assert [(one.fatal, one.fault) for one in found] == [(True, False), (False, True), (False, False)]


def test_a_task_travels_to_another_process():
    """What a task is made of can be pickled, shape and all."""
    task = ValueTask(Settings(), None, "before", key_here)
    assert pickle.loads(pickle.dumps(task)) == task
