"""The record file: what is written is there, whatever is killed; files of others are refused."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from deepseek_magic.api.events import Called, Usage
from deepseek_magic.errors import ConfigurationError
from deepseek_magic.record.database import Database
from deepseek_magic.record.kept import Kept, Round, ToolAnswer
from tests.sizes import scaled

KEPT = Kept(
    request="0" * 64,
    text="text\n",
    answered="2026-11-29T20:00:00Z",
    parts={"question": "abc"},
    thinking="thought",
    seconds=1.5,
    model="deepseek-flash",
    fingerprint="fp",
    usage=Usage(1, 2),
    rounds=(Round(2, 3, (ToolAnswer("f", "{}", "result of f", "1"),)),),
    calls=(Called("f()", "1", 0.25),),
    notes=("A note.",),
    cell="c1",
    conversation="main",
    turn=3,
    question="Why?",
    sent="context\n\nWhy?",
)


@pytest.fixture
def path(tmp_path):
    """The path of a record."""
    return tmp_path / "answers.db"


@pytest.fixture
def database(path):
    """A record that is open."""
    made = Database(path)
    yield made
    made.close()


def numbered(count, **more):
    return [replace(KEPT, request=f"{n:064}", text=f"text {n}", **more) for n in range(count)]


def test_what_is_kept_is_found_whole(database, path):
    """By another kernel, too: with thinking, calls and their results, usage, model and fingerprint."""
    database.add(KEPT)
    other = Database(path)
    assert other.find(KEPT.request) == database.find(KEPT.request) == KEPT
    assert other.find("1" * 64) is None
    other.close()


def test_the_newest_of_equal_requests_counts(database):
    """Both stay in the file; the same reply a second time does not."""
    newer = replace(KEPT, text="newer", answered="2026-11-30T20:00:00Z")
    assert [database.add_all([one]) for one in (KEPT, newer, KEPT)] == [1, 1, 0]
    assert database.find(KEPT.request) == newer
    assert list(database.newest()) == [newer, KEPT]


def test_it_is_read_page_by_page(database):
    """Newest first, over more than one page."""
    database.add_all(numbered(450))
    assert [one.kept.text for one in database.numbered()] == [f"text {n}" for n in reversed(range(450))]
    assert database.counts() == {"deepseek-flash": 450}


def test_what_is_forgotten_is_gone_from_the_bytes_of_the_file(database, path):
    """Not only from the table."""
    database.add_all(numbered(3))
    database.add(replace(KEPT, text="a secret that was said"))
    number = next(database.numbered()).number
    assert b"secret that was said" in b"".join(each.read_bytes() for each in path.parent.iterdir())
    assert database.forget(number)
    assert not database.forget(number)
    assert b"secret that was said" not in b"".join(each.read_bytes() for each in path.parent.iterdir())
    assert len(list(database.newest())) == 3


def test_what_is_old_is_pruned(database):
    """By the time of the answer."""
    database.add_all([KEPT, replace(KEPT, request="1" * 64, answered="2020-01-01T00:00:00Z")])
    assert database.prune("2026-01-01T00:00:00Z") == 1
    assert list(database.newest()) == [KEPT]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_only_the_user_reads_the_file_and_its_side_files(database, path):
    """Whatever the umask and whatever mode the file had."""
    before = os.umask(0)
    try:
        database.add(KEPT)
        names = {each.name: each.stat().st_mode & 0o777 for each in path.parent.iterdir()}
        assert names == {"answers.db": 0o600, "answers.db-wal": 0o600, "answers.db-shm": 0o600}
        database.close()
        path.chmod(0o644)
        database.open()
        assert path.stat().st_mode & 0o777 == 0o600
    finally:
        os.umask(before)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
@pytest.mark.parametrize("mode", [0o622, 0o660, 0o666])
def test_a_file_that_others_may_write_is_refused(path, mode):
    """It would be shown as answers; the message says what to do."""
    path.touch()
    path.chmod(mode)
    with pytest.raises(ConfigurationError, match=r"is refused: others may write .*answers.db; run chmod 600"):
        Database(path).open()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_so_is_a_folder_and_a_side_file(path):
    """Others could put a file of theirs in its place, or a log that is read into it."""
    side = path.with_name("answers.db-wal")
    side.touch()
    side.chmod(0o666)
    with pytest.raises(ConfigurationError, match=r"others may write .*-wal"):
        Database(path).open()
    side.unlink()
    side.symlink_to("/etc/hostname")
    with pytest.raises(ConfigurationError, match="-wal is not a file"):
        Database(path).open()
    side.unlink()
    path.parent.chmod(0o777)
    with pytest.raises(ConfigurationError, match="others may write in"):
        Database(path).open()
    path.parent.chmod(0o1777)
    Database(path).open()


def other_sqlite(path):
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE bookmarks (url TEXT)")
    connection.commit()
    connection.close()


def with_trigger(path):
    made = Database(path)
    made.add(KEPT)
    made.close()
    connection = sqlite3.connect(path)
    connection.execute("CREATE TRIGGER evil AFTER INSERT ON replies BEGIN DELETE FROM replies; END")
    connection.commit()
    connection.close()


def newer(path):
    made = Database(path)
    made.add(KEPT)
    made.close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 9")
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (other_sqlite, "is not a record: name another file"),
        (with_trigger, "is not a record: name another file"),
        (newer, "was written by a newer version of deepseek_magic"),
        (lambda path: path.write_bytes(b"no database" * 500), "cannot be used .file is not a database"),
        (Path.mkdir, "is not a file"),
    ],
)
def test_other_files_are_left_alone(path, make, why):
    """One line says what it is."""
    make(path)
    path.chmod(0o700 if path.is_dir() else 0o600)
    before = None if path.is_dir() else path.read_bytes()
    with pytest.raises(ConfigurationError, match=why):
        Database(path).open()
    assert before is None or path.read_bytes() == before


def test_a_row_that_was_changed_is_not_used(database, path):
    """Text that is not what was kept is nobody's answer."""
    database.add(KEPT)
    connection = sqlite3.connect(path)
    connection.execute("UPDATE replies SET text = 'evil'")
    connection.commit()
    connection.close()
    assert database.find(KEPT.request) is None
    assert list(database.newest()) == []


