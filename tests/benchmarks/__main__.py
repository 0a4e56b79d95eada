"""Measure ours beside a bare reader and a naive loop, and print one table: ``python -m tests.benchmarks``."""

from __future__ import annotations

import argparse
from pathlib import Path

from tests.benchmarks import plan, report


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a short run: every kind of row, few of each")
    parser.add_argument("--everything", action="store_true", help="each contender at each pace too (half an hour)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    arguments = parser.parse_args()
    before = report.noise()
    results = plan.run(plan.quick() if arguments.quick else plan.full(arguments.everything))
    after = report.noise()
    print(report.table(results, before, after))
    if arguments.json:
        arguments.json.write_text(report.document(results, before, after) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
