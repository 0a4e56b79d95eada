"""Decode JSON to events. No I/O.

Sources: DeepSeek's create-chat-completion and create-completion references. Comments name what other servers do
differently.
"""

from __future__ import annotations

import json
import re
from typing import Any

from deepseek_magic.errors import StreamBroken, StreamError
from deepseek_magic.settings.parameters import MOST_REPLY
from deepseek_magic.text import one_line

from .error_words import error_words, is_error
from .events import Event, Finished, ReasoningDelta, Remark, Served, TextDelta, Usage, UsageReport
from .reply_parts import Parts, name, tool_calls

#: Our own finish reason for a reply that is longer than `MOST_REPLY`.
TOO_LONG = "too_long"
#: Our own finish reason for a reply that ended with ``[DONE]`` without a reason: it counts as complete.
UNSAID = "unsaid"
#: The most kinds of unknown parts that are reported.
_MOST_REMARKS = 5
#: The keys of nearly every delta; `Parts` is needed only for others.
_COMMON = frozenset(("role", "content", "reasoning_content"))
#: Lenient, because some servers do not escape control characters; shared, because `json.loads` makes one each time.
_JSON = json.JSONDecoder(strict=False)
_SURROGATE = re.compile("[\ud800-\udfff]")


class _Characters:
    """Joins characters that a server split between two chunks.

    A server that counts in UTF-16 may send an emoji as two surrogates in two chunks. A lone surrogate would raise an
    error in the kernel's messaging and end the reply, so it becomes U+FFFD. ``held`` is a first half that has come;
    without one, text in ASCII stays as it is.
    """

    def __init__(self) -> None:
        self.held = ""

    def feed(self, text: str) -> str:
        text = self.held + text
        self.held = ""
        if not text or _SURROGATE.search(text) is None:
            return text
        if "\ud800" <= text[-1] <= "\udbff":
            text, self.held = text[:-1], text[-1]
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")

    def flush(self) -> str:
        held, self.held = self.held, ""
        return "\ufffd" if held else ""


