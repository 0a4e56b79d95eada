"""What one run of the benchmarks measures, in full and in short."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass

from tests.benchmarks.contenders import BARE, BARE_MARKDOWN, CONTENDERS, DISPLAY, HEADLESS, NAIVE, OURS
from tests.benchmarks.first_text import first_text
from tests.benchmarks.limits import PACE, SLOW, Results
from tests.benchmarks.loading import load, memory
from tests.benchmarks.mapping import measure
from tests.benchmarks.replies import Bench, Row, Work
from tests.benchmarks.seen import seen
from tests.benchmarks.server import Script, Server

KINDS = ("prose", "code", "table", "mix")
SIZES = (500, 2000, 8000)


@dataclass(frozen=True, slots=True)
class Plan:
    """The replies to measure, and how often the rest is.

    ``loads`` fresh kernels for loading; ``kernels`` for the first text, with so many ``later`` replies in each; a reply
    of so many ``tokens`` for memory, and replies of so many ``watched`` for the way of a token to the page; a map of so
    many ``values``, and one of ``many`` for its memory.
    """

    works: tuple[Work, ...]
    loads: int
    kernels: int
    later: int
    tokens: int
    watched: int
    values: int
    many: int


def full(everything: bool = False) -> Plan:
    """Return the plan of a whole run, of which most is the time that replies take at the pace of an endpoint.

    ``everything`` adds each contender at each pace.
    """
    quick_ones = tuple(contender for contender in CONTENDERS if contender is not NAIVE)
    works = []
    for kind in KINDS:
        for size in SIZES:
            works.append(Work(Script(kind, size), quick_ones, 3))
            works.append(Work(Script(kind, size), (NAIVE,)))
    works += [Work(Script("wall", size), (OURS, BARE), 3) for size in SIZES[1:]]
    # The shortest first: what is left of a reply is closed while the next one is shown, and counted there.
    works += [Work(Script(kind, 1000, SLOW), (OURS, BARE) if everything else (OURS,)) for kind in KINDS]
    for size in SIZES:
        is_long = size == SIZES[-1]
        for kind in KINDS:
            watched = (OURS,) if is_long else (OURS, BARE)
            if kind == "prose" and size == SIZES[0]:
                watched = (OURS, DISPLAY, BARE, NAIVE)
            if everything:
                watched = CONTENDERS
            works.append(Work(Script(kind, size, PACE), watched, 2 if everything and not is_long else 1))
    works.append(Work(Script("wall", 2000, PACE), (OURS,)))
    return Plan(tuple(works), loads=7, kernels=3, later=6, tokens=8000, watched=2000, values=1000, many=10_000)


def quick() -> Plan:
    """Return the plan of a short run: every kind of row, few of each."""
    works = [Work(Script(kind, size), (OURS, BARE)) for kind in KINDS[:3] for size in SIZES]
    works.append(Work(Script("prose", 500), (HEADLESS, DISPLAY, BARE_MARKDOWN, NAIVE)))
    works += [Work(Script(kind, 500, PACE), (OURS, BARE)) for kind in KINDS[:3]]
    works.append(Work(Script("mix", 300, SLOW), (OURS,)))
    return Plan(tuple(works), loads=3, kernels=1, later=4, tokens=2000, watched=500, values=200, many=1000)


def run(plan: Plan, *, quiet: bool = False) -> Results:
    """Measure everything in ``plan``, and tell on the standard error stream how far it is."""

    began = time.monotonic()

    def say(what: str) -> None:
        if not quiet:
            print(f"{time.monotonic() - began:4.0f} s  {what}", file=sys.stderr, flush=True)

    say("mapping")
    mapping = measure(plan.values, plan.many)
    with Server() as server:
        say("loading")
        loading = load(plan.loads)
        say("memory")
        resident = memory(server, plan.tokens)
        say("first text")
        firsts = tuple(
            delays
            for contender in (OURS, DISPLAY, NAIVE)
            for delays in first_text(server, contender, plan.kernels, plan.later)
        )
        say("how long a token takes to be seen")
        watched = tuple(seen(server, [Script(kind, plan.watched, PACE) for kind in KINDS[:3]]))
        rows: list[Row] = []
        with Bench(server) as bench:
            for work in plan.works:
                script = work.script
                say(f"{script.kind}, {script.tokens} tokens, {1000 * script.delay:.0f} ms per token")
                rows += bench.rows(work)
    return Results(loading, resident, firsts, watched, tuple(rows), mapping)
