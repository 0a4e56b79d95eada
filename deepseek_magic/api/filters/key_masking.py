"""Mask the key in replies, so that an endpoint that echoes it does not write it into a notebook."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from deepseek_magic.api.events import (
    Batch,
    Behind,
    Called,
    Calling,
    Event,
    Finished,
    KeepAlive,
    Opened,
    ReasoningDelta,
    Remark,
    Retrying,
    Served,
    TextDelta,
    ToolCallDelta,
    UsageReport,
    Waiting,
    assert_never,
)

from .key_pieces import KeyPieces

# How many characters of a possible piece of the key are passed on before it is clear whether it is one.
_HARMLESS = 3


@dataclass(slots=True, repr=False)  # it may hold a part of the key
class _Stream:
    """Masks pieces of a key in text that itself arrives in pieces.

    If the end of the text may be a part of the key, its first characters are passed on (they give nothing away, and a
    word that ends in ``s`` should not wait for the next token), and the rest is held back.
    """

    _pieces: KeyPieces
    _shown: str = ""
    _held: str = ""

    def feed(self, text: str) -> str:
        whole = self._shown + self._held + text
        start = len(whole) - self._pieces.tail(whole)
        end = start + _HARMLESS
        settled = self._settled(whole[:start], whole[start:end])
        self._shown, self._held = whole[start:end], whole[end:]
        return settled

    def flush(self) -> str:
        whole = self._shown + self._held
        settled = self._settled(whole, "")
        self._shown = self._held = ""
        return settled

    def _settled(self, text: str, following: str) -> str:
        """Return the rest of ``text`` (which is settled) and the start of ``following`` that can be passed on now."""
        masked = self._pieces.masked(text)
        if masked == text:
            return (text + following)[len(self._shown) :]
        same = 0  # a mask may begin inside text that was passed on
        while masked[: same + 1] == self._shown[: same + 1] and same < len(self._shown):
            same += 1
        return masked[same:] + following

    @property
    def waits(self) -> bool:
        """Whether the text so far ends like a part of the key."""
        return bool(self._shown)

    def passes(self, text: str) -> bool:
        """Return whether ``text`` is passed on as it is."""
        return not self._shown and self._pieces.passes(text)


class KeyMask:
    """The filter that masks the ``pieces`` of a key, unless the key is too short to be a real one."""

    def __init__(self, pieces: KeyPieces) -> None:
        self._pieces = pieces
        self._thought, self._answer = _Stream(pieces), _Stream(pieces)
        self._calls: dict[int, _Stream] = {}  # arguments are shown, and functions get them

    def feed(self, batch: Batch) -> Batch:
        """Return ``batch``, masked. Text without any part of the secret stays as it is; other text is joined."""
        if self._pieces.none:
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
        calls = [(index, stream.flush()) for index, stream in self._calls.items()]
        self._calls.clear()
        return [*held, *(ToolCallDelta(index, arguments=rest) for index, rest in calls if rest)]

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
            case Finished(reason):
                made += self.flush()
                made.append(Finished(self._masked(reason)))
            case ToolCallDelta(index, call_id, name, arguments):
                if arguments:
                    arguments = self._calls.setdefault(index, _Stream(self._pieces)).feed(arguments)
                made.append(ToolCallDelta(index, self._masked(call_id), self._masked(name), arguments))
            case Waiting() | Behind() | KeepAlive() | UsageReport() | Calling() | Called():
                made.append(event)
            case _:
                made.append(self._in_words(event))

    def _in_words(self, event: Served | Remark | Opened | Retrying) -> Event:
        """Return ``event``, whose text is complete, with the secret in it masked."""
        match event:
            case Served(completion_id, model, fingerprint):
                return Served(*map(self._masked, (completion_id, model, fingerprint)))
            case Remark(text):
                return Remark(self._masked(text))
            case Opened(request_id):
                return Opened(self._masked(request_id))
            case Retrying(attempt, delay, reason):
                return Retrying(attempt, delay, self._masked(reason))
            case _:
                return assert_never(event)

    def _masked(self, text: str) -> str:
        return self._pieces.masked(text)


def masked_value(value: Any, pieces: KeyPieces) -> Any:
    """Return ``value``, parsed from JSON, with pieces of a key masked in every string."""
    if isinstance(value, str):
        return pieces.masked(value)
    if isinstance(value, list):
        return [masked_value(item, pieces) for item in value]
    if isinstance(value, dict):
        return {pieces.masked(name): masked_value(item, pieces) for name, item in value.items()}
    return value
