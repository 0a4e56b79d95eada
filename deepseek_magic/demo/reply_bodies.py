"""The shapes that the endpoint sends: replies, chunks, models, balance (api/create-chat-completion)."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .checks import CONTEXT, JSON, MAX_OUTPUT
from .documented_errors import CHAT_MODELS
from .token_pieces import estimate, pieces

FINGERPRINT = "fp_embedded_endpoint_no_model"
DONE = b"data: [DONE]\n\n"
KEEP_ALIVE = b": keep-alive\n\n"


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a function: its name and its arguments as JSON text."""

    name: str
    arguments: str
    call_id: str = ""


@dataclass(frozen=True, slots=True)
class Output:
    """What is answered, after every limit: the tokens of all three parts, and why it ends."""

    reasoning: str
    text: str
    calls: tuple[Call, ...]
    finish: str

    @property
    def reasoning_tokens(self) -> int:
        """The estimate for the thinking."""
        return estimate(self.reasoning)

    @property
    def tokens(self) -> int:
        """The estimate for everything that was put out."""
        calls = sum(estimate(call.arguments) for call in self.calls)
        return max(1, self.reasoning_tokens + estimate(self.text) + calls)


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply on its way: who answers, what, and the figures of the request."""

    model: str
    output: Output
    prompt_tokens: int
    cached_tokens: int
    thinking: bool
    reply_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    created: int = field(default_factory=lambda: int(time.time()))

    def usage(self) -> JSON:
        """The token figures; completion tokens include the thinking."""
        out = self.output
        return {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": out.tokens,
            "total_tokens": self.prompt_tokens + out.tokens,
            "prompt_cache_hit_tokens": self.cached_tokens,
            "prompt_cache_miss_tokens": self.prompt_tokens - self.cached_tokens,
            "prompt_tokens_details": {"cached_tokens": self.cached_tokens},
            "completion_tokens_details": {"reasoning_tokens": out.reasoning_tokens},
        }

    def whole(self) -> bytes:
        """The body of a reply that is not streamed."""
        message: JSON = {"role": "assistant", "content": self.output.text}
        if self.thinking:
            message["reasoning_content"] = self.output.reasoning
        if self.output.calls:
            message["tool_calls"] = [_call(position, call) for position, call in enumerate(self.output.calls)]
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": self.output.finish}
        return encoded({**self._head("chat.completion"), "choices": [choice], "usage": self.usage()})

    def events(self, *, include_usage: bool) -> Iterator[bytes]:
        """The stream, event by event: role, thinking, text or calls, the finish with the usage, the end."""
        more: JSON = {"usage": None} if include_usage else {}
        head = self._head("chat.completion.chunk")

        def chunk(delta: JSON, finish: str | None = None, extra: JSON = more) -> bytes:
            choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
            return event({**head, "choices": [choice], **extra})

        other: JSON = {"reasoning_content": None} if self.thinking else {}
        first = {"content": None, "reasoning_content": ""} if self.thinking else {"content": ""}
        yield KEEP_ALIVE
        yield chunk({"role": "assistant", **first})
        for piece in pieces(self.output.reasoning):
            yield chunk({"content": None, "reasoning_content": piece})
        for piece in pieces(self.output.text):
            yield chunk({"content": piece, **other})
        for position, call in enumerate(self.output.calls):
            yield chunk({"tool_calls": [{**_call(position, call), "function": {"name": call.name, "arguments": ""}}]})
            for piece in pieces(call.arguments):
                yield chunk({"tool_calls": [{"index": position, "function": {"arguments": piece}}]})
        yield chunk({"content": "", **other}, self.output.finish, {"usage": self.usage()})
        yield DONE

    def completion(self) -> bytes:
        """The body of a filled-in text."""
        choice = {"index": 0, "text": self.output.text, "logprobs": None, "finish_reason": self.output.finish}
        return encoded({**self._head("text_completion"), "choices": [choice], "usage": self.usage()})

    def completion_events(self, *, include_usage: bool) -> Iterator[bytes]:
        """The stream of a filled-in text."""
        more: JSON = {"usage": None} if include_usage else {}
        head = self._head("text_completion")
        yield KEEP_ALIVE
        for piece in pieces(self.output.text):
            choice = {"index": 0, "text": piece, "logprobs": None, "finish_reason": None}
            yield event({**head, "choices": [choice], **more})
        choice = {"index": 0, "text": "", "logprobs": None, "finish_reason": self.output.finish}
        yield event({**head, "choices": [choice], "usage": self.usage()})
        yield DONE

    def _head(self, kind: str) -> JSON:
        return {
            "id": self.reply_id,
            "object": kind,
            "created": self.created,
            "model": self.model,
            "system_fingerprint": FINGERPRINT,
        }


def _call(position: int, call: Call) -> JSON:
    function = {"name": call.name, "arguments": call.arguments}
    return {"index": position, "id": call.call_id, "type": "function", "function": function}


def encoded(value: Any) -> bytes:
    """``value`` as JSON; a lone surrogate becomes a question mark."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def event(value: Any) -> bytes:
    """``value`` as one server-sent event."""
    return b"data: " + encoded(value) + b"\n\n"


def model(name: str) -> JSON:
    """One entry of the list of models, in its rich shape."""
    seeing = ["text", "image"] if name == CHAT_MODELS[0] else ["text"]
    return {
        "id": name,
        "object": "model",
        "owned_by": "deepseek",
        "name": {"deepseek-flash": "DeepSeek Flash", "deepseek-v4-pro": "DeepSeek V4 Pro"}[name],
        "context_window": CONTEXT,
        "max_output_tokens": MAX_OUTPUT,
        "input_modalities": seeing,
        "output_modalities": ["text"],
        "effort": {"supported_levels": ["none", "low", "high", "max"], "default_level": "high"},
        "api_capabilities": ["chat_completions", "completions"],
    }


def models() -> JSON:
    """The list of models."""
    return {"object": "list", "data": [model(name) for name in CHAT_MODELS]}


def balance() -> JSON:
    """Play money: nothing costs anything here."""
    info = {"currency": "USD", "total_balance": "5.00", "granted_balance": "5.00", "topped_up_balance": "0.00"}
    return {"is_available": True, "balance_infos": [info]}
