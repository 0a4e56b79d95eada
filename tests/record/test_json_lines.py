"""Replies as lines: a stable order, all of a reply, and what is said of lines that are not used."""

from __future__ import annotations

import json
import os
from dataclasses import replace

import pytest
from hypothesis import given

from deepseek_magic.errors import ConfigurationError
from deepseek_magic.record.json_lines import Lines, dumped, kept_from, read, write
from deepseek_magic.record.kept import Kept
from tests.record.test_database import KEPT
from tests.record.test_kept import kept_replies


@given(kept=kept_replies())
def test_a_line_holds_all_of_a_reply(kept):
    """And is one line, whatever the reply holds."""
    kept = replace(kept, question="Why?\u2028\n", sent="x\nWhy?", cell="c", conversation="main", turn=2)
    line = dumped(kept)
    assert "\n" not in line
    assert "\u2028" not in line
    assert kept_from(json.loads(line)) == kept


def test_the_order_of_lines_is_that_of_the_answers(tmp_path):
    """Whatever the order of writing: a file in version control changes only where a reply does."""
    replies = [replace(KEPT, answered=f"2026-11-2{day}T00:00:00Z", request=f"{day:064}") for day in range(5)]
    for name, some in (("a", replies), ("b", [*reversed(replies), replies[0]])):
        assert write(tmp_path / name, some) == 5
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert list(read(tmp_path / "a")) == replies


def test_what_one_reads_first_stands_first():
    """When, who, what was asked, and what was answered."""
    assert list(json.loads(dumped(KEPT)))[:5] == ["version", "answered", "model", "question", "text"]


def test_lines_that_are_not_used_say_why(tmp_path):
    """Each for itself; the others count."""
    path = tmp_path / "answers.jsonl"
    lines = [dumped(KEPT), "{", "[]", dumped(KEPT).replace("Why", "How"), dumped(KEPT).replace('"text', '"evil'), ""]
    path.write_text("\n".join([*lines, "[" * 100_000]), encoding="utf-8")
    found = list(read(path))
    assert found[0] == KEPT
    assert [one if isinstance(one, str) else one.question for one in found[1:]] == [
        *("is not JSON", "is of another version", "How?", "was changed since it was kept"),
        "has a form that is not known",
    ]


def test_a_file_of_lines_is_a_record_that_is_only_read(tmp_path):
    """It is read again when it has changed, and never written."""
    path = tmp_path / "answers.jsonl"
    write(path, [KEPT])
    path.write_text(path.read_text(encoding="utf-8") + "{\n", encoding="utf-8")
    before = path.read_bytes()
    record = Lines(path)
    record.open()
    assert record.find(KEPT.request) == KEPT
    assert record.notes == ("1 line of answers.jsonl not used: each is not JSON.",)
    record.add(replace(KEPT, request="1" * 64))
    assert path.read_bytes() == before
    write(path, [replace(KEPT, request="1" * 64)])
    os.utime(path, ns=(1, 1))
    record.open()
    assert record.find(KEPT.request) is None
    assert [one.request for one in record.newest()] == ["1" * 64]


def test_a_file_that_is_not_there_is_said(tmp_path):
    """With what to do."""
    with pytest.raises(ConfigurationError, match=r"cannot be read \(No such file .* as %deepseek_record export writes"):
        Lines(tmp_path / "answers.jsonl").open()
    with pytest.raises(ConfigurationError, match="cannot be written"):
        write(tmp_path / "no" / "answers.jsonl", [KEPT])


def test_a_plain_reply_is_a_short_line():
    """What is empty is left out."""
    plain = Kept("0" * 64, "text", "2026-11-29T20:00:00Z", model="m", question="Why?", sent="Why?")
    assert len(dumped(plain)) < 300
