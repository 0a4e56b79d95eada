"""The table that a reader sees, and the same as JSON."""

from __future__ import annotations

import json
import os
import platform
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from tests.benchmarks.first_text import Delays
from tests.benchmarks.limits import Check, Results, checks
from tests.benchmarks.replies import Row

_HEAD = (
    "contender", "reply", "tokens", "ms/token", "messages", "kB sent", "paints", "widgets", "HTML kB", "CPU s",
    "wall s", "messages/s", "paints/s", "still s", "whole",
)  # fmt: skip
_LEFT = 2


def noise() -> dict[str, Any]:
    """Return how steady the machine is right now: the time of one fixed loop, again and again, and its load."""
    taken = []
    for _ in range(15):
        began = time.perf_counter()
        sum(range(1_000_000))
        taken.append(time.perf_counter() - began)
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return {"least": min(taken), "median": statistics.median(taken), "most": max(taken), "load": load}


def document(results: Results, before: dict[str, Any], after: dict[str, Any]) -> str:
    """Return everything as JSON."""
    judged = [{**asdict(check), "kept": check.kept} for check in checks(results)]
    machine = {"python": platform.python_version(), "system": platform.system(), "cores": os.cpu_count()}
    whole = {"machine": machine, "noise": [before, after], **asdict(results), "checks": judged}
    return json.dumps(whole, indent=1)


def table(results: Results, before: dict[str, Any], after: dict[str, Any]) -> str:
    """Return everything as text."""
    return "\n".join(
        [
            f"Python {platform.python_version()} on {platform.system()}, {os.cpu_count()} cores",
            *(f"noise {when}: {_noise(seen)}" for when, seen in (("before", before), ("after", after))),
            "",
            *_aligned([_HEAD, *(_cells(row) for row in results.rows)]),
            "",
            *_aligned(list(_delays(results.first_text))),
            "",
            *_aligned(list(_lines(checks(results)))),
        ]
    )


def _noise(seen: dict[str, Any]) -> str:
    load = "unknown" if seen["load"] is None else f"{seen['load']:.1f}"
    spread = " / ".join(f"{1000 * seen[name]:.1f}" for name in ("least", "median", "most"))
    return f"a fixed loop takes {spread} ms (least / median / most), load {load}"


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.contender,
        row.kind,
        f"{row.tokens:,}",
        f"{1000 * row.delay:.0f}",
        f"{row.messages:,}",
        f"{row.bytes / 1000:,.1f}",
        f"{row.paints:,}",
        str(row.widgets),
        f"{row.html / 1000:,.1f}",
        f"{row.cpu:.3f}",
        f"{row.wall:.3f}",
        f"{row.busiest:,}",
        f"{row.painted:,}",
        f"{row.still:.2f}",
        "yes" if row.whole else "LOST",
    )


def _delays(delays: Sequence[Delays]) -> Iterator[tuple[str, ...]]:
    yield ("first text", "question", "replies", "median ms", "longest ms", "cell to question, median ms")
    for one in delays:
        asked = statistics.median(one.asked)
        figures = (1000 * one.median, 1000 * one.most, 1000 * asked)
        yield (one.contender, one.question, str(len(one.text)), *(f"{figure:.1f}" for figure in figures))


def _lines(judged: Sequence[Check]) -> Iterator[tuple[str, ...]]:
    yield ("limit", "verdict", "value", "at most", "unit", "note")
    for check in judged:
        verdict = ("PASS" if check.kept else "over") if check.judged else "-"
        yield (check.name, verdict, f"{check.value:.2f}", f"{check.limit:g}", check.unit, check.note)


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield ``rows`` in columns: words to the left, figures to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = (
            cell.ljust(width) if place < _LEFT or not _is_figure(rows[-1][place]) else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join(cells).rstrip()


def _is_figure(cell: str) -> bool:
    return cell[:1].isdigit()
