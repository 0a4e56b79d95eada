"""The body of an open reply: the same events however it is cut, each handed on at once, and an end that is named."""

from __future__ import annotations

import random
import threading

import pytest
import urllib3

from deepseek_magic.api.events import Finished, KeepAlive, ReasoningDelta, Served, TextDelta, Usage, UsageReport
from deepseek_magic.api.http_errors import TryAgain
from deepseek_magic.api.messages import Message
from deepseek_magic.api.stream import batches
from deepseek_magic.errors import StreamBroken, UnexpectedResponse
from tests.faults import KEEP_ALIVE, MODEL, Close, Fault, chunk, completion, deltas, document, finish, stream
from tests.requesting import chat

WHOLE = b"".join([KEEP_ALIVE, *deltas("Größe: 7 µm.", "Let me see."), *finish()])
ASKED = chat("deepseek-flash", (Message("user", "hello"),))
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


def cuts(seed):
    """The whole body in pieces of random sizes."""
    chance, pieces, start = random.Random(seed), [], 0
    while start < len(WHOLE):
        size = chance.randint(1, 60)
        pieces.append(WHOLE[start : start + size])
        start += size
    return pieces


def events(server, fault):
    """Every event of the reply that the server sends."""
    server.enqueue(fault)
    with urllib3.PoolManager(retries=False, timeout=60) as pool:
        raw = pool.request("GET", f"{server.url}/stream", preload_content=False)
        try:
            return [event for batch in batches(raw, "h") for event in batch]
        finally:
            raw.close()


def joined(found, kind):
    return "".join(event.text for event in found if isinstance(event, kind))


@pytest.mark.parametrize(
    "pieces",
    [[WHOLE], [WHOLE[i : i + 1] for i in range(len(WHOLE))], *map(cuts, range(4))],
    ids=["whole", "byte by byte", *(f"cut {seed}" for seed in range(4))],
)
def test_a_reply_is_the_same_however_its_bytes_come(server, pieces):
    """Text, thinking, tokens and the reason to stop are exact, in characters that were cut as well."""
    found = events(server, stream(*pieces))
    assert joined(found, TextDelta) == "Größe: 7 µm."
    assert joined(found, ReasoningDelta) == "Let me see."
    assert found[0] == KeepAlive()
    assert [event.usage for event in found if isinstance(event, UsageReport)] == [Usage(10, 20, 0, 10, 0)]
    assert [event for event in found if isinstance(event, Finished)] == [Finished("stop")]
    assert {event.model for event in found if isinstance(event, Served)} == {MODEL}


@pytest.mark.parametrize("before", ["", "\ufeff", "\r\n \n"])
def test_a_reply_in_one_piece_is_read(server, before):
    """A server that cannot stream sends one JSON body; a byte-order mark or blank lines may stand before it."""
    body = document(completion("All of it.")).steps[0]
    found = events(server, Fault((before.encode() + body,), content_type="application/json"))
    assert joined(found, TextDelta) == "All of it."
    assert Finished("stop") in found


def test_a_reply_without_its_closing_mark_is_whole(server):
    """The reason to stop makes a reply whole, not the mark that should follow it."""
    assert joined(events(server, stream(*deltas("Yes."), finish()[0])), TextDelta) == "Yes."


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        (stream(*deltas("The an")), StreamBroken, "h ended the stream in the middle of the reply; the text so far is"),
        (stream(KEEP_ALIVE), UnexpectedResponse, "h sent an empty reply; run the cell again"),
        (stream(b"<!DOCTYPE html><p>Log in</p>"), UnexpectedResponse, "h answered with a web page instead of a reply"),
        (stream(*deltas("The an"), Close()), StreamBroken, "the connection to h broke in the middle of the reply;"),
        (stream(KEEP_ALIVE, Close()), TryAgain, "h: "),
    ],
)
def test_an_end_before_the_end_is_one_line(server, fault, kind, words):
    """What is missing is said; a break may be tried again only where nothing was said before it."""
    with pytest.raises(kind) as caught:
        events(server, fault)
    assert str(caught.value).startswith(words)
    assert "\n" not in str(caught.value)


def test_what_came_before_a_break_is_handed_on(server):
    """The text before the break was yielded by the time the error is raised."""
    server.enqueue(stream(*deltas("The an"), Close()))
    found = []
    with urllib3.PoolManager(retries=False, timeout=60) as pool:
        raw = pool.request("GET", f"{server.url}/stream", preload_content=False)
        with pytest.raises(StreamBroken):
            found.extend(event for batch in batches(raw, "h") for event in batch)
        raw.close()
    assert joined(found, TextDelta) == "The an"


def framed(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


@pytest.mark.parametrize("gathers", [False, True])
@pytest.mark.parametrize("text", ["first", "first" * 2_000], ids=["short", "longer than a buffer"])
def test_text_does_not_wait_for_the_bytes_behind_it(server, client, text, gathers):
    """The server stops at each place from the end of the first event on, until its text was handed on."""
    first, second = framed(chunk({"content": text})), framed(chunk({"content": " second"}))
    rest = b"".join(map(framed, finish())) + b"0\r\n\r\n"
    for cut in range(len(first) - 2, len(first) + 12):
        gate, seen = threading.Event(), []

        def steps(cut=cut, gate=gate, seen=seen):
            yield HEAD
            yield (first + second)[:cut]
            seen.append(gate.wait(60))
            yield (first + second)[cut:] + rest

        server.enqueue(Fault(steps, framing="raw"))
        options = {"gather": lambda events, seconds: 0.01} if gathers else {}
        said = ""
        for batch in client.stream(ASKED, 120, None, **options):
            said += "".join(event.text for event in batch if isinstance(event, TextDelta))
            if text in said:
                gate.set()
        assert said == f"{text} second"
        assert seen == [True], f"the text waited for what comes after byte {cut - len(first)} behind it"
