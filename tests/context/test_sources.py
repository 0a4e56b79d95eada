"""The table of sources: one module each, from which all else is derived."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import deepseek_magic
from deepseek_magic.context import selectors
from deepseek_magic.context.gather import gather
from deepseek_magic.context.reader import Reader
from deepseek_magic.context.selectors import Selector
from deepseek_magic.context.sources import KINDS, SOURCES
from deepseek_magic.errors import OptionError
from deepseek_magic.guard import Guard
from deepseek_magic.notebook.running import RunningNotebook

PACKAGE = Path(deepseek_magic.__file__).parent
NEW = """
from deepseek_magic.context.source import Kind, Source

def _count(argument):
    if argument is None or not argument.isdigit():
        raise ValueError(argument)
    return int(argument)

def read(reader, count):
    from deepseek_magic.context.items import Item
    if not count:
        return "No commit went along: none is asked for."
    return [Item("commit", f"commit {number}", "a commit\\n" * 100) for number in range(count)]

COMMIT = Kind("commit", changes=5, worth=5, noun="commits")
SOURCE = Source("git", COMMIT, {"git:N": "the last N commits"}, read, _count)
"""
USED = """
import json

from deepseek_magic.app import options
from deepseek_magic.context import selectors
from deepseek_magic.context.compose import compose
from deepseek_magic.context.gather import gather
from deepseek_magic.context.items import Item
from deepseek_magic.context.reader import Reader
from deepseek_magic.guard import Guard
from deepseek_magic.notebook.running import RunningNotebook

def asked(spec):
    guard = Guard("mask", {})
    reader = Reader(RunningNotebook(None, {}), {"x": 1}, guard, tokens=9_000)
    gathered = gather("why?", reader, selectors.chosen([spec], "-c"), ["x"])
    items = gathered.items
    return gathered.notes, compose("why?", items, budget=2_000, guard=guard, marker="m0123456789abcdef").receipt

