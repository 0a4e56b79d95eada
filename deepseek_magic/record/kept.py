"""`Kept`: a finished reply, and its JSON in a notebook's metadata, in a record, or on a line of a file.

What is read may come from anybody, and is as untrusted as the text of a model. Its form is checked, it is never run,
and its text is shown like that of any reply.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, Literal

from deepseek_magic.api.events import PIECE_STATES, Called, Piece, Usage, WebSource
from deepseek_magic.api.messages import ImagePart
from deepseek_magic.context.receipt import Entry
from deepseek_magic.settings.parameters import MOST_REPLY

#: The version of the format. A newer one is not read.
VERSION = 1
#: Where a kept reply was found.
Origin = Literal["memory", "record", "notebook"]
# Limits on what is read, above anything that we write.
_MOST_ROUNDS, _MOST_CALLS, _MOST_NOTES, _MOST_PARTS = 100, 1_000, 100, 200
_DIGEST = re.compile(r"[0-9a-f]{64}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@dataclass(frozen=True, slots=True)
class ToolAnswer:
    """A call of a function, and its ``result`` for the model, wrapped as data with this ``title``."""

    name: str
    arguments: str
    title: str
    result: str


@dataclass(frozen=True, slots=True)
class Round:
    """One round of calls, after so many characters of the reply's ``text`` and ``thinking``."""

    text: int
    thinking: int
    answers: tuple[ToolAnswer, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """A finished reply.

    Attributes:
        request: the digest of the whole request that it answers.
        text: the exact answer.
        answered: when it came, in UTC.
        parts: the digests of the request's parts.
        thinking: the exact thinking.
        seconds: how long the thinking took.
        model: the model that answered.
        fingerprint: the fingerprint of the system, if it gave one.
        finish_reason: the endpoint's finish reason.
        usage: its tokens.
        rounds: its rounds of calls.
        calls: the calls that were made, as they were shown.
        notes: the plan's notices on how it was made.
        remarks: the notices that came with the stream.
        entries: the receipt's entries besides the question and its context.
        cell: the id of the cell that asked; "" if it is not known.
        conversation: the name of the conversation; "" for none.
        turn: the number of its turn.
        question: the question; not in a notebook.
        sent: the message with its context; not in a notebook.
        images: the pictures in that message; not in a notebook.
        system: the conversation's own system text; not in a notebook.
        origin: where it was found.
        summary: the summary of earlier turns that was made for its request, a kept reply itself.
    """

    request: str
    text: str
    answered: str
    parts: Mapping[str, str] = field(default_factory=dict)
    thinking: str = ""
    seconds: float = 0.0
    model: str = ""
    fingerprint: str = ""
    finish_reason: str = "stop"
    usage: Usage | None = None
    rounds: tuple[Round, ...] = ()
    calls: tuple[Called, ...] = ()
    notes: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    entries: tuple[Entry, ...] = ()
    cell: str = ""
    conversation: str = ""
    turn: int = 0
    question: str = ""
    sent: str = ""
    images: tuple[ImagePart, ...] = ()
    system: str = ""
    origin: Origin = "memory"
    summary: Kept | None = None

    @property
    def date(self) -> str:
        """The date on which it came."""
        return self.answered[:10]

    def found_in(self, origin: Origin) -> Kept:
        """Return it as found in ``origin``."""
        return replace(self, origin=origin)


@dataclass(frozen=True, slots=True)
class Numbered:
    """A reply and its number in the record."""

    number: int
    kept: Kept


def block(kept: Kept) -> dict[str, Any]:
    """Return the part of ``kept`` in a notebook's metadata, which is all but its text; empty fields are left out."""
    figures = {} if kept.usage is None else {name: getattr(kept.usage, name) for name in Usage.__dataclass_fields__}
    content = {
        "request": kept.request,
        "answered": kept.answered,
        "model": kept.model,
        "fingerprint": kept.fingerprint,
        "finish_reason": kept.finish_reason,
        "usage": {name: count for name, count in figures.items() if count is not None},
        "thinking": kept.thinking,
        "milliseconds": round(kept.seconds * 1000),
        "rounds": [
            [one.text, one.thinking, [[each.name, each.arguments, each.title, each.result] for each in one.answers]]
            for one in kept.rounds
        ],
        "calls": list(_calls(kept)),
        "notes": list(kept.notes),
        "remarks": list(kept.remarks),
        "entries": [
            [one.kind, one.title, one.tokens, one.left_out, list(one.masked), list(one.notes)] for one in kept.entries
        ],
        "parts": dict(kept.parts),
    }
    content = {name: value for name, value in content.items() if value or name in ("model", "usage", "finish_reason")}
    return {**content, "checksum": _checksum(content, kept.text)}


def _calls(kept: Kept) -> Iterator[list[Any]]:
    """Yield the calls as they were shown; a result that is also in the rounds is replaced by its index there.

    Times are in whole milliseconds, because a front end that saves the notebook writes 3.0 as 3. Costs are not kept:
    they are paid only once.
    """
    results = [each.result for one in kept.rounds for each in one.answers]
    for one in kept.calls:
        result = results.index(one.result) if one.result in results else one.result
        piece: list[Any] = (
            [] if one.piece is None else [[one.piece.number, one.piece.code, one.piece.state, one.piece.lines]]
        )
        named = listed(one.sources)
        more = [*(piece or [None]), named] if named else piece
        yield [one.call, result, round(one.seconds * 1000), one.failed, *more]


def listed(sources: Iterable[WebSource]) -> list[list[Any]]:
    """Return ``sources`` as in metadata; `source_of` reads one of them."""
    return [[each.number, each.title, each.url, each.site, each.date] for each in sources]


def _checksum(content: Mapping[str, Any], text: str) -> str:
    """Return a checksum that shows changes by hand. Anybody can compute it, so it proves nothing else."""
    covered = json.dumps([content, text], ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(covered.encode()).hexdigest()[:16]


def read_block(found: Mapping[str, Any], text: str) -> Kept:
    """Return the reply whose `block` is in the metadata ``found``, with its ``text``.

    Raises:
        ValueError: the block has a newer version, was changed, or is not a block; the message says which.
    """
    if found.get("version") != VERSION:
        newer = isinstance(found.get("version"), int) and found["version"] > VERSION
        raise ValueError("is of a newer version" if newer else "is of another version")
    content = {name: found[name] for name in _FIELDS if name in found}
    try:
        if found.get("checksum") == _checksum(content, text):
            return _kept(content, text)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, RecursionError):
        raise ValueError("has a form that is not known") from None
    raise ValueError("was changed since it was kept")


_FIELDS = (
    *("request", "answered", "model", "fingerprint", "finish_reason", "usage", "thinking", "milliseconds", "rounds"),
    *("calls", "notes", "remarks", "entries", "parts"),
)


def _kept(content: Mapping[str, Any], text: str) -> Kept:
    thinking = _string(content.get("thinking", ""))
    rounds = tuple(_round(one) for one in _some(content.get("rounds", []), _MOST_ROUNDS))
    ends = [(0, 0), *((one.text, one.thinking) for one in rounds), (len(text), len(thinking))]
    if any(before > after for pair in pairwise(ends) for before, after in zip(*pair, strict=True)):
        raise TypeError(ends)
    results = [each.result for one in rounds for each in one.answers]
    usage = {name: _count(count) for name, count in content["usage"].items() if name in Usage.__dataclass_fields__}
    return Kept(
        request=_matching(content["request"], _DIGEST),
        text=_string(text),
        answered=_matching(content["answered"], _TIME),
        parts={_string(name): _string(part) for name, part in _some(content.get("parts", {}).items(), _MOST_PARTS)},
        thinking=thinking,
        seconds=_count(content.get("milliseconds", 0)) / 1000,
        model=_string(content["model"]),
        fingerprint=_string(content.get("fingerprint", "")),
        finish_reason=_string(content["finish_reason"]),
        usage=Usage(**usage) if usage else None,
        rounds=rounds,
        calls=tuple(_call(one, results) for one in _some(content.get("calls", []), _MOST_CALLS)),
        notes=_strings(content.get("notes", [])),
        remarks=_strings(content.get("remarks", [])),
        entries=tuple(_entry(one) for one in _some(content.get("entries", []), _MOST_CALLS)),
    )


def _round(found: Any) -> Round:
    text, thinking, answers = found
    return Round(
        _count(text),
        _count(thinking),
        tuple(ToolAnswer(*map(_string, one)) for one in _some(answers, _MOST_CALLS)),
    )


def _call(found: Any, results: list[str]) -> Called:
    call, result, milliseconds, failed, *more = found
    piece, named = more if len(more) == 2 else (more[0] if more else None, [])
    return Called(
        _string(call),
        _string(results[result] if isinstance(result, int) and result >= 0 else result),
        _count(milliseconds) / 1000,
        failed is True,
        None if piece is None else _piece(piece),
        sources=tuple(map(source_of, _some(named, _MOST_CALLS))),
    )


def source_of(found: Any) -> WebSource:
    """Return the web page ``found`` in metadata."""
    number, title, url, site, date = found
    return WebSource(_count(number), _string(title), _string(url), _string(site), _string(date))


def _piece(found: Any) -> Piece:
    number, code, state, lines = found
    if state not in PIECE_STATES:
        raise TypeError(state)
    return Piece(_count(number), _string(code), state, _count(lines))


def _entry(found: Any) -> Entry:
    kind, title, tokens, left_out, masked, notes = found
    return Entry(_string(kind), _string(title), _count(tokens), _count(left_out), _strings(masked), _strings(notes))


def _strings(values: Any) -> tuple[str, ...]:
    return tuple(map(_string, _some(values, _MOST_NOTES)))


def _string(value: Any) -> str:
    if type(value) is not str or len(value) > MOST_REPLY:
        raise TypeError(value)
    return value


def _matching(value: Any, pattern: re.Pattern[str]) -> str:
    if not pattern.fullmatch(_string(value)):
        raise TypeError(value)
    return str(value)


def _count(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 1 << 53:
        raise TypeError(value)
    return value


def _some(values: Any, most: int) -> list[Any]:
    found = list(values)
    if isinstance(values, str) or len(found) > most:
        raise TypeError(values)
    return found
