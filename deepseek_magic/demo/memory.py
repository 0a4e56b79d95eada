"""What the endpoint remembers between requests: prefixes for the cache figures, and replies to be continued.

The real endpoint is stateless but for its cache. This one simulates the cache (deepseek-api.md, section 12.5) and
keeps its last replies, because it has no model that would know how a cut reply went on.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Iterator

from deepseek_magic.demo.asked import Asked, message_tokens
from deepseek_magic.demo.checks import JSON

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

    def answered(self, asked: Asked, reasoning: str, text: str, shown: str) -> None:
        """Note the whole reply, and what was shown of it as one more message of the conversation."""
        with self._lock:
            last = list(_chain(asked))[-1]
            self._note(_next(last, {"role": "assistant", "content": shown}))
            self._replies[last] = (reasoning, text)
            self._replies.move_to_end(last)
            while len(self._replies) > _REPLIES:
                self._replies.popitem(last=False)

    def replies(self, asked: Asked) -> Iterator[tuple[str, str]]:
        """Earlier replies as (thinking, text): the one to this very conversation first, then the newest first."""
        with self._lock:
            last = list(_chain(asked))[-1]
            own = self._replies.get(last)
            others = [kept for digest, kept in reversed(self._replies.items()) if digest != last]
        if own is not None:
            yield own
        yield from others

    def _note(self, digest: bytes) -> None:
        self._prefixes[digest] = None
        self._prefixes.move_to_end(digest)
        while len(self._prefixes) > _PREFIXES:
            self._prefixes.popitem(last=False)


def _chain(asked: Asked) -> Iterator[bytes]:
    """One digest per message, each of everything up to it; ``user_id`` and tools keep caches apart."""
    first = json.dumps([asked.model, asked.body.get("user_id"), asked.tools], ensure_ascii=True)
    digest = hashlib.sha256(first.encode()).digest()
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
