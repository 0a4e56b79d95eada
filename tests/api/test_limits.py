"""No body is read without a limit: each server here would go on for long, and gets rid of a few megabytes only."""

from __future__ import annotations

import json
import tracemalloc
import zlib
from collections.abc import Callable, Iterable
from functools import cache
from itertools import chain, pairwise
from random import Random

import pytest

from deepseek_magic.api import limits
from deepseek_magic.api.api_errors import retry_after
from deepseek_magic.api.client import Client
from deepseek_magic.api.decode import TOO_LONG
from deepseek_magic.api.events import Finished, ReasoningDelta, TextDelta
from deepseek_magic.api.messages import Message
from deepseek_magic.errors import DeepSeekError, NotFound, RateLimited, StreamBroken, UnexpectedResponse
from deepseek_magic.settings.parameters import MOST_REPLY
from tests.faults import (
    BEGUN,
    NORMAL_TEXT,
    TEXT,
    Fault,
    FaultServer,
    Pause,
    api_error,
    chunk,
    completion,
    deltas,
    document,
    error,
    finish,
    stream,
)
from tests.requesting import chat

ASKED = chat("deepseek-flash", (Message("user", "hello"),))
MB = 1 << 20
#: What the sockets of both sides hold, beside what was read.
BUFFERS = 16 * MB
JSON = "application/json"


