"""``%deepseek_record``: what the record file holds, as lines for version control, and what of it is to be forgotten."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from deepseek_magic.app.command_words import RECORD
from deepseek_magic.errors import OptionError, QuestionError
from deepseek_magic.settings.home import home_path
from deepseek_magic.settings.misspelt import word_hint
from deepseek_magic.settings.resolve import resolve_asking
from deepseek_magic.text import as_found, counted, one_line

from . import cards
from .call import Call, Result

if TYPE_CHECKING:
    from deepseek_magic.record.database import Database
    from deepseek_magic.record.library import Record

# Replies that are listed.
_LISTED = 10
_AGE = re.compile(r"--older[ =](\d{1,5})d")


def command(call: Call) -> Result:
    """Do what ``%deepseek_record`` says.

    Raises:
        QuestionError: no record is configured, or it is only read.
        OptionError: the line is not understood.
        ConfigurationError: a file cannot be used.
    """
    word, _, rest = call.line.strip().partition(" ")
    rest = rest.strip().strip("\"'")
    database = _database(call)
    if not word:
        return Result(show=tuple(_shown(database)))
    if word == "export" and rest:
        return Result(show=(_exported(database, home_path(rest)),))
    if word == "import" and rest:
        return Result(show=(_imported(database, home_path(rest)),))
    if word == "prune":
        age = _AGE.fullmatch(rest)
        if age is None:
            found = one_line(rest, 40)
            msg = f"%deepseek_record prune: expected how many days, like prune --older 30d, found {as_found(found)}"
            raise OptionError(msg)
        before = datetime.now(timezone.utc) - timedelta(days=int(age[1]))
        gone = database.prune(f"{before:%Y-%m-%dT%H:%M:%SZ}")
        return Result(show=(f"{counted(gone, 'reply', 'replies')} older than {age[1]} days removed from the record.",))
    if word == "forget":
        if not re.fullmatch(r"[1-9]\d{0,15}", rest):
            found = one_line(rest, 40)
            msg = f"%deepseek_record forget: expected the number of a reply, like forget 3, found {as_found(found)}"
            raise OptionError(msg)
        if not database.forget(int(rest)):
            msg = f"the record has no reply {rest}: %deepseek_record lists the newest by number"
            raise QuestionError(msg)
        return Result(show=(f"Reply {rest} was removed from the record.",))
    msg = f"%deepseek_record: expected {', '.join(RECORD)}, or nothing, found {one_line(call.line.strip(), 60)!r}"
    raise OptionError(msg + word_hint(call.line, RECORD))


def record_of(call: Call, name: str) -> Record:
    """Return the record file that is configured as ``name``, open.

    Raises:
        QuestionError: none is.
        ConfigurationError: it cannot be used.
    """
    if not name:
        msg = "there is no record: %config DeepSeek.record = 'answers.db' keeps every finished reply in that file"
        raise QuestionError(msg)
    return call.session.files.record(name)


def _database(call: Call) -> Database:
    from deepseek_magic.record.database import Database  # sqlite3 is heavy

    name = resolve_asking({}, call.config).record
    record = record_of(call, name)
    if not isinstance(record, Database):
        msg = f"{one_line(name, 80)} is only read: set DeepSeek.record to a .db file, and import the lines there"
        raise QuestionError(msg)
    return record


def _shown(database: Database) -> list[str | cards.Card]:
    counts = database.counts()
    size = f"{database.size() / 1e6:,.1f} MB" if database.size() >= 1e5 else f"{database.size() / 1e3:,.0f} kB"
    title = f"Record {database.path.name}: {counted(sum(counts.values()), 'reply', 'replies')}, {size}"
    shown: list[str | cards.Card] = [cards.card(title, [(name or "unnamed", f"{n:,}") for name, n in counts.items()])]
    newest = [
        (str(one.number), one.kept.answered[:16].replace("T", " "), one.kept.model, one.kept.question)
        for one in islice(database.numbered(), _LISTED)
    ]
    if newest:
        shown.append(cards.table(("number", "answered (UTC)", "model", "question"), newest, "The newest:"))
    return shown


def _exported(database: Database, path: Path) -> str:
    from deepseek_magic.record.json_lines import write

    _check_name(path, "export")
    return f"{counted(write(path, database.newest()), 'reply', 'replies')} written to {path}."


def _imported(database: Database, path: Path) -> str:
    from deepseek_magic.record.json_lines import read
    from deepseek_magic.record.kept import Kept

    _check_name(path, "import")
    found = list(read(path))
    added = database.add_all(one for one in found if isinstance(one, Kept))
    skipped = [one for one in found if isinstance(one, str)]
    said = f"{counted(added, 'reply', 'replies')} of {len(found):,} added from {path}"
    known = len(found) - len(skipped) - added
    parts = [f"{known:,} already there"] if known else []
    parts += [f"{len(skipped):,} not used: the first {skipped[0]}"] if skipped else []
    return "; ".join([said, *parts]) + "."


def _check_name(path: Path, word: str) -> None:
    if path.suffix.lower() not in (".jsonl", ".ndjson"):
        msg = f"%deepseek_record {word}: expected a file that ends in .jsonl, found {one_line(str(path), 80)!r}"
        raise OptionError(msg)
