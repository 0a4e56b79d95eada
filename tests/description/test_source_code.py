"""The source of functions and classes: of files and of notebook cells."""

from __future__ import annotations

import importlib.util
import linecache
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from deepseek_magic.description.source_code import class_file, class_source, function_source

SOURCE = """def outer():
    def inner(x):
        return x

    return inner


class Twice:
    first = 1


class Twice:
    second = 2


@kept
class Decorated:
    def method(self):
        return 1
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A module of this source, loaded."""
    file = tmp_path / "mirrored.py"
    file.write_text("kept = lambda cls: cls\n\n\n" + SOURCE, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("mirrored", file)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "mirrored", made)
    spec.loader.exec_module(made)
    return made


@pytest.fixture
def cell() -> Iterator[dict[str, Any]]:
    """The names that a notebook cell defines."""
    name, source = "<cell of test_source_code>", "def add(a, b):\n    return a + b\n"
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    space: dict[str, Any] = {}
    exec(compile(source, name, "exec"), space)
    yield space
    del linecache.cache[name]


def test_a_function_is_found_and_dedented(module: ModuleType) -> None:
    assert function_source(module.outer()) == "def inner(x):\n    return x"
    assert function_source(module.outer).startswith("def outer():\n    def inner(x):")


def test_a_class_is_found_with_its_decorators(module: ModuleType) -> None:
    assert class_source(module.Decorated) == ("@kept\nclass Decorated:\n    def method(self):\n        return 1")
    assert class_file(module.Decorated) == module.__file__


def test_of_a_class_that_stands_twice_the_last_counts(module: ModuleType) -> None:
    assert class_source(module.Twice) == "class Twice:\n    second = 2"


def test_a_function_of_a_cell_is_found(cell: dict[str, Any]) -> None:
    assert function_source(cell["add"]) == "def add(a, b):\n    return a + b"


def test_without_source_there_is_none() -> None:
    space: dict[str, Any] = {}
    exec(compile("def gone(): pass", "<nowhere>", "exec"), space)
    assert function_source(space["gone"]) == ""
    assert (class_source(int), class_file(int)) == ("", "")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes in this file system")
def test_a_pipe_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    space: dict[str, Any] = {}
    exec(compile("def piped(): pass", str(tmp_path / "pipe"), "exec"), space)
    assert function_source(space["piped"]) == ""
