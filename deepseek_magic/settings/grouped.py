"""Group the options for help, by subject."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .rows import Parameter, Subject

#: The groups of the options, each with an example.
_OPTIONS: tuple[tuple[Subject, str, str], ...] = (
    ("sent", "What is sent", "%deepseek -c needs -v df Why does {df.shape} have more rows after the merge?"),
    (
        "answered",
        "How it answers",
        "%deepseek --think high --max-cost 0.05 Prove that the square root of 2 is irrational",
    ),
    (
        "goes",
        "Where it goes",
        "%deepseek --as df -o cities List the five largest cities of Europe with their population",
    ),
)
# A list of up to this many options needs no groups.
_FEW = 8


def options(table: Sequence[Parameter], *, examples: bool = False) -> Iterator[tuple[str, tuple[Parameter, ...], str]]:
    """Yield the groups of the options of ``table``: a heading, the options, and an example ("" without ``examples``).

    A short table is one group without a heading.
    """
    if len(table) <= _FEW:
        yield "", tuple(table), ""
        return
    for subject, heading, example in _OPTIONS:
        if group := tuple(row for row in table if row.about == subject):
            yield heading, group, example if examples else ""
