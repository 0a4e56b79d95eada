"""Write the reply to a question without a sample: exactly what was received, as Markdown."""

from __future__ import annotations

import json
import re
from typing import Any

from deepseek_magic.text import counted, estimate_tokens

from .chat_request import SHAPE, ChatRequest
from .message_parts import image_count, message_tokens, parts_of, text_of

NOTICE = "*This is the embedded endpoint of deepseek_magic, not a model: it describes what it received.*"
ADVICE = (
    "So it has no answer to this: with a key (`%deepseek_login`, or the variable `DEEPSEEK_API_KEY`) the question goes "
    "to DeepSeek. It does have answers, written by hand, to the questions of the examples and the README's tour; try "
    "`What's a p-value?`."
)
_WHOLE = 4000
_KNOWN = {name.rstrip("!") for name in SHAPE}
_REMARKS = {
    "max_tokens": "includes the thinking",
    **dict.fromkeys(("frequency_penalty", "presence_penalty"), "deprecated, without effect"),
}


def described(request: ChatRequest) -> str:
    """Return what the endpoint is, and in a folded section what it received.

    That is the messages with their roles and sizes, the context, the last message in full, and every setting.
    """
    last = text_of(request.messages[-1]) if request.messages else ""
    count = counted(len(request.messages), "message")
    summary = f"<summary>What it received: {count}, about {counted(request.prompt_tokens, 'token')}</summary>"
    parts = [NOTICE, ADVICE, f"<details>\n{summary}", "### Messages", _messages(request)]
    if blocks := request.last.blocks:
        rows = [f"| {quoted(title, 80)} | {len(text):,} | {estimate_tokens(text):,} |" for title, text in blocks]
        parts += ["### Context in the last question", _table("context | characters | tokens, about", rows)]
    parts += ["### The last message, word for word", fenced(last[:_WHOLE])]
    if len(last) > _WHOLE:
        parts.append(f"The other {len(last) - _WHOLE:,} of its {len(last):,} characters are left out here.")
    if earlier := questions(request)[:-1]:
        listed = (f"{number}. {quoted(question, 100)}" for number, question in enumerate(earlier, 1))
        parts += ["### Earlier questions of this conversation", "\n".join(listed)]
    return "\n\n".join([*parts, "### Settings", _settings(request), "</details>"])


def thought(request: ChatRequest) -> str:
    """Return a thinking text for `described`, longer for a higher level."""
    steps = [
        f"{counted(len(request.messages), 'message')} came, about {counted(request.prompt_tokens, 'token')}. "
        "There is no model here that could answer, so I shall say what I received.",
        f"The question begins with {quoted(request.question, 40)}. I list the messages with their roles and sizes, "
        "then the last one in full, then the settings.",
        "Once more: nothing is invented, nothing is left out without saying so.",
    ]
    return "\n\n".join(steps[: {"low": 1, "high": 2}.get(request.thinking or "", 3)])


def questions(request: ChatRequest) -> list[str]:
    """Return the user's words in each message, in order."""
    return [parts_of(message).words for message in request.messages if message["role"] == "user"]


def quoted(text: str, most: int) -> str:
    """Return the beginning of ``text`` as a code span on one line, which is safe in a table."""
    line = " ".join(text.split())
    line = line if len(line) <= most else line[: most - 1] + "…"
    line = line.replace("|", "¦").replace("`", "'")
    return f"`{line}`" if line else "(empty)"


def fenced(text: str) -> str:
    """Return ``text`` as a code block that nothing in it can close."""
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def _table(heads: str, rows: list[str]) -> str:
    """Return a table with figures aligned to the right."""
    figures = ("#", "characters", "tokens, about")
    rule = "|".join("--:" if head in figures else "---" for head in heads.split(" | "))
    return "\n".join([f"| {heads} |", f"|{rule}|", *rows])


def _messages(request: ChatRequest) -> str:
    rows = []
    for number, message in enumerate(request.messages, 1):
        text, words = text_of(message), parts_of(message).words
        images, calls = image_count(message), message.get("tool_calls") or ()
        shown = quoted(words or text, 60)
        shown += f", {counted(images, 'image')}" if images else ""
        shown += f", {counted(len(calls), 'tool call')}" if calls else ""
        rows.append(f"| {number} | {message['role']} | {len(text):,} | {message_tokens(message):,} | {shown} |")
    return _table("# | role | characters | tokens, about | begins with", rows)


def _settings(request: ChatRequest) -> str:
    rows = [
        f"| {quoted(name, 40)} | {quoted(_value(request, name, value), 80)} | {_remark(request, name)} |"
        for name, value in request.body.items()
        if name != "messages"
    ]
    level = request.thinking or "off"
    rows.append(f"| thinking, as understood | {level} | at most {request.budget:,} tokens of output |")
    return _table("setting | value | remark", rows)


def _value(request: ChatRequest, name: str, value: Any) -> str:
    if name == "tools":
        return ", ".join(function["name"] for function in request.functions)
    return json.dumps(value, ensure_ascii=False)


def _remark(request: ChatRequest, name: str) -> str:
    if name == "temperature" and request.thinking is not None:
        return "without effect while thinking"
    if name == "model" and request.model != request.body["model"]:
        return f"served as `{request.model}`"
    return _REMARKS.get(name, "") if name in _KNOWN else "unknown to the API, ignored"
