"""Endpoints that are out to cost memory, time or the key, by name; each is what one request is answered with."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from tests import faults
from tests.faults_wire import Step
from tests.sizes import scaled

MB = 1 << 20
JSON = "application/json"
GZIP = (("Content-Encoding", "gzip"),)
SSE_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
WHOLE = b"".join([*faults.deltas(faults.TEXT), *faults.finish()])
#: Megabytes of what has no end.
ENDLESS = scaled(100, 20)
#: Pieces of what comes in many.
MANY = scaled(400_000, 20_000)


def over_and_over(piece: bytes, first: bytes = b"") -> Callable[[], Iterable[Step]]:
    """``first``, then ``piece`` again and again."""

    def steps() -> Iterable[Step]:
        yield first + piece
        block = piece * max(1, (MB // 2) // len(piece))
        for _ in range(ENDLESS * 2):
            yield block

    return steps


def zipped(piece: bytes, first: bytes = b"", layers: int = 1) -> bytes:
    """As much, compressed ``layers`` times."""
    squeeze = zlib.compressobj(9, wbits=31)
    block = piece * max(1, MB // len(piece))
    data = b"".join([squeeze.compress(first), *(squeeze.compress(block) for _ in range(ENDLESS)), squeeze.flush()])
    for _ in range(layers - 1):
        data = zlib.compress(data)
    return data


def raw(*steps: Step) -> faults.Fault:
    return faults.Fault((*steps, faults.Close()), framing="raw")


def chunked(size: bytes) -> faults.Fault:
    return raw(SSE_HEAD + size + b"\r\n" + WHOLE)


def headed(*lines: bytes, status: bytes = b"200 OK") -> faults.Fault:
    head = b"\r\n".join([b"HTTP/1.1 " + status, b"Content-Type: text/event-stream", *lines])
    return raw(head + b"\r\n\r\n" + WHOLE)


def many(piece: bytes, last: Iterable[bytes] = (), first: bytes = b"") -> faults.Fault:
    """So many pieces, in writes of a thousand."""

    def steps() -> Iterable[Step]:
        yield first + piece
        for _ in range(MANY // 1000):
            yield piece * 1000
        yield from last

    return faults.Fault(steps)


def calls(**call: Any) -> bytes:
    return faults.chunk({"tool_calls": [{"index": 0, **call}]})


def nested(opening: str, depth: int = 400_000) -> bytes:
    return opening.encode() * depth


def dripping(first: bytes, **fields: Any) -> faults.Fault:
    def steps() -> Iterable[Step]:
        yield first
        for _ in range(600):
            yield faults.Pause(0.05)
            yield b" "

    return faults.Fault(steps, **fields)


BIG = "x" * MB
NOT_FOUND = {"status": 404, "content_type": "text/plain"}
MOVED = {"status": 302, "headers": (("Location", "http://x.invalid/"),)}

HOSTILE_ENDPOINTS: dict[str, Callable[[], faults.Fault]] = {
    # bodies without end
    "a redirect without end": lambda: faults.Fault(over_and_over(b"x" * 1000), **MOVED),
    "an error without end": lambda: faults.Fault(over_and_over(b"x" * 1000), **NOT_FOUND),
    "an error of nested lists without end": lambda: faults.Fault(over_and_over(b"[" * 1000), 404),
    "a page without end": lambda: faults.Fault(over_and_over(b"x" * 1000), content_type="text/html"),
    "a tag without end": lambda: faults.Fault(over_and_over(b"x" * 1000, b"<")),
    "a reply in one piece without end": lambda: faults.Fault(over_and_over(b"[],", b'{"a": ['), content_type=JSON),
    "a list without end": lambda: faults.Fault(over_and_over(b"{},", b"["), content_type=JSON),
    "a string without end": lambda: faults.Fault(over_and_over(b"x" * 1000, b'{"a": "'), content_type=JSON),
    "blanks without end": lambda: faults.Fault(over_and_over(b" \n" * 500)),
    "byte order marks without end": lambda: faults.Fault(over_and_over(b"\xef\xbb\xbf" * 300)),
    "zero bytes without end": lambda: faults.Fault(over_and_over(b"\0" * 1000)),
    "comments without end": lambda: faults.Fault(over_and_over(faults.KEEP_ALIVE)),
    "long comments without end": lambda: faults.Fault(over_and_over(b": " + b"x" * 100_000 + b"\n\n")),
    "one line without end": lambda: faults.Fault(over_and_over(b"x" * 1000, b"data: ")),
    "one event of many lines": lambda: faults.Fault(over_and_over(b"data: x\n")),
    "lines of no known field": lambda: faults.Fault(over_and_over(b"odd: x\n", b'data: {"a": "\n')),
    "ids without end": lambda: faults.Fault(over_and_over(b"id: 1\nretry: 0\n\n")),
    "empty events without end": lambda: faults.Fault(over_and_over(b"data:\n\n")),
    "events that say nothing": lambda: faults.Fault(over_and_over(faults.chunk({"content": ""}))),
    "events without choices": lambda: faults.Fault(over_and_over(faults.event({"id": "x", "choices": []}))),
    "text without end": lambda: faults.Fault(over_and_over(faults.chunk({"content": "word " * 1000}))),
    "thinking without end": lambda: faults.Fault(over_and_over(faults.chunk({"reasoning_content": "word " * 1000}))),
    "one word a chunk without end": lambda: faults.Fault(over_and_over(faults.chunk({"content": "word "}))),
    "text behind the finish": lambda: faults.Fault(
        over_and_over(faults.chunk({"content": "x" * 100}), b"".join(faults.finish()[:1]))
    ),
    "finishes without end": lambda: faults.Fault(
        over_and_over(faults.chunk({"content": ""}, "stop"), b"".join(faults.deltas(faults.TEXT)))
    ),
    "events behind the closing mark": lambda: faults.Fault(over_and_over(faults.chunk({"content": "x"}), WHOLE)),
    # bombs
    "a zipped redirect": lambda: faults.Fault((zipped(b"x" * 1000),), 302, (*MOVED["headers"], *GZIP)),  # type: ignore[misc]
    "a zipped error": lambda: faults.Fault((zipped(b"x" * 1000),), 404, GZIP),
    "a zipped reply in one piece": lambda: faults.Fault((zipped(b"[],", b'{"a": ['),), 200, GZIP, JSON),
    "zipped comments": lambda: faults.Fault((zipped(faults.KEEP_ALIVE),), 200, GZIP),
    "a zipped line": lambda: faults.Fault((zipped(b"x" * 1000, b"data: "),), 200, GZIP),
    "zipped text": lambda: faults.Fault((zipped(faults.chunk({"content": "word " * 1000})),), 200, GZIP),
    "zipped twice": lambda: faults.Fault(
        (zipped(b"x" * 1000, layers=2),), 200, (("Content-Encoding", "gzip, deflate"),)
    ),
    "half of a zipped reply": lambda: faults.Fault(
        (zlib.compress(WHOLE)[:100],), 200, (("Content-Encoding", "deflate"),)
    ),
    "no zip at all": lambda: faults.Fault((WHOLE,), 200, GZIP),
    "a coding that nobody knows": lambda: faults.Fault((WHOLE,), 200, (("Content-Encoding", "br"),)),
    # many and large
    "arguments in many pieces": lambda: many(
        calls(function={"arguments": "1,"}),
        faults.finish("tool_calls"),
        calls(id="c", function={"name": "f", "arguments": "["}),
    ),
    "many calls": lambda: many(calls(id="c", function={"name": "f", "arguments": "{}"}), faults.finish("tool_calls")),
    "many names of one call": lambda: many(calls(function={"name": "f"}), faults.finish("tool_calls")),
    "many lone surrogates": lambda: many(faults.chunk({"content": "\ud83d"}, ascii_only=True), faults.finish()),
    "many other ids": lambda: faults.Fault(
        [faults.event({"id": str(n), "model": str(n), "choices": []}) for n in range(20_000)].__iter__
    ),
    "many kinds of parts": lambda: faults.stream(
        faults.chunk({"content": [{"type": f"t{n}"} for n in range(20_000)]}), *faults.finish()
    ),
    "many choices": lambda: faults.stream(
        faults.event({"choices": [{"index": 0, "delta": {"content": "x"}}] * 20_000}), faults.DONE
    ),
    "an event of 15 MB": lambda: faults.stream(faults.event({"choices": [], "x": "x" * 15 * MB})),
    "an event of a million numbers": lambda: faults.stream(faults.event({"choices": [1] * 900_000})),
    "an error of a million words": lambda: faults.error(400, {"detail": [{"msg": "no"}] * 5_000}),
    "a model's name of 1 MB": lambda: faults.stream(faults.chunk({"content": "x"}, model=BIG), *faults.finish()),
    "an id of 1 MB": lambda: faults.stream(faults.chunk({"content": "x"}, id=BIG), *faults.finish()),
    "a fingerprint of 1 MB": lambda: faults.stream(
        faults.chunk({"content": "x"}, system_fingerprint=BIG), *faults.finish()
    ),
    "a finish reason of 1 MB": lambda: faults.stream(faults.chunk({"content": "x"}, BIG), faults.DONE),
    "a function's name of 1 MB": lambda: faults.stream(
        calls(id=BIG, function={"name": BIG}), *faults.finish("tool_calls")
    ),
    "an error of 1 MB in mid stream": lambda: faults.stream(
        *faults.deltas(faults.BEGUN), faults.event(faults.api_error(BIG))
    ),
    "a request id of 60 kB": lambda: faults.error(400, "no", headers=(("x-request-id", "x" * 60_000),)),
    "usage that no float holds": lambda: faults.stream(
        faults.chunk({"content": "x"}), *faults.finish("stop", {"prompt_tokens": 10**400})
    ),
    "usage that is not a number": lambda: faults.stream(
        faults.chunk({"content": "x"}),
        b'data: {"usage": {"prompt_tokens": NaN, "completion_tokens": 1e999}}\n\n',
        *faults.finish(),
    ),
    # nested
    "lists in an event": lambda: faults.stream(b"data: " + nested("[") + b"\n\n"),
    "objects in an event": lambda: faults.stream(b"data: " + nested('{"a":') + b"\n\n"),
    "lists in a reply in one piece": lambda: faults.document(b'{"choices": ' + nested("[")),
    "lists in an error": lambda: faults.error(404, nested("[") + b"]" * 400_000),
    "objects in an error as far as they are read": lambda: faults.error(404, b'{"error":' * 900 + b"1" + b"}" * 900),
    "lists in the content": lambda: faults.stream(
        faults.chunk({"content": json.loads("[" * 500 + "]" * 500)}), *faults.finish()
    ),
    "lists in the arguments": lambda: faults.stream(
        calls(id="c", function={"name": "f", "arguments": json.loads("[" * 900 + "]" * 900)}),
        *faults.finish("tool_calls"),
    ),
    # HTTP
    "trailers without end": lambda: faults.Fault(
        over_and_over(b"X: y\r\n", SSE_HEAD + b"%x\r\n%b\r\n0\r\n" % (len(WHOLE), WHOLE)), framing="raw"
    ),
    "a trailer without end": lambda: faults.Fault(
        over_and_over(b"x" * 1000, SSE_HEAD + b"%x\r\n%b\r\n0\r\n" % (len(WHOLE), WHOLE)), framing="raw"
    ),
    "an answer that does not begin": lambda: faults.Fault(
        over_and_over(b"HTTP/1.1 100 Continue\r\n\r\n"), framing="raw"
    ),
    "headers without end": lambda: faults.Fault(over_and_over(b"X: y\r\n", b"HTTP/1.1 200 OK\r\n"), framing="raw"),
    "a header without end": lambda: faults.Fault(over_and_over(b"x" * 1000, b"HTTP/1.1 200 OK\r\nX: "), framing="raw"),
    "a status line without end": lambda: faults.Fault(over_and_over(b"x" * 1000, b"HTTP/1.1 200 "), framing="raw"),
    "a chunk size without end": lambda: faults.Fault(over_and_over(b"0" * 1000, SSE_HEAD), framing="raw"),
    "a chunk that claims to be huge": partial(chunked, b"7fffffffffffffff"),
    "a chunk of less than nothing": partial(chunked, b"-5"),
    "a chunk of no number": partial(chunked, b"zz"),
    "a length below nothing": partial(headed, b"Content-Length: -1"),
    "a length of no number": partial(headed, b"Content-Length: many"),
    "a length that is huge": partial(headed, b"Content-Length: 99999999999999999999"),
    "two lengths": partial(headed, b"Content-Length: 5", b"Content-Length: 7"),
    "status 999": partial(headed, status=b"999 Odd"),
    "status 101": lambda: faults.Fault((), 101, framing="content-length"),
    "status 204": lambda: faults.Fault((), 204, framing="content-length"),
    "status 304": lambda: faults.Fault((), 304, framing="content-length"),
    "a redirect to a name of 60 kB": lambda: faults.document(
        "", 302, headers=(("Location", "http://" + "x" * 60_000),)
    ),
    "a redirect to a file": lambda: faults.document("", 302, headers=(("Location", "file:///etc/passwd"),)),
    "a hundred cookies": lambda: faults.stream(WHOLE, headers=(("Set-Cookie", "a=" + "x" * 600),) * 90),
    "a wait of a century": lambda: faults.error(429, "slow", headers=(("Retry-After", "9" * 400),)),
    "no HTTP": lambda: faults.named("garbage-instead-of-http")[0],  # type: ignore[dict-item,return-value]
    "an older HTTP": partial(raw, b"hello\r\n" * 100),
    "no byte at all": lambda: raw(faults.Hang()),
    "no byte behind the headers": lambda: faults.stream(faults.Hang()),
    "silence in mid text": lambda: faults.stream(*faults.deltas(faults.BEGUN), faults.Hang()),
    "a reset in mid text": lambda: faults.stream(*faults.deltas(faults.BEGUN), faults.Pause(0.05), faults.Reset()),
    "a byte now and then in one piece": lambda: dripping(b'{"a": ', content_type=JSON),
    "a byte now and then in an error": lambda: dripping(b"no", **NOT_FOUND),
    "a byte now and then behind the finish": lambda: dripping(
        b"".join([*faults.deltas(faults.TEXT), *faults.finish()[:1]])
    ),
    "control characters in the text": lambda: faults.stream(
        faults.chunk({"content": "\x1b]0;x\x07\u202e\0" * 1000}), *faults.finish()
    ),
    "bytes that are no text": lambda: faults.stream(
        faults.chunk({"content": "??"}).replace(b"??", b"\xff" * 10_000), *faults.finish()
    ),
    "a reply without a choice that is one": lambda: faults.document(
        {**faults.completion(faults.TEXT), "choices": "none"}
    ),
}

#: Of each kind one that is quick, for every run.
QUICK = (
    "one event of many lines",
    "a zipped line",
    "many kinds of parts",
    "a function's name of 1 MB",
    "objects in an error as far as they are read",
    "a chunk of less than nothing",
    "a redirect to a name of 60 kB",
    "usage that is not a number",
)
