"""What the kernel itself completes in calls of our magics: ours and nothing else, and elsewhere nothing of ours."""

from __future__ import annotations

import pytest

from deepseek_magic.api.catalogue import MODELS
from deepseek_magic.app.options import FIX_OPTIONS, MAP_OPTIONS, OPTIONS, options_at
from tests.kernel import Kernel

FLAGS = [option.flag for option in OPTIONS]
SOURCES = ["cells", "error", "fig", "needs", "notebook", "vars", "none", "file:"]
LEVELS = ["off", "low", "high", "max"]
NAMES = ["df", "scores", "shout", "Row"]
# A cell with the cursor at |, what is replaced, and what is offered.
OURS = [
    ("%deepseek --|", "--", FLAGS),
    ("%deepseek |", "", FLAGS),
    ("%%deepseek --|", "--", FLAGS),
    ("%%deepseek --|\nwhat is it?", "--", FLAGS),
    ("# a note\n%%deepseek --|", "--", FLAGS),
    ("x = %deepseek --|", "--", FLAGS),
    ("x = y = %deepseek --|", "--", FLAGS),
    ("for n in (1, 2):\n    x = %deepseek --|", "--", FLAGS),
    ("%deepseek --th|", "--th", ["--think"]),
    ("%deepseek --new -s 'be brief' --th|", "--th", ["--think"]),
    ("%deepseek_map --|", "--", [option.flag for option in MAP_OPTIONS]),
    ("%deepseek_map df.a --|", "--", [option.flag for option in MAP_OPTIONS]),
    ("%%deepseek_map df.a --j|", "--j", ["--jobs"]),
    ("%deepseek_map s|", "s", ["scores", "shout"]),
    ("%deepseek_fix --|", "--", [option.flag for option in FIX_OPTIONS]),
    ("%deepseek_continue --|", "--", [option.flag for option in options_at("continue")]),
    ("%%deepseek_fim --|", "--", [option.flag for option in options_at("fim")]),
    ("%deepseek_login --|", "--", ["--save", "--forget"]),
    ("%deepseek_demo o|", "o", ["off"]),
    ("%deepseek_chat p|", "p", ["pick", "plots"]),
    ("%deepseek_chat und|", "und", ["undo"]),
    ("%deepseek --think |", "", LEVELS),
    ("%deepseek --think=|", "", LEVELS),
    ("%deepseek --think h|", "h", ["high"]),
    ("%deepseek --as |", "", ["text", "code", "json", "df"]),
    ("%deepseek -c |", "", SOURCES),
    ("%%deepseek -c |", "", SOURCES),
    ("%deepseek --context=c|", "c", ["cells"]),
    ("%deepseek -c cells,v|", "v", ["vars"]),
    ("%deepseek -c file:sal|", "file:sal", ["file:sales.csv"]),
    ("%deepseek -c vars,file:data/|", "file:data/", ["file:data/may.csv"]),
    ("%deepseek -m |", "", list(MODELS)),
    ("%deepseek -m deepseek-fl|", "deepseek-fl", ["deepseek-flash"]),
    ("%deepseek -v |", "", NAMES),
    ("%deepseek -v df,s|", "s", ["scores", "shout"]),
    ("%deepseek --chat |", "", ["main", "plots"]),
    ("%deepseek -o d|", "d", ["df"]),
    ("%deepseek --tools |", "", ["shout", "Row", "notebook", "run"]),
    ("%deepseek --compare deepseek-flash,deepseek-v4-p|", "deepseek-v4-p", ["deepseek-v4-pro"]),
    ("%deepseek --compare think=|", "", LEVELS),
    ("%deepseek --compare think=off,h|", "h", ["high"]),
    ("%deepseek --replay |", "", ["auto", "only", "off"]),
    ("%deepseek --web --ro|", "--ro", ["--rounds"]),
    ("%deepseek --bg --no-r|", "--no-r", ["--no-record"]),
    ("%deepseek --profile w|", "w", ["work"]),
    ("%deepseek_map scores --when |", "", ["now", "off-peak"]),
    ("%deepseek_history |", "", ["--again"]),
    ("%deepseek_record |", "", ["export", "import", "prune", "forget"]),
    ("%deepseek_record import data/|", "data/", ["data/may.csv"]),
    ("%deepseek_jobs |", "", ["list", "stop", "wait"]),
    ("%deepseek_doctor --|", "--", ["--stream", "--yes", "--json"]),
    ("%deepseek_code |", "", ["--ran"]),
    ("x = %deepseek_search --|", "--", ["--help"]),
    ("%deepseek_fetch --|", "--", ["--help"]),
    ("%deepseek_tools --|", "--", ["--help"]),
    ("%deepseek --schema |", "", ["Row"]),
    ("%deepseek --base-url ol|", "ol", ["ollama"]),
    ("%deepseek what is in {d|", "d", ["df"]),
    ("%%deepseek\nwhat is\nin {sc|", "sc", ["scores"]),
    ("%%deepseek_map df.a\nSay {|", "", ["value}"]),
    # what IPython completes itself
    ("%deepseek what is {df.pri|", "pri", ["price"]),
    ("%deepseek_map df.pri|", "pri", ["price"]),
    ("%deepseek_map df.a -o df.pri|", "pri", ["price"]),
]
OTHERS = [
    "%%timeit --|",
    "%time --|",
    "%%writefile a.py\n%deepseek --|",
    "x = 1 --|",
    "print('%deepseek --|",
    "# %deepseek --|",
    "%deepseek what is --th|",
    "%%deepseek\nwhat is --th|",
    "in {d|",
    "dictionary = {s|",
]


@pytest.fixture(scope="module")
def completing(kernel: Kernel) -> Kernel:
    """A kernel with a few names, files and conversations."""
    kernel.fresh("http://127.0.0.1:9")
    kernel.quietly("get_ipython().reset(new_session=True)")
    kernel.quietly(
        "import pandas as pd\ndf = pd.DataFrame({'a': [1], 'price': [2]})\nscores = [1]\n"
        "def shout(x): return x\nclass Row: pass\n"
        "get_ipython().run_line_magic('deepseek_chat', 'plots')\n"
    )
    (kernel.home / "data").mkdir()
    for name in ("sales.csv", "data/may.csv"):
        (kernel.home / name).touch()
    profiles = kernel.home / ".config" / "deepseek-magic" / "profiles.toml"
    profiles.parent.mkdir(parents=True, exist_ok=True)
    profiles.touch(mode=0o600)
    profiles.write_text('[work]\nmodel = "deepseek-flash"\n')
    return kernel


def completed(kernel: Kernel, cell: str) -> tuple[str, list[str]]:
    """What is replaced, and what is offered, where ``cell`` has the cursor at the bar."""
    before, _, after = cell.partition("|")
    content = kernel.client.complete(before + after, len(before), reply=True, timeout=120)["content"]
    return before[content["cursor_start"] :], content["matches"]


def test_the_kernel_completes_what_is_ours_and_nothing_else_there(completing: Kernel) -> None:
    found = {cell: completed(completing, cell) for cell, _, _ in OURS}
    assert found == {cell: (typed, matches) for cell, typed, matches in OURS}


def test_elsewhere_nothing_of_ours_is_offered(completing: Kernel) -> None:
    for cell in OTHERS:
        _, matches = completed(completing, cell)
        assert not {*FLAGS, "cells", "file:", "value}"} & {*matches}, cell
