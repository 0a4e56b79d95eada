"""The place of a saved reply in its conversation, from the sealed metadata of its output.

The seal shows changes by hand. Anybody can compute one, so it does not prove where a notebook comes from.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

from deepseek_magic.api.events import WebSource
from deepseek_magic.settings.parameters import MOST_REPLY

from .kept import VERSION, listed, read_block, source_of

State = Literal["complete", "cut", "interrupted"]
Origin = Literal["model", "edited", "imported"]
_COVERED = (
    *("version", "conversation", "turn", "cell", "state", "origin", "fresh", "answered", "model", "request"),
    *("gone", "copy_of", "turns", "sources"),
)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ|")
_LONGEST_WORD = 500
_MOST_TURN, _MOST_PAGES = 10**9, 1_000
_NOT_KNOWN = "has a form that is not known"
#: The state of a reply that had not ended when its output was saved.
OPEN = "open"


@dataclass(frozen=True, slots=True)
class Placed:
    """A reply and its place.

    Attributes:
        conversation: the name of the conversation.
        turn: the number of its turn.
        cell: the id of the cell that asked; "" if it is not known.
        state: how it ended.
        origin: who wrote it.
        fresh: whether the conversation starts over with it.
        answered: when it came, in UTC; "" if that is not known.
        model: the model that answered.
        request: the digest of its request; "" if it is not known.
        text: the exact answer.
        sources: the web pages that it may cite by number.
    """

    conversation: str
    turn: int
    cell: str
    state: State
    origin: Origin
    fresh: bool
    answered: str
    model: str
    request: str
    text: str
    sources: tuple[WebSource, ...] = ()


def sealed(found: Mapping[str, Any], text: str) -> dict[str, Any]:
    """Return ``found``, the metadata of a turn in an output with this ``text``, with its seal."""
    return {**found, "seal": _seal(found, text)}


def _seal(found: Mapping[str, Any], text: str) -> str:
    covered = json.dumps([{name: found[name] for name in _COVERED if name in found}, text], sort_keys=True)
    return hashlib.sha256(covered.encode()).hexdigest()[:16]


#: A turn as a mark names it: its number, a digest of its answer, and the cell that asked.
Named = tuple[int, str, str]


@dataclass(frozen=True, slots=True)
class Mark:
    """What a command that changed a conversation leaves in the notebook, so that it can be restored.

    Attributes:
        conversation: the name of the conversation.
        at: when, in UTC.
        gone: the turns that were removed.
        copy_of: the conversation from which it was forked; "" for none.
        turns: the turns that the fork began with.
    """

    conversation: str
    at: str
    gone: tuple[Named, ...] = ()
    copy_of: str = ""
    turns: tuple[Named, ...] = ()


def named(number: int, text: str, cell: str) -> Named:
    """Return the name in a mark of turn ``number`` with this answer, asked by ``cell``."""
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12]
    return number, digest, cell


def mark_of(mark: Mark, text: str) -> dict[str, Any]:
    """Return the metadata of the output with this ``text`` that leaves ``mark``."""
    content = {"version": VERSION, "conversation": mark.conversation, "answered": mark.at}
    content |= {"gone": [list(one) for one in mark.gone]}
    copied = {"copy_of": mark.copy_of, "turns": [list(one) for one in mark.turns]} if mark.copy_of else {}
    return {"deepseek_magic": sealed({**content, **copied}, text)}


def is_mark(found: Mapping[str, Any]) -> bool:
    """Return whether ``found`` is a mark, readable or not."""
    return "gone" in found


def read_mark(found: Mapping[str, Any], text: str) -> Mark:
    """Return the mark in ``found``, the metadata of an output with this ``text``.

    Raises:
        ValueError: as for `read_placed`.
    """
    _check(found, text)
    words = [found.get(name, "") for name in ("conversation", "answered", "copy_of")]
    if any(type(word) is not str or len(word) > _LONGEST_WORD for word in words):
        raise ValueError(_NOT_KNOWN)
    return Mark(words[0], words[1], _listed(found, "gone"), words[2], _listed(found, "turns"))


def _listed(found: Mapping[str, Any], name: str) -> tuple[Named, ...]:
    turns = found.get(name, [])
    if not isinstance(turns, list) or any(
        not isinstance(one, list) or [type(part) for part in one] != [int, str, str] for one in turns
    ):
        raise ValueError(_NOT_KNOWN)
    return tuple((number, digest, cell) for number, digest, cell in turns)


def is_placed(found: Mapping[str, Any]) -> bool:
    """Return whether ``found`` belongs to an answer in a conversation, readable or not."""
    return bool(found.get("conversation")) and found.get("state") not in ("failed", OPEN)


def is_open(found: Mapping[str, Any]) -> bool:
    """Return whether ``found`` belongs to an answer that had not ended, by its own metadata."""
    return found.get("state") == OPEN


def read_placed(found: Mapping[str, Any], text: str) -> Placed:
    """Return the place of a reply in ``found``, the metadata of an output with this ``text``.

    Raises:
        ValueError: it has a newer version, was changed, or is not such metadata; the message says which.
    """
    _check(found, text)
    turn, state, origin = found.get("turn"), found.get("state"), found.get("origin", "model")
    words = {name: found.get(name, "") for name in ("conversation", "cell", "answered", "model", "request")}
    if (
        type(turn) is not int
        or not 0 < turn < _MOST_TURN
        or state not in get_args(State)
        or origin not in get_args(Origin)
        or any(type(word) is not str or len(word) > _LONGEST_WORD for word in words.values())
        or not _TIME.fullmatch(words["answered"])
        or len(text) > MOST_REPLY
    ):
        raise ValueError(_NOT_KNOWN)
    ended, whose, fresh = cast("State", state), cast("Origin", origin), found.get("fresh") is True
    pages = _pages(found, text)
    return Placed(**words, turn=turn, state=ended, origin=whose, fresh=fresh, text=text, sources=pages)


def pages(sources: Sequence[WebSource]) -> dict[str, Any]:
    """Return the metadata for the ``sources`` of a reply of which nothing else is kept."""
    return {"sources": listed(sources)} if sources else {}


def _pages(found: Mapping[str, Any], text: str) -> tuple[WebSource, ...]:
    """Return the sources in ``found``; none if they have an unknown form."""
    try:
        if "sources" in found:
            made = list(map(source_of, found["sources"][:_MOST_PAGES]))
        else:
            made = [one for call in read_block(found, text).calls for one in call.sources]
    except (KeyError, TypeError, ValueError):
        return ()
    return tuple(one for one in made if 0 < one.number < 10**6 and one.url.startswith(("https://", "http://")))


def _check(found: Mapping[str, Any], text: str) -> None:
    """Raise `ValueError` if ``found`` is not sealed metadata of this version for ``text``."""
    if found.get("version") != VERSION or "seal" not in found:
        newer = isinstance(found.get("version"), int) and found["version"] > VERSION
        raise ValueError("is of a newer version" if newer else "is of another version")
    if found["seal"] != _seal(found, text):
        raise ValueError("was changed since it was saved")
