"""``--sample N``: a random few of the values are asked first, to judge the prompt before all are paid for."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence

from deepseek_magic.api.catalogue import Cost
from deepseek_magic.text import counted, one_line

from .engine import Job
from .results import Mapped
from .store import Store

_LONGEST = 300


def chosen(job: Job, store: Store, count: int) -> list[int]:
    """Return the places of the values to ask first, in order; none if the same map was sampled before.

    Equal values are asked once, so that each place has another prompt. The second run asks all.
    """
    keys = job.digests()
    name = hashlib.sha256("".join(key or "-" for key in keys).encode()).hexdigest()
    if name in store.sampled:
        return []
    store.sampled.add(name)
    places = list({key: place for place, key in reversed([*enumerate(keys)]) if key is not None}.values())
    return sorted(random.sample(places, min(count, len(places))))  # no secret hangs on which


def unique(job: Job) -> int:
    """Return how many of the values of ``job`` are asked: those that differ."""
    return len({key for key in job.digests() if key is not None})


def rows(values: Sequence[object], places: Sequence[int], mapped: Mapped) -> list[tuple[str, str, str]]:
    """Return a row for each sampled value: its place, the value, and what it was answered or why not."""
    answers = [
        f"failed: {mapped.errors[at]}" if at in mapped.errors else result if isinstance(result, str) else repr(result)
        for at, result in enumerate(mapped)
    ]
    return [
        (str(place), one_line(str(values[place]), _LONGEST), one_line(answer, _LONGEST))
        for place, answer in zip(places, answers, strict=True)
    ]


def cost_of_all(mapped: Mapped, total: int) -> str:
    """Return the sentence that says what all of the ``total`` values cost, judged by the sample."""
    left = max(0, total - len(mapped))
    if mapped.cost is None or not mapped.asked:
        return f"Run it again to ask the other {counted(left, 'value')}."
    share = total / mapped.asked
    whole = Cost(mapped.cost.low * share, mapped.cost.high * share, mapped.cost.as_of)
    return f"All {counted(total, 'value')} would cost about {whole}. Run it again to ask the other {left:,}."
