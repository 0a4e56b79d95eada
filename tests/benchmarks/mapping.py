"""One prompt over many values: the time beside the ideal one, and what stays in memory. In a process of its own."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psutil

_ROOT = Path(__file__).parents[2]
#: Requests at a time, seconds before each answer, and the share of requests that fail.
JOBS, DELAY, FAILING = 50, 0.2, 0.05
#: The same of the second map, whose server is fast and does not fail.
FAST_JOBS, FAST_DELAY = 100, 0.005


@dataclass(frozen=True, slots=True)
class Mapping:
    """What two maps took.

    The first asks ``values`` of a slow server that fails: seconds of ``wall``, of ``cpu``, and those that are ``ideal``
    (all requests of a run without failures back to back, `JOBS` at a time); ``requests`` that it took, and ``wrong``
    results. The second asks ``many`` of a fast one, after which the process has ``grown`` by so many megabytes; it took
    ``own`` seconds of CPU, and a loop of asyncio that does the least that is needed for as many took ``bare``.
    """

    values: int
    wall: float
    cpu: float
    ideal: float
    requests: int
    wrong: int
    many: int
    grown: float
    own: float
    bare: float


def measure(values: int, many: int) -> Mapping:
    """Return the figures of a map of so many values, and of one of ``many``."""
    command = [sys.executable, "-m", "tests.benchmarks.mapping", str(values), str(many)]
    done = subprocess.run(command, cwd=_ROOT, check=True, capture_output=True, text=True)
    return Mapping(**json.loads(done.stdout))


def _measured(values: int, many: int) -> Mapping:
    import deepseek_magic  # only the process that measures loads it
    from tests.batch.crowd import Crowd, answer

    runs = itertools.count()

    def asked(server: Crowd, count: int, jobs: int = JOBS) -> int:
        os.environ["DEEPSEEK_BASE_URL"] = server.url
        run = next(runs)  # a server may get the port of one before it, and what that answered is known
        given = [f"the value {number} of run {run}" for number in range(count)]
        mapped = deepseek_magic.map(given, "What of {value}?", jobs=jobs, show=False)
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
    with Crowd(FAST_DELAY) as server:
        cpu_before = time.process_time()
        wrong += asked(server, many, FAST_JOBS)
        own = time.process_time() - cpu_before
        grown = (psutil.Process().memory_info().rss - before) / 1e6
    with Crowd(FAST_DELAY) as server:
        cpu_before = time.process_time()
        answers = asyncio.run(_bare(server.url, [f"What of the value {number}?" for number in range(many)]))
        bare = time.process_time() - cpu_before
        wrong += sum(text != answer(prompt) for prompt, text in answers.items())
    return Mapping(values, wall, cpu, values * DELAY / JOBS, requests, wrong, many, grown, own, bare)


async def _bare(url: str, prompts: list[str]) -> dict[str, str]:
    """Return the answers to ``prompts``, with the least work that gives any: nothing is checked, retried or shown."""
    host, waiting, answers = urlsplit(url), iter(prompts), {}

    async def work() -> None:
        reader, writer = await asyncio.open_connection(host.hostname, host.port)
        for prompt in waiting:
            body = json.dumps(
                {"model": "m", "messages": [{"role": "user", "content": prompt}], "stream": True}
            ).encode()
            head = f"POST /chat/completions HTTP/1.1\r\nHost: {host.netloc}\r\nContent-Length: {len(body)}\r\n\r\n"
            writer.write(head.encode() + body)
            fields = await reader.readuntil(b"\r\n\r\n")
            events = await reader.readexactly(int(fields.lower().partition(b"content-length: ")[2].split()[0]))
            chunks = [json.loads(line[6:]) for line in events.splitlines() if line.startswith(b"data: {")]
            answers[prompt] = "".join(chunk["choices"][0]["delta"].get("content") or "" for chunk in chunks)
        writer.close()

    await asyncio.gather(*[work() for _ in range(FAST_JOBS)])
    return answers


if __name__ == "__main__":
    print(json.dumps(asdict(_measured(int(sys.argv[1]), int(sys.argv[2])))))
