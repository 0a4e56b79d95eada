"""Requests by their parts, for tests."""

from __future__ import annotations

from typing import Any

from deepseek_magic.api.http_connection import Arrived
from deepseek_magic.api.limits import read_whole
from deepseek_magic.api.messages import FimRequest, Message, Request
from deepseek_magic.settings.parameters import Settings

_SETTINGS = ("temperature", "top_p", "max_tokens", "stop")


def chat(model: str, messages: tuple[Message, ...], thinking: Any = None, **fields: Any) -> Request:
    """Return a chat request; what is a question's setting among ``fields`` goes into its settings."""
    settings = {name: fields.pop(name) for name in _SETTINGS if name in fields}
    return Request(Settings(model=model, thinking=thinking, **settings), messages, **fields)


def fim(model: str, prompt: str, suffix: str = "", **settings: Any) -> FimRequest:
    """Return a request that fills a gap."""
    return FimRequest(Settings(model=model, **settings), prompt, suffix)


def got(session: Any, url: str) -> tuple[Arrived, bytes]:
    """Return the answer to GET ``url``, and its body."""
    answer = session.sent("GET", url, None, headers={"Accept": "*/*"}, timeout=(60, 60))
    try:
        return answer, read_whole(answer, 1_000_000, 60)
    finally:
        answer.close()
