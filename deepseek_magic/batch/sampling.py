"""``--sample N``: ask about a few random values first, to judge the prompt before paying for all."""

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
    """Return the indices of the values to ask first, in order; none if the same map was sampled before.

    Equal values are asked about once, so each index has a different prompt. The second run asks about all.
    """
    keys = job.digests()
    name = hashlib.sha256("".join(key or "-" for key in keys).encode()).hexdigest()
    if name in store.sampled:
        return []
    store.sampled.add(name)
    places = list({key: place for place, key in reversed([*enumerate(keys)]) if key is not None}.values())
    return sorted(random.sample(places, min(count, len(places))))  # it need not be secure


def unique(job: Job) -> int:
    """Return the number of different values of ``job``, which are asked about."""
    return len({key for key in job.digests() if key is not None})


def rows(values: Sequence[object], places: Sequence[int], mapped: Mapped) -> list[tuple[str, str, str]]:
    """Return a row for each sampled value: its index, the value, and the answer or why there is none."""
    answers = [
        f"failed: {mapped.errors[at]}" if at in mapped.errors else result if isinstance(result, str) else repr(result)
        for at, result in enumerate(mapped)
    ]
    return [
        (str(place), one_line(str(values[place]), _LONGEST), one_line(answer, _LONGEST))
        for place, answer in zip(places, answers, strict=True)
    ]


def cost_of_all(mapped: Mapped, total: int) -> str:
    """Return a sentence with the estimated cost of all ``total`` values, judged by the sample."""
    left = max(0, total - len(mapped))
    if mapped.cost is None or not mapped.asked:
        return f"Run it again to ask the other {counted(left, 'value')}."
    share = total / mapped.asked
    whole = Cost(mapped.cost.low * share, mapped.cost.high * share, mapped.cost.as_of)
    return f"All {counted(total, 'value')} would cost about {whole}. Run it again to ask the other {left:,}."
