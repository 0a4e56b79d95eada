"""DeepSeek's documented rules of requests: what DeepSeek would refuse, every server of the tests refuses.

The embedded endpoint checks no more than the shape of a request, so that a demo stays generous. Here are the ranges,
the combinations and the order of messages, from the create-chat-completion reference and the guides; statuses and
words are the documented ones, or those seen on the wire.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from deepseek_magic.api.catalogue import MODELS
from deepseek_magic.demo import chat_request, fim_reply
from deepseek_magic.demo.chat_request import ChatRequest
from deepseek_magic.demo.documented_errors import Refused, bad_request, not_json, wrong_shape
from deepseek_magic.demo.message_parts import text_of
from deepseek_magic.demo.reply_bodies import CONTEXT, MAX_OUTPUT
from deepseek_magic.demo.request_shape import JSON, BaseRequest

_TOOL_NAME = re.compile(r"[A-Za-z0-9_-]{1,128}")
_UNSTRICT = ("minLength", "maxLength", "minItems", "maxItems")
_DATA_IMAGE = re.compile(r"data:image/(jpeg|jpg|png|gif|webp);base64,")


def check(method: str, path: str, _headers: Mapping[str, str], body: bytes) -> Refused | None:
    """Return what DeepSeek would answer to this request if it would refuse it, else ``None``.

    Args:
        method: of the request.
        path: decides what is asked for; below ``/beta`` more is allowed.
        body: the bytes of the request.
    """
    path, beta = path.partition("?")[0], path.startswith("/beta/")
    try:
        if method == "POST" and path.endswith("/chat/completions"):
            request = chat_request.read(body, beta=beta)
            _settings(request, MAX_OUTPUT)
            _messages(request.body["messages"], body)
            _chat(request, beta=beta)
        elif method == "POST" and path.endswith("/completions"):
            _settings(fim_reply.read(body, beta=beta), fim_reply.LONGEST)
    except Refused as refused:
        return refused
    return None


def broken_rule(method: str, path: str, headers: Mapping[str, str], body: bytes) -> list[str]:
    """Return a sentence if this goes to DeepSeek and would be refused; other servers name other models, or have /v1."""
    try:
        elsewhere = json.loads(body)["model"] not in MODELS or path.startswith("/v1/")
    except (ValueError, LookupError, TypeError):
        return []
    refusal = None if elsewhere else check(method, path, headers, body)
    return [f"{method} {path}: {refusal.status} {refusal.body.decode()}"] if refusal else []


def _settings(request: BaseRequest, most: int) -> None:
    """The settings of both kinds of request; ``most`` is the limit of ``max_tokens``."""
    body = request.body
    try:
        json.dumps(body, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise not_json("lone surrogate in hex escape") from None
    _range(body, "max_tokens", 1, most, f"[1, {most}]")
    _range(body, "temperature", 0, 2, "[0, 2]")
    _range(body, "top_p", 0, 1, "(0, 1]", above=True)
    _range(body, "frequency_penalty", -2, 2, "[-2, 2]")
    _range(body, "presence_penalty", -2, 2, "[-2, 2]")
    if body.get("n") not in (None, 1):
        raise bad_request("Invalid n value (currently only n = 1 is supported)")
    if len((body.get("user_id") or "").encode("utf-8", "replace")) > 512:
        raise bad_request("Invalid user_id value, expected a text of at most 512 bytes")
    if len(request.stop) > 16:
        raise bad_request("Invalid stop value, at most 16 strings are supported")
    if body.get("stream_options") is not None and not request.stream:
        raise bad_request("stream_options should be set along with stream = true")


def _range(body: JSON, field: str, least: float, most: float, interval: str, *, above: bool = False) -> None:
    """``above`` excludes ``least`` itself."""
    value = body.get(field)
    if value is not None and (not least <= value <= most or (above and value == least)):
        raise bad_request(f"Invalid {field} value, the valid range of {field} is {interval}")


def _messages(messages: list[JSON], raw: bytes) -> None:
    """Each message for itself, and the order of calls and their results."""
    waiting: list[str] = []
    for position, message in enumerate(messages):
        role, content, calls = message["role"], message.get("content"), message.get("tool_calls")
        if content is None and role != "assistant":
            raise wrong_shape(raw, f"messages[{position}]: missing field `content`")
        if content is None and not calls:
            raise bad_request("Invalid assistant message: content or tool_calls must be set")
        if role == "tool":
            answered = message.get("tool_call_id")
            if answered is None:
                raise wrong_shape(raw, f"messages[{position}]: missing field `tool_call_id`")
            if answered not in waiting:
                raise bad_request(
                    "Messages with role 'tool' must be a response to a preceding message with 'tool_calls'"
                )
            waiting.remove(answered)
        elif waiting and role in ("user", "assistant"):
            break
        elif role == "assistant":
            waiting = [call["id"] for call in calls or ()]
    if waiting:
        raise bad_request(
            "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
            "'tool_call_id'."
        )


def _chat(request: ChatRequest, *, beta: bool) -> None:
    """What several fields of a chat say together."""
    body = request.body
    _range(body, "top_logprobs", 0, 20, "[0, 20]")
    if body.get("top_logprobs") is not None and not body.get("logprobs"):
        raise bad_request("top_logprobs should be set along with logprobs = true")
    if request.json_mode and "json" not in "\n".join(map(text_of, body["messages"])).lower():
        raise bad_request(
            "Prompt must contain the word 'json' in some form to use 'response_format' of type 'json_object'."
        )
    _tools(request, beta=beta)
    _images(request)
    turns = [message for message in request.messages if message["role"] == "assistant"]
    passed_back = all(isinstance(turn.get("reasoning_content"), str) for turn in turns)
    if request.functions and request.thinking is not None and not passed_back:
        raise bad_request("The `reasoning_content` in the thinking mode must be passed back to the API.")
    sent, wanted = request.prompt_tokens, body.get("max_tokens") or 0
    if sent + wanted > CONTEXT:
        raise bad_request(
            f"This model's maximum context length is {CONTEXT} tokens. However, you requested {sent + wanted} tokens "
            f"({sent} in the messages, {wanted} in the completion). Please reduce the length of the messages or "
            "completion."
        )


def _tools(request: ChatRequest, *, beta: bool) -> None:
    functions, choice = request.functions, request.body.get("tool_choice")
    if len(functions) > 128:
        raise bad_request("Invalid tools value, at most 128 functions are supported")
    names = [function["name"] for function in functions]
    for position, name in enumerate(names):
        if not _TOOL_NAME.fullmatch(name) or name in names[:position]:
            raise bad_request(f"Invalid tools[{position}].function.name: names are unique, of [A-Za-z0-9_-], max 128")
    if beta and any(function.get("strict") for function in functions):
        for function in functions:
            if not function.get("strict"):
                raise bad_request("Invalid tools: strict must be true on every function")
            if problem := unstrict(function.get("parameters") or {}):
                raise bad_request(f"Invalid schema of function {function['name']}: {problem}")
    if choice in (None, "none", "auto"):
        return
    if request.thinking is not None:
        raise bad_request("Thinking mode does not support this tool_choice")
    if not names or (choice != "required" and request.tool_choice not in names):
        raise bad_request("Invalid tool_choice: the function is not among the tools")


def unstrict(schema: Any) -> str:
    """Return what keeps ``schema`` from the strict mode of tools (guides/tool_calls); "" where nothing does."""
    if isinstance(schema, list):
        return next(filter(None, map(unstrict, schema)), "")
    if not isinstance(schema, dict):
        return ""
    properties = schema.get("properties")
    if isinstance(properties, dict):
        if set(schema.get("required") or ()) != set(properties):
            return "all properties must be required"
        if schema.get("additionalProperties") is not False:
            return "additionalProperties must be false"
        return next(filter(None, map(unstrict, properties.values())), "")
    for name in _UNSTRICT:
        if name in schema:
            return f"{name} is not supported"
    return next(filter(None, (unstrict(value) for value in schema.values())), "")


def _images(request: ChatRequest) -> None:
    """The limits of guides/vision."""
    images = [
        (message["role"], part.get("image_url"))
        for message in request.messages
        for part in (message["content"] if isinstance(message.get("content"), list) else ())
        if part["type"] == "image_url"
    ]
    if images and request.model == "deepseek-v4-pro":
        raise bad_request("This model does not support image")
    if len(images) > 600:
        raise bad_request("Invalid messages: at most 600 images are supported")
    for role, image in images:
        url = image.get("url") if isinstance(image, dict) else None
        if role != "user":
            raise bad_request("Invalid messages: images are supported in user messages only")
        if not isinstance(url, str) or image.get("detail", "auto") not in ("low", "high", "original", "auto"):
            raise bad_request("Invalid image_url: expected url and detail")
        if url.startswith(("https://", "http://")):
            if len(url) > 8192:
                raise bad_request("Invalid image_url: at most 8192 characters are supported")
        elif not _DATA_IMAGE.match(url):
            raise bad_request("Invalid image_url: expected http, https or data:image/…;base64")
