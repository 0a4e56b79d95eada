"""What running a notebook again costs: ``python -m tests.benchmarks.again``.

A notebook of ten questions and a map, whose answers are kept in its file and in a record, is run beside one with its
own work only: the same kernel, extension, values and libraries, and no question. The difference is to be at most one
second on a machine that does nothing else; on a busy one the seconds of the processor tell more. What Python compiles
of the modules is kept between the runs, as an installed package has it.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from tests.faults import FaultServer
from tests.magics.test_replay import CELLS, answered, run

#: Seconds that the answers may take.
LIMIT = 1.0
# Cells that neither ask nor need an answer; a table is read by pandas whoever makes it.
_OWN = [*CELLS[:2], "print(rows)", "import pandas", "1 / 0"]
_WORKED = "import time\nprint(time.process_time())"


@dataclass(frozen=True, slots=True)
class Again:
    """Medians in seconds of the notebook's own work and of the notebook with its kept answers: all of them, and those
    of the processor in the kernel; and how many requests were made.
    """

    own: tuple[float, float]
    kept: tuple[float, float]
    asked: int


def measure(rounds: int) -> Again:
    """Run both notebooks so many times, one after the other."""
    own, kept = [], []
    with tempfile.TemporaryDirectory() as home, FaultServer() as server:
        folder, work = Path(home), Path(home) / "work.ipynb"
        server.repeat(answered)
        environ = {"RECORD": str(folder / "answers.db"), "DEEPSEEK_BASE_URL": server.url}
        environ |= {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder / "compiled")}
        done = run(_notebook(CELLS), folder, DEEPSEEK_API_KEY="sk-1", **environ)
        nbformat.write(done, work)
        requests = len(server.requests)
        environ |= {"DEEPSEEK_REPLAY": "auto", "JPY_SESSION_NAME": str(work)}
        for _ in range(rounds):
            own.append(_seconds([*_OWN, _WORKED], folder, environ))
            kept.append(_seconds([*CELLS, _WORKED], folder, environ))
        return Again(_medians(own), _medians(kept), len(server.requests) - requests)


def _notebook(sources: list[str]) -> Any:
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])


def _seconds(sources: list[str], folder: Path, environ: dict[str, str]) -> tuple[float, float]:
    began = time.perf_counter()
    done = run(_notebook(sources), folder, **environ)
    return time.perf_counter() - began, float(done.cells[-1].outputs[0].text)


def _medians(found: list[tuple[float, float]]) -> tuple[float, float]:
    return statistics.median(one[0] for one in found), statistics.median(one[1] for one in found)


def table(found: Again) -> str:
    """Return the figures as text."""
    rows = [f"{'seconds, medians':<18} {'own work':>9} {'with answers':>13} {'more':>6}  at most {LIMIT:.0f} more"]
    for name, own, kept in zip(("all", "of the processor"), found.own, found.kept, strict=True):
        judged = "kept" if kept - own <= LIMIT else "NOT KEPT"
        rows.append(f"{name:<18} {own:>9.2f} {kept:>13.2f} {kept - own:>6.2f}  {judged}")
    return "\n".join([*rows, f"{found.asked} requests"])


def main() -> None:
    """Print what is measured."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.again", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="how often each is run")
    print(table(measure(parser.parse_args().rounds)))


if __name__ == "__main__":
    main()
