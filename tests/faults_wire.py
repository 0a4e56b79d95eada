"""What the misbehaving server sends: scripts as frozen values, and helpers that write the documented chunks."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Framing = Literal["chunked", "close-delimited", "content-length", "raw"]
Pairs = tuple[tuple[str, str], ...]

EVENT_STREAM = "text/event-stream; charset=utf-8"
JSON_TYPE = "application/json"
DONE = b"data: [DONE]\n\n"
KEEP_ALIVE = b": keep-alive\n\n"
MODEL = "deepseek-flash"
TRACE = "trace-of-the-fault-server"


class _Absent:
    """Stands for "this field is not in the JSON at all", which differs from ``null``."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Any = _Absent()


@dataclass(frozen=True, slots=True)
class Pause:
    """Send nothing for so many seconds; ends early when the client goes away."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Close:
    """Close the connection in the ordinary way (FIN), without the end of the framing."""


@dataclass(frozen=True, slots=True)
class Reset:
    """Tear the connection down (RST)."""


@dataclass(frozen=True, slots=True)
class Hang:
    """Keep the connection open and say nothing until the client leaves or the server stops."""


Step = bytes | Pause | Close | Reset | Hang


@dataclass(frozen=True, slots=True)
class Fault:
    """One scripted response.

    ``steps`` is a tuple, or a function that makes the steps anew for each request (for long ones). Each ``bytes``
    step is one write, and with the chunked framing one chunk. ``raw`` sends the steps alone: no status line, no
    headers. ``content_length`` overrides the true length, to lie about it.
    """

    steps: tuple[Step, ...] | Callable[[], Iterable[Step]] = ()
    status: int = 200
    headers: Pairs = ()
    content_type: str | None = EVENT_STREAM
    framing: Framing = "chunked"
    content_length: int | None = None
    name: str = field(default="", compare=False)

    def script(self) -> Iterator[Step]:
        """The steps, once through."""
        return iter(self.steps() if callable(self.steps) else self.steps)


def gated(*steps: Step | threading.Event) -> Fault:
    """A stream of ``steps``; where an event stands among them, nothing is sent until the test sets it."""

    def script() -> Iterator[Step]:
        for step in steps:
            if isinstance(step, threading.Event):
                assert step.wait(60)
            else:
                yield step

    return Fault(script)


def usage(prompt: int = 10, completion: int = 20, *, hit: int = 0, reasoning: int = 0) -> dict[str, Any]:
    """A usage object in the documented shape (api/create-chat-completion)."""
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_cache_hit_tokens": hit,
        "prompt_cache_miss_tokens": prompt - hit,
        "prompt_tokens_details": {"cached_tokens": hit},
        "completion_tokens_details": {"reasoning_tokens": reasoning},
    }


def event(data: Any, *, ascii_only: bool = False) -> bytes:
    """``data`` as one server-sent event. Lone surrogates need ``ascii_only``."""
    text = json.dumps(data, ensure_ascii=ascii_only, separators=(",", ":"))
    return f"data: {text}\n\n".encode()


def chunk(
    delta: Mapping[str, Any] | None,
    finish: Any = None,
    usage: Any = None,
    *,
    ascii_only: bool = False,
    **more: Any,
) -> bytes:
    """One ``chat.completion.chunk`` event.

    ``delta=None`` makes ``choices: []``. ``finish`` or ``usage`` may be `ABSENT`. ``more`` adds or replaces
    top-level fields (``model=…``, ``choices=None``); a field given as `ABSENT` is left out.
    """
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    body = {
        "id": "reply-1",
        "object": "chat.completion.chunk",
        "created": 1793084842,
        "model": MODEL,
        "system_fingerprint": "0123456789abcdef0123456789abcdef",
        "choices": [] if delta is None else [_present(choice)],
        "usage": usage,
        **more,
    }
    return event(_present(body), ascii_only=ascii_only)


def _present(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not ABSENT}


def split(text: str, pieces: int | Sequence[str]) -> list[str]:
    """``text`` in pieces of that many characters, or the given pieces themselves (which must join to it)."""
    if isinstance(pieces, int):
        return [text[i : i + pieces] for i in range(0, len(text), pieces)]
    if "".join(pieces) != text:
        raise ValueError("the pieces do not join to the text")
    return list(pieces)


def deltas(text: str = "", reasoning: str = "", pieces: int | Sequence[str] = 4) -> list[bytes]:
    """Chunks of a reply up to, not including, the one that finishes it: role, reasoning, then text."""
    first = {"role": "assistant", "content": None if reasoning else "", "reasoning_content": ""}
    events = [chunk(first)]
    thoughts = split(reasoning, pieces if isinstance(pieces, int) else 4)
    events += [chunk({"content": None, "reasoning_content": part}) for part in thoughts]
    events += [chunk({"content": part, "reasoning_content": None}) for part in split(text, pieces)]
    return events


def finish(reason: Any = "stop", used: Any = ABSENT) -> list[bytes]:
    """The chunk that finishes a reply, with its usage on it, and the ``[DONE]`` after it."""
    return [chunk({"content": "", "reasoning_content": None}, reason, usage() if used is ABSENT else used), DONE]


def stream(*steps: Step, **fields: Any) -> Fault:
    """A 200 event stream of these steps; ``fields`` are those of `Fault`."""
    return Fault(steps, **fields)


def reply(
    text: str,
    reasoning: str = "",
    pieces: int | Sequence[str] = 4,
    delay: float = 0.0,
    usage: Any = ABSENT,
    finish: Any = "stop",
    *,
    burst: int = 1,
    **fields: Any,
) -> Fault:
    """A whole, healthy stream: one event per piece, ``delay`` seconds before each.

    ``pieces`` is a number of characters or the pieces of ``text``. ``usage=None`` sends no figures. ``burst`` joins
    that many events into one write. Bytes are made here, once, so that serving costs no more than the writes.
    """
    tail = _finish(finish, usage)
    events = [*deltas(text, reasoning, pieces), *tail]
    writes = [b"".join(events[i : i + burst]) for i in range(0, len(events), burst)]
    if not delay:
        return Fault(tuple(writes), **fields)
    steps: list[Step] = []
    for write in writes:
        steps += [Pause(delay), write]
    return Fault(tuple(steps), **fields)


_finish = finish


def completion(text: str | None, reasoning: str | None = None, finish: str = "stop", **more: Any) -> dict[str, Any]:
    """The body of a reply that is not streamed (api/create-chat-completion)."""
    message = {"role": "assistant", "content": text, "reasoning_content": reasoning}
    choice = {"index": 0, "finish_reason": finish, "logprobs": None, "message": message}
    return {
        "id": "reply-1",
        "object": "chat.completion",
        "created": 1793084842,
        "model": MODEL,
        "system_fingerprint": "0123456789abcdef0123456789abcdef",
        "choices": [choice],
        "usage": usage(),
        **more,
    }


def document(body: Any, status: int = 200, content_type: str | None = JSON_TYPE, headers: Pairs = ()) -> Fault:
    """A body that is not a stream: text, bytes, or a value that becomes JSON."""
    if isinstance(body, str):
        data = body.encode()
    elif isinstance(body, bytes):
        data = body
    else:
        data = json.dumps(body, ensure_ascii=False).encode()
    steps = (data,) if data else ()
    return Fault(steps, status, headers, content_type, "content-length")


def error(status: int, body: Any, content_type: str | None = JSON_TYPE, headers: Pairs = ()) -> Fault:
    """An error response; a ``body`` that is no text becomes JSON."""
    return document(body, status, content_type, headers)


def api_error(message: str, kind: str = "invalid_request_error", code: Any = "invalid_request_error") -> dict[str, Any]:
    """The documented error body (quick_start/error_codes)."""
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def redirect(location: str, status: int = 302) -> Fault:
    """A redirect; a location without a host points back at the same server."""
    return document("", status, "text/html", (("Location", location),))