def over_and_over(piece: bytes, first: bytes = b"", megabytes: int = 100) -> Callable[[], Iterable[bytes]]:
    """``first``, then ``piece`` in writes of half a megabyte, up to so many megabytes: a server without limits."""

    def steps() -> Iterable[bytes]:
        yield first + piece
        block = piece * max(1, (MB // 2) // len(piece))
        for _ in range(megabytes * 2):
            yield block

    return steps


@cache
def zipped(piece: bytes, first: bytes = b"", megabytes: int = 100) -> tuple[bytes, ...]:
    """A bomb: so many megabytes, in a body of one thousandth."""
    squeeze = zlib.compressobj(9, wbits=31)
    parts = [squeeze.compress(first)]
    block = piece * max(1, MB // len(piece))
    parts += [squeeze.compress(block) for _ in range(megabytes)]
    return (b"".join([*parts, squeeze.flush()]),)


GZIP = (("Content-Encoding", "gzip"),)


def ask(client: Client, timeout: float = 60) -> tuple[str, str, DeepSeekError | None]:
    """The text, the reason of its end, and the error."""
    text, reason = [], ""
    try:
        for event in chain.from_iterable(client.stream(ASKED, timeout)):
            if isinstance(event, TextDelta):
                text.append(event.text)
            elif isinstance(event, Finished):
                reason = event.reason
    except DeepSeekError as failed:
        return "".join(text), reason, failed
    return "".join(text), reason, None


def sent(server: FaultServer) -> int:
    return sum(size for _, size in server.sent)


def assert_bounded(server: FaultServer, most: int) -> None:
    """The client left: the server got rid of the limit and of what the sockets hold."""
    assert server.wait_disconnect()
    assert sent(server) <= most + BUFFERS


ENDLESS = {
    "a redirect": (over_and_over(b"x" * 1000), 302, "text/html", (("Location", "http://x.invalid/"),)),
    "an error": (over_and_over(b"x" * 1000), 404, "text/plain", ()),
    "a web page": (over_and_over(b"x" * 1000), 200, "text/html", ()),
    "a reply in one piece": (over_and_over(b"[],", b'{"a": ['), 200, JSON, ()),
    "blanks before the reply": (over_and_over(b"\n" * 1000), 200, JSON, ()),
    "comments": (over_and_over(b": " + b"x" * 1000 + b"\n\n"), 200, "text/event-stream", ()),
    "one line": (over_and_over(b"x" * 1000, b"data: "), 200, "text/event-stream", ()),
    "events that say nothing": (over_and_over(chunk({"content": ""})), 200, "text/event-stream", ()),
}


@pytest.mark.thorough
@pytest.mark.parametrize("name", ENDLESS)
def test_a_body_without_end(server, client, name):
    steps, status, kind, headers = ENDLESS[name]
    server.repeat(Fault(steps, status, headers, kind))
    _, _, failed = ask(client)
    assert isinstance(failed, DeepSeekError)
    assert len(server.requests) == 1
    assert len(str(failed)) < 1000
    assert_bounded(server, limits.MOST_SILENT)


#: What is zipped, as `zipped` takes it, and the answer that it is.
BOMBS = {
    "a redirect": ((b"x" * 1000,), 302, "text/html", (("Location", "http://x.invalid/"),)),
    "an error": ((b"x" * 1000,), 404, "text/plain", ()),
    "a reply in one piece": ((b"[],", b'{"a": ['), 200, JSON, ()),
    "comments": ((b": " + b"x" * 1000 + b"\n\n",), 200, "text/event-stream", ()),
    "one line": ((b"x" * 1000, b"data: "), 200, "text/event-stream", ()),
}


@pytest.mark.thorough
@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_costs_little(server, client, name):
    pieces, status, kind, headers = BOMBS[name]
    server.repeat(Fault(zipped(*pieces), status, (*headers, *GZIP), kind))
    ask(client)  # imports
    tracemalloc.start()
    _, _, failed = ask(client)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert isinstance(failed, DeepSeekError)
    assert peak < 24 * MB


@pytest.mark.thorough
@pytest.mark.parametrize("path", ["models", "balance"])
@pytest.mark.parametrize("packed", [False, True])
def test_an_answer_without_end(server, client, path, packed):
    piece, first = b'{"id": "a"},', b'{"data": ['
    if packed:
        server.repeat(Fault(zipped(piece, first), 200, GZIP, JSON))
    else:
        server.repeat(Fault(over_and_over(piece, first), content_type=JSON))
    with pytest.raises(UnexpectedResponse, match="more than 2 MB"):
        getattr(client, path)(20)
    if not packed:
        assert_bounded(server, limits.MOST_ANSWER)


@pytest.mark.parametrize("nested", [b"[" * 400_000, b"[" * 400_000 + b"]" * 400_000, b'{"a":' * 200_000])
def test_an_answer_that_is_nested_without_end(server, client, nested):
    server.repeat(document(nested))
    with pytest.raises(UnexpectedResponse):
        client.models(20)
    server.repeat(error(404, nested))
    assert isinstance(ask(client)[2], NotFound)
    server.repeat(document(b'{"choices": ' + nested))
    assert isinstance(ask(client)[2], DeepSeekError)
    server.repeat(stream(b"data: " + nested + b"\n\n"))
    assert isinstance(ask(client)[2], StreamBroken)


@pytest.mark.parametrize("depth", [300, 700, 950])
def test_an_error_that_is_nested_as_far_as_it_can_be_read(server, client, depth):
    server.repeat(error(404, b'{"error":' * depth + b'"no"' + b"}" * depth))
    assert isinstance(ask(client)[2], NotFound)


def test_too_many_rows_are_one_line(server, client):
    server.enqueue(document({"data": [{"id": "a"}] * 6_000}))
    with pytest.raises(UnexpectedResponse, match="lists 6,000 models"):
        client.models(20)
    server.enqueue(document({"is_available": True, "balance_infos": [{}] * 200}))
    with pytest.raises(UnexpectedResponse, match="200 amounts"):
        client.balance(20)


def dripping(first: bytes = b"") -> Callable[[], Iterable[object]]:
    """A byte now and then: no idle timeout ever ends."""

    def steps() -> Iterable[object]:
        yield first or b" "
        for _ in range(600):
            yield Pause(0.1)
            yield b" "

    return steps


@pytest.mark.thorough
def test_an_answer_that_drips_has_a_deadline(server, client):
    server.repeat(Fault(dripping(), content_type=JSON))
    with pytest.raises(DeepSeekError):
        client.models(0.5)
    assert server.wait_disconnect()
    assert len(server.sent) < 300


@pytest.mark.thorough
def test_an_error_that_drips_is_told_with_what_has_come(server, client, monkeypatch):
    monkeypatch.setattr("deepseek_magic.api.caller.ERROR_TIME", 0.5)
    server.repeat(Fault(dripping(b"no such thing"), 404, content_type="text/plain"))
    failed = ask(client)[2]
    assert isinstance(failed, NotFound)
    assert "no such thing" in str(failed)
    assert server.wait_disconnect()


@pytest.mark.thorough
def test_a_reply_in_one_piece_that_drips_has_a_deadline(server, client, monkeypatch):
    monkeypatch.setattr("deepseek_magic.api.stream.WHOLE_TIME", 0.5)
    server.repeat(Fault(dripping(b'{"choices": '), content_type=JSON))
    assert isinstance(ask(client)[2], UnexpectedResponse)
    assert server.wait_disconnect()


@pytest.mark.thorough
def test_keep_alives_behind_the_finish_hold_nobody_up(server, client, monkeypatch):
    monkeypatch.setattr("deepseek_magic.api.stream.GRACE", 0.5)
    said = b"".join([*deltas(TEXT), chunk({}, "stop")])
    server.repeat(Fault(dripping(said)))
    assert ask(client, 60) == (TEXT, "stop", None)
    assert server.wait_disconnect()
    assert len(server.sent) < 300


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize("tail", [b"X: y\r\n", b"x" * 100])
def test_trailers_without_end_cost_nothing(server, client, tail):
    said = b"".join([*deltas(TEXT), *finish()])
    server.repeat(Fault(over_and_over(tail, HEAD + b"%x\r\n%b\r\n0\r\n" % (len(said), said)), framing="raw"))
    assert ask(client) == (TEXT, "stop", None)
    assert_bounded(server, len(said))


def test_an_answer_that_does_not_begin(server, client):
    server.repeat(Fault(over_and_over(b"HTTP/1.1 100 Continue\r\n\r\n"), framing="raw"))
    assert isinstance(ask(client)[2], DeepSeekError)


@pytest.mark.parametrize("size", ["7fffffffffffffff", "ffffffff", "ffffffffffffffffffffffff"])
def test_a_chunk_that_claims_to_be_huge(server, client, size):
    said = b"".join([*deltas(TEXT), *finish()])
    server.repeat(Fault((HEAD + size.encode() + b"\r\n" + said,), framing="raw"))
    assert ask(client) == (TEXT, "stop", None)


def chunked(body: bytes, chance: Random) -> bytes:
    """``body`` in chunks of any size, which are written in all the ways that HTTP allows."""
    made = b""
    while body:
        piece, body = body[: (size := chance.choice((1, 2, 15, 200, 9_000)))], body[size:]
        written = chance.choice(("%x", "%X", "%06x", "%x;a=b", '%x ; a="1"', " %x "))
        made += (written % len(piece)).encode() + b"\r\n" + piece + b"\r\n"
    return made + chance.choice((b"0\r\n\r\n", b"000\r\nA: b\r\n\r\n"))


@pytest.mark.parametrize("seed", range(12))
def test_chunks_are_read_however_they_are_written_and_cut(server, client, seed):
    chance = Random(seed)
    whole = HEAD + chunked(b"".join([*deltas(TEXT * 40), *finish()]), chance)
    cuts = [0, *sorted(chance.randrange(len(whole)) for _ in range(30)), len(whole)]
    server.repeat(Fault(tuple(whole[start:end] for start, end in pairwise(cuts)), framing="raw"))
    assert ask(client) == (TEXT * 40, "stop", None)


def test_chunks_that_have_come_are_read_together(server, client, monkeypatch):
    """One by one each would cost as much as its JSON."""
    reads, plain = [], limits.Body._plain
    monkeypatch.setattr(limits.Body, "_plain", lambda self: reads.append(plain(self)) or reads[-1])
    said = deltas("word " * 4_000, pieces=["word "] * 4_000)
    whole = b"".join(b"%x\r\n%b\r\n" % (len(one), one) for one in [*said, *finish()])
    server.repeat(Fault((HEAD + whole + b"0\r\n\r\n",), framing="raw"))
    assert ask(client) == ("word " * 4_000, "stop", None)
    assert len(said) >= 4_000
    assert len(reads) < len(said) / 8


@pytest.mark.parametrize("kind", ["content", "reasoning_content"])
def test_a_reply_without_end_is_cut_and_kept(server, client, kind):
    piece = chunk({kind: "word " * 20_000})
    server.repeat(Fault(over_and_over(piece)))
    said = {TextDelta: 0, ReasoningDelta: 0}
    reasons = []
    for event in chain.from_iterable(client.stream(ASKED, 20)):
        if isinstance(event, TextDelta | ReasoningDelta):
            said[type(event)] += len(event.text)
        elif isinstance(event, Finished):
            reasons.append(event.reason)
    assert reasons == [TOO_LONG]
    assert MOST_REPLY < sum(said.values()) <= MOST_REPLY + 200_000
    assert_bounded(server, MOST_REPLY * 2)


@pytest.mark.parametrize("wbits", [31, 15, -15])
@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_what_is_compressed_is_read_however_it_is_cut(server, client, wbits, size):
    squeeze = zlib.compressobj(wbits=wbits)
    whole = squeeze.compress(b"".join([*deltas(TEXT * 40), *finish()])) + squeeze.flush()
    coding = "gzip" if wbits == 31 else "deflate"
    pieces = tuple(whole[start : start + size] for start in range(0, len(whole), size))
    server.repeat(Fault(pieces, headers=(("Content-Encoding", coding),)))
    assert ask(client) == (TEXT * 40, "stop", None)


def test_a_body_after_a_byte_order_mark_is_read(server, client):
    server.repeat(document(b"\xef\xbb\xbf" + json.dumps(completion(TEXT)).encode()))
    assert ask(client) == (TEXT, "stop", None)


def test_cookies_are_not_accepted(server, client):
    server.enqueue(stream(*deltas(TEXT), *finish(), headers=(("Set-Cookie", "a=b; Path=/"),)))
    ask(client)
    ask(client)
    assert [request for request in server.requests if "cookie" in request.headers] == []


DATES = [
    "Wed, 21 Oct 9999 07:28:00 -9900",
    "Wed, 21 Oct 0001 07:28:00 +2300",
    "Wed, 21 Oct 2015 07:28:00 +99999999999999",
    "Wed, 21 Oct 99999999999999999999 07:28:00 GMT",
    "Wed, 99 Oct 2015 99:99:99 GMT",
    ",",
    ":",
    "1" * 5000 + " Oct 2015",
    "9e999",
    "-inf",
]


@pytest.mark.parametrize("value", DATES)
def test_no_retry_after_raises(server, client, value):
    assert retry_after({"Retry-After": value}) is None or retry_after({"Retry-After": value}) >= 0
    server.enqueue(error(429, api_error("slow"), headers=(("Retry-After", value),)))
    text, _, failed = ask(client)
    assert text == NORMAL_TEXT or isinstance(failed, RateLimited)


def test_text_before_a_broken_event_is_kept(server, client):
    server.repeat(Fault(over_and_over(b"x" * 1000, b"".join(deltas(BEGUN)) + b"data: ")))
    text, _, failed = ask(client)
    assert text == BEGUN
    assert isinstance(failed, StreamBroken)
    assert "2 MB" in str(failed)
