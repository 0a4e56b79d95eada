"""The digest against an independent oracle: bodies as vcrpy records them, in two processes that remember nothing."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.chat.scripted import call, calling
from tests.faults import FaultServer, reply

pytestmark = pytest.mark.kernel  # shells, each a process

#: What differs from run to run though nothing was changed, in a body as it was recorded.
RUN_TO_RUN = (
    (re.compile(r"m[0-9a-f]{16}"), "marker"),
    (re.compile(r" at 0x[0-9a-f]+(?=>)"), ""),
    (re.compile(r"(?<=\bcell )\[\d+\]"), "[]"),
    (re.compile(r"(?<=\[masked: password) \d+(?=\])"), ""),
    (re.compile(r"\bcall_of_run_\d+\b"), "call"),
    (re.compile(r'"reasoning_content": ?"[^"]*"'), "reasoning"),
)
CELLS = """\
class Thing: pass
def look(name: str) -> str:
    "Look at a name."
    return f"{name} is 42"
rows = [1, 2, 3]
print(Thing())
----
reply = %deepseek What is a p-value?
----
reply = %deepseek And of -c cells what?
----
reply = %deepseek -c cells What is printed?
----
reply = %deepseek -v rows How many? {rows}
----
password = "Correct-Horse-9-Battery"
print("password =", password)
----
reply = %deepseek -c cells:1 Is it good?
----
reply = %deepseek --tools look Look at it.
----
reply = %deepseek And now?
----
reply = %deepseek --as code Print it.
----
reply = %deepseek --no-memory -t 0.5 --think off Same?
"""
CHANGED = CELLS.replace("rows = [1, 2, 3]", "rows = [1, 2, 4]").replace("-t 0.5", "-t 0.6")


def run(cells: str, folder: Path, name: str, run_number: int) -> tuple[list[str], list[str]]:
    """Run ``cells`` in a process of its own; return the digests, and the first body of each question, neutralised."""

    def answered(request):
        thought = f"thinking of run {run_number}"
        if request.json.get("tools") and request.json["messages"][-1]["role"] != "tool":
            return calling(call("look", '{"name": "x"}', f"call_of_run_{run_number}"), reasoning=thought)
        return reply(f"print({len(request.json['messages'])})", thought)

    with FaultServer() as server:
        server.repeat(answered)
        subprocess.run(
            [sys.executable, "-m", "tests.record.asked_under_vcr", f"{folder / name}.yaml", f"{folder / name}.json"],
            input=cells,
            text=True,
            check=True,
            timeout=120,
            env={**os.environ, "DEEPSEEK_BASE_URL": server.url, "DEEPSEEK_API_KEY": "sk-1", "IPYTHONDIR": str(folder)},
        )
    recorded = yaml.safe_load((folder / f"{name}.yaml").read_text(encoding="utf-8"))["interactions"]
    bodies = [one["request"]["body"] for one in recorded]
    first = [body for body in bodies if json.loads(body)["messages"][-1]["role"] != "tool"]
    return json.loads((folder / f"{name}.json").read_text(encoding="utf-8")), list(map(neutralised, first))


def neutralised(body: str) -> str:
    for pattern, word in RUN_TO_RUN:
        body = pattern.sub(word, body)
    return body


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """The questions asked once, again in another kernel (later, with another secret before), and with two changes."""
    folder = tmp_path_factory.mktemp("runs")
    again = "%deepseek --no-memory password = 'Staple-7-Zebra-Cloud'\n----\n" + CELLS
    return [run(cells, folder, f"run{n}", n) for n, cells in enumerate((CELLS, again, CHANGED))]


def test_digests_agree_exactly_where_the_bodies_do(runs):
    """Question by question, in each pair of runs."""
    questions = len(runs[0][0])
    assert questions == 9
    for one in runs:
        for other in runs:
            digests = zip(one[0], other[0], strict=True)
            bodies = zip(one[1][-questions:], other[1][-questions:], strict=True)
            agree = [
                (first == second, body == again) for (first, second), (body, again) in zip(digests, bodies, strict=True)
            ]
            assert all(digest == body for digest, body in agree), agree


def test_a_second_kernel_asks_the_same_and_a_change_shows_where_it_goes_along(runs):
    """From the first question that holds the changed value on, since the later ones hold that question."""
    first, again, changed = (digests for digests, _ in runs)
    assert first == again
    assert [one == other for one, other in zip(first, changed, strict=True)] == [True] * 2 + [False] * 6 + [False]
