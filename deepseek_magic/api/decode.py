"""JSON to events. No I/O.

Sources: DeepSeek's create-chat-completion and create-completion references; what other servers do differently is
noted where it is allowed for.
"""

from __future__ import annotations

import json
import re
from typing import Any

from deepseek_magic.errors import StreamBroken, StreamError
from deepseek_magic.text import one_line

from .events import Event, Finished, ReasoningDelta, Served, TextDelta, ToolCallDelta, Usage, UsageReport
from .limits import MOST_REPLY

#: Our own reason to stop a reply: it is longer than `MOST_REPLY`.
TOO_LONG = "too_long"
_SURROGATE = re.compile("[\ud800-\udfff]")


class _Characters:
    """Joins what a server cut in the middle of a character.

    A server that counts in UTF-16 may send an emoji as two lone surrogates in two chunks. One that stays alone
    would raise in the kernel's messaging and end the reply, so it becomes U+FFFD.
    """

    def __init__(self) -> None:
        self._held = ""

    def feed(self, text: str) -> str:
        if not self._held and text.isascii():
            return text
        text = self._held + text
        self._held = ""
        if not text or _SURROGATE.search(text) is None:
            return text
        if "\ud800" <= text[-1] <= "\udbff":
            text, self._held = text[:-1], text[-1]
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")

    def flush(self) -> str:
        held, self._held = self._held, ""
        return "\ufffd" if held else ""


class ChatDecoder:
    """Turns the data of a chat stream's events (or of a filled gap's, object ``text_completion``) into `Event` values.

    ``finished``: a finish reason came; ``done``: the closing ``[DONE]`` came; ``spoke``: any text, thinking or tool
    call came; ``answered``: text of the answer came. ``size`` counts the characters of all three.
    """

    def __init__(self) -> None:
        self.finished = False
        self.done = False
        self.spoke = False
        self.answered = False
        self.size = 0
        self._names: tuple[Any, ...] = (None, None, None)
        self._text = _Characters()
        self._reasoning = _Characters()

    def feed(self, data: str) -> list[Event]:
        """Return what one event's ``data`` holds, in order.

        Raises:
            StreamBroken: it is not a JSON object.
            StreamError: it is an error object.
        """
        data = data.strip()
        if data == "[DONE]":
            self.done = True
        if not data or self.done:
            return []
        try:
            body = json.loads(data)
        except (ValueError, RecursionError):
            msg = f"the stream holds an event that is not JSON: {_quoted(data)}"
            raise StreamBroken(msg) from None
        if not isinstance(body, dict):
            msg = f"the stream holds an event that is not a chat chunk: {_quoted(data)}"
            raise StreamBroken(msg)
        found: list[Event] = []
        self._completion(body, found)
        if self.size > MOST_REPLY:
            found += [] if self.finished else [*self.flush(), Finished(TOO_LONG)]
            self.finished = self.done = True
        return found

    def flush(self) -> list[Event]:
        """Return what was held back for a second half that never came."""
        held: list[Event] = []
        if rest := self._reasoning.flush():
            held.append(ReasoningDelta(rest))
        if rest := self._text.flush():
            held.append(TextDelta(rest))
        return held

    def _completion(self, body: dict[str, Any], found: list[Event]) -> None:
        """Add what one parsed chunk (or a whole completion, which has ``message`` for ``delta``) holds to ``found``."""
        if body.get("error") or body.get("object") == "error":
            msg = f"the endpoint broke off with an error: {error_words(body) or 'no reason given'}"
            raise StreamError(msg)
        names = (body.get("id"), body.get("model"), body.get("system_fingerprint"))
        if names != self._names:  # every chunk repeats them
            self._names = names
            served = Served(*(_name(name)[:_LONGEST_NAME] for name in names))
            if served != Served():
                found.append(served)
        choices = body.get("choices")
        for choice in choices if isinstance(choices, list) else ():
            if isinstance(choice, dict) and choice.get("index", 0) in (0, None):
                self._choice(choice, found)
        if isinstance(body.get("usage"), dict):
            found.append(UsageReport(_usage(body["usage"])))

    def _choice(self, choice: dict[str, Any], found: list[Event]) -> None:
        delta = choice.get("delta") or choice.get("message") or {"content": choice.get("text")}
        if isinstance(delta, dict):
            thought = delta.get("reasoning_content")
            if thought is None:  # vLLM, Ollama and others name it so
                thought = delta.get("reasoning")
            if thought and isinstance(thought, str) and (text := self._reasoning.feed(thought)):
                self.spoke = True
                self.size += len(text)
                found.append(ReasoningDelta(text))
            said = delta.get("content")
            if said and isinstance(said, str) and (text := self._text.feed(said)):
                self.spoke = self.answered = True
                self.size += len(text)
                found.append(TextDelta(text))
            if calls := delta.get("tool_calls"):
                self._calls(calls, found, whole="delta" not in choice)
        if reason := choice.get("finish_reason"):
            self._finish(reason, found)

    def _calls(self, calls: Any, found: list[Event], *, whole: bool) -> None:
        listed = [calls] if isinstance(calls, dict) else calls if isinstance(calls, list) else []
        for place, call in enumerate(listed):
            if isinstance(call, dict):
                self.spoke = True
                piece = _tool_call(call, place, whole=whole)
                self.size += len(piece.name) + len(piece.arguments)
                found.append(piece)

    def _finish(self, reason: Any, found: list[Event]) -> None:
        if named := _name(reason):
            found += self.flush()
            self.finished = True
            found.append(Finished(one_line(named, 60)))


