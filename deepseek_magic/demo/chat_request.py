"""A chat request, read and checked: raw JSON in, the plain value `Asked` out, or a refusal."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from . import checks
from .checks import CONTEXT, JSON, MAX_OUTPUT
from .documented_errors import Refused, bad_request, not_json, wrong_type
from .message_parts import Parts, taken_apart
from .token_pieces import estimate

ROLES = ("system", "user", "assistant", "tool", "latest_reminder")
PARTS = ("text", "image_url", "file")
IMAGE_TOKENS = 384
_DATA_IMAGE = re.compile(r"data:image/(jpeg|jpg|png|gif|webp);base64,")


@dataclass(frozen=True, slots=True)
class Asked:
    """One chat request that passed every check.

    ``body`` is the JSON as it came, ``messages`` the conversation without a prefix, ``prefix`` the unfinished
    assistant message at its end, ``thinking`` the level or ``None``, ``budget`` the most tokens of the reply.
    """

    body: JSON
    model: str
    messages: tuple[JSON, ...]
    prefix: JSON | None
    thinking: str | None
    budget: int
    stop: tuple[str, ...]
    stream: bool
    include_usage: bool
    json_mode: bool
    tools: tuple[JSON, ...]
    tool_choice: str

    @property
    def last(self) -> Parts:
        """The last user message, taken apart."""
        return next((parts_of(message) for message in reversed(self.messages) if message["role"] == "user"), Parts(""))

    @property
    def question(self) -> str:
        """The user's own words in the last user message."""
        return self.last.words

    @property
    def last_role(self) -> str:
        """Who spoke last; a request that holds nothing but a prefix counts as a question."""
        return self.messages[-1]["role"] if self.messages else "user"

    @property
    def prompt_tokens(self) -> int:
        """The estimate for everything that was sent."""
        tools = estimate(json.dumps(self.tools, ensure_ascii=False)) if self.tools else 0
        prefix = message_tokens(self.prefix) if self.prefix else 0
        return sum(map(message_tokens, self.messages)) + prefix + tools


