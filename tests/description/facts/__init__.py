"""Values with the facts that a model needs to know of each: strings that its description must hold.

A fact that may be written in two ways is a tuple of both. ``python -m tests.description.facts`` counts them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from deepseek_magic.description import describe

Fact = str | tuple[str, ...]
#: By what the value is: what makes it, and the facts.
Values = dict[str, tuple[Callable[[], Any], tuple[Fact, ...]]]


def missing(make: Callable[[], Any], facts: tuple[Fact, ...]) -> list[Fact]:
    """Return those of ``facts`` that the description at the default budget does not hold."""
    text = describe(make(), name="it", deadline=60)
    return [fact for fact in facts if not any(each in text for each in ((fact,) if isinstance(fact, str) else fact))]


def absent(values: Values) -> Iterator[tuple[str, list[Fact]]]:
    """Yield the name of each value with its missing facts."""
    for name, (make, facts) in values.items():
        yield name, missing(make, facts)
