"""Words in the questions and answers of a record: an index of their trigrams where SQLite has one, else every row.

Source: https://www.sqlite.org/fts5.html, sections 4.3.5 (the trigram tokenizer) and 4.4.3 (external content). The index
holds which row has which trigram and nothing else; each row that it names is read, and must hold the words themselves.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence

from .words import holds

_INDEX = (
    "CREATE VIRTUAL TABLE found USING fts5("
    "question, text, content='replies', content_rowid='number', tokenize='trigram', detail='none')"
)
# What FTS5 keeps an index in; the tables are made by it and say nothing that could be run.
_SHADOW = re.compile(
    r"CREATE TABLE '?found_(?:data|idx|docsize|config)'?\((?!.*(?:CHECK|DEFAULT| AS ))[\w\s,()]*\)[\w ]*"
)
#: Rows that are taken into the index in one transaction: other kernels write between two of them.
_BATCH = 500
#: Trigrams of one word that the index is asked for.
_TRIGRAMS = 40
_LITERAL, _ESCAPED = re.compile("[%_~]"), r"~\g<0>"
_UNINDEXED = "number > (SELECT coalesce(max(id), 0) FROM found_docsize)"


def is_index(name: str, made_by: str) -> bool:
    """Return whether the table ``name``, ``made_by`` this statement, is the index or a part of it."""
    return made_by == _INDEX if name == "found" else _SHADOW.fullmatch(made_by) is not None


def exists(connection: sqlite3.Connection) -> bool:
    """Return whether there is an index, be it of another build of SQLite."""
    return bool(connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'found'").fetchall())


def made(connection: sqlite3.Connection) -> bool:
    """Return whether there is an index that this SQLite can use; it is made where there is none.

    A record without one is a record: an index of another build's is left as it is, and caught up with by that build.
    """
    try:
        if not exists(connection):
            connection.execute(_INDEX)
        connection.execute("SELECT rowid FROM found WHERE found MATCH '\"abc\"' LIMIT 1").fetchall()
    except sqlite3.OperationalError:  # without FTS5, or without its trigram tokenizer (SQLite before 3.34)
        return False
    return True


def index(connection: sqlite3.Connection) -> bool:
    """Take the next rows into the index, in a transaction that is open; return whether there may be more."""
    added = connection.execute(
        "INSERT INTO found (rowid, question, text) "
        f"SELECT number, question, text FROM replies WHERE {_UNINDEXED} ORDER BY number LIMIT {_BATCH}"
    ).rowcount
    return added >= _BATCH


def is_behind(connection: sqlite3.Connection) -> bool:
    """Return whether there are rows that are not in the index: those of a version, or a build, that has none."""
    return bool(connection.execute(f"SELECT 1 FROM replies WHERE {_UNINDEXED} LIMIT 1").fetchall())


def take_out(connection: sqlite3.Connection, which: str, value: object) -> None:
    """Take the rows ``which`` (a condition with one ``value``) out of the index, in a transaction that is open."""
    connection.execute(
        "INSERT INTO found (found, rowid, question, text) SELECT 'delete', number, question, text FROM replies "
        f"WHERE ({which}) AND number IN (SELECT id FROM found_docsize)",
        (value,),
    )
    connection.execute("INSERT INTO found (found) VALUES ('optimize')")  # so that what is gone is in no older part


def numbers(connection: sqlite3.Connection, words: Sequence[str], most: int, *, indexed: bool) -> list[int]:
    """Return the numbers of the newest ``most`` replies that hold all of ``words``, the newest first."""
    connection.create_function("holds", 2, lambda question, text: holds(question, text, words))
    asked = [trigram for word in words for trigram in _trigrams(word)] if indexed else []
    if asked:
        statement = (
            "SELECT found.rowid FROM found JOIN replies ON number = found.rowid WHERE found MATCH ? "
            "AND holds(replies.question, replies.text) ORDER BY found.rowid DESC LIMIT ?"
        )
        return [row[0] for row in connection.execute(statement, (" AND ".join(asked), most))]
    # LIKE is quick and knows capitals of ASCII only
    alike = [f"%{_LITERAL.sub(_ESCAPED, word)}%" for word in words if word.isascii() or word.lower() == word.upper()]
    conditions = " AND ".join(
        ["(question LIKE ? ESCAPE '~' OR text LIKE ? ESCAPE '~')" for _ in alike] + ["holds(question, text)"]
    )
    statement = f"SELECT number FROM replies WHERE {conditions} ORDER BY number DESC LIMIT ?"
    return [row[0] for row in connection.execute(statement, (*[one for one in alike for _ in range(2)], most))]


def _trigrams(word: str) -> list[str]:
    """Return what the index is asked for; nothing of a word of one or two characters."""
    found = dict.fromkeys(word[place : place + 3] for place in range(len(word) - 2))
    return ['"{}"'.format(one.replace('"', '""')) for one in list(found)[:_TRIGRAMS]]
