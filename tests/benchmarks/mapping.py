"""One prompt over many values: the time beside the ideal one, and what stays in memory. In a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

_ROOT = Path(__file__).parents[2]
#: Requests at a time, seconds before each answer, and the share of requests that fail.
JOBS, DELAY, FAILING = 50, 0.2, 0.05


@dataclass(frozen=True, slots=True)
class Mapping:
    """What two maps took.

    The first asks ``values`` of a slow server that fails: seconds of ``wall``, of ``cpu``, and those that are ``ideal``
    (all requests of a run without failures back to back, `JOBS` at a time); ``requests`` that it took, and ``wrong``
    results. The second asks ``many`` of a fast one, after which the process has ``grown`` by so many megabytes.
    """

    values: int
    wall: float
    cpu: float
    ideal: float
    requests: int
    wrong: int
    many: int
    grown: float


def measure(values: int, many: int) -> Mapping:
    """Return the figures of a map of so many values, and of one of ``many``."""
    command = [sys.executable, "-m", "tests.benchmarks.mapping", str(values), str(many)]
    done = subprocess.run(command, cwd=_ROOT, check=True, capture_output=True, text=True)
    return Mapping(**json.loads(done.stdout))


def _measured(values: int, many: int) -> Mapping:
    import deepseek_magic  # only the process that measures loads it
    from tests.batch.crowd import Crowd, answer

    def asked(server: Crowd, count: int) -> int:
        os.environ["DEEPSEEK_BASE_URL"] = server.url
        given = [f"the value {number}" for number in range(count)]
        mapped = deepseek_magic.map(given, "What of {value}?", jobs=JOBS, show=False)
        pairs = zip(given, mapped, strict=True)
        return sum(result != answer(f"What of {value}?") for value, result in pairs)

    with Crowd() as server:
        asked(server, JOBS)  # what the first run loads is not measured
    with Crowd(DELAY, FAILING) as server:
        began, cpu = time.perf_counter(), time.process_time()
        wrong = asked(server, values)
        wall, cpu = time.perf_counter() - began, time.process_time() - cpu
        requests = sum(server.seen()["asked"].values())
    with Crowd() as server:
        asked(server, values)
        before = psutil.Process().memory_info().rss
    with Crowd() as server:
        wrong += asked(server, many)
        grown = (psutil.Process().memory_info().rss - before) / 1e6
    return Mapping(values, wall, cpu, values * DELAY / JOBS, requests, wrong, many, grown)


if __name__ == "__main__":
    print(json.dumps(asdict(_measured(int(sys.argv[1]), int(sys.argv[2])))))
