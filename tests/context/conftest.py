"""A reader of files in a folder of its own, and the text of what it reads."""

from __future__ import annotations

from pathlib import Path

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
