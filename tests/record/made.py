"""Requests as questions make them, for the tests of the record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from deepseek_magic.api.messages import Message, Request
from deepseek_magic.context.compose import compose
from deepseek_magic.context.items import Item
from deepseek_magic.context.wrapping import new_marker
from deepseek_magic.guard import Guard
from deepseek_magic.settings.keys import checked_key
from deepseek_magic.settings.parameters import Settings

KEY = "sk-of-the-record-5f2a"


def settings(**changes: Any) -> Settings:
    """Settings with a key, at DeepSeek's own address."""
    made = replace(Settings(), **changes)
    return replace(made, key=checked_key(KEY, made.base_url, "a test"))


def asked(text: str, items: Sequence[Item] = (), marker: str = "", guard: Guard | None = None) -> Message:
    """The user's message for ``text`` with ``items``, wrapped with ``marker`` (a new one where there is none)."""
    guard = guard or Guard("off", {})
    made = compose(text, items, budget=16_000, guard=guard, marker=marker or new_marker())
    return Message("user", made.content)


def request(*messages: Message, **more: Any) -> Request:
    """A request of ``messages``; what is a field of the settings is one, the rest a field of the request."""
    fields = {name: more.pop(name) for name in list(more) if name in Request.__dataclass_fields__}
    return Request(settings(**more), messages, **fields)
