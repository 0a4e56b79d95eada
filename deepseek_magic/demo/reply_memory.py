"""Remember prefixes for the cache figures, and replies that may have to be continued.

The real endpoint is stateless except for its cache (DeepSeek's page guides/kv_cache), which is simulated here. The last
replies are kept because there is no model that could continue a truncated reply.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from typing import Any

from .chat_request import ChatRequest
from .message_parts import message_tokens
from .request_shape import JSON

_PREFIXES = 4096
_REPLIES = 256
Replies = list[tuple[str, str]]


class ReplyMemory:
    """The memory between requests, of bounded size and safe for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._prefixes: OrderedDict[bytes, None] = OrderedDict()
        self._replies: OrderedDict[bytes, tuple[str, str]] = OrderedDict()

    def cached_tokens(self, request: ChatRequest) -> int:
        """Return the tokens of the longest prefix of these messages that was sent or answered before; remember them."""
        hit = total = 0
        chain = _chain(request)[1:]
        with self._lock:
            for message, digest in zip(request.messages, chain, strict=True):
                total += message_tokens(message)
                hit = total if digest in self._prefixes else hit
            for digest in chain:
                _keep(self._prefixes, digest, None, _PREFIXES)
        # The last token of a repeated request is never cached.
        return max(0, min(hit, request.prompt_tokens - 1))

    def remember(self, request: ChatRequest, reasoning: str, text: str) -> None:
        """Keep the complete reply to this conversation, in case it has to be continued."""
        with self._lock:
            _keep(self._replies, _chain(request)[-1], (reasoning, text), _REPLIES)

    def said(self, request: ChatRequest, shown: str) -> None:
        """Remember the shown text as one more message: the next request will contain it."""
        digest = _next(_chain(request)[-1], {"role": "assistant", "content": shown})
        with self._lock:
            _keep(self._prefixes, digest, None, _PREFIXES)

    def replies(self, request: ChatRequest) -> tuple[Replies, Replies]:
        """Return earlier replies as (thinking, text): the one to this conversation, and the others, newest first."""
        last = _chain(request)[-1]
        with self._lock:
            own = [self._replies[last]] if last in self._replies else []
            return own, [kept for digest, kept in reversed(self._replies.items()) if digest != last]


def _keep(kept: OrderedDict[bytes, Any], digest: bytes, value: Any, most: int) -> None:
    kept[digest] = value
    kept.move_to_end(digest)
    while len(kept) > most:
        kept.popitem(last=False)


def _chain(request: ChatRequest) -> list[bytes]:
    """Return a digest of ``user_id`` and tools, which have separate caches, and one for each prefix of the messages."""
    first = json.dumps([request.model, request.body.get("user_id"), request.body.get("tools")])
    digests = [hashlib.sha256(first.encode()).digest()]
    for message in request.messages:
        digests.append(_next(digests[-1], message))
    return digests


def _next(digest: bytes, message: JSON) -> bytes:
    calls = [
        (call["id"], call["function"]["name"], call["function"]["arguments"])
        for call in message.get("tool_calls") or ()
    ]
    content = [message["role"], message.get("content") or "", calls, message.get("tool_call_id"), message.get("name")]
    return hashlib.sha256(digest + json.dumps(content).encode()).digest()
