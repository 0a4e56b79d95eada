"""Pieces of which the catalogue of faults is made: long texts, and streams that need more than one line."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Any

from tests.faults_server import Received
from tests.faults_wire import ABSENT, JSON_TYPE, KEEP_ALIVE, Close, Fault, Pause, Step, chunk, error, stream

TEXT = "Grüße, 世界! 🚀 **Bold** and `code`.\n\nA second paragraph."
THOUGHT = "Let me think: ½ of it is 🤔 enough."
OVERFLOW = (
    "This model's maximum context length is 1048576 tokens. However, you requested 1050000 tokens "
    "(1000000 in the messages, 50000 in the completion). Please reduce the length of the messages or completion."
)
UNKNOWN_ROLE = (
    "Failed to deserialize the JSON body into the target type: messages[0].role: unknown variant `developer`, "
    "expected one of `system`, `user`, `assistant`, `tool`, `latest_reminder` at line 1 column 58"
)
CONCURRENCY = (
    "Your current concurrency is 40, which exceeds your concurrency limit of 39 based on your remaining balance. "
    "Please top up to raise it."
)
BUSY = "The service is too busy. We advise users to switch to another provider for a while."
RICH: dict[str, Any] = {
    "name": "DeepSeek",
    "context_window": 1048576,
    "max_output_tokens": 393216,
    "input_modalities": ["text", "image"],
    "output_modalities": ["text"],
    "effort": {"supported_levels": ["none", "low", "high", "max"], "default_level": "high"},
    "api_capabilities": ["chat_completions"],
}
LONG_LINE = 20 * 1024 * 1024


def page(title: str) -> str:
    """A page as gateways and captive portals send it."""
    return f"<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"


def bytewise(events: Iterable[bytes]) -> list[bytes]:
    """One byte per write, so that every character of more than one byte is cut everywhere."""
    return [bytes([byte]) for byte in b"".join(events)]


def cut_inside(events: Iterable[bytes]) -> list[bytes]:
    """Two writes per event with more than ASCII: cut inside a character, or else in the middle of the JSON."""
    writes = []
    for whole in events:
        wide = next((place for place, byte in enumerate(whole) if byte >= 0xC0), len(whole) // 2 - 1)
        writes += [whole[: wide + 1], whole[wide + 1 :]]
    return writes


def gzipped(events: Iterable[bytes]) -> list[bytes]:
    """A gzip body that is flushed after each event, as a careful gateway does it."""
    squeeze = zlib.compressobj(wbits=31)
    writes = [squeeze.compress(whole) + squeeze.flush(zlib.Z_SYNC_FLUSH) for whole in events]
    return [*writes, squeeze.flush()]


def text_chunks(*parts: str) -> list[bytes]:
    """One chunk of content per part."""
    return [chunk({"content": part}) for part in parts]


def without_usage(events: Sequence[bytes]) -> list[bytes]:
    """The same chunks without the field."""
    return [whole.replace(b',"usage":null', b"") for whole in events]


def renamed(events: Sequence[bytes]) -> list[bytes]:
    """The same chunks with the reasoning under the field name of vLLM and Ollama."""
    return [whole.replace(b'"reasoning_content"', b'"reasoning"') for whole in events]


def keep_alives(count: int, interval: float) -> Fault:
    """So many comments, then the connection is closed."""

    def steps() -> Iterator[Step]:
        for _ in range(count):
            yield KEEP_ALIVE
            yield Pause(interval)
        yield Close()

    return Fault(steps)


def endless_line() -> Iterator[Step]:
    """20 MB of one line, then the connection is closed."""
    yield b'data: {"choices":[{"index":0,"delta":{"content":"'
    block = b"x" * 65536
    for _ in range(LONG_LINE // len(block)):
        yield block
    yield Close()


def patient(body: Any) -> Fault:
    """A reply that is not streamed, with the blank lines of a queue before it."""
    data = json.dumps(body, ensure_ascii=False).encode()
    return stream(b"\n", Pause(0.01), b"\n", Pause(0.01), b"\n", data, content_type=JSON_TYPE)


def only_under_v1(then: Fault) -> Callable[[Received], Fault]:
    """A server that knows its paths under ``/v1`` alone."""
    missing = error(404, {"detail": "Not Found"})
    return lambda request: then if request.path.startswith("/v1/") else missing


def retry_after_date(body: Any, seconds: int = 2) -> Callable[[Received], Fault]:
    """A 429 whose header names an instant that is so far ahead when the request comes."""

    def rule(_: Received) -> Fault:
        later = datetime.now(timezone.utc) + timedelta(seconds=seconds)
        return error(429, body, headers=(("Retry-After", format_datetime(later, usegmt=True)),))

    return rule


def tool_calls() -> list[bytes]:
    """Two calls at once: ids and names first, then the arguments in pieces, interleaved."""

    def delta(index: int, arguments: str, name: str = "") -> bytes:
        call: dict[str, Any] = {"index": index, "function": {"arguments": arguments}}
        if name:
            call |= {"id": f"call_{index:02}_x", "type": "function"}
            call["function"]["name"] = name
        return chunk({"tool_calls": [call]}, usage=ABSENT)

    return [
        chunk({"role": "assistant", "content": None}),
        delta(0, "", "get_weather"),
        delta(0, '{"city": '),
        delta(1, "", "get_time"),
        delta(0, '"Köln"}'),
        delta(1, '{"zone": "Europe/Berlin"}'),
    ]
