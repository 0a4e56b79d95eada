"""Going on with a reply that was cut: the request that asks for the rest, and the seam between the two.

Source: DeepSeek's chat-prefix-completion guide. Where the endpoint has no such thing, the model is asked in words to
repeat the end and go on; where it does, the repetition tells the exact place to join at.
"""

from __future__ import annotations

import re
from dataclasses import replace

from deepseek_magic.api.dialects import Dialect
from deepseek_magic.api.events import Event, TextDelta
from deepseek_magic.api.messages import Message, Request
from deepseek_magic.settings import Thinking

from .exchange import OneStep
from .transcript import Turn

# So much of the end is repeated by the model, and looked for in the beginning of what it sends.
_REPEATED = 80
_SEARCHED = 600
# An overlap of fewer characters may be chance.
_CERTAIN = 12
_FENCE = re.compile(r"\A\s*(?:`{3,}|~{3,})[^\n`]*\n")


def continued(request: Request, turn: Turn, dialect: Dialect, thinking: Thinking | None) -> Request:
    """Return the request that asks for the rest of ``turn``.

    Args:
        request: asked for it in the first place, up to the question.
        turn: holds the beginning of its answer.
        dialect: tells whether the endpoint completes a reply that was begun.
        thinking: how much to think first, where the user says so; else not at all, for the thinking is over.

    Blank space at the end is left out, since models go on badly
    after it, and they begin with it themselves.
    """
    begun = turn.text.rstrip()
    if dialect.prefix:
        beginning = Message("assistant", begun, reasoning=turn.reasoning, prefix=True)
        return replace(
            request, messages=(*request.messages, beginning), thinking=thinking or ("off" if dialect.deepseek else None)
        )
    words = (
        "Your last reply was cut off. Go on with it, exactly where it ends. Begin by repeating, word for word, its "
        f"last characters, which follow, and then go on; say nothing about it.\n\n{_end_of(begun)}"
    )
    messages = (*request.messages, Message("assistant", begun), Message("user", words))
    return replace(request, messages=messages)


def _end_of(text: str) -> str:
    """Return the last characters of ``text``, from the beginning of a word or a line on."""
    end = text[-_REPEATED:]
    if len(end) < len(text):
        start = re.search(r"\s+(?=\S)", end)
        end = end[start.end() :] if start else end
    return end


class Continuation(OneStep):
    """Joins the rest of a reply to its beginning, without a seam and without a repeated word.

    Args:
        turn: holds the beginning; from here on without blank space at its end.
        exact: whether the endpoint goes on where the beginning ends; else the model was asked in words, and what it
            repeats is taken away.
    """

    def __init__(self, turn: Turn, *, exact: bool) -> None:
        self._turn = turn
        self._text = turn.text
        self._begun = False
        self._held: list[str] | None = None if exact else []

    def taken(self, event: Event) -> Event | None:
        """Return ``event``, or nothing while it is not clear where its text joins."""
        if not isinstance(event, TextDelta):
            return event
        text = event.text
        if self._held is not None:
            self._held.append(text)
            text = "".join(self._held)
            if len(text) < _SEARCHED:
                return None
            text, self._held = joined(self._text.rstrip(), text), None
        return self._first(text)

    def rest(self) -> list[Event]:
        """Return the text that was held back."""
        if not self._held:
            return []
        text, self._held = joined(self._text.rstrip(), "".join(self._held)), None
        first = self._first(text)
        return [first] if first is not None else []

    def _first(self, text: str) -> Event | None:
        if not text:
            return None
        if not self._begun:
            self._begun = True
            self._turn.trim()
        return TextDelta(text)


def joined(text: str, more: str) -> str:
    """Return what of ``more`` goes behind ``text``: without its repetition of the end, and without a fence anew.

    Args:
        text: the beginning, without blank space at its end.
        more: what the model sent when it was asked to repeat the end and go on.
    """
    end = _end_of(text)
    place = more.find(end) if len(end) >= _CERTAIN or more.lstrip().startswith(end) else -1
    if end and place >= 0:
        return more[place + len(end) :]
    bare = _FENCE.sub("", more, count=1) if _in_fence(text) else more
    for size in range(min(len(bare), len(text)), 0, -1):
        if text.endswith(bare[:size]) and (size >= _CERTAIN or _are_words(text, bare, size)):
            return bare[size:]
    apart = text[-1:].isalnum() and bare[:1].isalnum()
    return f" {bare}" if apart else bare


def _are_words(text: str, more: str, size: int) -> bool:
    """Tell whether the overlap of ``size`` characters is whole words of three letters at least."""
    before, after = text[: len(text) - size][-1:], more[size : size + 1]
    return size >= 3 and not before.isalnum() and not after.isalnum()


def _in_fence(text: str) -> bool:
    """Tell whether ``text`` ends inside a code fence."""
    opened = ""
    for line in text.splitlines():
        found = re.match(r"[ \t>]*(?:[-*+]\s+|\d+[.)]\s+)?(`{3,}|~{3,})", line)
        if found is None:
            continue
        if not opened:
            opened = found[1]
        elif found[1][0] == opened[0] and len(found[1]) >= len(opened) and not line[found.end() :].strip():
            opened = ""
    return bool(opened)
