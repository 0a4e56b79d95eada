"""What servers do differently: the paths of an endpoint, and the fields it takes beyond the common ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from deepseek_magic.settings import Thinking, is_deepseek, is_loopback

from .catalogue import MODELS


@dataclass(frozen=True, slots=True)
class Dialect:
    """How to speak to one kind of endpoint. ``deepseek``: it takes the fields that are DeepSeek's own."""

    name: str
    deepseek: bool

    def thinking_fields(self, thinking: Thinking | None) -> dict[str, Any]:
        """Return the request fields that set the thinking; ``None`` is the endpoint's default effort.

        Source: DeepSeek's thinking-mode guide. Elsewhere ``thinking`` is refused or ignored (422, 400), so that only
        the common ``reasoning_effort`` is sent, and only on the user's word.
        """
        if not self.deepseek:
            return {} if thinking is None else {"reasoning_effort": "none" if thinking == "off" else thinking}
        if thinking == "off":
            return {"thinking": {"type": "disabled"}}
        fields: dict[str, Any] = {"thinking": {"type": "enabled"}}
        if thinking is not None:
            fields["reasoning_effort"] = thinking
        return fields


DEEPSEEK = Dialect("deepseek", deepseek=True)
COMPATIBLE = Dialect("compatible", deepseek=False)


def dialect_for(base_url: str, model: str) -> Dialect:
    """Return the dialect of the endpoint at ``base_url``, asked for ``model``.

    DeepSeek's own hosts speak DeepSeek's. So does a server on this machine that is addressed without ``/v1`` and
    asked for a model by one of DeepSeek's API names: the embedded endpoint, a recorder, a stand-in. Self-hosted
    servers live under ``/v1`` or name their models by file or repository.
    """
    if is_deepseek(base_url):
        return DEEPSEEK
    if is_loopback(base_url) and model in MODELS and not urlsplit(base_url).path.endswith("/v1"):
        return DEEPSEEK
    return COMPATIBLE
