"""Words in a record: found whatever SQLite can do, in what was written by whatever version."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepseek_magic.errors import ConfigurationError
from deepseek_magic.record import database as databases
from deepseek_magic.record import searching
from deepseek_magic.record.database import Database
from deepseek_magic.record.json_lines import Lines, write
from deepseek_magic.record.words import holds, words_of
from tests.record.test_database import KEPT

ASKED = [
    ("What is a p-value?", "The chance of *data* like these."),
    ("深度求索是什么?", "一个模型"),
    ("Über den Fluß", "100%_sure"),
    ("quote \"this\" 'n' that", "a\nb OR c NOT d*"),
]
WORDS = [
    "型",
    "什么",
    "模型",
    "ta",
    "E.",
    "ß",
    "SS",
    "re",
    "d*",
    "zq",
    "p-value",
    "LIKE these",
    "ch",
    "求索",
    "度求索是",
    "模",
    "über",
    "FLUß",
    "100%_",
    "%",
    '"this"',
    "OR c",
    "nothing",
    "a\nb",
]
needs_trigrams = pytest.mark.skipif(sqlite3.sqlite_version_info < (3, 34), reason="no trigram tokenizer")


def kept(number, question, text, **more):
    answered = f"2026-11-29T20:{number // 60:02}:{number % 60:02}Z"
    return replace(KEPT, request=f"{number:064}", question=question, text=text, answered=answered, **more, rounds=())


@pytest.fixture(params=["index", "rows"])
def database(request, tmp_path, monkeypatch):
    """A record, also on a SQLite without trigrams."""
    if request.param == "rows":
        monkeypatch.setattr(searching, "_INDEX", "CREATE VIRTUAL TABLE padded USING no_such_module(question)")
    made = Database(tmp_path / "answers.db")
    yield made
    made.close()


def texts(record, line, most=20):
    return [one.kept.question for one in record.search(words_of(line), most)]


@pytest.mark.parametrize("word", WORDS)
def test_a_word_is_found_wherever_it_stands(database, tmp_path, word):
    """In questions and answers, short or long, in any script, in capitals or not; signs of queries are signs."""
    replies = [kept(number, *asked) for number, asked in enumerate(ASKED)]
    database.add_all(replies)
    found = [one.kept.question for one in database.search([word], 20)]
    assert found == [question for question, text in reversed(ASKED) if holds(question, text, [word])]
    assert bool(found) == (word not in ("nothing", "SS", "zq"))
    write(tmp_path / "lines.jsonl", replies)
    lines = Lines(tmp_path / "lines.jsonl")
    lines.open()
    assert [one.kept.question for one in lines.search([word], 20)] == found


def test_the_newest_come_first_and_all_words_count(database):
    """Each in the question or in the answer."""
    database.add_all(kept(n, f"question {n}", "about rivers" if n % 2 else "about hills") for n in range(50))
    assert texts(database, "rivers question", 3) == ["question 49", "question 47", "question 45"]
    assert texts(database, "rivers hills") == []
    assert texts(database, '"question 7" about') == ["question 7"]
    assert texts(database, "", 2) == ["question 49", "question 48"]
    assert database.reply(1).kept.question == "question 0"
    assert database.reply(99) is None


@needs_trigrams
@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("水库", ["older 3"]),
        ("库", ["older 3"]),
        ("rivers 水库", ["older 3"]),
        ("ri 水库", ["older 3"]),
        ("水 火", []),
        ("er", ["later 299", "later 298"]),
        ("Ⅷ", ["older 5"]),
    ],
)
def test_a_short_word_of_an_old_reply_is_found_by_the_index(tmp_path, monkeypatch, line, found):
    """Not every row is read for it, nor for one that stands nowhere."""
    database = Database(tmp_path / "answers.db")
    said = {3: "about rivers and 水库", 5: "chapter ⅷ"}
    database.add_all(kept(n, f"{'older' if n < 10 else 'later'} {n}", said.get(n, "about rivers")) for n in range(300))
    rows, all_rows = [], searching._in_rows
    monkeypatch.setattr(searching, "_in_rows", lambda *given: rows.append(given[3:]) or all_rows(*given))
    assert texts(database, line, 2) == found
    assert () not in rows
    database.forget(4)
    assert "older 3" not in texts(database, line, 2)
    database.close()


SHORT = st.text('aAbBßẞςσΣµμſsSИиᎠꭰ水库\n"%', min_size=1, max_size=2)


@needs_trigrams
@settings(max_examples=60)
@given(st.lists(st.tuples(st.text('aAbBßẞςσΣµμſsSИиᎠꭰ水库\n"% ', max_size=5), SHORT), min_size=1, max_size=4), SHORT)
def test_the_index_finds_of_a_short_word_what_reading_every_row_finds(replies, word):
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute(databases._TABLE)
    assert searching.made(connection)
    for number, asked in enumerate(replies, 1):
        connection.execute("INSERT INTO replies VALUES (?, ?, '', '', ?, ?, '', '')", (number, str(number), *asked))
    searching.index(connection)
    by_index = searching.numbers(connection, [word], 9, indexed=True)  # there are fewer than nine: the index is asked
    assert by_index == searching.numbers(connection, [word], 9, indexed=False)
    connection.close()


def test_what_is_forgotten_is_not_found(database):
    """Nor what was pruned."""
    database.add_all(kept(n, f"question {n}", "rivers") for n in range(4))
    database.forget(2)
    assert texts(database, "rivers") == ["question 3", "question 2", "question 0"]
    database.prune("2026-11-29T20:00:03Z")
    assert texts(database, "rivers") == ["question 3"]
    database.add(kept(9, "later", "rivers"))
    assert texts(database, "rivers") == ["later", "question 3"]


@needs_trigrams
def test_a_record_of_the_first_version_gets_an_index(tmp_path, monkeypatch):
    """Its rows are found, and so are those that a kernel of that version, or another build, writes meanwhile."""
    path = tmp_path / "answers.db"
    with monkeypatch.context() as older:
        older.setattr(searching, "made", lambda _connection, **_how: False)
        older.setattr(databases, "SCHEMA", 1)
        first = Database(path)
        first.add_all(kept(n, f"question {n}", "rivers") for n in range(1_200))
        now = Database(path)
        older.undo()
        assert texts(now, "rivers", 2) == ["question 1199", "question 1198"]
        first.add(kept(2_000, "by the older one", "rivers"))
        now.add(kept(2_001, "by the newer one", "rivers"))
        first.add(kept(2_002, "older again", "rivers"))
        assert texts(now, "rivers", 4) == ["older again", "by the newer one", "by the older one", "question 1199"]
        connection = sqlite3.connect(path)
        assert connection.execute("PRAGMA user_version").fetchone() == (databases.SCHEMA,)
        indexed = connection.execute("SELECT count(*) FROM padded_docsize").fetchone()
        assert indexed == connection.execute("SELECT count(*) FROM replies").fetchone()
        connection.close()
    first.close()
    now.close()


def as_before(path):
    """A connection as a kernel of version 2 has it, and what it does to keep a reply and to forget one."""
    path.touch(0o600)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(databases._TABLE.strip())
    connection.execute(searching._FORMER)
    connection.execute(f"PRAGMA application_id = {databases._APPLICATION}")
    connection.execute("PRAGMA user_version = 2")
    insert = (
        "INSERT INTO replies (request, answered, model, question, text, more, checksum) VALUES (?, ?, ?, ?, ?, ?, ?)"
    )
    index = "INSERT INTO found (rowid, question, text) SELECT number, question, text FROM replies "

    def keep(number, text):
        connection.execute(insert, databases._row(kept(number, text, text)))
        connection.execute(f"{index} WHERE number > (SELECT coalesce(max(id), 0) FROM found_docsize)")

    def forget(number):
        taken = "INSERT INTO found (found, rowid, question, text) SELECT 'delete', number, question, text FROM replies "
        connection.execute(f"{taken} WHERE number = ? AND number IN (SELECT id FROM found_docsize)", (number,))
        connection.execute("DELETE FROM replies WHERE number = ?", (number,))

    return connection, keep, forget


def trigrams(connection):
    connection.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.of_this USING fts5vocab(main, padded, row)")
    connection.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.of_former USING fts5vocab(main, found, row)")
    return {row[0] for name in ("of_this", "of_former") for row in connection.execute(f"SELECT term FROM {name}")}


@needs_trigrams
def test_kernels_of_version_2_write_the_record_that_a_newer_one_has_opened(tmp_path):
    """They keep their index, and this one has all rows in its own way; what either forgets is in no index."""
    path = tmp_path / "answers.db"
    former, keep, forget = as_before(path)
    keep(1, "one qz")
    now = Database(path)
    assert texts(now, "qz") == ["one qz"]
    keep(2, "two qz")
    assert texts(now, "qz") == ["two qz", "one qz"]
    keep(3, "three wvw")
    keep(4, "four wyw")
    assert texts(now, "three") == ["three wvw"]
    forget(3)
    now.forget(4)
    assert texts(now, "qz") == ["two qz", "one qz"]
    keep(5, "five")
    assert trigrams(former) & {"wvw", "wyw", "ive"} == {"ive"}
    assert former.execute("SELECT count(*) FROM found WHERE found MATCH '\"two\"'").fetchone() == (1,)
    assert former.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    now.close()
    former.close()


@needs_trigrams
def test_a_build_without_trigrams_does_not_mark_the_index_of_version_2_as_this_one(tmp_path, monkeypatch):
    """The next build that has them makes its own."""
    path = tmp_path / "answers.db"
    former, keep, _ = as_before(path)
    keep(1, "one qz")
    with monkeypatch.context() as poor:
        poor.setattr(searching, "_INDEX", "CREATE VIRTUAL TABLE padded USING no_such_module(question)")
        without = Database(path)
        without.add(kept(2, "two qz", ""))
        assert texts(without, "qz") == ["two qz", "one qz"]
        without.close()
    assert former.execute("PRAGMA user_version").fetchone() == (2,)
    now = Database(path)
    assert texts(now, "qz") == ["two qz", "one qz"]
    assert former.execute("PRAGMA user_version").fetchone() == (databases.SCHEMA,)
    now.forget(1)
    assert "one" not in trigrams(former)
    now.close()
    former.close()


@needs_trigrams
def test_a_build_without_the_index_of_another_writes_and_reads_and_does_not_forget(tmp_path, monkeypatch):
    """What it cannot take out of the index it leaves whole, and says so."""
    path = tmp_path / "answers.db"
    full = Database(path)
    full.add(kept(1, "one", "rivers"))
    monkeypatch.setattr(searching, "made", lambda _connection, **_how: False)

    def without(connection, *_):
        raise sqlite3.OperationalError("no such module: fts5")

    poor = Database(path)
    poor.add(kept(2, "two", "rivers"))
    assert texts(poor, "rivers") == texts(full, "rivers") == ["two", "one"]
    monkeypatch.setattr(searching, "take_out", without)
    with pytest.raises(ConfigurationError, match="no such module: fts5"):
        poor.forget(1)
    assert texts(full, "rivers") == ["two", "one"]
    for one in (full, poor):
        one.close()


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE padded_more (a)",
        "CREATE TABLE padded_data (a CHECK (a > 0))",
        "CREATE TABLE padded (a)",
        "CREATE VIEW padded AS SELECT 1",
        "CREATE VIRTUAL TABLE padded USING fts5(question, text)",
        "CREATE INDEX padded_data ON replies (text)",
    ],
)
def test_a_file_with_another_index_is_no_record(tmp_path, statement):
    """Only what this package made is used."""
    path = tmp_path / "answers.db"
    made = Database(path)
    made.add(KEPT)
    made.close()
    connection = sqlite3.connect(path)
    connection.execute("DROP TABLE padded")
    connection.execute(statement)
    connection.commit()
    connection.close()
    with pytest.raises(ConfigurationError, match="is not a record"):
        Database(path).open()


@given(st.text(), st.text(), st.lists(st.text(min_size=1), max_size=3))
def test_the_index_never_asks_for_more_than_the_words(question, text, words):
    """Each trigram of a word that stands there does, too."""
    if holds(question, text, words):
        both = f"{question.lower()}\0{text.lower()}"
        for word in words:
            for trigram in searching._trigrams(word):
                assert trigram[1:-1].replace('""', '"').lower() in both or "\u0130" in word
