"""Make the bodies that are sent: replies, chunks, models, balance (DeepSeek's create-chat-completion reference)."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from deepseek_magic.text import estimate_tokens

from .documented_errors import CHAT_MODELS
from .request_shape import JSON

CONTEXT = 1048576
MAX_OUTPUT = 393216
FINGERPRINT = "fp_embedded_endpoint_no_model"
DONE = b"data: [DONE]\n\n"
KEEP_ALIVE = b": keep-alive\n\n"
# Sizes that take turns: three to five characters of English, as in real streams.
_SIZES = (12, 9, 15)


@dataclass(frozen=True, slots=True)
class SampleCall:
    """A call of a function: its name, its arguments as JSON text, and its id ("" before it is sent)."""

    name: str
    arguments: str
    call_id: str = ""

    def at(self, position: int) -> JSON:
        """Return the call as JSON for a message; ``position`` is its index."""
        function = {"name": self.name, "arguments": self.arguments}
        return {"index": position, "id": self.call_id, "type": "function", "function": function}


@dataclass(frozen=True, slots=True)
class Output:
    """The content of a reply: thinking, text, calls, and the finish reason."""

    reasoning: str
    text: str
    calls: tuple[SampleCall, ...] = ()
    finish: str = "stop"


@dataclass(frozen=True, slots=True)
class SentReply:
    """One reply, ready to be sent.

    Attributes:
        model: the name of the model.
        output: the content.
        prompt_tokens: the tokens of the request.
        cached_tokens: how many of them count as cached.
        thinking: whether the model thinks.
        fills: whether it fills a gap (fill-in-the-middle) and does not answer a chat.
        reply_id: its id.
        created: when it was made, in seconds since 1970.
    """

    model: str
    output: Output
    prompt_tokens: int
    cached_tokens: int = 0
    thinking: bool = False
    fills: bool = False
    reply_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    created: int = field(default_factory=lambda: int(time.time()))

    def _usage(self) -> JSON:
        """Return the token figures; completion tokens include the thinking."""
        out = self.output
        thought = estimate_tokens(out.reasoning)
        written = max(
            1, thought + estimate_tokens(out.text) + sum(estimate_tokens(call.arguments) for call in out.calls)
        )
        return {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": written,
            "total_tokens": self.prompt_tokens + written,
            "prompt_cache_hit_tokens": self.cached_tokens,
            "prompt_cache_miss_tokens": self.prompt_tokens - self.cached_tokens,
            "prompt_tokens_details": {"cached_tokens": self.cached_tokens},
            "completion_tokens_details": {"reasoning_tokens": thought},
        }

    def whole(self) -> bytes:
        """Return the body of a reply that is not streamed."""
        if self.fills:
            return encoded(self._body("text_completion", {"text": self.output.text}, self.output.finish, self._usage()))
        message: JSON = {"role": "assistant", "content": self.output.text}
        if self.thinking:
            message["reasoning_content"] = self.output.reasoning
        if self.output.calls:
            message["tool_calls"] = [call.at(position) for position, call in enumerate(self.output.calls)]
        return encoded(self._body("chat.completion", {"message": message}, self.output.finish, self._usage()))

    def events(self, *, include_usage: bool) -> Iterator[bytes]:
        """Yield the events of the stream: the pieces, the last with finish reason and usage, and the end."""
        kind = "text_completion" if self.fills else "chat.completion.chunk"
        *first, last = self._texts() if self.fills else self._deltas()
        yield KEEP_ALIVE
        for piece in first:
            yield event(self._body(kind, piece, None, None if include_usage else ...))
        yield event(self._body(kind, last, self.output.finish, self._usage()))
        yield DONE

    def _texts(self) -> Iterator[JSON]:
        """Yield the text of a gap in pieces."""
        yield from ({"text": piece} for piece in pieces(self.output.text))
        yield {"text": ""}

    def _deltas(self) -> Iterator[JSON]:
        """Yield the deltas of a chat: the role, the thinking, the text, the calls, and an empty one."""
        other: JSON = {"reasoning_content": None} if self.thinking else {}
        first = {"content": None, "reasoning_content": ""} if self.thinking else {"content": ""}
        deltas: list[JSON] = [{"role": "assistant", **first}]
        deltas += [{"content": None, "reasoning_content": piece} for piece in pieces(self.output.reasoning)]
        deltas += [{"content": piece, **other} for piece in pieces(self.output.text)]
        for position, call in enumerate(self.output.calls):
            deltas.append({"tool_calls": [SampleCall(call.name, "", call.call_id).at(position)]})
            parts = ({"index": position, "function": {"arguments": piece}} for piece in pieces(call.arguments))
            deltas += [{"tool_calls": [part]} for part in parts]
        yield from ({"delta": delta} for delta in [*deltas, {"content": "", **other}])

    def _body(self, kind: str, choice: JSON, finish: str | None, usage: Any) -> JSON:
        """Return one body or chunk, without the field for the usage if ``usage`` is ``...``."""
        body = {
            "id": self.reply_id,
            "object": kind,
            "created": self.created,
            "model": self.model,
            "system_fingerprint": FINGERPRINT,
            "choices": [{"index": 0, **choice, "logprobs": None, "finish_reason": finish}],
        }
        return body if usage is ... else {**body, "usage": usage}


def encoded(value: Any) -> bytes:
    """Return ``value`` as JSON; a lone surrogate becomes a question mark."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def event(value: Any) -> bytes:
    """Return ``value`` as one server-sent event."""
    return b"data: " + encoded(value) + b"\n\n"


def model(name: str) -> JSON:
    """Return one entry of the list of models, with all its fields."""
    return {
        "id": name,
        "object": "model",
        "owned_by": "deepseek",
        "name": {"deepseek-flash": "DeepSeek Flash", "deepseek-v4-pro": "DeepSeek V4 Pro"}[name],
        "context_window": CONTEXT,
        "max_output_tokens": MAX_OUTPUT,
        "input_modalities": ["text", "image"] if name == CHAT_MODELS[0] else ["text"],
        "output_modalities": ["text"],
        "effort": {"supported_levels": ["none", "low", "high", "max"], "default_level": "high"},
        "api_capabilities": ["chat_completions", "completions"],
    }


def models() -> JSON:
    """Return the list of models."""
    return {"object": "list", "data": [model(name) for name in CHAT_MODELS]}


def balance() -> JSON:
    """Return a balance of play money: nothing costs anything here."""
    info = {"currency": "USD", "total_balance": "5.00", "granted_balance": "5.00", "topped_up_balance": "0.00"}
    return {"is_available": True, "balance_infos": [info]}


def pieces(text: str) -> Iterator[str]:
    """Yield ``text`` in pieces of about one token."""
    start = weight = turn = 0
    for position, character in enumerate(text, 1):
        weight += 3 if character.isascii() else 6
        if weight >= _SIZES[turn % 3]:
            yield text[start:position]
            start, weight, turn = position, 0, turn + 1
    if start < len(text):
        yield text[start:]
