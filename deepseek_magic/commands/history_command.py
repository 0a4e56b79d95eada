"""``%deepseek_history``: show past questions and answers from the record file. Nothing is asked or run."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from deepseek_magic.app.next_cell import noted
from deepseek_magic.errors import OptionError, QuestionError
from deepseek_magic.notebook.kernel import Kernel
from deepseek_magic.record.kept import Numbered
from deepseek_magic.record.words import words_of
from deepseek_magic.settings.home import home_path
from deepseek_magic.settings.resolve import resolve_asking
from deepseek_magic.text import counted, one_line

from . import cards, record_command
from .call import Call, Result
from .record_command import record_of

if TYPE_CHECKING:
    from deepseek_magic.app.session import Session
    from deepseek_magic.record.library import Record
    from deepseek_magic.render.front_ends import Needs

#: How many replies are shown at a time, and the most characters of each question and answer.
_SHOWN, _LONGEST = 20, 20_000
#: The characters of an answer in a plain list, and of the text before the first word that was searched.
_EXCERPT, _BEFORE = 160, 40
_AGAIN = re.compile(r"(?:([1-9]\d{0,15})\s+--again|--again[ =]\s*([1-9]\d{0,15}))")


def command(call: Call) -> Result:
    """Run ``%deepseek_history``.

    Raises:
        QuestionError: no record is configured, or nothing is found in it.
        OptionError: the line is not understood.
        ConfigurationError: the record cannot be used.
    """
    line = call.line.strip()
    again = _AGAIN.fullmatch(line)
    if again is None and any(word.startswith("--") for word in line.split()):
        msg = f"%deepseek_history: expected N --again, with the number of a question, found {one_line(line, 60)!r}"
        raise OptionError(msg)
    record = record_of(call, name := resolve_asking({}, call.config).record)
    if again:
        number = int(again[1] or again[2])
        found = record.reply(number)
        if found is None:
            msg = f"the record has no question {number}: %deepseek_history lists the newest by number"
            raise QuestionError(msg)
        return Result(show=(_again(call, found),))
    listed = _found(record, name, line, call.front_end.needs)
    return Result(show=(listed, *call.session.once(record.notes)))


def _found(record: Record, name: str, line: str, needs: Needs, said: Callable[[str], str] = str) -> cards.Card:
    """Return the newest of ``record``, the file ``name``, that hold the words of ``line``; ``said`` words our own."""
    words = words_of(line)
    newest = record.search(words, _SHOWN + 1)
    if not newest:
        unused = " ".join(record.notes).rstrip(".")
        beside = f" ({unused})" if unused else ""
        fewer = "try fewer words, or %deepseek_history without words for the newest"
        if words:
            msg = f"the record holds nothing with {one_line(line, 60)}{beside}: {fewer}"
        elif record.writes:
            msg = f"the record holds no reply yet{beside}: ask a question first"
        else:
            msg = f"{one_line(name, 120)} holds no reply{beside}: name a file that %deepseek_record export has written"
        raise QuestionError(msg)
    rest = "%deepseek_record export writes all of it" if record.writes else "the record's file holds all of it"
    return _list(newest, words, needs, said(rest))


def printed(
    session: Session, command_name: str, record: str, words: Sequence[str], older: str | None
) -> tuple[str, tuple[str, ...]]:
    """Return what ``history`` or ``record`` shows in a shell, as text, and what is to be said of the record beside.

    Args:
        session: opens the record.
        command_name: which of the two.
        record: the record file, which must be there.
        words: what stands after the command.
        older: the value of its option ``--older``, if any.

    Raises:
        QuestionError, OptionError, ConfigurationError: as for `command`, and where there is no such file.
    """
    from deepseek_magic.app.shell import in_shell  # a notebook needs none of it

    if not home_path(record).is_file():
        msg = f"there is no record {one_line(record, 120)}: name another file by --record"
        raise QuestionError(msg)
    quoted = [f'"{word}"' if " " in word and command_name == "history" else word for word in words]
    line = " ".join([*quoted, *([f"--older {older}"] if older else ())])
    if command_name == "history" and _AGAIN.fullmatch(line):
        msg = "history: --again puts a question into the next cell, which only a notebook has: leave it out"
        raise OptionError(msg)
    if older and words[:1] != ["prune"]:
        msg = "record: --older goes with prune, as in: record --record FILE prune --older 30d"
        raise OptionError(msg)
    call = Call(session, {"record": record}, Kernel(None), line)
    shown: Sequence[str | cards.Card]
    try:
        if command_name == "history":
            opened = record_of(call, record)
            shown, notes = (_found(opened, record, line, call.front_end.needs, in_shell),), opened.notes
        else:
            shown, notes = record_command.command(call).show, session.files.record(record).notes
    finally:
        session.close()
    return "\n\n".join(one if isinstance(one, str) else str(one.data["text/plain"]) for one in shown), notes


def _list(newest: Sequence[Numbered], words: Sequence[str], needs: Needs, rest: str) -> cards.Card:
    found = newest[:_SHOWN]
    if len(newest) > _SHOWN:
        title = f"The newest {_SHOWN} questions{' with these words' if words else ''}; more words find older ones:"
    else:
        title = f"{counted(len(found), 'question')}{' with these words' if words else ''}, the newest first:"
    entries = [(_line(one), _bounded(one.kept.question, rest), _bounded(one.kept.text, rest)) for one in found]
    if len(found) == 1:
        listed = [f"{entries[0][0]}\n\n{entries[0][1]}\n\n{entries[0][2]}"]
    else:
        listed = [f"{_line(one)}\n    {_excerpt(one.kept.text, words)}" for one in found]
    return cards.history(title, entries, "\n".join([title, *listed]), needs)


def _line(one: Numbered) -> str:
    kept = one.kept
    when = kept.answered[:16].replace("T", " ")
    return f"{one.number} · {when} UTC · {one_line(kept.model, 40) or 'unnamed'} · {one_line(kept.question, 100)}"


def _bounded(text: str, rest: str) -> str:
    if len(text) <= _LONGEST:
        return text
    return f"{text[:_LONGEST]}\n\n(… {len(text) - _LONGEST:,} more characters: {rest})"


def _excerpt(text: str, words: Sequence[str]) -> str:
    """Return what stands around the first of ``words`` in ``text``, on one line."""
    low = text.lower()
    place = min((at for word in words if (at := low.find(word.lower())) >= 0), default=0)
    start = max(0, place - _BEFORE) if place > _BEFORE else 0
    return one_line(f"{'… ' if start else ''}{text[start : start + 2 * _EXCERPT]}", _EXCERPT)


def _again(call: Call, found: Numbered) -> str:
    """Put the question into the next cell, where it is asked once that is run; return what is said of it."""
    question = found.kept.question
    if not question.strip():
        msg = f"the record has no words of question {found.number}: type it into a cell"
        raise QuestionError(msg)
    cell, note = noted(f"%%deepseek --raw\n{question}")
    call.kernel.set_next_cell(cell)
    masked = "it holds masked values: put them back in" if "[masked: " in question else ""
    notes = "; ".join(part for part in (note, masked) if part)
    said = f"Question {found.number} is in the next cell, as it was asked, without its options and its context."
    return f"{said} Note: {notes}." if notes else said
