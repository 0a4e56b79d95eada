"""The example notebooks: as they are stored, and run from top to bottom against the embedded endpoint, with no key."""

from __future__ import annotations

import functools
import json
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from deepseek_magic.demo.composing import COMPUTED, SIGNATURE
from deepseek_magic.demo.request_report import NOTICE
from deepseek_magic.guard import Guard
from tests.kernel import Kernel, environment
from tests.strict_endpoint import StrictEndpoint

pytestmark = pytest.mark.kernel


EXAMPLES = Path(__file__).parents[2] / "examples"
#: Those that ship with their answers have tests of their own.
NAMES = sorted(path.name for path in EXAMPLES.glob("*.ipynb") if path.name not in ("replay.ipynb", "class.ipynb"))
#: Those in which somebody is asked: they are run with answers.
ANSWERED = {"run.ipynb": ["y"] * 4, "mcp.ipynb": ["y"]}
RUN = [name for name in NAMES if name not in ANSWERED]
WRITTEN = [name for name in NAMES if name != "quickstart.ipynb"]
PATHS = re.compile(r"(?:^|[\s\"'(])(?:/(?:home|root|tmp|Users|var|work)/|[A-Z]:\\)", re.MULTILINE)
PASSWORD = "correct-horse-battery-staple-4711"
ASKING = re.compile(r"^(?:\w+ = )?%%?deepseek(?:_fix|_fim|_continue)?(?: (?!.*--dry-run).*)?$", re.MULTILINE)

#: What only a run in which all went well gives: texts in the outputs, and how many replies there are.
EXPECTED: dict[str, tuple[int, list[str]]] = {
    "quickstart.ipynb": (6, ["bell curve", "So far we talked about the central limit theorem"]),
    "context.ipynb": (
        6,
        [
            "`rides` goes down to -1",
            "sees 60 rides instead of 113",
            "share of all counted rides",
            "+warm_days = by_station.loc[temperature > 18]",
            "[masked: connection string]",
            "a bicycle station at Harbour with 24 docks",
        ],
    ),
    "endpoint.ipynb": (
        7,
        [
            "1 - p^2",
            "314 characters more",
            "[41]",
            "means.append(",
            "week 8 falls",
            "deepseek-v4-pro",
            "USD",
            "CostLimit",
        ],
    ),
    "structured.ipynb": (
        5,
        [
            "Lindenhof School, by 13 May 2026: 126.40, and 1 price to find out",
            "'this week'",
            "Jupiter      3  5268",
            "['articles', 'customer']",
        ],
    ),
    "tools.ipynb": (3, ["20 packets of green tea are left", "**53.55 euros**", "KeyError: 'oolong'", "coffee,6,Tue"]),
    "web.ipynb": (
        2,
        [
            "opens again on **5 June 2026** [2]",
            "1 2026-03-02 Harbour bicycle station closed for quay works",
            "2 requests to the web",
            "Rides fell by **11 %**",
            "3 results for 'works on the quay wall of Lindenhof'",
            "Works on the quay wall: timetable",
            "the web         5",
        ],
    ),
    "map.ipynb": (
        0,
        ["7 of 8 values", "accessibility", "8 values · 0 asked", "'wheelchair': 'Rollstuhl'", "double charge"],
    ),
}


@functools.cache
def running() -> dict[str, Future[Any]]:
    """All notebooks, each in a kernel of its own; most of their time is spent waiting for words to come."""
    with ThreadPoolExecutor(3) as pool:
        return {name: pool.submit(executed, name) for name in RUN}


def run(name: str) -> Any:
    """The notebook, executed."""
    return running()[name].result()


def executed(name: str) -> Any:
    """Run a notebook; the quickstart on the endpoint of its own kernel, the others on one as strict as DeepSeek."""
    notebook = nbformat.read(EXAMPLES / name, as_version=4)
    with tempfile.TemporaryDirectory() as home, StrictEndpoint(pace=0.002) as endpoint:
        shutil.copytree(EXAMPLES / "data", Path(home) / "data")
        client = NotebookClient(notebook, timeout=120, allow_errors=True, resources={"metadata": {"path": home}})
        served = {} if name == "quickstart.ipynb" else {"DEEPSEEK_BASE_URL": endpoint.url}
        client.execute(env=environment(Path(home), **served))
    return notebook


def outputs(notebook: Any) -> list[tuple[Any, Any]]:
    """Each output with its cell."""
    return [(cell, output) for cell in notebook.cells for output in cell.get("outputs", ())]


def replies(notebook: Any) -> list[Any]:
    return [output for _, output in outputs(notebook) if "deepseek_magic" in output.get("metadata", {})]


def told(output: Any) -> str:
    """What an output says, as plain text."""
    if output.output_type == "error":
        return f"{output.ename}: {output.evalue}"
    return str(output.get("text") or output.get("data", {}).get("text/plain", ""))


@pytest.mark.parametrize("name", NAMES)
def test_it_is_stored_without_outputs_secrets_or_paths(name: str) -> None:
    """As its author typed it, and no more."""
    source = (EXAMPLES / name).read_text(encoding="utf-8")
    notebook = nbformat.reads(source, as_version=4)
    nbformat.validate(notebook)
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
    assert outputs(notebook) == []
    assert all(cell.execution_count is None for cell in notebook.cells if cell.cell_type == "code")
    assert not PATHS.search("\n".join(cell.source for cell in notebook.cells))
    assert PASSWORD not in source
    guard = Guard("mask", {})
    for cell in notebook.cells:
        assert guard.clean(cell.source, "a cell").findings == (), cell.source


