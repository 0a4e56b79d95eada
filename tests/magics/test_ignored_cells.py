"""What a cell marked `deepseek: ignore` says never leaves, however what was made in it is asked for."""

from __future__ import annotations

import json

import nbformat
import pytest

from tests.chat.scripted import call, calling
from tests.faults import FaultServer, reply
from tests.kernel import Kernel
from tests.magics.contexts import save

HIDDEN = """
import dataclasses, functools
def hid(a, b="classified-default"):
    "classified-docstring"
    return "classified-body"
def wrap(f):
    @functools.wraps(f)
    def wrapper(*args):
        "classified-docstring"
        return f(*args) or "classified-wrapper"
    return wrapper
def bare(f):
    def inner(x="classified-default"):
        return "classified-wrapper"
    return inner
class Plain:
    "classified-docstring"
    field = "classified-attribute"
class Full:
    "classified-docstring"
    def method(self, x="classified-default"):
        "classified-docstring"
        return "classified-body"
    @property
    def side(self): return "classified-body"
    @staticmethod
    def still(): return "classified-body"
@dataclasses.dataclass
class Data:
    "classified-docstring"
    at: int = dataclasses.field(default=1, metadata={"x": "classified-body"})
    of: str = "classified-default"
@functools.lru_cache
def cached(): return "classified-body"
async def later(): return "classified-body"
full = Full()
method = full.method
partial = functools.partial(hid, 1)
boxes = [hid, lambda: "classified-body", {"k": Full, "m": method, "p": partial}]
data = Data
"""
SEEN = """
@wrap
def seen(x): return "open-body"
@bare
def gone(x): return "open-body"
again = functools.wraps(hid)(lambda *args: "open-body")
class Child(Full):
    def own(self): return "open-body"
def fails(given):
    kept = given
    raise ValueError("open-error")
"""
NAMES = (
    *("hid", "wrap", "bare", "Plain", "Full", "Data", "cached", "later", "full", "method", "partial", "boxes", "data"),
    *("seen", "gone", "again", "Child"),
)


def wire(server: FaultServer) -> str:
    """All bodies, as they went."""
    return "\n".join(request.body.decode() for request in server.requests)


def define(kernel: Kernel, *cells: str, cell_id: str = "") -> None:
    for cell in cells:
        assert not kernel.run(cell, *([cell_id] if cell_id else [])).failed


def ask_everywhere(kernel: Kernel, server: FaultServer) -> None:
    """Ask for everything by variables, braces, context, the tools of the notebook, and the error's frames."""
    kernel.run(f"%deepseek -v {','.join(NAMES)} Go")
    kernel.run(f"%deepseek --no-memory Go {' '.join('{' + name + '}' for name in NAMES)}")
    kernel.run("%deepseek --no-memory -c vars Go")
    assert kernel.run("fails(boxes[2])").failed
    kernel.run("%deepseek --no-memory -c error Go")
    asked = [
        call(tool, json.dumps({"name": name, **more}), f"{tool}_{name}", place)
        for place, (tool, name, more) in enumerate(
            (tool, name, more)
            for tool, more in (("source_of", {}), ("inspect_value", {}), ("help_on", {}), ("head", {"rows": 3}))
            for name in NAMES
        )
    ]
    for start in range(0, len(asked), 30):
        server.enqueue(calling(*asked[start : start + 30]), reply("Done."))
        kernel.run("%deepseek --no-memory --tools notebook Go")


def test_nothing_of_a_hidden_cell_is_sent_with_what_it_made(kernel, server):
    define(kernel, f"# deepseek: ignore{HIDDEN}", SEEN)
    ask_everywhere(kernel, server)
    assert "classified" not in wire(server)
    assert "open-body" in wire(server)
    assert "source not shown: its cell is marked deepseek: ignore" in wire(server)
    assert "open-error" in wire(server)


def test_a_tag_in_the_saved_notebook_hides_as_well(kernel, server):
    define(kernel, HIDDEN, cell_id="tagged")
    define(kernel, SEEN)
    save(kernel, nbformat.v4.new_code_cell(HIDDEN, id="tagged", metadata={"tags": ["deepseek: ignore"]}))
    ask_everywhere(kernel, server)
    assert "classified" not in wire(server)
    assert "open-body" in wire(server)


@pytest.mark.parametrize("magic", ["%%capture", "%%time"])
def test_the_body_of_a_cell_magic_is_hidden_too(kernel, server, magic):
    define(kernel, f"{magic}\n# deepseek: ignore{HIDDEN}", SEEN)
    ask_everywhere(kernel, server)
    assert "classified" not in wire(server)


def test_a_cell_that_still_runs_is_hidden(kernel, server):
    define(kernel, "# deepseek: ignore\ndef hid(): return 'classified-body'\n%deepseek -v hid Go {hid}")
    assert "def hid()" in wire(server)
    assert "classified" not in wire(server)


def test_a_function_as_a_tool_is_offered_without_its_docstring(kernel, server):
    define(kernel, "# deepseek: ignore\ndef hid(x: int):\n    'classified-docstring'")
    define(kernel, "%deepseek --tools hid Go")
    assert server.requests[-1].json["tools"][0]["function"]["name"] == "hid"
    assert "classified" not in wire(server)


def test_what_is_not_hidden_any_more_is_shown(kernel, server):
    define(kernel, "# deepseek: ignore\ndef hid(): return 'classified-body'", "def hid(): return 'open-body'")
    define(kernel, "%deepseek -v hid Go")
    assert "open-body" in wire(server)


def test_a_map_over_functions_hides_their_source(kernel, server):
    define(kernel, "# deepseek: ignore\ndef hid(): return 'classified-body'", "def seen(): return 'open-body'")
    define(kernel, "%deepseek_map [hid,seen] What is {value}?")
    define(kernel, "import deepseek_magic\ndeepseek_magic.map([hid], 'And what is {value}?', show=False)")
    assert "open-body" in wire(server)
    assert "And what is function hid" in wire(server)
    assert "classified" not in wire(server)