def _quoted(data: str) -> str:
    return one_line(data[:400], 80)  # the rest of 2 MB is not copied


def _tool_call(call: dict[str, Any], place: int, *, whole: bool) -> ToolCallDelta:
    """Return ``call``, the one at ``place`` in its list; that of a ``whole`` message is never a piece of another."""
    function = call.get("function")
    function = function if isinstance(function, dict) else {}
    index = call.get("index")
    return ToolCallDelta(
        index if isinstance(index, int) and not whole else place,
        _string(call.get("id")),
        _string(function.get("name")) or _string(call.get("name")),
        _arguments(function) or _arguments(call),
    )


def _arguments(holder: dict[str, Any]) -> str:
    """Return the arguments in ``holder`` as JSON text, whatever their type; "" where there are none.

    Those that were overlooked here would let a function run on its defaults.
    """
    given = (holder.get(name) for name in ("arguments", "parameters", "input"))  # some servers rename them
    value = next((one for one in given if one is not None and one != ""), "")
    if isinstance(value, str):
        return value
    try:
        return _SURROGATE.sub("\ufffd", json.dumps(value, ensure_ascii=False))
    except RecursionError:
        return "{"  # not readable further on either: the model is told


def _name(value: Any) -> str:
    """Return ``value`` if it is a string, without the lone surrogates that cannot be stored or shown."""
    return _SURROGATE.sub("\ufffd", value) if isinstance(value, str) and value else ""


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""


_LONGEST_NAME = 300
_MOST = 10**12  # tokens; a larger figure is nonsense, and would not fit into a float


def _count(*values: Any) -> int | None:
    """Return the first of ``values`` that is a count."""
    for value in values:
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST:
            return value
    return None


def _usage(raw: dict[str, Any]) -> Usage:
    prompt_details = raw.get("prompt_tokens_details")
    completion_details = raw.get("completion_tokens_details")
    cached = prompt_details.get("cached_tokens") if isinstance(prompt_details, dict) else None
    reasoning = completion_details.get("reasoning_tokens") if isinstance(completion_details, dict) else None
    return Usage(
        prompt=_count(raw.get("prompt_tokens")),
        completion=_count(raw.get("completion_tokens")),
        cache_hit=_count(raw.get("prompt_cache_hit_tokens"), cached),
        cache_miss=_count(raw.get("prompt_cache_miss_tokens")),
        reasoning=_count(reasoning, raw.get("reasoning_tokens")),
    )


def error_words(body: Any, depth: int = 8) -> str:
    """Return the server's own words from an error body of any of the shapes servers use, on one line; or "".

    What is nested more than ``depth`` levels is not looked at.
    """
    if depth == 0:
        return ""
    if isinstance(body, dict):
        for name in ("error", "message", "detail", "error_msg"):
            if words := error_words(body.get(name), depth - 1):
                return words
        return ""
    if isinstance(body, list) and body:
        return error_words(body[0].get("msg") if isinstance(body[0], dict) else body[0], depth - 1)
    return one_line(body[:4000]) if isinstance(body, str) else ""
