"""The record file as the user sets it: what goes in, what comes out, and %deepseek_record."""

from __future__ import annotations

import json

import pytest

from deepseek_magic.app.ask import Ask, ask
from deepseek_magic.app.session import Session
from deepseek_magic.commands.call import Call
from deepseek_magic.commands.record_command import command
from deepseek_magic.errors import ConfigurationError, NotKept, OptionError, QuestionError
from deepseek_magic.notebook.kernel import Kernel
from deepseek_magic.record.library import Library
from tests.app.conftest import KEY
from tests.faults import reply

SECRET = "".join(("ghp", "_", "Zq7Wm3Rt9Lx5Vb1Nc8Hd4Jf6Gs2Kp0Ty3Ua"))


@pytest.fixture
def record(tmp_path):
    """The path of the record."""
    return tmp_path / "answers.db"


def put(session, text, record, **options):
    config = {"record": str(record), "replay": options.pop("replay", "off")}
    return ask(session, Ask(text, {"quiet": True, "no_memory": True, **options}, config))


def run(session, line, record):
    config = {"record": str(record)} if record else {}
    shown = command(Call(session, config, Kernel(None), line)).show
    return "\n".join(one if isinstance(one, str) else one.data["text/plain"] for one in shown)


def test_each_finished_reply_is_kept_for_another_kernel(session, server, record):
    """--no-memory is kept, --no-record and what was cut is not; nothing that is replayed is written again."""
    for text in ("one", "two"):
        put(session, text, record)
    put(session, "three", record, no_record=True)
    server.enqueue(reply("half", finish="length"))
    put(session, "four", record)
    other = Session({})
    other.environ = {"DEEPSEEK_BASE_URL": server.url}
    assert [put(other, text, record, replay="only").text for text in ("one", "two")] == [
        "answer to one",
        "answer to two",
    ]
    assert put(other, "one", record, replay="auto").kept == "record"
    for text in ("three", "four"):
        with pytest.raises(NotKept):
            put(other, text, record, replay="only")
    other.close()
    assert "Record answers.db: 2 replies" in run(session, "", record)
    assert len(server.requests) == 4


def test_fresh_keeps_the_new_answer(session, server, record):
    """The newest counts."""
    put(session, "one", record)
    server.enqueue(reply("another"))
    assert put(session, "one", record, replay="auto", fresh=True).text == "another"
    session.library = Library()
    assert put(session, "one", record, replay="only").text == "another"
    assert "2 replies" in run(session, "", record)


def test_neither_the_key_nor_what_was_masked_is_in_the_file(session, record):
    """The message with its context stands there as it was sent."""
    put(session, f"Why does {SECRET} fail?", record)
    held = b"".join(each.read_bytes() for each in record.parent.iterdir())
    assert b"[masked: " in held
    assert KEY.encode() not in held
    assert SECRET.encode() not in held


def test_export_import_and_a_read_only_record(session, server, record, tmp_path):
    """A teacher's file answers without a key; it is imported once."""
    for text in ("one", "two"):
        put(session, text, record)
    lines = tmp_path / "answers.jsonl"
    assert run(session, f"export {lines}", record) == f"2 replies written to {lines}."
    assert len([json.loads(line) for line in lines.read_text(encoding="utf-8").splitlines()]) == 2
    student = Session({})
    student.environ = {"DEEPSEEK_BASE_URL": server.url}
    assert put(student, "two", lines, replay="only").kept == "record"
    student.close()
    other = tmp_path / "other.db"
    assert run(session, f"import {lines}", other) == f"2 replies of 2 added from {lines}."
    assert run(session, f"import '{lines}'", other) == f"0 replies of 2 added from {lines}; 2 already there."
    with lines.open("a", encoding="utf-8") as file:
        file.write("{\n")
    assert run(session, f"import {lines}", other).endswith("; 2 already there; 1 not used: the first is not JSON.")
    with pytest.raises(QuestionError, match=r"is only read: set DeepSeek.record to a .db file"):
        run(session, "", lines)


def test_forget_and_prune(session, record):
    """By number, and by age."""
    for text in ("one", "two"):
        put(session, text, record)
    listed = run(session, "", record)
    assert [line.split()[0] for line in listed.splitlines()[-2:]] == ["2", "1"]
    assert run(session, "forget 1", record) == "Reply 1 was removed from the record."
    with pytest.raises(QuestionError, match="the record has no reply 1"):
        run(session, "forget 1", record)
    assert run(session, "prune --older 30d", record) == "0 replies older than 30 days removed from the record."
    assert run(session, "prune --older=0d", record).startswith(("0 replies", "1 reply"))


@pytest.mark.parametrize("line", ["export", "import", "drop 3"])
def test_what_is_not_understood(session, record, line):
    """One line names the words."""
    with pytest.raises(OptionError, match=r"%deepseek_record: expected export FILE.jsonl, .*, found '"):
        run(session, line, record)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("prune", "how many days, like prune --older 30d, found nothing"),
        ("prune --older x", "how many days, like prune --older 30d, found '--older x'"),
        ("forget", "the number of a reply, like forget 3, found nothing"),
        ("forget x", "the number of a reply, like forget 3, found 'x'"),
    ],
)
def test_what_a_word_expects(session, record, line, expected):
    with pytest.raises(OptionError, match=f"%deepseek_record {line.split()[0]}: expected {expected}"):
        run(session, line, record)


def test_a_home_folder_that_nobody_has(session, server, record):
    with pytest.raises(
        ConfigurationError, match=r"^~nosuchuser/x\.db: its home folder is not known: give a full path$"
    ):
        put(session, "one", "~nosuchuser/x.db")
    for word in ("export", "import"):
        with pytest.raises(ConfigurationError, match="give a full path"):
            run(session, f"{word} ~nosuchuser/x.jsonl", record)
    with pytest.raises(ConfigurationError, match="give a full path"):
        session.files.prices("~nosuchuser/prices.json")
    assert not server.requests


@pytest.mark.parametrize("word", ["export", "import"])
def test_lines_go_to_files_of_their_own_kind(session, record, word):
    """The record itself is not written over."""
    with pytest.raises(OptionError, match=f"%deepseek_record {word}: expected a file that ends in .jsonl, found"):
        run(session, f"{word} {record}", record)


def test_without_a_record(session):
    """How to get one."""
    with pytest.raises(QuestionError, match=r"there is no record: %config DeepSeek.record = 'answers.db'"):
        run(session, "", "")


def test_a_record_that_cannot_be_used_ends_a_question_before_it_is_sent(session, server, record):
    """Nothing is asked that would not be kept."""
    record.mkdir()
    with pytest.raises(ConfigurationError, match="is not a file"):
        put(session, "one", record)
    assert not server.requests


def test_a_reply_that_cannot_be_recorded_is_given_all_the_same(session, record, capsys):
    """It was paid for; the reader is told."""
    put(session, "one", record)
    session.files.record(str(record)).close()
    record.unlink()
    session.files.record(str(record))._connection.execute("DROP TABLE replies")
    assert put(session, "two", record).text == "answer to two"
    assert "This reply is not in the record: the record" in capsys.readouterr().out


def test_the_record_stays_where_it_was_first_seen(session, record, tmp_path, monkeypatch):
    """Also where the working directory changes."""
    monkeypatch.chdir(tmp_path)
    put(session, "one", "answers.db")
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path / "sub")
    put(session, "two", "answers.db")
    assert not list((tmp_path / "sub").iterdir())
    assert "2 replies" in run(session, "", "answers.db")
