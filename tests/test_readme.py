"""The README says what is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from deepseek_magic.app.options import OPTIONS, help_markdown, help_text
from tests.readme import FRONT_ENDS_TABLE, front_ends_markdown

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_its_table_of_options_is_the_parsers() -> None:
    """To mend it: ``python -m tests.readme``."""
    found = re.search(r"<!-- options:.*?-->\n(.*?)\n<!-- /options -->", README, re.DOTALL)
    assert found is not None
    assert found[1] == help_markdown()


def test_its_table_of_front_ends_is_ours() -> None:
    """To mend it: as above."""
    found = FRONT_ENDS_TABLE.search(README)
    assert found is not None
    assert found[0].partition("-->\n")[2] == front_ends_markdown()


def test_help_lists_every_option() -> None:
    """Help and README come from one table."""
    for option in OPTIONS:
        assert option.flag in help_text()


def test_its_pictures_and_links_exist() -> None:
    """Every relative link leads to a file."""
    links = re.findall(r"\]\(([^)]+)\)", README)
    assert links
    for link in links:
        if "://" not in link:
            assert (ROOT / link).is_file(), link


def test_it_names_every_server_that_has_a_name() -> None:
    """What ``--base-url`` takes beside a URL."""
    from deepseek_magic.settings.servers import SERVERS

    section = README.partition("## Other servers")[2].partition("\n## ")[0]
    assert [name for name in SERVERS if name != "deepseek" and f"`{name}`" not in section] == []


def test_the_magics_it_names_exist() -> None:
    """No magic is promised that is not built."""
    from deepseek_magic.commands.table import CELL_NAMES, LINE_NAMES

    named = set(re.findall(r"%(deepseek\w*)", README))
    assert named <= {*LINE_NAMES, *CELL_NAMES}
    assert "deepseek_login" in named


def test_no_hint_names_a_package_that_is_not_published() -> None:
    """This one is installed from a clone; what others are installed for is in its own messages and pages."""
    places = [*(ROOT / "deepseek_magic").rglob("*.py"), *(ROOT / "examples").glob("*.ipynb"), *ROOT.glob("*.md")]
    assert len(places) > 200
    hint = re.compile(r"pip install (?:-\S+ )*\S*deepseek[-_]magic", re.IGNORECASE)
    assert [path.name for path in places if hint.search(path.read_text(encoding="utf-8"))] == []


def test_it_begins_with_what_to_type() -> None:
    """Clone, install, key, start; then the first question, and the picture of its reply."""
    top = README[: README.index("\n## ")]
    steps = ["git clone", 'pip install ".[lab]"', "DEEPSEEK_API_KEY", "jupyter lab", "%load_ext", "--if-no-key"]
    steps += ["%%deepseek", "streaming.gif"]
    places = [top.index(step) for step in steps]
    assert places == sorted(places)
    assert top[: places[0]].count("\n") <= 6


@pytest.mark.kernel
def test_its_tour_runs() -> None:
    """Typed as it stands, without a key, in a kernel."""
    sources = re.findall(r"```(?:python|text)\n(.*?)```", README, re.DOTALL)
    assert len(sources) == 4
    cells = [new_code_cell(source) for source in sources]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = new_notebook(cells=cells, metadata={"kernelspec": kernel})
    NotebookClient(notebook, timeout=120).execute()
    replies = [
        output for one in notebook.cells for output in one.outputs if "deepseek_magic" in output.get("metadata", {})
    ]
    assert len(replies) == 6
    assert all(reply.data["text/plain"] for reply in replies)
    assert replies[0].metadata["deepseek_magic"]["conversation"] == "main"
    assert replies[5].metadata["deepseek_magic"]["conversation"] == "chat-2"


def test_it_says_that_the_project_is_independent() -> None:
    """The name must not mislead."""
    assert "independent" in README