found = {
    "help": [options.help_text().count("git:N"), options.help_markdown().count("git:N")],
    "line": asked("git:6")[1].line(),
    "notes": asked("git:0")[0],
    "sent": [bool(entry.tokens) for entry in asked("git:300")[1].entries],
    "refused": selectors.refusal("-c", "gti:3"),
}
print(json.dumps(found))
"""


def printed(code: str, path: Path) -> object:
    """What ``code`` prints, as JSON, in a fresh interpreter in which the package is the one at ``path``."""
    code = f"import sys; sys.path.insert(0, {str(path)!r})\n{code}"
    return json.loads(subprocess.check_output([sys.executable, "-c", code]))


@pytest.mark.kernel
def test_a_new_selector_is_one_file(tmp_path):
    shutil.copytree(PACKAGE, tmp_path / PACKAGE.name, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / PACKAGE.name / "context" / "sources" / "git.py").write_text(NEW)
    found = printed(USED, tmp_path)
    assert found["help"] == [1, 1]
    assert found["line"].startswith("sent: commit 0, commit 1, commit 2, commit 3, 2 more commits, x · about ")
    assert found["notes"] == ["No commit went along: none is asked for."]
    assert found["sent"] == sorted(found["sent"])  # in the order of sending; the oldest are left out
    assert (found["sent"][0], found["sent"][-2]) == (False, True)
    assert "did you mean git?" in found["refused"]


@pytest.mark.kernel
def test_the_sources_are_found_in_an_archive_too(tmp_path):
    archive = shutil.make_archive(str(tmp_path / "package"), "zip", PACKAGE.parent, PACKAGE.name)
    code = (
        "import json\nfrom deepseek_magic.context import selectors, sources\n"
        "print(json.dumps([sources.__path__[0], selectors.EXPECTED]))"
    )
    place, expected = printed(code, Path(archive))
    assert place.startswith(archive)
    assert expected == selectors.EXPECTED


def test_the_table_holds_what_is_offered():
    assert {name for name, source in SOURCES.items() if source.forms} == {
        *("cells", "error", "fig", "file", "needs", "notebook", "vars")
    }
    assert list(KINDS) == ["file", "notebook", "cell", "figure", "variable", "error"]
    by_worth = sorted(KINDS, key=lambda kind: KINDS[kind].worth)
    assert by_worth == ["cell", "notebook", "variable", "file", "figure", "error"]
    for rank in ("changes", "worth"):
        assert len({getattr(kind, rank) for kind in KINDS.values()}) == len(KINDS)


@pytest.mark.parametrize(
    ("spec", "wanted"),
    [
        ("cells", [Selector("cells")]),
        ("cells:5", [Selector("cells", 5)]),
        ("cells:3-9", [Selector("cells", (3, 9))]),
        (" needs , error", [Selector("needs"), Selector("error")]),
        ("vars,file: a, b.txt ", [Selector("vars"), Selector("file", "a, b.txt")]),
        ("fig,none", [Selector("fig"), Selector("none")]),
    ],
)
def test_selectors_are_read_by_the_table(spec, wanted):
    assert selectors.read(spec) == tuple(wanted)


@pytest.mark.parametrize(
    "word",
    ["cells:", "cells:0", "cells:9-3", "cells: 5", "file", "file: ", "needs:x", "variables", "none:", "x", "Cells"],
)
def test_what_no_source_takes_is_refused(word):
    with pytest.raises(ValueError, match=r".") as caught:
        selectors.read(f"vars,{word}")
    assert str(caught.value) == word.strip()


def test_the_refusal_names_every_form_and_the_nearest():
    with pytest.raises(OptionError) as caught:
        selectors.chosen(["cels:5"], "-c")
    assert str(caught.value) == f"-c: expected {selectors.EXPECTED}, found 'cels:5'; did you mean cells?"
    with pytest.raises(OptionError, match="none cannot be combined"):
        selectors.chosen(["cells", "none"], "-c")


def file_text(path):
    reader = Reader(RunningNotebook(None, {}), {}, Guard("off", {}), tokens=9_000)
    return gather("?", reader, [Selector("file", str(path))]).items[0].text


def test_an_empty_file_says_so(tmp_path):
    (tmp_path / "empty.txt").write_text("")
    assert file_text(tmp_path / "empty.txt") == "(empty)"


def test_a_notebook_as_file_is_its_cells_without_pictures(tmp_path):
    picture = "iVBORw0KGgo" + "A" * 5_000
    cells = [
        {"cell_type": "markdown", "source": [f"# Sales\n![a](data:image/png;base64,{picture})"]},
        {
            "cell_type": "code",
            "execution_count": 3,
            "source": "df.plot()",
            "outputs": [
                {"output_type": "display_data", "data": {"image/png": picture, "text/plain": "<Figure>"}},
                {"output_type": "stream", "name": "stdout", "text": "12 rows"},
            ],
        },
        {"cell_type": "code", "source": "# deepseek: ignore\nhush = 1", "outputs": []},
    ]
    path = tmp_path / "old.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    text = file_text(path)
    assert text.splitlines()[:4] == [
        "--- 1. markdown ---",
        "# Sales",
        "![a](data:image/png;base64,(5,011 characters left out))",
        "",
    ]
    assert "df.plot()" in text
    assert "12 rows" in text
    assert not any(part in text for part in ("AAAA", "hush", "cell_type"))


def test_a_file_that_only_is_called_a_notebook_goes_along_as_text(tmp_path):
    (tmp_path / "odd.ipynb").write_text("no notebook")
    (tmp_path / "none.ipynb").write_text("")
    assert [file_text(tmp_path / name) for name in ("odd.ipynb", "none.ipynb")] == ["no notebook", "(empty)"]


def test_files_of_one_name_all_go_along(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for folder in ("a/x", "b/x", "c"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "one.csv").write_text(f"in {folder}")
    reader = Reader(RunningNotebook(None, {}), {}, Guard("off", {}), tokens=9_000)

    def titles(*paths):
        return {item.title: item.text for item in gather("?", reader, [Selector("file", path) for path in paths]).items}

    assert titles("c/one.csv", "./c/one.csv", str(tmp_path / "c/one.csv")) == {"file one.csv": "in c"}
    assert titles("a/x/one.csv", "b/x/one.csv", "c/one.csv") == {
        f"file {Path('a/x/one.csv')}": "in a/x",
        f"file {Path('b/x/one.csv')}": "in b/x",
        f"file {Path('c/one.csv')}": "in c",
    }
