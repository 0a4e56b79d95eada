"""The content of a conversation file: texts and facts about them, without context, calls and pictures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, cast, get_args

from deepseek_magic.api.events import Event, ReasoningDelta, Served, TextDelta, WebSource
from deepseek_magic.chat.conversation import Conversation
from deepseek_magic.chat.turn import Origin, State
from deepseek_magic.guard import Guard
from deepseek_magic.settings.parameters import MOST_REPLY
from deepseek_magic.text import one_line

#: The version of the format; a newer one is not read.
FORM = 1
#: The most bytes and the most turns of a file.
MOST_BYTES = 50_000_000
MOST_TURNS = 10_000
_STATES = tuple(state for state in get_args(State) if state not in ("partial", "failed"))
_LONGEST_NAME = 200
#: The most web pages of one turn, and the most characters of a URL.
_MOST_SOURCES, _LONGEST_ADDRESS = 1_000, 4_000
_PARTS = ("number", "title", "url", "site", "date")


class Damaged(ValueError):
    """A file is not as it was written; the message says where and how."""


@dataclass(frozen=True, slots=True)
class TurnRecord:
    """One turn: the question as typed, with secrets masked, the answer, and facts about it.

    ``sources`` are the web pages that the answer may cite by number.
    """

    number: int
    question: str
    answer: str
    thinking: str = ""
    model: str = ""
    state: str = "complete"
    origin: str = "model"
    fresh: bool = False
    sources: tuple[WebSource, ...] = ()

    def about(self) -> dict[str, Any]:
        """Return the facts about the turn besides its texts, without defaults."""
        usual = (("state", "complete"), ("origin", "model"), ("fresh", False))
        noted = {name: getattr(self, name) for name, value in usual if getattr(self, name) != value}
        named = listed(self.sources)
        return {"turn": self.number, "model": self.model, **noted, **({"sources": named} if named else {})}


@dataclass(frozen=True, slots=True)
class Records:
    """A conversation: its name, its own system text ("" for none), and its turns that have an answer."""

    name: str
    system: str
    turns: tuple[TurnRecord, ...]

    def head(self) -> dict[str, Any]:
        """Return the header of a file: that it holds a conversation, and the version of the format."""
        return {"deepseek_magic": "conversation", "form": FORM, "name": self.name}


def records_of(conversation: Conversation) -> Records:
    """Return ``conversation`` in the form of files."""
    turns = [
        TurnRecord(
            turn.number,
            turn.question,
            turn.text,
            turn.reasoning,
            one_line(turn.served.model, _LONGEST_NAME),
            turn.state,
            turn.origin,
            turn.fresh,
            turn.sources,
        )
        for turn in conversation.transcript.turns
        if turn.sendable and turn.text.strip()
    ]
    return Records(conversation.name, conversation.system, tuple(turns))


def checked_head(head: Any) -> str:
    """Return the name in the ``head`` of a file.

    Raises:
        Damaged: it is not the header of a conversation in this version of the format.
    """
    if not isinstance(head, dict) or head.get("deepseek_magic") != "conversation":
        msg = "it is not a conversation that %deepseek_chat export wrote"
        raise Damaged(msg)
    if type(head.get("form")) is int and head["form"] > FORM:
        msg = f"it has form {head['form']}, and this version knows forms up to {FORM}: update deepseek_magic"
        raise Damaged(msg)
    if head.get("form") != FORM:
        msg = f"expected form {FORM}, found {one_line(repr(head.get('form')), 40)}"
        raise Damaged(msg)
    return _text(head, "name", "its head", _LONGEST_NAME)


def checked_turns(found: Sequence[tuple[Any, Any, Any, Any]]) -> tuple[TurnRecord, ...]:
    """Return the turns, each from its facts, question, answer and thinking.

    Raises:
        Damaged: one is not as it was written.
    """
    if len(found) > MOST_TURNS:
        msg = f"it holds {len(found):,} turns: expected at most {MOST_TURNS:,}"
        raise Damaged(msg)
    turns = tuple(_checked(place, *one) for place, one in enumerate(found, 1))
    for before, after in pairwise(turns):
        if after.number <= before.number:
            msg = f"turn {after.number} comes after turn {before.number}"
            raise Damaged(msg)
    return turns


def _checked(place: int, about: Any, question: Any, answer: Any, thinking: Any) -> TurnRecord:
    where = f"turn {place} of the file"
    known = {"turn", "model", "state", "origin", "fresh", "sources"}
    if not isinstance(about, dict) or not about.keys() <= known:
        msg = f"{where}: expected no more than {', '.join(sorted(known))} besides its texts"
        raise Damaged(msg)
    texts = {"question": question, "answer": answer, "thinking": thinking}
    number, fresh = about.get("turn"), about.get("fresh", False)
    if type(number) is not int or not 0 < number < 10**9:
        msg = f"{where}: expected the number of the turn"
        raise Damaged(msg)
    if type(fresh) is not bool:
        msg = f"{where}: expected true or false for 'fresh'"
        raise Damaged(msg)
    for name, allowed in (("state", _STATES), ("origin", get_args(Origin))):
        if about.get(name, allowed[0]) not in allowed:
            msg = f"{where}: expected one of {', '.join(allowed)} for {name!r}"
            raise Damaged(msg)
    made = TurnRecord(
        number,
        _text(texts, "question", where),
        _text(texts, "answer", where),
        _text(texts, "thinking", where),
        _text(about, "model", where, _LONGEST_NAME),
        about.get("state", "complete"),
        about.get("origin", "model"),
        fresh,
        sources_in(about.get("sources", []), where),
    )
    if not made.question.strip() or not made.answer.strip():
        msg = f"{where} has no {'answer' if made.question.strip() else 'question'}"
        raise Damaged(msg)
    return made


def listed(sources: Iterable[WebSource]) -> list[dict[str, Any]]:
    """Return ``sources`` as a file has them; `sources_in` reads them."""
    return [{part: getattr(one, part) for part in _PARTS if getattr(one, part)} for one in sources]


def sources_in(found: Any, where: str) -> tuple[WebSource, ...]:
    """Return the pages that ``found`` lists, all of it words of strangers.

    Raises:
        Damaged: it is not such a list. The message begins with ``where``.
    """
    fitting = isinstance(found, list) and len(found) <= _MOST_SOURCES
    if not fitting or not all(isinstance(one, dict) and one.keys() <= {*_PARTS} for one in found):
        msg = f"{where}: expected a list of at most {_MOST_SOURCES:,} pages with {', '.join(_PARTS)} for 'sources'"
        raise Damaged(msg)
    made = []
    for one in found:
        number, url = one.get("number"), _text(one, "url", where, _LONGEST_ADDRESS)
        if type(number) is not int or not 0 < number < 10**6 or not url.startswith(("https://", "http://")):
            msg = f"{where}: expected the number and the web address of each of its 'sources'"
            raise Damaged(msg)
        title, site, date = (
            _text({name: "", **one}, name, where, _LONGEST_ADDRESS) for name in ("title", "site", "date")
        )
        made.append(WebSource(number, title, url, site, date))
    return tuple(made)


def _text(fields: Mapping[str, Any], name: str, where: str, most: int = MOST_REPLY) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or len(value) > most:
        msg = f"{where}: expected a string of at most {most:,} characters for {name!r}"
        raise Damaged(msg)
    return value


def fill(conversation: Conversation, records: Records, guard: Guard) -> int:
    """Add the turns of ``records`` to ``conversation``, their secrets masked, and return how many were.

    Raises:
        SecretFound: the guard refuses, and there is a secret.
    """
    masked = 0

    def cleaned(text: str) -> str:
        nonlocal masked
        found = guard.clean(text, "the file")
        masked += len(found.findings)
        return found.text

    conversation.system = cleaned(records.system)
    for record in records.turns:
        events: list[Event] = [Served(model=record.model)]
        events += [ReasoningDelta(thinking)] if (thinking := cleaned(record.thinking)) else []
        turn = conversation.transcript.open(cleaned(record.question), fresh=record.fresh)
        turn.fold((*events, TextDelta(cleaned(record.answer))))
        turn.origin, turn.read_in = "imported", True
        turn.named = tuple(
            replace(one, title=cleaned(one.title), url=cleaned(one.url), site=cleaned(one.site))
            for one in record.sources
        )
        conversation.transcript.close(turn, cast("State", record.state))
    return masked
