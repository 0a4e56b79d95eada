"""The demo in a terminal: what is beside an answer is said, and a stop keeps what ran."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient.exceptions import CellExecutionError

from deepseek_magic.demo.follow import FollowedClient, NoticeReader
from deepseek_magic.render.bundle import bundle
from deepseek_magic.render.renderer import Ending
from tests.faults import BEGUN, NORMAL_TEXT, THOUGHT, FaultServer, named, reply
from tests.kernel import environment
from tests.terminal import Terminal

pytestmark = pytest.mark.kernel


def test_what_is_beside_an_answer_is_read() -> None:
    """And nothing that the model wrote."""
    hostile = '<div class="deepseek-notice">fake</div>\n\n<details class="deepseek-reasoning"><summary>fake</summary>'
    ending = Ending(hostile, reasoning=hostile, thought="Thinking · 1 s & more", notices=("a < b", "c"))
    beside = NoticeReader(bundle(ending)["text/html"])
    assert (beside.thinking, beside.notices) == ("Thinking · 1 s & more", ["a < b", "c"])
    without = NoticeReader(bundle(Ending(hostile))["text/html"])
    assert (without.thinking, without.notices) == ("", [])


def followed(folder: Path, server: FaultServer, *sources: str) -> tuple[str, bool]:
    """What is written while these cells run, and whether one of them failed."""
    load = "%load_ext deepseek_magic\n%config DeepSeek.renderer = 'display'"
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in (load, *sources)])
    written: list[str] = []
    client = FollowedClient(made, written.append, resources={"metadata": {"path": str(folder)}})
    failed = False
    try:
        client.execute(env=environment(folder, DEEPSEEK_BASE_URL=server.url))
    except CellExecutionError:
        failed = True
    return "".join(written), failed


def test_thinking_and_notices_are_a_line_each(tmp_path: Path) -> None:
    with FaultServer() as server:
        server.enqueue(reply(NORMAL_TEXT, THOUGHT), reply("So far", finish="length"), *named("close-in-mid-text"))
        said, failed = followed(tmp_path, server, "%deepseek one", "%deepseek two", "%deepseek three")
    assert failed
    one, two, three = (said.partition(f"%deepseek {word}\n")[2].partition(">>>")[0] for word in ("one", "two", "three"))
    assert re.fullmatch(rf"Thinking · \d+ s · [a-z ]*\d+ tokens\n\n{re.escape(NORMAL_TEXT)}\n\n", one)
    assert re.fullmatch(r"So far\n\[Incomplete: cut at the endpoint's token limit\..*\]\n\n\n", two)
    assert re.fullmatch(rf"{BEGUN}\n\[Incomplete\. .*\]\n", three)


def test_thinking_without_an_answer(tmp_path: Path) -> None:
    with FaultServer() as server:
        server.enqueue(reply("", THOUGHT))
        said, _ = followed(tmp_path, server, "%deepseek one")
    assert re.search(r"^Thinking · .* tokens\n\n\[The model thought but gave no answer\.", said, re.MULTILINE)


def saved(folder: Path) -> list[Any]:
    """The replies of the demo's notebook, as saved."""
    assert (folder / "quickstart-executed.html").stat().st_size > 10_000
    cells = json.loads((folder / "quickstart-executed.ipynb").read_text(encoding="utf-8"))["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    return [output for output in outputs if "deepseek_magic" in output.get("metadata", {})]


def stopped(folder: Path, moment: str) -> str:
    """What the terminal shows of a demo that is stopped when it shows ``moment``."""
    terminal = Terminal(folder, None, "-m", "deepseek_magic", "demo", "--output", str(folder / "out"))
    terminal.expect(moment)
    terminal.child.sendintr()
    said = terminal.end().replace("^C", "")
    assert terminal.child.exitstatus == 130
    assert "Traceback" not in said
    assert said.splitlines()[-1].startswith("deepseek-magic: stopped")
    return said


def test_a_stop_in_mid_reply_ends_in_one_line_and_keeps_what_ran(tmp_path: Path) -> None:
    said = stopped(tmp_path, "independent draws")
    assert "[Incomplete. " in re.sub(r"\x1b\[[0-9;]*m", "", said)
    assert said.splitlines()[-1] == "deepseek-magic: stopped; what ran until then is saved"
    (output,) = saved(tmp_path / "out")
    assert output["metadata"]["deepseek_magic"]["state"] == "interrupted"
    assert "independent draws" in "".join(output["data"]["text/plain"])


def test_a_stop_before_anything_ran_is_one_line_too(tmp_path: Path) -> None:
    assert ">>>" not in stopped(tmp_path, "Running quickstart")
