"""A reply as an iterator over its text: as it comes, with what breaks it raised behind it."""

from __future__ import annotations

import itertools
import threading

import pytest

import deepseek_magic
from deepseek_magic import errors
from tests.faults import Close, Fault, chunk, deltas, finish, named

TEXT = "One piece after the other, and then **the end**.\n" * 20


@pytest.fixture
def server(server, monkeypatch):
    """The server of the tests, as the endpoint that the environment names."""
    monkeypatch.setenv("DEEPSEEK_API_KEY", "sk-of-the-streams-71f0")
    monkeypatch.setenv("DEEPSEEK_BASE_URL", server.url)
    return server


def test_a_stream_yields_the_text_as_it_comes(server):
    """The first piece is read while the endpoint still holds the rest back."""
    go = threading.Event()

    def steps():
        yield from deltas("Begun. ")
        assert go.wait(60)
        yield from deltas(TEXT)[1:]
        yield from finish()

    server.enqueue(Fault(steps))
    stream = deepseek_magic.stream("question")
    assert server.requests == []
    pieces = [next(stream)]
    assert pieces[0]
    assert "Begun. ".startswith(pieces[0])
    assert stream.reply is None
    go.set()
    pieces += stream
    assert "".join(pieces) == stream.reply.text == f"Begun. {TEXT}"
    assert list(stream) == []


def test_a_stream_that_breaks_raises_behind_its_text(server):
    server.enqueue(Fault((*deltas(TEXT), Close())))
    stream = deepseek_magic.stream("question")
    pieces = []
    with pytest.raises(errors.StreamBroken):  # noqa: PT012  # what came before it raised is looked at
        for piece in stream:
            pieces.append(piece)
    assert "".join(pieces) == stream.reply.text == TEXT
    server.enqueue(*named("wrong-key"))
    with pytest.raises(errors.AuthenticationFailed):
        next(deepseek_magic.stream("question"))


def test_a_stream_that_is_left_stops(server):
    server.enqueue(Fault(lambda: itertools.chain(deltas("a"), itertools.repeat(chunk({"content": "and so on "})))))
    with deepseek_magic.Conversation().stream("question") as stream:
        next(stream)
    assert server.wait_disconnect()
    assert list(stream) == []
