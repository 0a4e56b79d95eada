"""What was asked last: what is kept of it, and whether one can go on with it."""

from __future__ import annotations

import pytest

from deepseek_magic.chat.asked import nothing_to_go_on_with
from deepseek_magic.errors import QuestionError
from tests.chat.scripted import asker
from tests.faults import FaultServer, reply


@pytest.mark.parametrize(("finish", "is_kept"), [("stop", True), ("length", False), ("content_filter", False)])
def test_what_is_whole_is_kept(finish, is_kept):
    """With the digest of its request, and when it came."""
    with FaultServer() as server, asker(server.url) as conversation:
        server.enqueue(reply("text", "thinking", finish=finish))
        conversation.ask("Why?")
        kept, facts = conversation.conversation.kept, conversation.shown.ending.metadata["deepseek_magic"]
    assert (kept is not None) == is_kept == ("checksum" in facts)
    if is_kept:
        assert (kept.request, kept.text, kept.thinking, kept.question) == (facts["request"], "text", "thinking", "Why?")
        assert kept.answered == facts["answered"]


def test_a_whole_reply_cannot_be_gone_on_with():
    """Nor can one that there is not."""
    with FaultServer() as server, asker(server.url) as conversation:
        with pytest.raises(QuestionError, match="nothing to continue in conversation main: no reply was cut"):
            conversation.conversation.unfinished()
        server.enqueue(reply("text"))
        conversation.ask("Why?")
        with pytest.raises(QuestionError, match="nothing to continue in conversation main: the last reply is complete"):
            conversation.conversation.unfinished()
    assert "in conversation x: why" in str(nothing_to_go_on_with("x", "why"))


def test_a_reply_that_was_cut_is_kept_once_the_rest_has_come():
    """Whole, as the answer to the question."""
    from deepseek_magic.api.client import Client
    from tests.chat.scripted import Recorded

    with FaultServer() as server, asker(server.url) as conversation:
        server.enqueue(reply("one two", finish="length"), reply(" three"))
        conversation.ask("Why?")
        client = Client(server.url, None, conversation.dialect)
        conversation.conversation.resume(conversation.settings, client, Recorded())
        client.close()
        kept = conversation.conversation.kept
    assert (kept.text, kept.question) == ("one two three", "Why?")
