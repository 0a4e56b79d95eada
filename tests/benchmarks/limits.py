"""The limits of speed (CONTRIBUTING.md, Limits), and whether what was measured keeps them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.benchmarks.contenders import BARE, DISPLAY, OURS
from tests.benchmarks.first_text import Delays
from tests.benchmarks.loading import Load, Memory
from tests.benchmarks.mapping import FAST_JOBS, JOBS, Mapping
from tests.benchmarks.replies import Row, found
from tests.benchmarks.seen import Seen

#: Kinds whose growth is judged, and those for which time is; every other kind is reported.
_GROWING = ("prose", "code", "table")
_TIMED = (*_GROWING, "mix")
#: Seconds for each token, where a reply is not sent at full speed: 200 tokens a second.
PACE = 0.005
#: The same at the speed that readers mostly meet: 60 tokens a second.
SLOW = 1 / 60


@dataclass(frozen=True, slots=True)
class Check:
    """One derived figure, the ``limit`` for it, and what it is; ``judged`` off where there is no promise."""

    name: str
    value: float
    limit: float
    unit: str = ""
    note: str = ""
    judged: bool = True

    @property
    def kept(self) -> bool:
        """Whether the figure is within its limit."""
        return self.value <= self.limit


@dataclass(frozen=True, slots=True)
class Results:
    """All that one run of the benchmarks has measured."""

    load: Load
    memory: Memory
    first_text: tuple[Delays, ...]
    seen: tuple[Seen, ...]
    rows: tuple[Row, ...]
    mapping: Mapping


def checks(results: Results) -> list[Check]:
    """Return every derived figure with its limit."""
    return [
        *_loading(results.load),
        *_first(results.first_text),
        *_seen(results.seen),
        *_bytes(results.rows),
        *_growth(results.rows),
        *_time(results.rows),
        *_memory(results.memory),
        *_rates(results.rows),
        *_smoothness(results.rows),
        *_mapping(results.mapping),
    ]


def _loading(load: Load) -> Iterator[Check]:
    note = f"{1000 * load.ours:.0f} ms against {1000 * load.requests:.0f} ms; {load.modules} modules"
    yield Check("load / import requests", load.ratio, 1, "times", note)
    yield Check("heavy modules imported by loading", len(load.heavy), 0, "", ", ".join(load.heavy) or "none")


def _first(delays: Sequence[Delays]) -> Iterator[Check]:
    for one in delays:
        if one.contender == OURS.name:
            note = f"median of {len(one.text)}; longest {1000 * one.most:.1f} ms"
            yield Check(f"first text, {one.question}", 1000 * one.median, 5, "ms", note)


def _seen(replies: Sequence[Seen]) -> Iterator[Check]:
    for one in replies:
        note = f"median {1000 * one.median:.0f} ms, longest {1000 * max(one.delays):.0f} ms, {one.bytes / 1000:.0f} kB"
        name = f"token to page, 95th percentile, {one.kind} {one.tokens} at {1000 * PACE:.0f} ms"
        yield Check(name, 1000 * one.slow, 200, "ms", note)


def _bytes(rows: Sequence[Row]) -> Iterator[Check]:
    ours = found(rows, contender=OURS.name)
    for kind in dict.fromkeys(row.kind for row in ours):
        worst = max(found(ours, kind=kind), key=lambda row: row.allowed)
        note = f"worst: {_reply(worst)}, {worst.bytes / 1000:.0f} kB"
        yield Check(f"bytes / allowance, {kind}", worst.allowed, 1, "times", note, kind in _TIMED)


def _growth(rows: Sequence[Row]) -> Iterator[Check]:
    ours = found(rows, contender=OURS.name)
    for kind, delay in dict.fromkeys((row.kind, row.delay) for row in ours):
        pair = [found(ours, kind=kind, delay=delay, tokens=tokens) for tokens in (2000, 8000)]
        if all(pair):
            (small,), (large,) = pair
            name = kind if not delay else f"{kind} at {1000 * delay:.0f} ms"
            judged = kind in _GROWING and not delay
            note = f"{small.bytes / 1000:.0f} to {large.bytes / 1000:.0f} kB, {small.paints} to {large.paints} paints"
            yield Check(f"exponent of bytes, {name}", exponent(small.bytes, large.bytes), 1.1, "", note, judged)
            note = f"{small.cpu:.2f} to {large.cpu:.2f} s"
            yield Check(f"exponent of kernel time, {name}", exponent(small.cpu, large.cpu), 1.1, "", note, judged)


def exponent(small: float, large: float, times: float = 4) -> float:
    """Return the power by which a figure grows when the reply is so many ``times`` longer."""
    return math.log(large / small) / math.log(times)


def _time(rows: Sequence[Row]) -> Iterator[Check]:
    for bare in found(rows, contender=BARE.name, tokens=8000, delay=0.0):
        for ours in found(rows, contender=OURS.name, tokens=8000, delay=0.0, kind=bare.kind):
            judged = bare.kind in _TIMED
            for name, mine, theirs in (("wall", ours.wall, bare.wall), ("CPU", ours.cpu, bare.cpu)):
                note = f"{mine:.2f} s against {theirs:.2f} s"
                yield Check(f"kernel {name} / bare reader, {bare.kind}", mine / theirs, 2, "times", note, judged)
    for row in found(rows, contender=OURS.name, delay=PACE):
        value = row.cpu / row.tokens * 1000
        bare_ones = found(rows, contender=BARE.name, kind=row.kind, tokens=row.tokens, delay=PACE)
        note = "".join(f"bare reader: {1000 * bare.cpu / bare.tokens:.2f}" for bare in bare_ones)
        judged, most = row.kind in _TIMED, 0.25 if row.tokens < 2000 else 0.2
        yield Check(f"CPU per 1,000 tokens at 5 ms, {row.kind} {row.tokens}", value, most, "s", note, judged)


def _memory(memory: Memory) -> Iterator[Check]:
    note = (
        f"{memory.peak:.0f} MB at most after {memory.tokens} tokens, {memory.loaded:.0f} loaded, {memory.bare:.0f} bare"
    )
    yield Check("memory over a bare kernel", memory.peak - memory.bare, 25, "MB", note)
    over = memory.peak - memory.peers
    note = f"that kernel: {memory.peers:.0f} MB"
    yield Check("the same over one with requests and ipywidgets", over, 40, "MB", note, judged=False)


def _rates(rows: Sequence[Row]) -> Iterator[Check]:
    ours = found(rows, contender=OURS.name)
    busiest = max(ours, key=lambda row: row.busiest)
    painted = max(ours, key=lambda row: row.painted)
    yield Check("most paints in a second", painted.painted, 10, "", _reply(painted))
    yield Check("most messages in a second", busiest.busiest, 40, "", _reply(busiest))
    for row in found(rows, contender=DISPLAY.name)[-1:]:
        shown = max(other.painted for other in found(rows, contender=DISPLAY.name))
        yield Check("most paints in a second, display", shown, 2, "", f"the final one not counted; up to {_reply(row)}")
    mine = [row for row in rows if row.contender.startswith(OURS.name)]
    yield Check("replies of ours that are not shown whole", sum(not row.whole for row in mine), 0)


def _smoothness(rows: Sequence[Row]) -> Iterator[Check]:
    for row in found(rows, contender=OURS.name):
        if row.delay:
            name = f"longest time without new text, {_reply(row)}"
            yield Check(name, row.still, 1.5, "s", f"{row.paints} paints", judged=False)


def _mapping(mapping: Mapping) -> Iterator[Check]:
    note = f"{mapping.wall:.2f} s against {mapping.ideal:.2f} s; {mapping.values:,} values, {JOBS} at a time"
    # A short run is mostly its first and its last round.
    yield Check("map / ideal time", mapping.wall / mapping.ideal, 1.3, "times", note, judged=mapping.values >= 1000)
    note = f"{mapping.requests:,} requests for {mapping.values:,} values"
    yield Check("map, CPU of a request", 1000 * mapping.cpu / mapping.requests, 4, "ms", note, judged=False)
    yield Check("map, wrong results", mapping.wrong, 0, "", note)
    note = f"{mapping.own:.1f} s against {mapping.bare:.1f} s for {mapping.many:,} values, {FAST_JOBS} at a time"
    yield Check("map, CPU of a value", 1000 * mapping.own / mapping.many, 0.7, "ms", note, judged=False)
    yield Check("map / bare asyncio, CPU", mapping.own / max(mapping.bare, 0.001), 9, "times", note, judged=False)
    note = f"{mapping.grown:.1f} MB for {mapping.many:,} values"
    yield Check("map, memory that stays of a value", 1000 * mapping.grown / mapping.many, 2.5, "kB", note)


def _reply(row: Row) -> str:
    return f"{row.kind} {row.tokens} at {1000 * row.delay:.0f} ms"
