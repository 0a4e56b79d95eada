"""How help and the status card group what there is: options by what they are about, commands by what they are for."""

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
#: The commands by what they are for; one that is in none stands under "more".
_COMMANDS = (
    ("ask", ("deepseek_continue", "deepseek_map", "deepseek_jobs")),
    ("code", ("deepseek_fix", "deepseek_code", "deepseek_fim")),
    ("conversations", ("deepseek_chat", "deepseek_history", "deepseek_record", "deepseek_sent")),
    ("web and tools", ("deepseek_search", "deepseek_fetch", "deepseek_tools")),
    ("account", ("deepseek_models", "deepseek_balance", "deepseek_usage")),
    ("set-up", ("deepseek_login", "deepseek_demo", "deepseek_doctor")),
)
# A list of so many options is read as it is.
_FEW = 8


def options(table: Sequence[Parameter], *, examples: bool = False) -> Iterator[tuple[str, tuple[Parameter, ...], str]]:
    """Yield the groups of the options of ``table``: a heading, the options, and an example, "" where none is wanted.

    A short table is one group without a heading.
    """
    if len(table) <= _FEW:
        yield "", tuple(table), ""
        return
    for subject, heading, example in _OPTIONS:
        if group := tuple(row for row in table if row.about == subject):
            yield heading, group, example if examples else ""


def commands(names: Sequence[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the groups of the commands ``names``: what they are for, and the commands."""
    left = list(names)
    for heading, group in _COMMANDS:
        here = tuple(name for name in group if name in names)
        left = [name for name in left if name not in here]
        if here:
            yield heading, here
    if left:
        yield "more", tuple(left)