@pytest.mark.parametrize("name", WRITTEN)
def test_it_begins_with_what_a_reader_must_know(name: str) -> None:
    """What it is about, what it needs, and who answers."""
    notebook = nbformat.read(EXAMPLES / name, as_version=4)
    first, load, demo = notebook.cells[:3]
    assert first.source.startswith("# ")
    assert "DEEPSEEK_API_KEY" in first.source
    assert "**not a model**" in first.source
    for module in ("pandas", "matplotlib"):
        if any(f"import {module}" in cell.source for cell in notebook.cells if cell.cell_type == "code"):
            assert f"pip install {module}" in first.source
    assert load.source == "%load_ext deepseek_magic"
    assert demo.source.endswith("\n%deepseek_demo --if-no-key")


@pytest.mark.parametrize("name", RUN)
def test_every_question_is_answered_by_a_sample(name: str) -> None:
    """No cell fails but those that are meant to, and no question is one that the endpoint does not know."""
    notebook = run(name)
    failed = [cell for cell, output in outputs(notebook) if output.output_type == "error"]
    meant = [cell for cell in notebook.cells if "raises-exception" in cell.metadata.get("tags", ())]
    assert [cell.id for cell in failed] == [cell.id for cell in meant]
    count, expected = EXPECTED[name]
    found = replies(notebook)
    assert len(found) == count
    for reply in found:
        text = reply.data["text/plain"]
        assert sorted(reply.data) == ["text/html", "text/plain"]
        assert NOTICE not in text
        whole = reply.metadata["deepseek_magic"]["finish_reason"] == "stop"
        assert not whole or text.rstrip().endswith((SIGNATURE, COMPUTED, "```", "}")), text
    said = "\n".join(told(output) for _, output in outputs(notebook))
    for one in expected:
        assert one in said, one


@pytest.mark.parametrize("name", RUN)
def test_a_cell_that_asks_has_its_reply(name: str) -> None:
    for cell in run(name).cells:
        if cell.cell_type == "code" and ASKING.match(cell.source) and "--if-no-key" not in cell.source:
            assert any("data" in output for output in cell.outputs), cell.source


@pytest.mark.parametrize("name", RUN)
def test_what_ran_holds_no_secret_and_no_path_of_the_machine(name: str) -> None:
    """The tracebacks of cells that are meant to fail apart: Python writes them."""
    notebook = run(name)
    assert PASSWORD not in json.dumps(notebook)
    for _, output in outputs(notebook):
        assert output.output_type == "error" or not PATHS.search(told(output)), told(output)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("run.ipynb", ["On a dry day a station counts", "KeyError", "by_rain"]),
        ("mcp.ipynb", ["the clocks in Tokyo show **", "mcp_time_convert_time"]),
    ],
)
def test_those_that_ask_run_with_answers(name: str, expected: list[str], tmp_path: Path) -> None:
    """As somebody runs them who allows everything."""
    shutil.copytree(EXAMPLES / "data", tmp_path / "data")
    notebook, answers = nbformat.read(EXAMPLES / name, as_version=4), ANSWERED[name]
    with StrictEndpoint(pace=0.0) as endpoint, Kernel(tmp_path, DEEPSEEK_BASE_URL=endpoint.url) as kernel:
        cells = [
            kernel.run(cell.source, cell.id, answers=answers if "--tools" in cell.source else ())
            for cell in notebook.cells
            if cell.cell_type == "code"
        ]
    assert not [cell.reply for cell in cells if cell.failed]
    assert sum(len(cell.prompts) for cell in cells) == len(answers)
    said = json.dumps([cell.outputs for cell in cells])
    for one in expected:
        assert one in said
    assert NOTICE not in said
    if name == "run.ipynb":
        assert said.count("data:image/png;base64,") >= 1
        assert "groupby(rides" in cells[-1].reply["payload"][0]["text"]


def test_the_binder_has_what_the_notebooks_import() -> None:
    wanted = (EXAMPLES.parent / "binder" / "requirements.txt").read_text(encoding="utf-8").split()
    assert {"pandas", "matplotlib"} <= set(wanted)


def test_the_binder_keeps_nothing_of_a_visit(tmp_path: Path) -> None:
    """What it starts has no history file, its own folders for state, and no key but one that is typed there."""
    start = EXAMPLES.parent / "binder" / "start"
    shown = (
        "import os; print(get_ipython().history_manager.enabled, sorted(n for n in os.environ if n[:8] == 'DEEPSEEK'))"
    )
    environ = {**environment(tmp_path), "DEEPSEEK_API_KEY": "sk-left-over"}
    done = subprocess.run(
        [start, sys.executable, "-m", "IPython", "-c", shown], env=environ, capture_output=True, timeout=60, check=True
    )
    assert done.stdout.decode().strip() == "False []"
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    quickstart = (EXAMPLES / "quickstart.ipynb").read_text(encoding="utf-8")
    assert "# %deepseek_login" in quickstart
    assert "%deepseek_demo --if-no-key" in quickstart
