"""Checks of the settings of a request: ranges, types and combinations (api/create-chat-completion)."""

from __future__ import annotations

import re
from typing import Any

from .documented_errors import BETA, CHAT_MODELS, bad_request, out_of_range, unknown_model, wrong_type

JSON = dict[str, Any]

# Accepted by name, served and billed as Flash (quick_start/pricing).
ALIASES = {"deepseek-v4-flash": CHAT_MODELS[0], "deepseek-v4-flash-vision-exp": CHAT_MODELS[0]}
EFFORTS = {
    "none": None,
    "minimal": "low",
    "low": "low",
    "medium": "high",
    "high": "high",
    "xhigh": "high",
    "max": "max",
    "ultra": "max",
}
MAX_OUTPUT = 393216
MAX_FIM_OUTPUT = 4096
CONTEXT = 1048576
_TOOL_NAME = re.compile(r"[A-Za-z0-9_-]{1,128}")
_UNSTRICT = ("minLength", "maxLength", "minItems", "maxItems")


def served_model(body: JSON, raw: bytes) -> str:
    """The model that answers; a refusal where the name is missing or unknown."""
    if "model" not in body:
        raise wrong_type(raw, "", "missing field `model`")
    name = body["model"]
    if not isinstance(name, str):
        raise wrong_type(raw, "model", f"invalid type: {_named(name)}, expected a string", name)
    served = ALIASES.get(name, name)
    if served not in CHAT_MODELS:
        raise unknown_model(name)
    return served


def figures(body: JSON, raw: bytes, most: int) -> None:
    """Every setting with a range; ``most`` is the limit of ``max_tokens``."""
    _number(body, raw, "max_tokens", 1, most, f"[1, {most}]", whole=True)
    _number(body, raw, "temperature", 0, 2, "[0, 2]")
    _number(body, raw, "top_p", 0, 1, "(0, 1]")
    if body.get("top_p") == 0:
        raise out_of_range("top_p", "(0, 1]")
    _number(body, raw, "frequency_penalty", -2, 2, "[-2, 2]")
    _number(body, raw, "presence_penalty", -2, 2, "[-2, 2]")
    if body.get("n") not in (None, 1):
        raise bad_request("Invalid n value (currently only n = 1 is supported)")
    user = body.get("user_id")
    if user is not None and (not isinstance(user, str) or len(user.encode("utf-8", "replace")) > 512):
        raise bad_request("Invalid user_id value, expected a text of at most 512 bytes")


def log_probabilities(body: JSON, raw: bytes) -> None:
    """The two fields of the chat endpoint, of which the second needs the first."""
    _number(body, raw, "top_logprobs", 0, 20, "[0, 20]", whole=True)
    if body.get("top_logprobs") is not None and not body.get("logprobs"):
        raise bad_request("top_logprobs should be set along with logprobs = true")


def _number(
    body: JSON, raw: bytes, field: str, least: float, most: float, interval: str, *, whole: bool = False
) -> None:
    value = body.get(field)
    if value is None:
        return
    expected = "u32" if whole else "f32"
    if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
        raise wrong_type(raw, field, f"invalid type: {_named(value)}, expected {expected}", value)
    if not least <= value <= most:
        raise out_of_range(field, interval)


def stops(body: JSON, raw: bytes) -> tuple[str, ...]:
    """The stop strings."""
    given = body.get("stop")
    listed = [] if given is None else [given] if isinstance(given, str) else given
    if not isinstance(listed, list) or not all(isinstance(stop, str) for stop in listed):
        raise wrong_type(raw, "stop", "expected a string or a list of strings", given)
    if len(listed) > 16:
        raise bad_request("Invalid stop value, at most 16 stop strings are supported")
    return tuple(stop for stop in listed if stop)


def streaming(body: JSON, raw: bytes) -> tuple[bool, bool]:
    """Whether to stream, and whether the figures are asked for."""
    wanted = body.get("stream")
    if wanted not in (None, True, False):
        raise wrong_type(raw, "stream", f"invalid type: {_named(wanted)}, expected a boolean", wanted)
    options = body.get("stream_options")
    if options is None:
        return bool(wanted), False
    if not wanted:
        raise bad_request("stream_options should be set along with stream = true")
    if not isinstance(options, dict):
        raise wrong_type(raw, "stream_options", f"invalid type: {_named(options)}, expected struct StreamOptions")
    return True, bool(options.get("include_usage"))


