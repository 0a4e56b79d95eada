"""Keeps the key out of what an endpoint says: one that echoes it must not write it into a notebook."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from deepseek_magic.api.events import (
    Batch,
    Called,
    Calling,
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
    assert_never,
)
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
        """Return whether nothing of the secret is in ``text`` or begins in it: so it is with nearly every piece."""
        return not (self._shown or self._begins in text or text[-1] == self._begins[0])

    def _beginning(self, text: str) -> int:
        """Return where the longest end of ``text`` that the secret begins with starts."""
        first = self._begins[0]
        place = text.find(first, max(0, len(text) - self._length + 1))
        while place >= 0 and not self._secret.reveal().startswith(text[place:]):
            place = text.find(first, place + 1)
        return len(text) if place < 0 else place


class KeyMask:
    """The filter that masks every occurrence of ``secret``, unless it is too short to be one."""

    def __init__(self, secret: Secret) -> None:
        self._secret = secret
        self._none = len(secret.reveal()) < SHORTEST
        self._thought, self._answer = _Stream(secret), _Stream(secret)

    def feed(self, batch: Batch) -> Batch:
        """Return ``batch`` masked. Text in which nothing of the secret is stays as it came; other text is joined."""
        if self._none:
            return batch
        made: list[Event] = []
        for kind, run in groupby(batch, type):
            events = list(run)
            if kind is TextDelta and not self._thought.waits:
                made += self._text(events, self._answer, TextDelta)
            elif kind is ReasoningDelta:
                made += self._text(events, self._thought, ReasoningDelta)
            else:
                for event in events:
                    self._other(event, made)
        return made

    def flush(self) -> list[Event]:
        """Return what was held back as the possible beginning of the secret."""
        held: list[Event] = []
        if rest := self._thought.flush():
            held.append(ReasoningDelta(rest))
        if rest := self._answer.flush():
            held.append(TextDelta(rest))
        return held

    def _text(
        self, events: list[Any], stream: _Stream, kind: type[TextDelta] | type[ReasoningDelta]
    ) -> list[TextDelta | ReasoningDelta]:
        text = "".join([event.text for event in events])
        if stream.passes(text):
            return events
        text = stream.feed(text)
        return [kind(text)] if text else []

    def _other(self, event: Event, made: list[Event]) -> None:
        match event:
            case TextDelta():
                if rest := self._thought.flush():
                    made.append(ReasoningDelta(rest))
                made += self._text([event], self._answer, TextDelta)
            case ReasoningDelta():
                made += self._text([event], self._thought, ReasoningDelta)
            case Served(completion_id, model, fingerprint):
                made.append(Served(*map(self._masked, (completion_id, model, fingerprint))))
            case Finished(reason):
                made += self.flush()
                made.append(Finished(self._masked(reason)))
            case Opened(request_id):
                made.append(Opened(self._masked(request_id)))
            case Retrying(attempt, delay, reason):
                made.append(Retrying(attempt, delay, self._masked(reason)))
            case ToolCallDelta(index, call_id, name, arguments):
                made.append(ToolCallDelta(index, *map(self._masked, (call_id, name, arguments))))
            case Waiting() | KeepAlive() | UsageReport() | Calling() | Called():
                made.append(event)
            case _:
                assert_never(event)

    def _masked(self, text: str) -> str:
        return text.replace(self._secret.reveal(), MASK)


def masked_value(value: Any, secret: Secret) -> Any:
    """Return ``value``, parsed from JSON, with ``secret`` masked in every string, unless it is too short to be one."""
    if len(secret.reveal()) < SHORTEST:
        return value
    if isinstance(value, str):
        return value.replace(secret.reveal(), MASK)
    if isinstance(value, list):
        return [masked_value(item, secret) for item in value]
    if isinstance(value, dict):
        return {name.replace(secret.reveal(), MASK): masked_value(item, secret) for name, item in value.items()}
    return value
