"""A record file: the replies of several kernels in one SQLite file, which survives a kill in the middle of a write."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from deepseek_magic.errors import ConfigurationError
from deepseek_magic.forks import in_child
from deepseek_magic.text import one_line

from . import searching
from .json_lines import content_of, kept_from
from .kept import Kept, Numbered
from .private_file import made_private, mounts, on_network
from .shelf import any_kept

#: The version of the tables. A newer file is refused. An older one is upgraded when it is opened, by additions only, so
#: that a kernel with an older version that has it open can go on writing replies.
SCHEMA = 4
# The application id that marks the SQLite file as ours: "DSMR".
_APPLICATION = 0x44534D52
#: Seconds to wait for another kernel that is writing.
PATIENCE = 30.0
#: How many replies are read at a time.
_PAGE = 200
_TABLE = """
CREATE TABLE IF NOT EXISTS replies (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    request TEXT NOT NULL,
    answered TEXT NOT NULL,
    model TEXT NOT NULL,
    question TEXT NOT NULL,
    text TEXT NOT NULL,
    more TEXT NOT NULL,
    checksum TEXT NOT NULL,
    UNIQUE (request, answered, checksum)
)"""
_OWN = ("table", "replies", _TABLE.strip().replace("IF NOT EXISTS ", ""))
_COLUMNS = "number, question, text, more"


class Database:
    """A record file; opened at its first use.

    Args:
        path: the path of the file.

    Attributes:
        notes: notices about the file, to be shown once after `open`.
    """

    writes = True

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._lock = threading.RLock()
        self._indexed = False
        self.notes: tuple[str, ...] = ()
        in_child(self, Database._leave_to_parent)

    def _leave_to_parent(self) -> object:
        """Drop the connection in the child of a fork: using it there would break SQLite's locks."""
        left, self._connection, self._lock = self._connection, None, threading.RLock()
        return left

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    def size(self) -> int:
        """Return its size in bytes."""
        with self._using() as connection:
            pages, size = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
            return int(pages * size)

    def open(self) -> None:
        """Open the file, and make it if there is none.

        Raises:
            ConfigurationError: others may write the file, or it is not a record of this version.
        """
        with self._using():
            pass

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            connection, self._connection = self._connection, None
            if connection is not None:
                connection.close()

    def add(self, kept: Kept) -> None:
        """Add a reply; it is in the file when this returns."""
        self.add_all([kept])

    def add_all(self, replies: Iterable[Kept]) -> int:
        """Add the ``replies`` that are not there yet, all or none; return their number."""
        with self._using() as connection, _writing(connection):
            before = connection.total_changes
            connection.executemany(
                "INSERT OR IGNORE INTO replies (request, answered, model, question, text, more, checksum) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                map(_row, replies),
            )
            added = connection.total_changes - before
            if self._indexed:
                searching.index(connection)
            return added

    def find(self, request: str, cell: str | None = "", fits: Callable[[Kept], bool] = any_kept) -> Kept | None:  # noqa: ARG002  # as theirs
        """Return the newest reply to ``request`` that ``fits``, of whatever kernel."""
        found = f"SELECT {_COLUMNS} FROM replies WHERE request = ? ORDER BY number DESC"
        with self._using() as connection, closing(connection.execute(found, (request,))) as rows:
            return next((one.kept for one in map(_numbered, rows) if one is not None and fits(one.kept)), None)

    def same(self, request: str, answered: str, text: str) -> Kept | None:
        """Return the reply that came at ``answered`` with this ``text``; ``None`` if it is not kept."""
        with self._using() as connection:
            rows = connection.execute(
                f"SELECT {_COLUMNS} FROM replies WHERE request = ? AND answered = ? AND text = ?",
                (request, answered, text.encode("utf-8", "replace").decode()),
            ).fetchall()
        return next((one.kept for one in map(_numbered, rows) if one is not None), None)

    def newest(self) -> Iterator[Kept]:
        """Yield the replies, newest first."""
        return (one.kept for one in self.numbered())

    def numbered(self) -> Iterator[Numbered]:
        """Yield the replies with their numbers, newest first, page by page."""
        below = 1 << 62
        while True:
            with self._using() as connection:
                rows = connection.execute(
                    f"SELECT {_COLUMNS} FROM replies WHERE number < ? ORDER BY number DESC LIMIT {_PAGE}",
                    (below,),
                ).fetchall()
            if not rows:
                return
            below = int(rows[-1][0])
            yield from (one for one in map(_numbered, rows) if one is not None)

    def counts(self) -> dict[str, int]:
        """Return the number of replies of each model, largest first."""
        with self._using() as connection:
            return dict(
                connection.execute("SELECT model, count(*) FROM replies GROUP BY model ORDER BY 2 DESC, 1").fetchall()
            )

    def search(self, words: Sequence[str], most: int) -> list[Numbered]:
        """Return the newest ``most`` replies that hold all of ``words`` in their questions or answers."""
        with self._using() as connection:
            while self._indexed and words and searching.is_behind(connection):
                with _writing(connection):
                    searching.index(connection)
            found = searching.numbers(connection, words, most, indexed=self._indexed)
        return [one for one in map(self.reply, found) if one is not None]

    def reply(self, number: int) -> Numbered | None:
        """Return the reply ``number``; ``None`` if there is none."""
        with self._using() as connection:
            rows = connection.execute(f"SELECT {_COLUMNS} FROM replies WHERE number = ?", (number,)).fetchall()
        return next((one for one in map(_numbered, rows) if one is not None), None)

    def forget(self, number: int) -> bool:
        """Remove reply ``number``, also from the file's free space; return whether it was there."""
        return self._deleted("number = ?", number) > 0

    def prune(self, before: str) -> int:
        """Remove the replies from before ``before``, a time in UTC; return their number."""
        return self._deleted("answered < ?", before)

    def _deleted(self, which: str, value: object) -> int:
        with self._using() as connection:
            with _writing(connection):
                if searching.exists(connection):
                    searching.take_out(connection, which, value)
                gone = connection.execute(f"DELETE FROM replies WHERE {which}", (value,)).rowcount
            if gone:
                connection.execute("VACUUM")
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return gone

    @contextmanager
    def _using(self) -> Iterator[sqlite3.Connection]:
        """Yield the connection, opened if necessary; convert SQLite's errors to ours."""
        with self._lock:
            try:
                if self._connection is None:
                    self._connection, self.notes, self._indexed = _opened(made_private(self._path))
                yield self._connection
            except sqlite3.Error as error:
                why = one_line(str(error), 80)
                msg = f"the record {self._path} cannot be used ({why}): name another file by DeepSeek.record"
                raise ConfigurationError(msg) from None


