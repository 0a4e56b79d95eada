"""Separate ``<think>…</think>`` from an answer if the server did not.

Without its reasoning parser, a self-hosted server sends the thinking as text. The templates of R1 and V4 put the
opening tag into the prompt, so that an answer may begin with the thinking itself and hold only ``</think>``.
"""

from __future__ import annotations

from typing import Literal

from deepseek_magic.api.events import (
    Batch,
    Called,
    Event,
    Finished,
    Noted,
    ReasoningDelta,
    TextDelta,
    ToolCallDelta,
    Underway,
    assert_never,
)

_OPENING = "<think>"
_CLOSING = "</think>"
#: The most white space before the tag; after more of it, no tag is expected.
_MOST_SPACE = 100


class ThinkSplitter:
    """Splits an answer that arrives in pieces into thinking and text.

    Only a tag at the beginning opens the thinking: a later one is text, and an answer without a tag at its beginning is
    passed on unchanged. With ``begun``, the thinking is open from the start (and a tag there is dropped); an answer
    without ``</think>`` is then all thinking. White space next to the tags is dropped.
    """

    def __init__(self, *, begun: bool = False) -> None:
        self._begun = begun
        self._state: Literal["start", "gap", "thinking", "after", "text"] = "start"
        self._held = ""

    def feed(self, text: str) -> list[Event]:
        """Return the events that are clear after ``text``, in order."""
        found: list[Event] = []
        self._held += text
        while self._step(found):
            pass
        return found

    def flush(self) -> list[Event]:
        """Return the text that was held back as the possible beginning of a tag, which never came."""
        held, self._held = self._held, ""
        if self._state in ("gap", "after") or (self._state == "start" and self._begun):
            held = held.lstrip()
        thinking = self._state in ("gap", "thinking") or (self._state == "start" and self._begun)
        return _event(held, thinking=thinking)

    def bypass(self) -> list[Event]:
        """Pass on everything unchanged from here on, because the server separates the thinking itself."""
        held, self._held, self._state = self._held, "", "text"
        return _event(held, thinking=False)

    def _step(self, found: list[Event]) -> bool:
        """Go to the next state; return ``False`` if more text is needed first."""
        match self._state:
            case "start":
                return self._start()
            case "gap" | "after":
                self._held = self._held.lstrip()
                if not self._held:
                    return False
                self._state = "thinking" if self._state == "gap" else "text"
                return True
            case "thinking":
                return self._thinking(found)
            case "text":
                found += _event(self._held, thinking=False)
                self._held = ""
        return False

    def _start(self) -> bool:
        begins = self._held.lstrip()
        if len(self._held) - len(begins) <= _MOST_SPACE:
            if begins.startswith(_OPENING):
                self._held, self._state = begins[len(_OPENING) :], "gap"
                return True
            if _OPENING.startswith(begins):
                return False
        self._state = "gap" if self._begun else "text"
        return True

    def _thinking(self, found: list[Event]) -> bool:
        thought, tag, rest = self._held.partition(_CLOSING)
        if tag:
            self._held, self._state = rest, "after"
            found += _event(thought, thinking=True)
            return True
        keep = next((n for n in range(len(_CLOSING) - 1, 0, -1) if self._held.endswith(_CLOSING[:n])), 0)
        settled = len(self._held) - keep
        found += _event(self._held[:settled], thinking=True)
        self._held = self._held[settled:]
        return False


def _event(text: str, *, thinking: bool) -> list[Event]:
    if not text:
        return []
    return [ReasoningDelta(text) if thinking else TextDelta(text)]


class ThinkTags:
    """The filter that separates the thinking of an answer: after a leading tag, or from the start (``open``).

    Once a server sends thinking separately, its answer is left as it is.
    """

    def __init__(self, tags: Literal["split", "open"]) -> None:
        self._splitter = ThinkSplitter(begun=tags == "open")

    def feed(self, batch: Batch) -> Batch:
        """Return ``batch`` with the thinking separated."""
        made: list[Event] = []
        for event in batch:
            match event:
                case TextDelta(text):
                    made += self._splitter.feed(text)
                    continue
                case ReasoningDelta():
                    made += self._splitter.bypass()
                case ToolCallDelta() | Finished():
                    made += self._splitter.flush()
                case Underway() | Noted() | Called():
                    pass
                case _:
                    assert_never(event)
            made.append(event)
        return made

    def flush(self) -> list[Event]:
        """Return the text that was held back as the possible beginning of a tag."""
        return self._splitter.flush()
