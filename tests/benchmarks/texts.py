"""The replies that are measured: made up, the same on every run, and of an exact number of four-character tokens."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from itertools import count

TOKEN = 4
#: The first token of every prose reply; it stands nowhere else, so a message that holds it is one that shows text.
MARK = "Quzx"
_FIRST = f"{MARK} opens this reply.\n\n"

_LANGUAGE = """
the a of and to in that is for with as on by this from at are was which or an be it sample mean variance model
estimate interval likelihood residual matrix gradient column frame index array function returns because where
between however small large number value test error result distribution example follows compare check series
point line note every only same each other order first second over under long short measure
"""
_WORDS = _LANGUAGE.split()


def text(kind: str, tokens: int) -> str:
    """Return a reply of ``kind`` (one of `KINDS`) and exactly ``tokens`` tokens."""
    return KINDS[kind](tokens * TOKEN)


def _cut(parts: Iterator[str], size: int) -> str:
    """Join as many ``parts`` as fill ``size`` characters."""
    taken: list[str] = []
    total = 0
    for part in parts:
        taken.append(part)
        total += len(part)
        if total >= size:
            break
    return "".join(taken)[:size]


def _sentence(chance: random.Random, words: int) -> str:
    chosen = [chance.choice(_WORDS) for _ in range(words)]
    if words > 8 and chance.random() < 0.4:
        place = chance.randrange(1, words - 1)
        mark = chance.choice(("**", "*", "`"))
        chosen[place] = f"{mark}{chosen[place]}{mark}"
    return " ".join(chosen).capitalize() + "."


def _paragraph(chance: random.Random) -> str:
    return " ".join(_sentence(chance, chance.randint(8, 18)) for _ in range(chance.randint(3, 6))) + "\n\n"


def _list(chance: random.Random) -> str:
    ordered = chance.random() < 0.5
    items = [_sentence(chance, chance.randint(6, 14)) for _ in range(chance.randint(3, 6))]
    return "".join(f"{number}. {item}\n" if ordered else f"- {item}\n" for number, item in enumerate(items, 1)) + "\n"


def _heading(chance: random.Random) -> str:
    return f"## {_sentence(chance, 4)[:-1]}\n\n"


def _line_of_code(chance: random.Random, number: int) -> str:
    name, other = chance.choice(_WORDS), chance.choice(_WORDS)
    return chance.choice(
        (
            f"    {name}_{number} = compute({other}, scale={number % 97})  # {_sentence(chance, 4)}\n",
            f'    print(f"{name}: {{{other}:.{number % 7}f}}")\n',
            f"def {name}_{number}({other}: float, count: int = {number}) -> float:\n",
            f"    return sum({other}[i] ** 2 for i in range({number}))\n",
            f"    if {name} is not None and {other} > {number}:\n",
        )
    )


def _row(chance: random.Random, number: int) -> str:
    cells = (str(number), chance.choice(_WORDS), f"{chance.random() * 100:.3f}", _sentence(chance, 3))
    return f"| {' | '.join(cells)} |\n"


def _fence(chance: random.Random) -> str:
    return f"```python\n{''.join(_line_of_code(chance, number) for number in range(12))}```\n\n"


def _table(chance: random.Random) -> str:
    return f"{_TABLE_HEAD}{''.join(_row(chance, number) for number in range(8))}\n"


def _formula(chance: random.Random) -> str:
    return f"$$\\bar{{x}}_{{{chance.randrange(99)}}} = \\frac{{1}}{{n}} \\sum_{{i=1}}^{{n}} x_i^2$$\n\n"


_TABLE_HEAD = "| number | name | value | remark |\n| ---: | :--- | ---: | --- |\n"
_PROSE = (_heading, _paragraph, _paragraph, _list, _paragraph)
_MIX = (_heading, _paragraph, _fence, _paragraph, _table, _list, _formula)


def _cycle(makers: tuple[Callable[[random.Random], str], ...], size: int) -> str:
    chance = random.Random(20)  # the same text on every run
    return _FIRST + _cut((makers[turn % len(makers)](chance) for turn in count()), size - len(_FIRST))


def _prose(size: int) -> str:
    return _cycle(_PROSE, size)


def _mix(size: int) -> str:
    return _cycle(_MIX, size)


def _code(size: int) -> str:
    """One giant fence, nothing around it."""
    chance = random.Random(21)
    head, end = "```python\n", "\n```\n"
    return head + _cut((_line_of_code(chance, number) for number in count()), size - len(head) - len(end)) + end


def _one_table(size: int) -> str:
    """One giant table, nothing around it."""
    chance = random.Random(22)
    return _TABLE_HEAD + _cut((_row(chance, number) for number in count()), size - len(_TABLE_HEAD))


def _wall(size: int) -> str:
    """One paragraph that never ends: the shape that no splitter can cut."""
    chance = random.Random(23)
    return f"{MARK} " + _cut((_sentence(chance, 12) + " " for _ in count()), size - len(MARK) - 1)


KINDS: dict[str, Callable[[int], str]] = {
    "prose": _prose,
    "code": _code,
    "table": _one_table,
    "mix": _mix,
    "wall": _wall,
}