def thinking(body: JSON, raw: bytes) -> str | None:
    """The level of thinking (``low``, ``high`` or ``max``), or ``None`` where it is off."""
    switch, effort = body.get("thinking"), body.get("reasoning_effort")
    kind = "enabled"
    if switch is not None:
        if not isinstance(switch, dict):
            what = f"invalid type: {_named(switch)}, expected struct ThinkingOptions"
            raise wrong_type(raw, "thinking", what, switch)
        if "type" not in switch:
            raise wrong_type(raw, "thinking", "missing field `type`", switch)
        kind = switch["type"]
        if kind not in ("enabled", "disabled", "adaptive"):
            known = "expected one of `enabled`, `disabled`, `adaptive`"
            raise wrong_type(raw, "thinking.type", f"unknown variant `{kind}`, {known}", kind)
    if effort is not None and (not isinstance(effort, str) or effort not in EFFORTS):
        known = ", ".join(f"`{name}`" for name in EFFORTS)
        raise wrong_type(raw, "reasoning_effort", f"unknown variant `{effort}`, expected one of {known}", effort)
    return None if kind == "disabled" else EFFORTS[effort or "high"]


def json_mode(body: JSON, raw: bytes, told: str) -> bool:
    """Whether the reply must be JSON; ``told`` is all text of the messages, which must hold the word."""
    wanted = body.get("response_format")
    if wanted is None:
        return False
    kind = wanted.get("type") if isinstance(wanted, dict) else None
    if kind == "json_schema":
        raise bad_request("This response_format type is unavailable now")
    if kind not in ("text", "json_object"):
        raise wrong_type(raw, "response_format", "expected one of `text`, `json_object`", wanted)
    if kind == "json_object" and "json" not in told.lower():
        known = "in some form to use 'response_format' of type 'json_object'."
        raise bad_request(f"Prompt must contain the word 'json' {known}")
    return bool(kind == "json_object")


def tools(body: JSON, raw: bytes, *, beta: bool) -> list[JSON]:
    """The functions that may be called."""
    given = body.get("tools")
    if given is None:
        return []
    if not isinstance(given, list) or not all(isinstance(tool, dict) for tool in given):
        raise wrong_type(raw, "tools", "expected a list of tools", given)
    if len(given) > 128:
        raise bad_request("Invalid tools value, at most 128 functions are supported")
    names: set[str] = set()
    for position, tool in enumerate(given):
        function = tool.get("function")
        if tool.get("type") != "function" or not isinstance(function, dict):
            raise wrong_type(raw, f"tools[{position}]", "expected a tool of type `function`", tool)
        name = function.get("name")
        if not isinstance(name, str) or not _TOOL_NAME.fullmatch(name) or name in names:
            raise bad_request(f"Invalid tools[{position}].function.name: names are unique, of [A-Za-z0-9_-], max 128")
        names.add(name)
    if beta and any(tool["function"].get("strict") for tool in given):
        _strict(given)
    return given


def _strict(given: list[JSON]) -> None:
    """The rules of strict mode (guides/tool_calls)."""
    for tool in given:
        function = tool["function"]
        if not function.get("strict"):
            raise bad_request("Invalid tools: strict must be true on every function")
        if problem := unstrict(function.get("parameters") or {}):
            raise bad_request(f"Invalid schema of function {function['name']}: {problem}")


def unstrict(schema: Any) -> str:
    """What keeps ``schema`` from strict mode; "" where nothing does."""
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


def tool_choice(body: JSON, raw: bytes, known: list[JSON], level: str | None) -> str:
    """``none``, ``auto``, ``required`` or the name of the function to call."""
    given = body.get("tool_choice")
    if given is None:
        return "auto" if known else "none"
    if given in ("none", "auto"):
        return str(given)
    name = (given.get("function") or {}).get("name") if isinstance(given, dict) else None
    if given != "required" and not name:
        raise wrong_type(raw, "tool_choice", "expected `none`, `auto`, `required` or a named function", given)
    if level is not None:
        raise bad_request("Thinking mode does not support this tool_choice")
    if not known or (name and all(tool["function"]["name"] != name for tool in known)):
        raise bad_request("Invalid tool_choice: the function is not among the tools")
    return str(name or "required")


def beta_only(what: str) -> str:
    """The refusal of a beta feature on another base."""
    return f"{what} is only available when using {BETA}"


def _named(value: object) -> str:
    """A value as the endpoint's type errors name it."""
    match value:
        case bool():
            return f"boolean `{str(value).lower()}`"
        case str():
            return f'string "{value}"'
        case int():
            return f"integer `{value}`"
        case float():
            return f"floating point `{value}`"
        case list():
            return "sequence"
        case dict():
            return "map"
    return "null"
