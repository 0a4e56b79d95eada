"""The values of a map in a record: kept as they are answered, found by another kernel, never asked twice."""

from __future__ import annotations

import json
import sqlite3

import pytest

from deepseek_magic.app.mapping import Wanted, map_values
from deepseek_magic.app.session import Session
from deepseek_magic.batch.values import Values
from deepseek_magic.errors import NotKept
from deepseek_magic.record.json_lines import write
from deepseek_magic.render.progress import no_bar
from tests.batch.asking import KEY
from tests.faults import reply

PROMPT = "Name the topic of {value}"


@pytest.fixture
def record(tmp_path):
    """The path of a record."""
    return tmp_path / "answers.db"


class Kernel:
    """A kernel that maps with a record."""

    def __init__(self, server, record, *, with_key=True):
        self.session = Session({"DEEPSEEK_BASE_URL": server.url, **({"DEEPSEEK_API_KEY": KEY} if with_key else {})})
        self.record, self.said = record, []

    def map(self, values, replay="off", *, schema=None, fresh=False, **options):
        """Map ``values``."""
        wanted = Wanted(PROMPT, {"replay": replay, **options}, schema, fresh=fresh)
        config = {"record": str(self.record)}
        mapped = map_values(self.session, config, Values(values), wanted, progress=no_bar, say=self.said.append)
        self.session.close()
        return mapped


def answered(request):
    """The last word in capitals, as text or as JSON."""
    word = request.json["messages"][-1]["content"].rsplit(" ", 1)[-1].upper()
    return reply(json.dumps({"topic": word}) if "response_format" in request.json else word)


@pytest.fixture
def asked(server, record):
    """A server, and a record of three values."""
    server.repeat(answered)
    assert list(Kernel(server, record).map(["a", "b", "a", None, "c"])) == ["A", "B", "A", None, "C"]
    assert len(server.requests) == 3
    return server


def test_another_kernel_finds_what_is_kept(asked, record):
    """Without a key; equal values, missing ones and the order are as before."""
    again = Kernel(asked, record, with_key=False).map(["c", "a", None], "only")
    assert list(again) == ["C", "A", None]
    assert again.asked == 0
    assert len(asked.requests) == 3


def test_auto_asks_only_for_what_is_not_kept(asked, record):
    """And keeps it."""
    assert list(Kernel(asked, record).map(["a", "d"], "auto")) == ["A", "D"]
    assert len(asked.requests) == 4
    assert list(Kernel(asked, record).map(["d"], "only")) == ["D"]
    assert sqlite3.connect(record).execute("SELECT count(*) FROM replies").fetchone() == (4,)


def test_only_counts_what_is_missing_and_asks_nothing(asked, record):
    """In one line."""
    with pytest.raises(NotKept, match=r"^not asked \(--replay only\): 2 values of 3 not kept in a record; --"):
        Kernel(asked, record).map(["a", "x", "y"], "only")
    with pytest.raises(NotKept, match="1 value of 1 not kept"):
        Kernel(asked, record).map(["a"], "only", temperature=0.5)
    assert len(asked.requests) == 3


def test_off_fresh_and_no_record(asked, record):
    """Off and fresh ask; what is not to be kept is not written."""
    Kernel(asked, record).map(["a"])
    Kernel(asked, record).map(["a"], "auto", fresh=True)
    Kernel(asked, record).map(["n"], no_record=True)
    assert len(asked.requests) == 6
    with pytest.raises(NotKept):
        Kernel(asked, record).map(["n"], "only")


def test_values_are_made_again_by_the_schema(server, record):
    """From their text; what does not fit today's schema is asked for again."""
    server.repeat(answered)
    schema = {"type": "object", "properties": {"topic": {"type": "string"}}, "required": ["topic"]}
    first = Kernel(server, record).map(["a", "b"], schema=schema)
    again = Kernel(server, record, with_key=False).map(["a", "b"], "only", schema=schema)
    assert list(again) == list(first) == [{"topic": "A"}, {"topic": "B"}]
    with pytest.raises(NotKept):
        Kernel(server, record).map(["a"], "only")


def test_lines_answer_a_map_too(asked, record, tmp_path):
    """A file that is handed out."""
    kernel = Kernel(asked, record)
    lines = tmp_path / "answers.jsonl"
    write(lines, kernel.session.files.record(str(record)).newest())
    assert list(Kernel(asked, lines, with_key=False).map(["a", "b", "c"], "only")) == ["A", "B", "C"]
    kernel.session.close()


def test_what_was_answered_in_this_kernel_needs_no_record(asked, record):
    """The memory comes first."""
    kernel = Kernel(asked, record)
    kernel.map(["m"], no_record=True)
    assert list(kernel.map(["m"], "only")) == ["M"]


def test_a_record_that_fails_costs_no_answer(asked, record):
    """It is said once."""
    kernel = Kernel(asked, record)
    kernel.session.files.record(str(record))._connection.execute("DROP TABLE replies")
    assert list(kernel.map(["x", "y"])) == ["X", "Y"]
    assert [line for line in kernel.said if "not in the record" in line] == kernel.said[-1:]
