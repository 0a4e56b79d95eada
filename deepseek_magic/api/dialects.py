"""Dialects: how servers differ in the paths of their calls, and in the fields that they take.

Differences in replies (the field for the thinking, the chunk with the count of tokens, the shape of errors) do not
depend on the dialect: all forms are read from every server, because gateways and versions differ as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal
from urllib.parse import urlsplit

from deepseek_magic.settings.parameters import Settings, Thinking, ThinkTags
from deepseek_magic.settings.servers import COMPATIBLE as COMPATIBLE_NAME
from deepseek_magic.settings.urls import is_deepseek, is_loopback

from .catalogue import MODELS, known_model
from .messages import FimRequest, Request


@dataclass(frozen=True, slots=True)
class Dialect:
    """How to speak to one kind of endpoint.

    Attributes:
        name: its name for ``--base-url`` and the setting ``dialect``.
        thinking: how thinking is set: by DeepSeek's field, by an argument of the chat template, or by
            ``reasoning_effort``.
        prefix: how a reply that was begun is continued: at DeepSeek's ``/beta``, by vLLM's fields, or not at all.
        fim: whether it supports fill-in-the-middle, at ``/beta/completions``.
        think_tags: what to do with ``<think>`` in an answer if the user does not say.
        effort_apart: whether a server with a template takes the effort outside the arguments of the template.
    """

    name: str
    thinking: Literal["field", "template", "effort"]
    prefix: Literal["beta", "continue", ""] = ""
    fim: bool = False
    think_tags: ThinkTags = "split"
    effort_apart: bool = False

    @property
    def can_be_quiet(self) -> bool:
        """Whether thinking can be switched off safely for answers in code or JSON.

        V4.1 on vLLM thinks unless it is told not to; models without such an argument ignore it.
        """
        return self.thinking in ("field", "template")

    @property
    def deepseek(self) -> bool:
        """Whether it has DeepSeek's own fields and limits, and needs its thinking sent back."""
        return self.thinking == "field"

    def thinking_fields(self, thinking: Thinking | None) -> dict[str, Any]:
        """Return the request fields that set the thinking; ``None`` is the endpoint's default effort.

        Source: DeepSeek's thinking-mode guide. Other servers refuse (400, 422) or ignore ``thinking``, so they are sent
        only their own fields, and only if the user sets the thinking.
        """
        if self.thinking == "field":
            fields: dict[str, Any] = {"thinking": {"type": "disabled" if thinking == "off" else "enabled"}}
            return fields if thinking in (None, "off") else {**fields, "reasoning_effort": thinking}
        if thinking is None:
            return {}
        if self.thinking == "template":
            effort = {} if thinking == "off" else {"reasoning_effort": thinking}
            within, beside = ({}, effort) if self.effort_apart else (effort, {})
            return {"chat_template_kwargs": {"thinking": thinking != "off", **within}, **beside}
        return {"reasoning_effort": "none" if thinking == "off" else thinking}

    def thinks(self, thinking: Thinking | None) -> bool | None:
        """Return whether the model thinks about a question with this setting; ``None`` if the server decides."""
        if thinking is None:
            return True if self.deepseek else None
        return thinking != "off"

    def sees(self, model: str) -> bool | None:
        """Return whether ``model`` takes images; ``None`` if that is not known."""
        known = known_model(model) if self.deepseek else None
        return None if known is None else bool(known["images"])

    def ignored(self, settings: Settings) -> Iterator[str]:
        """Yield a sentence for each setting of the user that has no effect, with what to do.

        Source: DeepSeek's create-chat-completion reference. It contradicts its older page about ``top_p``.
        """
        if not self.deepseek:
            return
        thinks = self.thinks(settings.thinking)
        if thinks and settings.temperature is not None:
            yield "The temperature has no effect while the model thinks; --think off makes it count."
        if not thinks and settings.top_p is not None:
            yield (
                "With thinking off, top_p has no effect according to DeepSeek's newest documentation (older pages say "
                "the opposite); the temperature counts."
            )
        elif thinks and settings.top_p is not None and settings.top_p < LOWEST_TOP_P:
            yield (
                f"While the model thinks, a top_p below {LOWEST_TOP_P} counts as {LOWEST_TOP_P} by DeepSeek's newest "
                "documentation (according to older pages it has no effect at all)."
            )


#: The floor of ``top_p`` in thinking mode.
LOWEST_TOP_P = 0.95

DEEPSEEK = Dialect("deepseek", "field", prefix="beta", fim=True, think_tags="off")
OLLAMA = Dialect("ollama", "effort")
VLLM = Dialect("vllm", "template", prefix="continue")
SGLANG = Dialect("sglang", "template", effort_apart=True)
LLAMA_CPP = Dialect("llama.cpp", "effort")
LM_STUDIO = Dialect("lmstudio", "effort")
COMPATIBLE = Dialect(COMPATIBLE_NAME, "effort")

DIALECTS: dict[str, Dialect] = {
    dialect.name: dialect for dialect in (DEEPSEEK, OLLAMA, VLLM, SGLANG, LLAMA_CPP, LM_STUDIO, COMPATIBLE)
}
# Ports that only one kind of server uses. Many programs use vLLM's 8000 and llama.cpp's 8080.
_PORTS = {11434: OLLAMA, 30000: SGLANG, 1234: LM_STUDIO}


def dialect_of(settings: Settings) -> Dialect:
    """Return the dialect for a question with ``settings``: the one they name, or else that of the endpoint.

    DeepSeek's own hosts have DeepSeek's dialect. So has a server on this machine whose URL lacks ``/v1``, for a model
    with a name of DeepSeek's API: the embedded endpoint, a recorder, or another stand-in. Other local servers have
    ``/v1`` in their URLs or name their models by file or repository; some are recognised by their port.
    """
    url, parts = settings.base_url, urlsplit(settings.base_url)
    if settings.dialect:
        dialect = DIALECTS[settings.dialect]
    elif is_deepseek(url) or (is_loopback(url) and settings.model in MODELS and not parts.path.endswith("/v1")):
        dialect = DEEPSEEK
    else:
        dialect = _PORTS.get(parts.port or 0, COMPATIBLE)
    return replace(dialect, think_tags=settings.think_tags) if settings.think_tags else dialect


def wants_model(settings: Settings) -> bool:
    """Return whether to ask the server which model it has: it is not DeepSeek's, and the user did not name one."""
    return not settings.model_named and not dialect_of(settings).deepseek


def url_of(request: Request | FimRequest, base_url: str, dialect: Dialect) -> str:
    """Return the URL for ``request``. DeepSeek fills in, continues and is strict under ``/beta``."""
    if isinstance(request, FimRequest):
        return f"{beta_url(base_url)}/completions"
    in_beta = dialect.prefix == "beta" and (request.continues or any(tool.strict for tool in request.tools))
    return f"{beta_url(base_url) if in_beta else base_url}/chat/completions"


def beta_url(base_url: str) -> str:
    """Return the base URL of DeepSeek's beta features, given any of its base URLs."""
    return f"{root_url(base_url)}/beta"


def root_url(base_url: str) -> str:
    """Return ``base_url`` without DeepSeek's ``/v1`` or ``/beta``."""
    root = base_url.rstrip("/")
    for path in ("/v1", "/beta"):
        if root.endswith(path):
            return root.removesuffix(path).rstrip("/")
    return root
