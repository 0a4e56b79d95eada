"""A notebook that is run, saved, and run again in new kernels: by its own outputs, and by a file that is handed out."""

from __future__ import annotations

import copy
import json
import re
import shutil
import subprocess
import sys

import nbformat
import pytest
from nbclient import NotebookClient

from deepseek_magic.record.database import Database
from deepseek_magic.record.json_lines import write
from tests.chat.scripted import call, calling
from tests.faults import FaultServer, reply
from tests.kernel import environment

CELLS = [
    "import os\n%load_ext deepseek_magic\n%config DeepSeek.record = os.environ['RECORD']",
    "rows = [1, 2, 3]\ndef look(name: str) -> str:\n    'Look.'\n    return f'{name} is 42'",
    "%deepseek What is a p-value?",
    "print(rows)",
    "%deepseek -c cells What was printed?",
    "%%deepseek --think high -v rows\nHow many are {rows}?\n\nIn **one** word?",
    "%deepseek --as json -o value Give json",
    "print(value)",
    "%deepseek --as code Print it in code.",
    "reply = %deepseek --tools look Look at it.",
    "%deepseek And then?",
    "%deepseek -t 0.5 --think off --no-memory Apart",
    "%deepseek --as df -o frame Rows in json",
    "frame",
    "topics = %deepseek_map ['a', 'b'] Name the topic of {value}",
    "print(list(topics), len(reply.text))",
    "1 / 0",
    "%deepseek -c error,vars Why so?",
]
FOOTER = re.compile(r'<(details|div) class="deepseek-footer".*?</\1>', re.DOTALL)


def answered(request):
    """An answer for each kind of question, with thinking."""
    asked = str(request.json["messages"][-1]["content"])
    if request.json.get("tools") and request.json["messages"][-1]["role"] == "user":
        return calling(call("look", '{"name": "x"}', "call_7"), text="I look.", reasoning="Let me look. ")
    if "response_format" in request.json:
        return reply('{"rows": [{"a": 1}, {"a": 2}]}' if "Rows" in asked else '{"a": [1, 2]}')
    if "in code" in asked:
        return reply("print('it')\n```\n")
    return reply(f"# Answer\n\nof {len(asked)} letters, $x^2$\n", f"thinking about {len(asked)}")


def run(notebook, folder, **environ):
    """Run ``notebook`` in a new kernel, as headless runs do, and return it with its outputs."""
    notebook = copy.deepcopy(notebook)
    for cell in notebook.cells:
        cell.outputs, cell.execution_count = [], None
    client = NotebookClient(notebook, timeout=120, allow_errors=True, resources={"metadata": {"path": str(folder)}})
    client.execute(env=environment(folder, **environ))
    return notebook


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """The notebook after its first run, which kept its answers in a record; its folder, and the server."""
    folder = tmp_path_factory.mktemp("notebook")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in CELLS])
    with FaultServer() as server:
        server.repeat(answered)
        record = folder / "answers.db"
        done = run(notebook, folder, RECORD=str(record), DEEPSEEK_BASE_URL=server.url, DEEPSEEK_API_KEY="sk-1")
        nbformat.write(done, folder / "work.ipynb")
        database = Database(record)
        write(folder / "answers.jsonl", database.newest())
        write(folder / "maps.jsonl", (one for one in database.newest() if not one.parts))
        database.close()
        yield done, folder, server


def asked_in(notebook):
    """The outputs of replies, each with its digest."""
    return [one for cell in notebook.cells for one in cell.outputs if "deepseek_magic" in one.get("metadata", {})]


def plain(notebook):
    """All outputs but for the line that says kept, and for what a map says of how much it asked."""
    made = []
    for cell in notebook.cells:
        text = json.dumps([] if "deepseek_map" in cell.source else cell.outputs, sort_keys=True)
        made.append(FOOTER.sub("", json.loads(json.dumps(text)).replace('\\"', '"')))
    return made


