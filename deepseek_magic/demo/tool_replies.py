"""Calls of functions and answers about their results; replies that must be JSON."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Sequence
from typing import Any

from .chat_request import Asked, parts_of, text_of
from .checks import JSON
from .reply_bodies import Call
from .request_report import NOTICE, fenced
from .schema_values import Hints, adapted, instance

# Words that say "call something" without naming it.
_GENERIC = re.compile(r"\b(tools?|functions?|call|calls)\b", re.IGNORECASE)
# A text of nothing but braces must not cost the square of its length.
_TRIES = 200
_WORD = re.compile(r"[a-z0-9]+")
# Too common in questions to stand for the function whose name holds them.
_COMMON = frozenset({"get", "set", "the", "make", "show", "list", "find", "data", "with", "from", "all", "for", "and"})


def calls(asked: Asked) -> tuple[Call, ...]:
    """The calls that this request brings about; none where the last message is no question that asks for one."""
    if not asked.tools or asked.tool_choice == "none" or asked.last_role != "user":
        return ()
    functions = [tool["function"] for tool in asked.tools]
    question = asked.question
    if asked.tool_choice == "auto":
        chosen = _asked_for(functions, question)
    elif asked.tool_choice == "required":
        chosen = _asked_for(functions, question) or functions[:1]
    else:
        chosen = [function for function in functions if function["name"] == asked.tool_choice]
    hints = Hints(question)
    return tuple(_call(position, function, hints) for position, function in enumerate(chosen))


def scripted(asked: Asked, rounds: Sequence[Sequence[tuple[str, str]]]) -> tuple[Call, ...]:
    """The calls of a sample's next round; none where they have all been made, or cannot be."""
    done = 0
    for message in reversed(asked.messages):
        if message["role"] == "user":
            break
        done += bool(message.get("tool_calls"))
    known = {tool["function"]["name"] for tool in asked.tools}
    if asked.tool_choice == "none" or done >= len(rounds) or not {name for name, _ in rounds[done]} <= known:
        return ()
    return tuple(Call(name, told, _call_id(place)) for place, (name, told) in enumerate(rounds[done]))


def value_of(text: str) -> Any:
    """The JSON value that ``text`` is; ``None`` where it is none."""
    try:
        return json.loads(text)
    except ValueError:
        return None


def _asked_for(functions: list[Any], question: str) -> list[Any]:
    """Those whose full names stand in the question; else the first that shares a word with it; else the first."""
    named = [function for function in functions if re.search(rf"\b{re.escape(function['name'])}\b", question)]
    if named:
        return named
    words = set(_WORD.findall(question.lower()))
    for function in functions:
        parts = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", function["name"]).lower()
        if (set(_WORD.findall(parts.replace("_", " "))) - _COMMON) & words:
            return [function]
    return functions[:1] if _GENERIC.search(question) else []


def _call(position: int, function: Any, hints: Hints) -> Call:
    arguments = instance(function.get("parameters") or {"type": "object"}, hints) or {}
    return Call(function["name"], json.dumps(arguments, ensure_ascii=False), _call_id(position))


def _call_id(position: int) -> str:
    return f"call_{position:02}_{uuid.uuid4().hex[:20]}"


def results(asked: Asked) -> list[tuple[str, str, str]]:
    """Name, arguments and result of each call since the last question, in order; results without their wrapping."""
    made = {
        call.get("id"): call.get("function") or {}
        for message in asked.messages
        for call in message.get("tool_calls") or ()
    }
    answered: list[tuple[str, str, str]] = []
    for message in reversed(asked.messages):
        if message["role"] == "user":
            break
        if message["role"] == "tool":
            function = made.get(message["tool_call_id"], {})
            answered.insert(0, (str(function.get("name")), str(function.get("arguments")), _result(message)))
    return answered


def _result(message: JSON) -> str:
    parts = parts_of(message)
    return "\n\n".join(text for _, text in parts.blocks) if parts.blocks else text_of(message)


def about_results(asked: Asked) -> str:
    """The reply after tools have answered: each call and its result, word for word."""
    told = (
        f"`{name}` was called with `{arguments}` and returned:\n\n{fenced(result)}"
        for name, arguments, result in results(asked)
    )
    return "\n\n".join([NOTICE, *told])


def json_reply(asked: Asked) -> str:
    """A JSON object: made from the schema or example in the messages where there is one, else what was received."""
    for parts in reversed([parts_of(message) for message in asked.messages if message["role"] == "user"]):
        if isinstance(parts.schema, dict):
            shown = parts.example
            hints = Hints(parts.words)
            value = instance(parts.schema, hints) if shown is None else adapted(shown, parts.schema, hints)
            return json.dumps(value, ensure_ascii=False, indent=2)
    told = "\n".join(parts_of(message).words for message in asked.messages)
    found, start, end = _object(told)
    if found:
        schema = "properties" in found or "$defs" in found
        value = instance(found, Hints(f"{told[:start]} {told[end:]}")) if schema else found
        return json.dumps(value, ensure_ascii=False, indent=2)
    told_back = {
        "note": "embedded endpoint, not a model",
        "question": asked.question,
        "messages": [{"role": message["role"], "characters": len(text_of(message))} for message in asked.messages],
    }
    if asked.last.blocks:
        told_back["context"] = [{"title": title, "characters": len(text)} for title, text in asked.last.blocks]
    return json.dumps(told_back, ensure_ascii=False, indent=2)


def _object(text: str) -> tuple[dict[str, Any], int, int]:
    """The first JSON object in ``text`` that is not empty, and where it stands; an empty one where there is none."""
    decoder, position = json.JSONDecoder(), text.find("{")
    for _ in range(_TRIES):
        if position < 0:
            break
        try:
            value, end = decoder.raw_decode(text, position)
        except (ValueError, RecursionError):
            end = position + 1
        else:
            if value:
                return value, position, end
        position = text.find("{", end)
    return {}, 0, 0