def _opened(path: Path) -> tuple[sqlite3.Connection, tuple[str, ...], bool]:
    """Return a connection to the file ``path``, notices about it, and whether its words are indexed."""
    connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
    try:
        # a file may come from anybody, so nothing in its tables may be run
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA secure_delete = ON")
        with _reading(connection):
            _check(connection, path)
        mode = _journal(connection, "DELETE" if on_network(path, mounts()) else "WAL")
        connection.execute(f"PRAGMA synchronous = {'NORMAL' if mode == 'wal' else 'FULL'}")
        with _writing(connection):
            _check(connection, path)
            connection.execute(_TABLE)
            indexed = searching.made(connection)
            connection.execute(f"PRAGMA application_id = {_APPLICATION}")
            if indexed:  # without an index, an older version can read everything in it
                connection.execute(f"PRAGMA user_version = {SCHEMA}")
    except BaseException:
        connection.close()
        raise
    slow = f"The record {path.name} lies where kernels cannot share memory: it is written with a rollback journal."
    return connection, () if mode == "wal" else (slow,), indexed


def _journal(connection: sqlite3.Connection, wanted: str) -> str:
    """Set the journal mode, retrying while others use the file; return the mode that the file has."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return str(connection.execute(f"PRAGMA journal_mode = {wanted}").fetchone()[0]).lower()
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)  # unlike writes, this change does not wait for other kernels


def _check(connection: sqlite3.Connection, path: Path) -> None:
    """Raise `ConfigurationError` if the file is neither empty nor a record of this version."""
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    own = "SELECT type, name, sql FROM sqlite_master WHERE sql NOT NULL AND name <> 'sqlite_sequence'"
    tables = connection.execute(own).fetchall()
    foreign = [one for one in tables if one != _OWN and not (one[0] == "table" and searching.is_index(*one[1:]))]
    if not tables and application == 0:
        return
    if application == _APPLICATION and version > SCHEMA:
        msg = f"the record {path} was written by a newer version of deepseek_magic: update it, or name another file"
        raise ConfigurationError(msg)
    if application != _APPLICATION or _OWN not in tables or foreign:
        msg = f"{path} is not a record: name another file by DeepSeek.record"
        raise ConfigurationError(msg)


@contextmanager
def _reading(connection: sqlite3.Connection) -> Iterator[None]:
    """Read a consistent state of the file in the block: another kernel may be making its tables."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")


@contextmanager
def _writing(connection: sqlite3.Connection) -> Iterator[None]:
    """Write everything in the block in one transaction, or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def _row(kept: Kept) -> tuple[Any, ...]:
    content = content_of(kept)
    question, text = content.pop("question", ""), content.pop("text")
    more = json.dumps(content, ensure_ascii=False)
    texts = (kept.request, kept.answered, kept.model, question, text, more, str(content["checksum"]))
    return tuple(one.encode("utf-8", "replace").decode() for one in texts)


def _numbered(row: tuple[Any, ...]) -> Numbered | None:
    """Return the reply in ``row``; ``None`` if it was changed, or written by a newer version."""
    number, question, text, more = row
    try:
        return Numbered(int(number), kept_from({**json.loads(more), "question": question, "text": text}))
    except (ValueError, TypeError, RecursionError):
        return None