@pytest.mark.parametrize(("mode", "source"), [("auto", "notebook"), ("only", "record")])
def test_every_output_is_the_same_and_nothing_is_asked(first, tmp_path, mode, source):
    """From the saved file itself (a map from a record), and from lines; without a key, but for the footers."""
    done, folder, server = first
    requests = len(server.requests)
    work = tmp_path / "work.ipynb"
    shutil.copy(folder / "work.ipynb", work)
    environ = {"DEEPSEEK_BASE_URL": server.url, "DEEPSEEK_REPLAY": mode}
    if source == "notebook":
        environ |= {"JPY_SESSION_NAME": str(work), "RECORD": str(folder / "maps.jsonl")}
    else:
        environ["RECORD"] = str(folder / "answers.jsonl")
    again = run(done, tmp_path, **environ)
    assert [one for cell in again.cells for one in cell.outputs if one.output_type == "error"][1:] == []
    assert plain(again) == plain(done)
    assert len(server.requests) == requests
    footers = [FOOTER.search(one.data["text/html"])[0] for one in asked_in(again)]
    assert len(footers) == 10
    assert all(f"in the {source}" in footer and "$" not in footer for footer in footers)
    assert "1 call not run again" in footers[5]


def tampered(notebook):
    """The notebook with three replies changed by hand: a text, a model, a call's result; and one of a newer version."""
    notebook = copy.deepcopy(notebook)
    replies = asked_in(notebook)
    replies[0].data["text/plain"] = "changed"
    replies[2].metadata["deepseek_magic"]["model"] = "another"
    replies[5].metadata["deepseek_magic"]["rounds"][0][2][0][3] = "x is 43"
    replies[7].metadata["deepseek_magic"]["version"] = 2
    return notebook


def test_of_a_tampered_copy_only_what_was_changed_is_asked_again(first, tmp_path):
    """With a line that says why; the rest is as it was."""
    done, folder, server = first
    requests = len(server.requests)
    work = tmp_path / "work.ipynb"
    nbformat.write(tampered(done), work)
    environ = {"DEEPSEEK_BASE_URL": server.url, "DEEPSEEK_API_KEY": "sk-1", "DEEPSEEK_REPLAY": "auto"}
    again = run(done, tmp_path, JPY_SESSION_NAME=str(work), RECORD=str(folder / "maps.jsonl"), **environ)
    asked = asked_in(again)
    kept = ["kept since" in FOOTER.search(one.data["text/html"])[0] for one in asked]
    assert kept == [number not in (0, 2, 5, 7) for number in range(10)]
    assert len(server.requests) == requests + 5  # the one with a call takes two
    html = asked[0].data["text/html"]
    assert "3 saved replies of the notebook not used: each was changed since it was kept." in html
    assert "1 saved reply of the notebook not used: each is of a newer version." in html
    assert [one.data["text/plain"] for one in asked] == [one.data["text/plain"] for one in asked_in(done)]


@pytest.mark.slow
@pytest.mark.parametrize("tool", ["nbconvert", "papermill"])
def test_every_output_is_the_same_under(first, tmp_path, tool):
    """From a file of lines, without a key; papermill stops at an error, so that the cells with one are left out."""
    done, folder, server = first
    requests = len(server.requests)
    page = copy.deepcopy(done)
    page.cells = page.cells[:-2] if tool == "papermill" else page.cells
    page.metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(page, tmp_path / "work.ipynb")
    record = str(folder / "answers.jsonl")
    environ = environment(tmp_path, DEEPSEEK_BASE_URL=server.url, DEEPSEEK_REPLAY="only", RECORD=record)
    words = {
        "nbconvert": [
            "jupyter",
            "nbconvert",
            "--to",
            "notebook",
            "--execute",
            "--allow-errors",
            "--output",
            "out.ipynb",
        ],
        "papermill": ["papermill"],
    }[tool]
    command = [sys.executable, "-m", *words, "work.ipynb", *(["out.ipynb"] if tool == "papermill" else [])]
    ran = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stderr[-2_000:]
    again = nbformat.read(tmp_path / "out.ipynb", 4)
    assert plain(again) == plain(page)
    assert len(server.requests) == requests
    assert all("kept since" in one.data["text/html"] for one in asked_in(again))
