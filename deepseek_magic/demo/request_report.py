"""The reply to a question without a sample: what exactly was received, as markdown."""

from __future__ import annotations

import json
import re
from typing import Any

from .chat_request import Asked, image_parts, message_tokens, parts_of, text_of
from .token_pieces import estimate

NOTICE = "*This is the embedded endpoint of deepseek_magic, not a model: it tells what it received.*"
_BEGINS = 60
_WHOLE = 4000
_KNOWN = {
    "model": "",
    "stream": "",
    "stream_options": "",
    "thinking": "",
    "reasoning_effort": "",
    "max_tokens": "includes the thinking",
    "temperature": "",
    "top_p": "",
    "stop": "",
    "response_format": "",
    "tools": "",
    "tool_choice": "",
    "logprobs": "",
    "top_logprobs": "",
    "frequency_penalty": "deprecated, without effect",
    "presence_penalty": "deprecated, without effect",
    "user_id": "",
    "n": "",
}


def described(asked: Asked) -> str:
    """The messages with their roles and sizes, the context, the last message in full, and every setting."""
    parts = [NOTICE, "### Messages", _messages(asked)]
    if asked.last.blocks:
        parts += ["### Context in the last question", _context(asked)]
    parts.append("### The last message, word for word")
    last = text_of(asked.messages[-1]) if asked.messages else ""
    parts.append(fenced(last[:_WHOLE]))
    if len(last) > _WHOLE:
        parts.append(f"The other {len(last) - _WHOLE:,} of its {len(last):,} characters are left out here.")
    if earlier := questions(asked)[:-1]:
        listed = (f"{number}. {quoted(question, 100)}" for number, question in enumerate(earlier, 1))
        parts += ["### Earlier questions of this conversation", "\n".join(listed)]
    parts += ["### Settings", _settings(asked)]
    return "\n\n".join(parts)


def thought(asked: Asked) -> str:
    """A thinking text for `described`: longer for a higher level."""
    steps = [
        f"{len(asked.messages)} message(s) came, about {asked.prompt_tokens} tokens. "
        "There is no model here that could answer, so I shall say what I received.",
        f"The question begins with {quoted(asked.question, 40)}. I list the messages with their roles and sizes, "
        "then the last one in full, then the settings.",
        "Once more: nothing is invented, nothing is left out without saying so.",
    ]
    return "\n\n".join(steps[: {"low": 1, "high": 2}.get(asked.thinking or "", 3)])


def questions(asked: Asked) -> list[str]:
    """What the user asked, in order: the own words of each message."""
    return [parts_of(message).words for message in asked.messages if message["role"] == "user"]


def quoted(text: str, most: int) -> str:
    """The beginning of ``text`` as a code span on one line, safe in a table too."""
    line = " ".join(text.split())
    line = line if len(line) <= most else line[: most - 1] + "…"
    line = line.replace("|", "¦").replace("`", "'")
    return f"`{line}`" if line else "(empty)"


def fenced(text: str) -> str:
    """``text`` as a code block that nothing in it can close."""
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def _messages(asked: Asked) -> str:
    rows = ["| # | role | characters | tokens, about | begins with |", "|--:|---|--:|--:|---|"]
    for number, message in enumerate(asked.messages, 1):
        text, words = text_of(message), parts_of(message).words
        images, calls = len(list(image_parts(message))), message.get("tool_calls") or ()
        shown = quoted(words or text, _BEGINS)
        shown += f", {images} image(s)" if images else ""
        shown += f", {len(calls)} tool call(s)" if calls else ""
        rows.append(f"| {number} | {message['role']} | {len(text):,} | {message_tokens(message):,} | {shown} |")
    return "\n".join(rows)


def _context(asked: Asked) -> str:
    rows = ["| context | characters | tokens, about |", "|---|--:|--:|"]
    blocks = asked.last.blocks
    rows += [f"| {quoted(title, 80)} | {len(text):,} | {estimate(text):,} |" for title, text in blocks]
    return "\n".join(rows)


def _settings(asked: Asked) -> str:
    rows = ["| setting | value | remark |", "|---|---|---|"]
    for name, value in asked.body.items():
        if name != "messages":
            rows.append(f"| {quoted(name, 40)} | {quoted(_value(name, value), 80)} | {_remark(asked, name)} |")
    level = asked.thinking or "off"
    rows.append(f"| thinking, as understood | {level} | at most {asked.budget:,} tokens of output |")
    return "\n".join(rows)


def _value(name: str, value: Any) -> str:
    if name == "tools":
        return ", ".join(tool["function"]["name"] for tool in value or ())
    return json.dumps(value, ensure_ascii=False)


def _remark(asked: Asked, name: str) -> str:
    if name == "temperature" and asked.thinking is not None:
        return "without effect while thinking"
    if name == "model" and asked.model != asked.body["model"]:
        return f"served as `{asked.model}`"
    return _KNOWN.get(name, "unknown to the API, ignored")
