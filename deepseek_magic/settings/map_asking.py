"""The part of the table that only maps have: where results go, how many values are asked at a time, and when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .kinds import Choice, Flag, Text, Whole, is_filled
from .rows import parameter


@dataclass(frozen=True, slots=True)
class MapAsking:
    """The parameters of a map that a question does not have, or has in another form."""

    output: str = parameter(
        "",
        Text('NAME, FRAME.column or FRAME["column"]', is_filled),
        "-o, --output TARGET",
        "put the results into this variable or column",
        at=("map",),
        word=r"""[^\s\['"]*(?:\[(?:"[^"]*"|'[^']*'|[^\]]*)\])?\S*""",
        about="goes",
    )
    jobs: int = parameter(
        20,
        Whole(1),
        "-j, --jobs N",
        "how many values are asked about at a time",
        at=("map",),
        about="goes",
    )
    fresh: bool = parameter(
        False,
        Flag(),
        "--fresh",
        "ask about all values again, including those already answered",
        at=("map",),
        about="sent",
    )
    when: Literal["now", "off-peak"] = parameter(
        "now",
        Choice(("now", "off-peak")),
        "--when TIME",
        "now, or off-peak: wait for the hours at half the price",
        at=("map",),
        about="goes",
    )
    sample: int | None = parameter(
        None,
        Whole(1),
        "--sample N",
        "ask about N random values first, and show them with the cost of all; run it again to ask the rest",
        at=("map",),
        about="goes",
    )