class ChatDecoder:
    """Decodes the data of a stream's events, of a chat or of a gap (``text_completion``), to `Event` values.

    Args:
        most: the number of characters after which the reply is cut.

    Attributes:
        finished: whether a finish reason came.
        done: whether nothing more is read.
        failure: the error to raise after the events that were returned; ``None`` for none.
        spoke: whether any text, thinking or tool call came.
        answered: whether text of the answer came.
        size: the characters of text, thinking and calls so far.
        unread: a quotation of the first event in which nothing was found.
    """

    def __init__(self, most: int = MOST_REPLY) -> None:
        self.finished = False
        self.done = False
        self.failure: StreamError | None = None
        self.spoke = False
        self.answered = False
        self.size = 0
        self.unread = ""
        self._most = most
        self._choice_index: Any = None
        self._names: tuple[Any, ...] = (None, None, None)
        self._remarked: set[str] = set()
        self._text = _Characters()
        self._reasoning = _Characters()

    def feed(self, data: str) -> list[Event]:
        """Return the events in the ``data`` of one server-sent event, in order.

        Raises:
            StreamBroken: it is not a JSON object.
            StreamError: it is an error object.
        """
        data = data.strip()
        if not data or self.done:
            return []
        found: list[Event] = []
        if data == "[DONE]":
            self.done = True
            if self.spoke and not self.finished:
                self._finish(UNSAID, found)
            return found
        try:
            body = _JSON.decode(data)
        except (ValueError, RecursionError):
            msg = f"the stream contains an event that is not JSON: {_quoted(data)}"
            raise StreamBroken(msg) from None
        for one in body if isinstance(body, list) and body else (body,):
            if not isinstance(one, dict):
                msg = f"the stream contains an event that is not a chat chunk: {_quoted(data)}"
                raise StreamBroken(msg)
            self._completion(one, found)
        if not found and not self.unread and not body_choices(body):
            self.unread = _quoted(data)
        if self.failure is not None:
            self.done = True
            if not found:
                raise self.failure
        elif self.size > self._most:
            found += [] if self.finished else [*self.flush(), Finished(TOO_LONG)]
            self.finished = self.done = True
        return found

    def flush(self) -> list[Event]:
        """Return the text that was held back for the second half of a character, which never came."""
        held: list[Event] = []
        if rest := self._reasoning.flush():
            held.append(ReasoningDelta(rest))
        if rest := self._text.flush():
            held.append(TextDelta(rest))
        return held

    def _completion(self, body: dict[str, Any], found: list[Event]) -> None:
        """Add the events in a chunk (or a whole completion, with ``message`` in place of ``delta``) to ``found``."""
        choices = body_choices(body)
        if body.get("error") or body.get("object") == "error" or (not choices and is_error(body)):
            self._fail(body)
            return
        names = (body.get("id"), body.get("model"), body.get("system_fingerprint"))
        if names != self._names:  # every chunk repeats the names
            self._names = names
            served = Served(*map(name, names))
            if served != Served():
                found.append(served)
        if choices and self._choice_index is None:  # only one reply was requested, but some servers count from one
            self._choice_index = min((_index(choice) for choice in choices), default=0)
        for choice in choices:
            if choice.get("index") == self._choice_index or _index(choice) == self._choice_index:
                self._choice(choice, found)
        if isinstance(body.get("usage"), dict):
            found.append(UsageReport(_usage(body["usage"])))

    def _choice(self, choice: dict[str, Any], found: list[Event]) -> None:
        delta = choice.get("delta") or choice.get("message") or choice.get("text")
        if delta:
            self._delta(delta, found, whole="delta" not in choice)
        reason = choice.get("finish_reason")
        if choice.get("error") or reason == "error":
            self._fail(choice)
        elif reason:
            self._finish(reason, found)

    def _delta(self, delta: Any, found: list[Event], *, whole: bool) -> None:
        if type(delta) is dict and delta.keys() <= _COMMON:
            thought, content = delta.get("reasoning_content"), delta.get("content")
            if (thought is None or type(thought) is str) and (content is None or type(content) is str):
                if thought:
                    self._think(thought, found)
                if content:
                    self._say(content, found)
                return
        parts = Parts(delta)
        for thought in parts.thinking:
            self._think(thought, found)
        for content in parts.text:
            self._say(content, found)
        for piece in tool_calls(parts.calls, whole=whole):
            self.spoke = True
            self.size += len(piece.name) + len(piece.arguments)
            found.append(piece)
        for kind in parts.unread:
            if kind not in self._remarked and len(self._remarked) < _MOST_REMARKS:
                self._remarked.add(kind)
                found.append(Remark(f"The reply also contains a part of type {kind}, which cannot be shown here."))

    def _think(self, thought: str, found: list[Event]) -> None:
        if text := thought if thought.isascii() and not self._reasoning.held else self._reasoning.feed(thought):
            self.spoke = True
            self.size += len(text)
            found.append(ReasoningDelta(text))

    def _say(self, said: str, found: list[Event]) -> None:
        if text := said if said.isascii() and not self._text.held else self._text.feed(said):
            self.spoke = self.answered = True
            self.size += len(text)
            found.append(TextDelta(text))

    def _fail(self, body: Any) -> None:
        if self.failure is None:
            self.failure = StreamError(
                f"the endpoint broke off with an error: {error_words(body) or 'no reason given'}"
            )

    def _finish(self, reason: Any, found: list[Event]) -> None:
        if isinstance(reason, dict):
            reason = reason.get("type") or reason.get("reason")
        if named := name(reason):
            found += self.flush()
            self.finished = True
            found.append(Finished(one_line(named, 60)))


def body_choices(body: Any) -> list[dict[str, Any]]:
    """Return the choices in ``body``, which may itself be a choice."""
    if not isinstance(body, dict):
        return []
    choices = body.get("choices")
    if type(choices) is list and len(choices) == 1 and type(choices[0]) is dict:
        return choices  # nearly every chunk
    if choices is None and isinstance(body.get("message") or body.get("delta"), dict):
        choices = body
    listed = choices if isinstance(choices, list) else [choices]
    return [choice for choice in listed if isinstance(choice, dict)]


def _index(choice: dict[str, Any]) -> int:
    index = choice.get("index")
    return index if isinstance(index, int) else int(index) if isinstance(index, str) and index.isdecimal() else 0


def _quoted(data: str) -> str:
    return one_line(data[:400], 80)  # without copying up to 2 MB


_MOST = 10**12  # tokens; a larger figure is nonsense, and may be too large for a float


def _count(*values: Any) -> int | None:
    """Return the first of ``values`` that is a count; ``None`` if none is."""
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
