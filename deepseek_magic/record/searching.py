"""Search words in the questions and answers of a record, with an index of trigrams if SQLite supports it.

Source: https://www.sqlite.org/fts5.html, sections 4.3.5 (the trigram tokenizer), 4.4.3 (external content) and 5 (its
vocabulary). The index holds which row has which trigram and nothing else; each row that it names is read, and must hold
the words themselves. A word of one or two characters is the beginning of trigrams, also at the end of a text: two line
ends are indexed behind each.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from itertools import product

from .words import holds

_INDEX = (
    "CREATE VIRTUAL TABLE padded USING fts5("
    "question, text, content='replies', content_rowid='number', tokenize='trigram', detail='none')"
)
# The index of versions 2 and 3. It stays, emptied: a kernel of those that has the file open fills it again, and could
# keep no reply without it.
_FORMER = _INDEX.replace("padded", "found")
# The tables in which FTS5 keeps an index. FTS5 makes them, and they hold nothing that could be run.
_SHADOW = re.compile(
    r"CREATE TABLE '?(?:padded|found)_(?:data|idx|docsize|config)'?\((?!.*(?:CHECK|DEFAULT| AS ))[\w\s,()]*\)[\w ]*"
)
#: How many rows are indexed in one transaction: other kernels can write between two transactions.
_BATCH = 500
#: How many trigrams of one word are looked up in the index.
_TRIGRAMS = 40
#: How many rows are searched for short words before the index is used: common ones are found there at once.
_NEAREST = 100
#: Trigrams with which a short word may begin, for the index to be asked for them; more have words that most rows hold.
_BEGINNINGS = 2_000
#: The greatest character, which sorts after everything that begins with a word.
_LAST = chr(0x10FFFF)
_PADDED = "question || char(10, 10), text || char(10, 10)"
_LITERAL, _ESCAPED = re.compile("[%_~]"), r"~\g<0>"
_UNINDEXED = "number > (SELECT coalesce(max(id), 0) FROM padded_docsize)"


def is_index(name: str, made_by: str) -> bool:
    """Return whether the table ``name``, made by the statement ``made_by``, is the index or a part of it."""
    known = {"padded": _INDEX, "found": _FORMER}
    return made_by == known[name] if name in known else _SHADOW.fullmatch(made_by) is not None


def exists(connection: sqlite3.Connection, name: str = "") -> bool:
    """Return whether there is an index, or the one called ``name``, be it of another build of SQLite."""
    names = (name, name) if name else ("padded", "found")
    return bool(connection.execute("SELECT 1 FROM sqlite_master WHERE name IN (?, ?)", names).fetchall())


def made(connection: sqlite3.Connection) -> bool:
    """Return whether there is an index that this SQLite can use; it is made if there is none.

    A record without one is a record: an index of another build's is left as it is, and caught up with by that build.
    """
    try:
        if not exists(connection, "padded"):
            connection.execute(_INDEX)
        connection.execute("SELECT rowid FROM padded WHERE padded MATCH '\"abc\"' LIMIT 1").fetchall()
        _clear(connection)
    except sqlite3.OperationalError:  # without FTS5, or without its trigram tokenizer (SQLite before 3.34)
        return False
    return True


def index(connection: sqlite3.Connection) -> bool:
    """Add the next rows to the index, in an open transaction; return whether there may be more."""
    added = connection.execute(
        "INSERT INTO padded (rowid, question, text) "
        f"SELECT number, {_PADDED} FROM replies WHERE {_UNINDEXED} ORDER BY number LIMIT {_BATCH}"
    ).rowcount
    return added >= _BATCH


def is_behind(connection: sqlite3.Connection) -> bool:
    """Return whether rows are missing from the index, because a version or build without one wrote them."""
    return bool(connection.execute(f"SELECT 1 FROM replies WHERE {_UNINDEXED} LIMIT 1").fetchall())


def take_out(connection: sqlite3.Connection, which: str, value: object) -> None:
    """Remove the rows ``which`` (a condition with one ``value``) from the index, in an open transaction."""
    _clear(connection)
    if not exists(connection, "padded"):
        return
    connection.execute(
        f"INSERT INTO padded (padded, rowid, question, text) SELECT 'delete', number, {_PADDED} FROM replies "
        f"WHERE ({which}) AND number IN (SELECT id FROM padded_docsize)",
        (value,),
    )
    connection.execute(
        "INSERT INTO padded (padded) VALUES ('optimize')"
    )  # so that removed words are in no older part of the index


def _clear(connection: sqlite3.Connection) -> None:
    """Empty the index of former versions, and this one where a kernel of those took rows away: it left their words."""
    gone = {
        "found": "SELECT 1 FROM found_docsize LIMIT 1",
        "padded": "SELECT 1 FROM padded_docsize WHERE id NOT IN (SELECT number FROM replies) LIMIT 1",
    }
    for name, holds_any in gone.items():
        if exists(connection, name) and connection.execute(holds_any).fetchall():
            connection.execute(f"INSERT INTO {name} ({name}) VALUES ('delete-all')")


def numbers(connection: sqlite3.Connection, words: Sequence[str], most: int, *, indexed: bool) -> list[int]:
    """Return the numbers of the newest ``most`` replies that hold all of ``words``, newest first."""
    connection.create_function("holds", 2, lambda question, text: holds(question, text, words))
    if not indexed or not words:
        return _in_rows(connection, words, most)
    asked = [trigram for word in words for trigram in _trigrams(word)]
    short = [word for word in words if len(word) < 3]
    if not asked and len(near := _in_rows(connection, words, most, _NEAREST)) == most:
        return near
    for word in short:
        beginnings = _beginning_with(connection, word)
        if beginnings is not None and not beginnings:
            return []
        asked += [f"({' OR '.join(beginnings)})"] if beginnings else []
    if not asked:
        return _in_rows(connection, words, most)
    statement = (
        "SELECT padded.rowid FROM padded JOIN replies ON number = padded.rowid WHERE padded MATCH ? "
        "AND holds(replies.question, replies.text) ORDER BY padded.rowid DESC LIMIT ?"
    )
    return [row[0] for row in connection.execute(statement, (" AND ".join(asked), most))]


def _in_rows(connection: sqlite3.Connection, words: Sequence[str], most: int, nearest: int = 0) -> list[int]:
    """Return the same as `numbers`, by reading every row, or only the ``nearest`` ones."""
    # LIKE is fast, but ignores case only in ASCII
    alike = [f"%{_LITERAL.sub(_ESCAPED, word)}%" for word in words if word.isascii() or word.lower() == word.upper()]
    conditions = " AND ".join(
        ["(question LIKE ? ESCAPE '~' OR text LIKE ? ESCAPE '~')" for _ in alike] + ["holds(question, text)"]
    )
    rows = f"(SELECT * FROM replies ORDER BY number DESC LIMIT {nearest})" if nearest else "replies"
    statement = f"SELECT number FROM {rows} WHERE {conditions} ORDER BY number DESC LIMIT ?"
    return [row[0] for row in connection.execute(statement, (*[one for one in alike for _ in range(2)], most))]


def _beginning_with(connection: sqlite3.Connection, word: str) -> list[str] | None:
    """Return the trigrams of the index that begin with ``word``, in capitals or not; ``None`` if they are too many.

    The index has its own way with capitals: of each character it is one of these forms.
    """
    cases = [{one, one.lower(), one.upper(), one.upper().lower()} for one in word]
    if any(len(form) > 1 for forms in cases for form in forms):
        return None
    connection.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.vocabulary USING fts5vocab(main, padded, row)")
    known: list[str] = []
    for form in map("".join, product(*cases)):
        statement = f"SELECT term FROM vocabulary WHERE term >= ? AND term < ? LIMIT {_BEGINNINGS + 1}"
        known += [row[0] for row in connection.execute(statement, (form, form + _LAST))]
    return None if len(known) > _BEGINNINGS else [_quoted(one) for one in dict.fromkeys(known)]


def _trigrams(word: str) -> list[str]:
    """Return the trigrams of ``word`` to look up; none for a word of one or two characters."""
    found = dict.fromkeys(word[place : place + 3] for place in range(len(word) - 2))
    return [_quoted(one) for one in list(found)[:_TRIGRAMS]]


def _quoted(trigram: str) -> str:
    return '"{}"'.format(trigram.replace('"', '""'))
