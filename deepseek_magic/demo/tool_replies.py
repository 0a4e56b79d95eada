"""Make calls of functions, answers about their results, and replies in JSON."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Sequence
from typing import Any

from .chat_request import ChatRequest
from .message_parts import parts_of, text_of
from .reply_bodies import SampleCall
from .request_report import NOTICE, fenced
from .schema_values import QuestionHints, adapted, fits, instance

# Words that ask for a call without naming a function.
_GENERIC = re.compile(r"\b(tools?|functions?|call|calls)\b", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://\S+")
# The number of a page is in the line above its address: at the start of a result, and in a search also after each blank
# line. Other numbers in brackets are text of a page.
_PAGE = r"\[(\d+)\] [^\n]*\nhttps?://"
_WEB = {"web_search": re.compile(rf"(?:\A|\n\n){_PAGE}"), "web_fetch": re.compile(rf"\A{_PAGE}")}
_CITATION = re.compile(r" ?\[(\d+)\]")
_WORD = re.compile(r"[a-z0-9]+")
# Words in names of functions that are too common in questions to identify the function.
_COMMON = frozenset({"get", "set", "the", "make", "show", "list", "find", "data", "with", "from", "all", "for", "and"})


def calls(request: ChatRequest) -> tuple[SampleCall, ...]:
    """Return the calls that this request asks for; an empty tuple if the last message does not ask for one."""
    functions, choice = request.functions, request.tool_choice
    if not functions or choice == "none" or request.last_role != "user":
        return ()
    if choice == "auto" and (call := _of_web({function["name"] for function in functions}, request.question)):
        return (call,)
    if choice in ("auto", "required"):
        chosen = _asked_for(functions, request.question) or (functions[:1] if choice == "required" else [])
    else:
        chosen = [function for function in functions if function["name"] == choice]
    hints = QuestionHints(request.question)
    made = [instance(function.get("parameters") or {"type": "object"}, hints) or {} for function in chosen]
    return tuple(
        SampleCall(function["name"], json.dumps(arguments, ensure_ascii=False), _call_id(position))
        for position, (function, arguments) in enumerate(zip(chosen, made, strict=True))
    )


def _of_web(names: set[str], question: str) -> SampleCall | None:
    """Return the call for a question with web tools: fetch an address in it, or else search for it."""
    if not names.issuperset(_WEB) or any(re.search(rf"\b{re.escape(name)}\b", question) for name in names):
        return None
    if address := _ADDRESS.search(question):
        return SampleCall("web_fetch", json.dumps({"url": address[0].rstrip(".,;:!?)")}), _call_id(0))
    return SampleCall("web_search", json.dumps({"query": " ".join(question.split())[:128]}), _call_id(0))


def scripted(request: ChatRequest, rounds: Sequence[Sequence[tuple[str, str]]]) -> tuple[SampleCall, ...]:
    """Return the calls of a sample's next round; an empty tuple if all have been made, or the next cannot be."""
    done = sum(bool(message.get("tool_calls")) for message in _since_the_question(request))
    known = {function["name"] for function in request.functions}
    if request.tool_choice == "none" or done >= len(rounds) or not {name for name, _ in rounds[done]} <= known:
        return ()
    return tuple(SampleCall(name, arguments, _call_id(place)) for place, (name, arguments) in enumerate(rounds[done]))


def _since_the_question(request: ChatRequest) -> list[dict[str, Any]]:
    """Return the messages after the user's last one."""
    asked = [place for place, message in enumerate(request.messages, 1) if message["role"] == "user"]
    return request.messages[asked[-1] if asked else 0 :]


def _asked_for(functions: list[Any], question: str) -> list[Any]:
    """Return the functions whose full names are in the question; else the first that shares a word with it."""
    named = [function for function in functions if re.search(rf"\b{re.escape(function['name'])}\b", question)]
    if named:
        return named
    words = set(_WORD.findall(question.lower()))
    for function in functions:
        parts = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", function["name"]).lower()
        if (set(_WORD.findall(parts.replace("_", " "))) - _COMMON) & words:
            return [function]
    return functions[:1] if _GENERIC.search(question) else []


def _call_id(position: int) -> str:
    return f"call_{position:02}_{uuid.uuid4().hex[:20]}"


def results(request: ChatRequest) -> list[tuple[str, str, str]]:
    """Return name, arguments and result of each call since the last question, without the wrapping of results."""
    recent = _since_the_question(request)
    made = {call["id"]: call["function"] for message in recent for call in message.get("tool_calls") or ()}
    answered = []
    for message in recent:
        if message["role"] == "tool":
            function, parts = made.get(message.get("tool_call_id"), {}), parts_of(message)
            result = "\n\n".join(text for _, text in parts.blocks) if parts.blocks else text_of(message)
            answered.append((str(function.get("name")), str(function.get("arguments")), result))
    return answered


def citing(text: str, answered: list[tuple[str, str, str]]) -> str:
    """Return ``text``, which numbers the pages that were found from 1, with their real numbers.

    A citation of a page that was not found is left out.
    """
    found = [number for name, _, result in answered if name in _WEB for number in _WEB[name].findall(result)]
    numbers = dict(enumerate(dict.fromkeys(found), 1))

    def cited(citation: re.Match[str]) -> str:
        number = numbers.get(int(citation[1]))
        return citation[0].replace(citation[1], number) if number else ""

    return _CITATION.sub(cited, text) if numbers else text


def about_results(answered: list[tuple[str, str, str]]) -> str:
    """Return the reply after tools have run: each call and its result, word for word."""
    reported = (
        f"`{name}` was called with `{arguments}` and returned:\n\n{fenced(result)}"
        for name, arguments, result in answered
    )
    return "\n\n".join([NOTICE, *reported])


def fitting(text: str, schema: Any) -> str:
    """Return ``text`` if it is a JSON object that fits ``schema``; else ""."""
    try:
        value = json.loads(text)
        return text if isinstance(value, dict) and fits(value, schema) else ""
    except (ValueError, RecursionError):
        return ""


def json_reply(request: ChatRequest) -> str:
    """Return JSON made from the schema or example in the messages; without one, a report of what was received."""
    return json.dumps(_json_value(request), ensure_ascii=False, indent=2)


def _json_value(request: ChatRequest) -> Any:
    parts = [parts_of(message) for message in request.messages]
    last = next((one for one in reversed(parts) if isinstance(one.schema, dict)), None)
    if last:
        hints = QuestionHints(last.words)
        return instance(last.schema, hints) if last.example is None else adapted(last.example, last.schema, hints)
    words = "\n".join(one.words for one in parts)
    start, end = words.find("{"), words.rfind("}") + 1
    try:
        found = json.loads(words[start:end])
    except (ValueError, RecursionError):
        found = None
    if found and isinstance(found, dict):
        is_schema = "properties" in found or "$defs" in found
        return instance(found, QuestionHints(f"{words[:start]} {words[end:]}")) if is_schema else found
    value: dict[str, Any] = {
        "note": "embedded endpoint, not a model",
        "question": request.question,
        "messages": [{"role": message["role"], "characters": len(text_of(message))} for message in request.messages],
    }
    context = [{"title": title, "characters": len(text)} for title, text in request.last.blocks]
    return {**value, "context": context} if context else value
