"""The benchmark of a long past measures what it says, at a hundredth of its size."""

from __future__ import annotations

import pytest

from deepseek_magic.record.database import Database
from tests.benchmarks import remembering


@pytest.mark.thorough
def test_it_measures_everything_and_judges_it():
    found, line = remembering.run(quick=True)
    names = [one.name for one in found]
    assert names[0] == "opening"
    assert names[-2:] == ["asking", "answering what is kept"]
    assert all(one.empty > 0 and one.full > 0 for one in found)
    assert line.endswith("a conversation of 5 turns")
    shown = remembering.table([remembering.Remembered("asking", 0.1, 0.31), *found[:1]], line)
    assert "NOT KEPT" in shown.splitlines()[2]


def test_the_record_is_as_large_as_it_says(tmp_path):
    """And its words are found."""
    path = tmp_path / "full.db"
    replies = remembering.filled(path, 1_000_000)
    assert path.stat().st_size >= 1_000_000
    database = Database(path)
    assert sum(database.counts().values()) == replies
    assert len(database.search(["zymurgy"], 20)) == 1
    assert len(database.search(["answer"], 20)) > 1
    database.close()
