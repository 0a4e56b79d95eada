"""Replies of every kind, length and pace, by every contender: what each costs."""

from __future__ import annotations

import gc
import statistics
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, fields

from tests.benchmarks.contenders import Contender
from tests.benchmarks.counting import Count, count
from tests.benchmarks.kernels import Kernel
from tests.benchmarks.server import Script, Server

#: What a kernel has shown before anything is measured: imports and caches are another measure's.
_WARM = (Script("mix", 400), Script("code", 100), Script("table", 100))


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: a contender, a reply, and the median of its runs (of counts, the largest)."""

    contender: str
    kind: str
    tokens: int
    delay: float
    runs: int
    cpu: float
    wall: float
    messages: int
    bytes: int
    paints: int
    widgets: int
    html: int
    whole: bool
    busiest: int
    painted: int
    still: float
    allowed: float


@dataclass(frozen=True, slots=True)
class Work:
    """One reply that is to be measured, by whom, and how often."""

    script: Script
    contenders: tuple[Contender, ...]
    runs: int = 1


class Bench:
    """A kernel for each contender, all asking one server."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._kernels: dict[str, Kernel] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Bench:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def rows(self, work: Work) -> list[Row]:
        """Measure one piece of ``work``; the contenders take turns, so that other load on the machine meets all."""
        taken: dict[str, list[tuple[float, float, Count]]] = {contender.name: [] for contender in work.contenders}
        for _ in range(work.runs):
            for contender in work.contenders:
                taken[contender.name].append(self._once(contender, work.script))
        return [_row(name, work.script, runs) for name, runs in taken.items()]

    def _once(self, contender: Contender, script: Script) -> tuple[float, float, Count]:
        kernel = self._kernel(contender)
        self._server.prepare(script)
        gc.collect()
        run = kernel.run(contender.ask, allow_stdin=contender.allow_stdin)
        return run.cpu, run.wall, count(run.messages, script.text)

    def _kernel(self, contender: Contender) -> Kernel:
        if contender.name not in self._kernels:
            kernel = self._stack.enter_context(started(self._server, contender))
            self._kernels[contender.name] = kernel
            for script in _WARM:
                self._server.prepare(script)
                kernel.run(contender.ask, allow_stdin=contender.allow_stdin)
        return self._kernels[contender.name]


def started(server: Server, contender: Contender) -> Kernel:
    """Return a fresh kernel, prepared for ``contender`` and pointed at ``server``."""
    kernel = Kernel(DEEPSEEK_BASE_URL=server.url, DEEPSEEK_API_KEY="sk-benchmark")
    kernel.run(contender.prepare)
    return kernel


def _row(name: str, script: Script, runs: list[tuple[float, float, Count]]) -> Row:
    counts = [counted for _, _, counted in runs]
    most = {field.name: max(getattr(counted, field.name) for counted in counts) for field in fields(Count)}
    return Row(
        name,
        script.kind,
        script.tokens,
        script.delay,
        len(runs),
        statistics.median(cpu for cpu, _, _ in runs),
        statistics.median(wall for _, wall, _ in runs),
        **{**most, "whole": all(counted.whole for counted in counts)},
        allowed=max(counted.bytes / allowance(counted) for counted in counts),
    )


def allowance(counted: Count) -> float:
    """Return the bytes that these messages may have together (CONTRIBUTING.md, Limits)."""
    return 4 * counted.html + 5000 * counted.widgets + 1000 * counted.paints


def found(rows: Iterable[Row], **wanted: object) -> list[Row]:
    """Return the ``rows`` whose fields have the values ``wanted``."""
    conditions: Mapping[str, object] = wanted
    return [row for row in rows if all(getattr(row, name) == value for name, value in conditions.items())]