def test_threads_share_one_record(database):
    """A stream, a map and the main thread."""
    parts = [numbered(25, answered=f"2026-11-29T20:00:{second:02}Z") for second in range(4)]
    threads = [threading.Thread(target=lambda part=part: [database.add(one) for one in part]) for part in parts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(list(database.newest())) == 100


@pytest.mark.kernel
@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows does not fork")
def test_a_forked_child_opens_a_connection_of_its_own(database):
    """SQLite's locks do not survive a fork."""
    database.add(KEPT)
    child = os.fork()
    if child == 0:
        database.add(replace(KEPT, request="1" * 64))
        database.close()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    database.add(replace(KEPT, request="2" * 64))
    assert len(list(database.newest())) == 3


@pytest.mark.thorough
def test_a_record_that_another_kernel_is_making_is_opened(path, monkeypatch):
    """What is read of the file to know it is read at one time: not in part before, in part after."""
    connect, other = sqlite3.connect, Database(path)
    making = threading.Thread(target=other.add, args=(KEPT,))

    class Read:
        def __init__(self, row):
            self.fetchone = lambda: row

    class Slow(sqlite3.Connection):
        def execute(self, statement, *values):
            found = super().execute(statement, *values)
            if statement != "PRAGMA application_id" or making.ident:
                return found
            row = found.fetchone()
            found.close()
            monkeypatch.setattr(sqlite3, "connect", connect)
            making.start()
            making.join(0.5)  # where this reads at one time, the other waits for it
            return Read(row)

    monkeypatch.setattr(sqlite3, "connect", lambda *given, **more: connect(*given, factory=Slow, **more))
    late = Database(path)
    late.add(replace(KEPT, request="1" * 64))
    making.join()
    assert len(list(late.newest())) == 2
    for one in (late, other):
        one.close()


WRITER = """
import sys
from dataclasses import replace
from pathlib import Path
from deepseek_magic.record.database import Database
from tests.record.test_database import KEPT
database, name = Database(Path(sys.argv[1])), int(sys.argv[2])
for number in range(int(sys.argv[3])):
    database.add(replace(KEPT, request=f"{name:032}{number:032}", text="x" * 3000))
    print(number, flush=True)
"""


def writer(path, name, count):
    command = [sys.executable, "-c", WRITER, str(path), str(name), str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def written(path, writers, each, kills):
    """Let so many processes write, and kill one after so many replies of its own; return what each said was kept."""
    said = {}
    running = [writer(path, name, each) for name in range(writers)]
    for kill in range(kills):
        victim = writer(path, 100 + kill, 100_000)
        lines = [victim.stdout.readline() for _ in range(random.randint(1, 15))]
        victim.send_signal(signal.SIGKILL)
        lines += victim.stdout.read().split("\n")
        victim.wait()
        error = victim.stderr.read()
        assert error == "", f"victim {kill} said {lines}: {error}"
        said[100 + kill] = [int(line) for line in lines if line.strip()]
    for name, process in enumerate(running):
        out, error = process.communicate(timeout=600)
        assert process.returncode == 0, f"writer {name} said {out.split()[-3:]}: {error}"
        said[name] = [int(line) for line in out.split()]
    return said


def assert_all_there(path, said):
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    found = {row[0] for row in connection.execute("SELECT request FROM replies")}
    connection.close()
    missing = [(name, n) for name, numbers in said.items() for n in numbers if f"{name:032}{n:032}" not in found]
    assert missing == []
    assert len(found) <= sum(map(len, said.values())) + len([name for name in said if name >= 100])


@pytest.mark.kernel
@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
def test_a_kill_in_mid_write_loses_nothing_that_was_said_to_be_kept(path):
    """Three write, and others are killed: the file is whole, and holds every reply whose cell had ended."""
    assert_all_there(path, written(path, writers=2, each=40, kills=2))


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
def test_eight_kernels_and_twenty_kills(path):
    """The large size."""
    assert_all_there(path, written(path, writers=7, each=scaled(1_000), kills=20))
