"""What the reader is told where a reply came in an unusual way; the cell passes where all of the text came."""

from __future__ import annotations

import pytest

from deepseek_magic.errors import StreamError
from tests.chat.scripted import asker, call, calling
from tests.faults import DONE, api_error, chunk, completion, deltas, document, event, finish, stream


def test_done_without_a_reason_passes_with_a_notice(server):
    server.enqueue(stream(*deltas("All of it."), DONE))
    with asker(server.url) as asked:
        answer = asked.ask("hello")
        assert answer.text == "All of it."
        assert answer.notices == ("The endpoint closed the reply without a reason; it may be incomplete.",)
        assert asked.conversation.transcript.turns[0].state == "complete"


def test_done_behind_an_error_proves_nothing(server):
    server.enqueue(stream(*deltas("Some of it."), event(api_error("Oh no")), DONE))
    with asker(server.url) as asked, pytest.raises(StreamError, match="Oh no") as failed:
        asked.ask("hello")
    assert failed.value.reply.text == "Some of it."


@pytest.mark.parametrize("text", ["", "Let me look."])
@pytest.mark.parametrize("whole", [False, True])
def test_calls_that_nobody_offered_are_said(server, text, whole):
    piece = call("look_up", "{}", "c")
    body = completion(text, finish="tool_calls")
    body["choices"][0]["message"]["tool_calls"] = [piece]
    server.enqueue(document(body) if whole else calling(piece, text=text))
    with asker(server.url) as asked:
        answer = asked.ask("hello")
    (notice,) = answer.notices
    assert "called the function look_up, and nothing was run" in notice


def test_a_part_that_cannot_be_shown_is_said(server):
    parts = [{"type": "text", "text": "abc"}, {"type": "input_audio", "data": "x"}]
    server.enqueue(stream(chunk({"content": parts}), *finish()))
    with asker(server.url) as asked:
        answer = asked.ask("hello")
    assert answer.text == "abc"
    assert answer.notices == ("The reply also contains a part of type input_audio, which cannot be shown here.",)
