"""Keeps the key out of what an endpoint says: one that echoes it must not write it into a notebook."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from deepseek_magic.api.events import (
    Drained,
    Event,
    Finished,
    KeepAlive,
    Opened,
    ReasoningDelta,
    Retrying,
    Served,
    TextDelta,
    ToolCallDelta,
    UsageReport,
    Waiting,
)
from deepseek_magic.errors import DeepSeekError
from deepseek_magic.settings.keys import Secret

MASK = "****"
#: Shorter keys are placeholders such as EMPTY, which servers without keys ask for: masking them would spoil replies.
SHORTEST = 12
# Characters at the beginning of a key that everybody knows.
_HARMLESS = 3


class _Stream:
    """Masks a secret in text that comes in pieces, also where it is cut in two.

    An end that the secret begins with may be the secret or not: its first characters are handed on (they give
    nothing away, and a word that ends in ``s`` is not to wait for the next token), the rest is held back.
    """

    def __init__(self, secret: Secret) -> None:
        self._secret = secret
        self._begins = secret.reveal()[:2]
        self._length = len(secret.reveal())
        self._shown = ""
        self._held = ""

    def feed(self, text: str) -> str:
        whole = self._shown + self._held + text
        already = 0 if whole.startswith(self._secret.reveal()) else len(self._shown)
        whole = whole.replace(self._secret.reveal(), MASK)
        start = self._beginning(whole)
        end = start + _HARMLESS
        self._shown, self._held = whole[start:end], whole[end:]
        return whole[already:end]

    def flush(self) -> str:
        held, self._shown, self._held = self._held, "", ""
        return held

    @property
    def waits(self) -> bool:
        """Whether what has come ends as the secret begins."""
        return bool(self._shown)

    def passes(self, text: str) -> bool:
        """Tell, of nearly every piece and in no time, that nothing of the secret is in it or begins in it."""
        return not (self._shown or self._begins in text or text[-1] == self._begins[0])

    def _beginning(self, text: str) -> int:
        """Return where the longest end of ``text`` that the secret begins with starts."""
        first = self._begins[0]
        place = text.find(first, max(0, len(text) - self._length + 1))
        while place >= 0 and not self._secret.reveal().startswith(text[place:]):
            place = text.find(first, place + 1)
        return len(text) if place < 0 else place


def masked(events: Iterator[Event], secret: Secret) -> Iterator[Event]:
    """Yield ``events`` with every occurrence of ``secret`` masked, unless it is too short to be one."""
    if len(secret.reveal()) < SHORTEST:
        yield from events
        return
    thought, answer = _Stream(secret), _Stream(secret)
    try:
        for event in events:
            if isinstance(event, TextDelta):
                passes = not thought.waits and answer.passes(event.text)
            else:
                passes = isinstance(event, ReasoningDelta) and thought.passes(event.text)
            if passes:
                yield event
            else:
                yield from _masked(event, secret, thought, answer)
    except (DeepSeekError, KeyboardInterrupt):
        yield from _rest(thought, answer)  # what was held back has arrived, and is never thrown away
        raise
    yield from _rest(thought, answer)


def masked_value(value: Any, secret: Secret) -> Any:
    """Return ``value``, parsed from JSON, with ``secret`` masked in every string; too short ones are none."""
    if len(secret.reveal()) < SHORTEST:
        return value
    if isinstance(value, str):
        return value.replace(secret.reveal(), MASK)
    if isinstance(value, list):
        return [masked_value(item, secret) for item in value]
    if isinstance(value, dict):
        return {name.replace(secret.reveal(), MASK): masked_value(item, secret) for name, item in value.items()}
    return value


def _masked(event: Event, secret: Secret, thought: _Stream, answer: _Stream) -> Iterator[Event]:
    match event:
        case TextDelta(text):
            if rest := thought.flush():
                yield ReasoningDelta(rest)
            if text := answer.feed(text):
                yield TextDelta(text)
        case ReasoningDelta(text):
            if text := thought.feed(text):
                yield ReasoningDelta(text)
        case Served(completion_id, model, fingerprint):
            yield Served(*(value.replace(secret.reveal(), MASK) for value in (completion_id, model, fingerprint)))
        case Finished(reason):
            yield from _rest(thought, answer)
            yield Finished(reason.replace(secret.reveal(), MASK))
        case Opened(request_id):
            yield Opened(request_id.replace(secret.reveal(), MASK))
        case Retrying(attempt, delay, reason):
            yield Retrying(attempt, delay, reason.replace(secret.reveal(), MASK))
        case ToolCallDelta(index, call_id, name, arguments):
            yield ToolCallDelta(index, *(value.replace(secret.reveal(), MASK) for value in (call_id, name, arguments)))
        case Waiting() | KeepAlive() | Drained() | UsageReport():
            yield event


def _rest(thought: _Stream, answer: _Stream) -> Iterator[Event]:
    if rest := thought.flush():
        yield ReasoningDelta(rest)
    if rest := answer.flush():
        yield TextDelta(rest)
