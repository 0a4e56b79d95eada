"""Describe the calls and the sources of a reply in words: the cost of each call, and the pages that are cited."""

from __future__ import annotations

from collections.abc import Sequence

from deepseek_magic.api.catalogue import Cost
from deepseek_magic.api.events import Called, WebSource
from deepseek_magic.text import counted, one_line, visible

from .citations import numbers_in
from .renderer import Ending


def facts(one: Called) -> str:
    """Return in words what a call took: seconds, characters of its result, and US dollars if it cost any."""
    size = "failed" if one.failed else counted(len(one.result), "character")
    cost = [str(Cost(one.cost, one.cost))] if one.cost else []
    return " · ".join((f"{one.seconds:.1f} s", size, *cost))


def cited(ending: Ending) -> Sequence[WebSource]:
    """Return the sources that the reply cites, or all of them if it cites none."""
    numbers = numbers_in(ending.view)
    return [one for one in ending.sources if one.number in numbers] or ending.sources


def in_lines(ending: Ending) -> list[str]:
    """Return the sources that the reply cites, each on one line."""
    return [f"[{one.number}] {one_line(one.title, 200)}: {visible(one.url)}" for one in cited(ending)]
