"""What the endpoint remembers between requests: prefixes for the cache figures, and replies to be continued.

The real endpoint is stateless but for its cache. This one simulates the cache (guides/kv_cache) and
keeps its last replies, because it has no model that would know how a cut reply went on.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Iterator

from .chat_request import Asked, message_tokens
from .checks import JSON

_PREFIXES = 4096
_REPLIES = 256


class Memory:
    """Bounded, and safe for use by several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._prefixes: OrderedDict[bytes, None] = OrderedDict()
        self._replies: OrderedDict[bytes, tuple[str, str]] = OrderedDict()

    def cached_tokens(self, asked: Asked) -> int:
        """The tokens of the longest beginning of these messages that was sent or answered before; notes them."""
        hit = total = 0
        with self._lock:
            chain = list(_chain(asked))
            for message, digest in zip(asked.messages, chain, strict=True):
                total += message_tokens(message)
                if digest in self._prefixes:
                    hit = total
            for digest in chain:
                self._note(digest)
        # A repeated request still has its last token computed anew.
        return max(0, min(hit, asked.prompt_tokens - 1))

    def remember(self, asked: Asked, reasoning: str, text: str) -> None:
        """Keep the whole reply to this conversation, to be continued later."""
        last = _last(asked)
        with self._lock:
            self._replies[last] = (reasoning, text)
            self._replies.move_to_end(last)
            while len(self._replies) > _REPLIES:
                self._replies.popitem(last=False)

    def said(self, asked: Asked, shown: str) -> None:
        """Note what was shown as one more message: the next request will begin with it."""
        digest = _next(_last(asked), {"role": "assistant", "content": shown})
        with self._lock:
            self._note(digest)

    def replies(self, asked: Asked) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        """Earlier replies as (thinking, text): the one to this very conversation, and the others, newest first."""
        last = _last(asked)
        with self._lock:
            own = [self._replies[last]] if last in self._replies else []
            return own, [kept for digest, kept in reversed(self._replies.items()) if digest != last]

    def _note(self, digest: bytes) -> None:
        self._prefixes[digest] = None
        self._prefixes.move_to_end(digest)
        while len(self._prefixes) > _PREFIXES:
            self._prefixes.popitem(last=False)


def _start(asked: Asked) -> bytes:
    """What stands before the messages; ``user_id`` and tools keep caches apart."""
    first = json.dumps([asked.model, asked.body.get("user_id"), asked.tools], ensure_ascii=True)
    return hashlib.sha256(first.encode()).digest()


def _last(asked: Asked) -> bytes:
    """The digest of the whole conversation."""
    digests = list(_chain(asked))
    return digests[-1] if digests else _start(asked)


def _chain(asked: Asked) -> Iterator[bytes]:
    """One digest per message, each of everything up to it."""
    digest = _start(asked)
    for message in asked.messages:
        digest = _next(digest, message)
        yield digest


def _next(digest: bytes, message: JSON) -> bytes:
    calls = [
        (call["id"], call["function"]["name"], call["function"]["arguments"])
        for call in message.get("tool_calls") or ()
    ]
    told = [message["role"], message.get("content") or "", calls, message.get("tool_call_id"), message.get("name")]
    return hashlib.sha256(digest + json.dumps(told, ensure_ascii=True).encode()).digest()
