"""The calls of a reply and its sources in words: what each took, and what the reply cites."""

from __future__ import annotations

from collections.abc import Sequence

from deepseek_magic.api.catalogue import Cost
from deepseek_magic.api.events import Called, WebSource
from deepseek_magic.text import counted, one_line, visible

from .citations import numbers_in
from .renderer import Ending


def facts(one: Called) -> str:
    """Return what a call took: seconds, characters that came back, and dollars where it cost any."""
    size = "failed" if one.failed else counted(len(one.result), "character")
    cost = [str(Cost(one.cost, one.cost))] if one.cost else []
    return " · ".join((f"{one.seconds:.1f} s", size, *cost))


def cited(ending: Ending) -> Sequence[WebSource]:
    """Return the sources that the reply cites, or all of them where it cites none."""
    numbers = numbers_in(ending.view)
    return [one for one in ending.sources if one.number in numbers] or ending.sources


def in_lines(ending: Ending) -> list[str]:
    """Return the sources that the reply cites, each on one line."""
    return [f"[{one.number}] {one_line(one.title, 200)}: {visible(one.url)}" for one in cited(ending)]
