"""Read the text, thinking and calls in a delta or a message, wherever and in whatever type a server puts them. No I/O.

A string for the answer, one for the thinking and a list of calls are documented. Servers and gateways also send lists
of parts, objects, other names for the same field, and calls among the parts; they would be lost if not read here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from deepseek_magic.text import one_line

from .events import ToolCallDelta

#: Fields of the thinking: of DeepSeek and others; of vLLM and OpenRouter; of Ollama; of OpenRouter, in parts.
_THINKING = ("reasoning_content", "reasoning", "thinking", "reasoning_details")
#: Fields of the text of a part: names of OpenAI, Mistral and Anthropic.
_TEXTS = ("text", "content", "thinking", "summary", "refusal", "value", "reasoning", "transcript")
_CALLS = ("tool_use", "tool_call", "function_call", "function")
_SILENT = ("reasoning.encrypted", "redacted_thinking", "signature")
#: The longest name of a model or id of a call; a longer one is cut.
LONGEST_NAME = 300
_DEEPEST = 6
_SURROGATE = re.compile("[\ud800-\udfff]")


class Parts:
    """The text, the thinking and the calls in one delta or message, each a list in order of appearance.

    Attributes:
        text: the pieces of text.
        thinking: the pieces of thinking.
        calls: the calls, as JSON objects.
        unread: the types of parts that hold none of the three.
    """

    __slots__ = ("calls", "text", "thinking", "unread")

    def __init__(self, delta: Any) -> None:
        self.text: list[str] = []
        self.thinking: list[str] = []
        self.calls: list[dict[str, Any]] = []
        self.unread: list[str] = []
        if not isinstance(delta, dict):
            self._part(delta, _DEEPEST, thought=False)
            return
        for name in _THINKING:
            self._part(delta.get(name), _DEEPEST, thought=True)
            if self.thinking:
                break  # servers send one text under two names
        self._part(delta.get("content"), _DEEPEST, thought=False)
        self._part(delta.get("refusal"), _DEEPEST, thought=False)
        listed = delta.get("tool_calls") or delta.get("function_call")
        self.calls += [call for call in (listed if isinstance(listed, list) else [listed]) if isinstance(call, dict)]
        self.unread += [name for name in ("audio", "images") if delta.get(name)]

    def _part(self, part: Any, depth: int, *, thought: bool) -> None:
        if part is None or part in ("", [], {}):
            return
        if isinstance(part, str):
            (self.thinking if thought else self.text).append(part)
        elif isinstance(part, list) and depth:
            for one in part:
                self._part(one, depth - 1, thought=thought)
        elif isinstance(part, dict) and depth:
            self._typed(part, depth, thought=thought)
        else:
            self._part(json_text(part), depth, thought=thought)

    def _typed(self, part: dict[str, Any], depth: int, *, thought: bool) -> None:
        kind = part.get("type")
        kind = kind if isinstance(kind, str) else ""
        if kind in _CALLS:
            self.calls.append(part)
            return
        thought = thought or "think" in kind or "reasoning" in kind
        held = [part[name] for name in _TEXTS if isinstance(part.get(name), (str, list, dict))]
        if held:
            self._part(held[0], depth - 1, thought=thought)
        elif kind not in _SILENT:
            self.unread.append(one_line(kind, 40) or "unknown")


def tool_calls(calls: list[dict[str, Any]], *, whole: bool) -> Iterator[ToolCallDelta]:
    """Yield the pieces of calls in ``calls``; in a ``whole`` message every call is complete."""
    for place, call in enumerate(calls):
        function = call.get("function")
        name = _string(function)
        function = function if isinstance(function, dict) else {}
        index = call.get("index")
        if isinstance(index, str) and index.isdecimal() and len(index) < 9:
            index = int(index)
        yield ToolCallDelta(
            index if isinstance(index, int) and not whole else place,
            _identity(call.get("id")),
            _string(function.get("name")) or _string(call.get("name")) or name,
            _arguments(function) or _arguments(call),
        )


def _arguments(holder: dict[str, Any]) -> str:
    """Return the arguments in ``holder`` as JSON text, whatever their type; "" if there are none.

    If arguments were overlooked here, a function would run with its defaults.
    """
    given = (holder.get(name) for name in ("arguments", "parameters", "input"))  # some servers rename them
    value = next((one for one in given if one is not None and one != ""), "")
    return value if isinstance(value, str) else json_text(value)


def json_text(value: Any) -> str:
    """Return ``value`` as JSON text; "{", which is invalid, if it is nested too deep to be written."""
    try:
        return _SURROGATE.sub("\ufffd", json.dumps(value, ensure_ascii=False))
    except RecursionError:
        return "{"


def _identity(value: Any) -> str:
    if isinstance(value, int):
        return str(value)[:LONGEST_NAME]
    return _string(value)[:LONGEST_NAME]


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""


def name(value: Any) -> str:
    """Return ``value`` if it is a string (else ""), without lone surrogates, and at most `LONGEST_NAME` long."""
    return _SURROGATE.sub("\ufffd", value[:LONGEST_NAME]) if isinstance(value, str) and value else ""