def parse(raw: bytes) -> JSON:
    """The body as an object; raises the plain-text 400, or the 422 where it is another type."""
    try:
        body = json.loads(raw, parse_constant=_no_number)
        json.dumps(body, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise not_json("lone surrogate in hex escape") from None
    except RecursionError:
        raise not_json("recursion limit exceeded") from None
    except ValueError as wrong:
        raise not_json(str(wrong)) from None
    if not isinstance(body, dict):
        raise wrong_type(raw, "", "expected struct ChatCompletionRequest", body)
    return body


def _no_number(name: str) -> None:
    raise ValueError(f"invalid number {name}")


def read(raw: bytes, *, beta: bool) -> Asked:
    """The request in ``raw``; raises `Refused` with the documented error."""
    body = parse(raw)
    model = checks.served_model(body, raw)
    messages = _messages(body, raw)
    checks.figures(body, raw, MAX_OUTPUT)
    checks.log_probabilities(body, raw)
    level = checks.thinking(body, raw)
    stream, include_usage = checks.streaming(body, raw)
    told = "\n".join(map(text_of, messages))
    tools = checks.tools(body, raw, beta=beta)
    prefix = _prefix(messages, beta=beta)
    asked = Asked(
        body=body,
        model=model,
        messages=tuple(messages[:-1] if prefix else messages),
        prefix=prefix,
        thinking=level,
        budget=body.get("max_tokens") or _default_budget(level),
        stop=checks.stops(body, raw),
        stream=stream,
        include_usage=include_usage,
        json_mode=checks.json_mode(body, raw, told),
        tools=tuple(tools),
        tool_choice=checks.tool_choice(body, raw, tools, level),
    )
    _together(asked)
    return asked


def _default_budget(level: str | None) -> int:
    return {None: 8192, "max": 131072}.get(level, 65536)


def _messages(body: JSON, raw: bytes) -> list[JSON]:
    """The messages, each checked for itself and in its place."""
    if "messages" not in body:
        raise wrong_type(raw, "", "missing field `messages`")
    messages = body["messages"]
    if not isinstance(messages, list) or not all(isinstance(message, dict) for message in messages):
        raise wrong_type(raw, "messages", "expected a sequence of messages")
    if not messages:
        raise bad_request("Empty input messages")
    waiting: list[str] = []
    for position, message in enumerate(messages):
        _one(message, f"messages[{position}]", raw)
        waiting = _calls_answered(message, waiting)
    if waiting:
        raise _unanswered()
    return messages


def _one(message: JSON, where: str, raw: bytes) -> None:
    role = message.get("role")
    if role is None:
        raise wrong_type(raw, where, "missing field `role`", message)
    if role not in ROLES:
        known = ", ".join(f"`{name}`" for name in ROLES)
        raise wrong_type(raw, f"{where}.role", f"unknown variant `{role}`, expected one of {known}", role)
    content = message.get("content")
    if isinstance(content, list):
        for part in content:
            if not isinstance(part, dict) or part.get("type") not in PARTS:
                kind = part.get("type") if isinstance(part, dict) else part
                known = ", ".join(f"`{name}`" for name in PARTS)
                raise wrong_type(raw, f"{where}.content", f"unknown variant `{kind}`, expected one of {known}", kind)
    elif content is not None and not isinstance(content, str):
        raise wrong_type(raw, f"{where}.content", "expected a string or a sequence of parts", content)
    elif content is None and role != "assistant":
        raise wrong_type(raw, where, "missing field `content`", message)
    if role == "assistant" and content is None and not message.get("tool_calls"):
        raise bad_request("Invalid assistant message: content or tool_calls must be set")
    calls = message.get("tool_calls")
    if calls is not None and not (isinstance(calls, list) and all(map(_is_call, calls))):
        raise wrong_type(raw, f"{where}.tool_calls", "expected a sequence of calls of functions", calls)
    if role == "tool" and not isinstance(message.get("tool_call_id"), str):
        raise wrong_type(raw, where, "missing field `tool_call_id`", message)


def _is_call(value: Any) -> bool:
    """Whether this is a call as an assistant message holds it."""
    function = value.get("function") if isinstance(value, dict) else None
    named = isinstance(function, dict) and all(isinstance(function.get(key), str) for key in ("name", "arguments"))
    return named and isinstance(value.get("id"), str)


def _calls_answered(message: JSON, waiting: list[str]) -> list[str]:
    """The ids of calls still without an answer after this message."""
    if message["role"] == "tool":
        if message["tool_call_id"] not in waiting:
            raise bad_request("Messages with role 'tool' must be a response to a preceding message with 'tool_calls'")
        return [call for call in waiting if call != message["tool_call_id"]]
    if waiting and message["role"] in ("user", "assistant"):
        raise _unanswered()
    calls = message.get("tool_calls") if message["role"] == "assistant" else None
    return [call["id"] for call in calls] if calls else waiting


def _unanswered() -> Refused:
    return bad_request(
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'."
    )


def _prefix(messages: list[JSON], *, beta: bool) -> JSON | None:
    """The assistant message at the end that is to be continued."""
    last = messages[-1]
    if last["role"] != "assistant":
        return None
    if not last.get("prefix"):
        raise bad_request("The last message must not be an assistant message, except with prefix mode on.")
    if not beta:
        raise bad_request(checks.beta_only("prefix mode"))
    return last


def _together(asked: Asked) -> None:
    """The checks that need several fields at once: images, reasoning that must come back, the context."""
    _images(asked)
    if asked.tools and asked.thinking is not None:
        turns = [message for message in asked.messages if message["role"] == "assistant"]
        if not all(isinstance(turn.get("reasoning_content"), str) for turn in turns):
            raise bad_request("The `reasoning_content` in the thinking mode must be passed back to the API.")
    sent, wanted = asked.prompt_tokens, asked.body.get("max_tokens") or 0
    if sent + wanted > CONTEXT:
        raise bad_request(
            f"This model's maximum context length is {CONTEXT} tokens. However, you requested {sent + wanted} tokens "
            f"({sent} in the messages, {wanted} in the completion). Please reduce the length of the messages or "
            "completion."
        )


def _images(asked: Asked) -> None:
    """The limits that guides/vision documents."""
    images = [(message["role"], part) for message in asked.messages for part in image_parts(message)]
    if images and asked.model == "deepseek-v4-pro":
        raise bad_request("This model does not support image")
    if len(images) > 600:
        raise bad_request("Invalid messages: at most 600 images are supported")
    for role, part in images:
        image = part.get("image_url")
        url = image.get("url") if isinstance(image, dict) else None
        detail = image.get("detail", "auto") if isinstance(image, dict) else None
        if role != "user":
            raise bad_request("Invalid messages: images are supported in user messages only")
        if not isinstance(url, str) or detail not in ("low", "high", "original", "auto"):
            raise bad_request("Invalid image_url: expected url and detail")
        if url.startswith(("https://", "http://")):
            if len(url) > 8192:
                raise bad_request("Invalid image_url: at most 8192 characters are supported")
        elif not _DATA_IMAGE.match(url):
            raise bad_request("Invalid image_url: expected http, https or data:image/…;base64")


def image_parts(message: JSON) -> Iterator[JSON]:
    """The parts of a message that are images."""
    content = message.get("content")
    if isinstance(content, list):
        yield from (part for part in content if part["type"] == "image_url")


def text_of(message: JSON) -> str:
    """The text of a message; text parts are joined, others leave nothing."""
    content: Any = message.get("content")
    if isinstance(content, list):
        return "\n".join(str(part.get("text", "")) for part in content if part["type"] == "text")
    return content or ""


def parts_of(message: JSON) -> Parts:
    """The text of a message, taken apart."""
    return taken_apart(text_of(message))


def message_tokens(message: JSON) -> int:
    """The estimate for one message, with its images and calls."""
    calls = message.get("tool_calls")
    extra = estimate(json.dumps(calls, ensure_ascii=False)) if calls else 0
    return max(1, estimate(text_of(message))) + extra + IMAGE_TOKENS * len(list(image_parts(message)))
