"""What the endpoint's cache lives on: the messages of a conversation grow at their end alone, byte for byte."""

from __future__ import annotations

import json
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from deepseek_magic.api.client import Client
from deepseek_magic.api.dialects import DEEPSEEK
from deepseek_magic.chat.conversation import Conversation
from deepseek_magic.chat.question import Question
from deepseek_magic.render.back_ends.plain import PlainRenderer
from deepseek_magic.settings.parameters import Settings
from tests.faults import FaultServer, reply

MESSAGES = '"messages":['


def asked(conversation, client, text, **options):
    chosen = Settings(system="You are brief. Über alles.", **options)
    return conversation.ask(Question(text, chosen), client, PlainRenderer(lambda _: None))


def messages(body):
    """The bytes of the messages, without the bracket that closes them."""
    text = body.decode()
    start = text.index(MESSAGES) + len(MESSAGES)
    _, end = json.JSONDecoder().raw_decode(text, start - 1)
    return text[start : end - 1].encode()


TEXTS = st.text(min_size=1, max_size=40).filter(str.strip)
TURNS = st.lists(
    st.tuples(TEXTS, TEXTS, st.sampled_from([None, "off", "low", "max"]), st.sampled_from([None, 0.5])),
    min_size=2,
    max_size=5,
)


@settings(max_examples=40, deadline=None)
@given(TURNS)
def test_the_bytes_of_a_turn_begin_those_of_the_next(turns):
    """Whatever is said, and however the settings of single questions change."""
    with FaultServer() as server:
        client, conversation = Client(server.url, None, DEEPSEEK), Conversation()
        for question, answer, thinking, temperature in turns:
            server.enqueue(reply(answer, "Some thought.", usage=None))
            asked(conversation, client, question, thinking=thinking, temperature=temperature)
        client.close()
        sent = [messages(request.body) for request in server.requests]
    assert len(sent) == len(turns)
    assert all(later.startswith(earlier + b",") for earlier, later in pairwise(sent))
    assert all(body.startswith(b'{"role":"system","content":"You are brief.') for body in sent)


def test_the_cache_serves_what_was_sent_before(endpoint):
    client, conversation = Client(endpoint.url, None, DEEPSEEK), Conversation()
    replies = [asked(conversation, client, f"Question number {n}, which is a long one.") for n in range(4)]
    client.close()
    for earlier, later in pairwise(replies):
        assert later.usage.cache_hit >= earlier.usage.prompt
