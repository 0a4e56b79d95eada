"""Ask the questions of a notebook in a process of its own, while vcrpy records what is sent.

    python -m tests.record.asked_under_vcr CASSETTE REPORT < cells

The cells are separated by lines of dashes. The report is JSON: the digest of each reply that a cell left in `reply`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import vcr
from IPython.core.interactiveshell import InteractiveShell


def main(cassette: str, report: str) -> None:
    """Run the cells of standard input."""
    shell = InteractiveShell.instance()
    shell.run_line_magic("load_ext", "deepseek_magic")
    digests = []
    with vcr.use_cassette(cassette, record_mode="all", filter_headers=["authorization"]):
        for cell in sys.stdin.read().split("\n----\n"):
            shell.user_ns.pop("reply", None)
            shell.run_cell(cell, store_history=True).raise_error()
            if "reply" in shell.user_ns:
                digests.append(shell.user_ns["reply"]._ending.metadata["deepseek_magic"]["request"])
    Path(report).write_text(json.dumps(digests), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
