"""A reader of files in a folder of its own, the text of what it reads, and a workbook."""

from __future__ import annotations

from pathlib import Path

import pandas
import pytest

from deepseek_magic.context.reader import Reader
from deepseek_magic.context.sources.file import read
from deepseek_magic.guard import Guard
from deepseek_magic.notebook.running import RunningNotebook


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reader:
    monkeypatch.chdir(tmp_path)
    return Reader(RunningNotebook(None, {}), {}, Guard("mask", {}), tokens=9_000)


def text_of(reader: Reader, path: str) -> str:
    (item,) = read(reader, path)
    assert item.kind == "file"
    return item.text


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A workbook whose one sheet has the cells A1 and A2; `holding` replaces its rows."""
    path = tmp_path / "a.xlsx"
    pandas.DataFrame({"a": [1]}).to_excel(path, sheet_name="S", index=False)
    return path
