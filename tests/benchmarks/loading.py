"""What loading costs, and what memory: fresh kernels, one measure each."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

from tests.benchmarks.contenders import OURS
from tests.benchmarks.kernels import Kernel
from tests.benchmarks.replies import started
from tests.benchmarks.server import Script, Server

#: What the extension may not import before the first question.
HEAVY = ("requests", "ipywidgets", "markdown", "nh3")

_TIMED = """
import sys, time
_before, _began = set(sys.modules), time.perf_counter()
{0}
_seconds = time.perf_counter() - _began
_new = sorted(set(sys.modules) - _before)
"""


@dataclass(frozen=True, slots=True)
class Load:
    """Median seconds of loading ours and of importing requests, and the heavy modules that ours imported."""

    ours: float
    requests: float
    heavy: tuple[str, ...]
    modules: int
    runs: int

    @property
    def ratio(self) -> float:
        """Ours as a multiple of requests."""
        return self.ours / self.requests


@dataclass(frozen=True, slots=True)
class Memory:
    """Resident megabytes: kernels with nothing, and with what a widget notebook has; ours after a reply."""

    bare: float
    peers: float
    loaded: float
    peak: float
    tokens: int


def load(runs: int) -> Load:
    """Measure loading, in ``runs`` fresh kernels each, of what has been compiled, as an installation is."""
    with Kernel(PYTHONDONTWRITEBYTECODE="") as kernel:
        kernel.run(f"{OURS.prepare}\nimport requests")
    ours, requests = [], []
    heavy: set[str] = set()
    modules = 0
    for _ in range(runs):
        seconds, new = _timed("get_ipython().run_line_magic('load_ext', 'deepseek_magic')")
        ours.append(seconds)
        heavy |= {name for name in new if name in HEAVY}
        modules = max(modules, len(new))
        requests.append(_timed("import requests")[0])
    return Load(statistics.median(ours), statistics.median(requests), tuple(sorted(heavy)), modules, runs)


def _timed(statement: str) -> tuple[float, list[str]]:
    with Kernel() as kernel:
        kernel.run(_TIMED.format(statement))
        seconds, new = kernel.value("[_seconds, _new]")
    return seconds, new


def memory(server: Server, tokens: int) -> Memory:
    """Measure memory: ours at its peak, after one reply of ``tokens`` tokens."""
    with Kernel() as kernel:
        kernel.run("1 + 1")
        bare = kernel.memory()[0]
    with Kernel() as kernel:
        kernel.run("import requests, ipywidgets")
        peers = kernel.memory()[0]
    with started(server, OURS) as kernel:
        loaded = kernel.memory()[0]
        server.prepare(Script("mix", tokens))
        kernel.run(OURS.ask)
        peak = kernel.memory()[1]
    return Memory(bare, peers, loaded, peak, tokens)
