"""What a function returned: coroutines are awaited, generators advanced, and nothing of the value is run to look."""

from __future__ import annotations

import asyncio
import contextvars
import itertools

import pytest

from deepseek_magic.tools.returned import MOST_ITEMS, FirstItems, awaited, is_short

NAME = contextvars.ContextVar("NAME", default="none")


class Loud(list):
    """Plain data says nothing; a class of the user's might."""

    def __len__(self):
        raise AssertionError("it was asked")

    __iter__ = __len__


@pytest.mark.parametrize(
    ("value", "short"),
    [
        (None, True),
        ([1, "a", {"b": (2.5, True)}], True),
        ("x" * 30_000, False),
        ([[]] * 30_000, False),
        ({"a": object()}, False),
        ({(1, 2): 3}, True),
        (Loud([1]), False),
        ([Loud([1])], False),
        ({1, 2}, False),
    ],
)
def test_plain_data_that_is_short(value, short):
    assert is_short(value) is short


def test_data_that_holds_itself_is_not_short():
    value = []
    value.append(value)
    assert not is_short(value)


async def named(value):
    await asyncio.sleep(0)
    return value, NAME.get()


async def counted():
    for number in itertools.count():
        yield number


def test_a_coroutine_is_awaited_also_inside_of_a_running_loop_with_its_context():
    NAME.set("mine")
    assert awaited(named(1)) == (1, "mine")

    async def within():
        return awaited(named(2))

    assert asyncio.run(within()) == (2, "mine")


def test_what_a_coroutine_raises_is_raised_here():
    async def failing():
        raise LookupError("no such row")

    with pytest.raises(LookupError, match="no such row"):
        awaited(failing())


@pytest.mark.parametrize("make", [lambda: (n for n in range(3)), lambda: map(int, "012"), lambda: enumerate("a")])
def test_a_short_generator_is_its_items(make):
    assert awaited(make()) == FirstItems(list(make()), more=False)


@pytest.mark.parametrize("make", [itertools.count, lambda: (n for n in itertools.count()), counted])
def test_of_a_generator_without_end_the_first_items_are_taken(make):
    assert awaited(make()) == FirstItems(list(range(MOST_ITEMS)), more=True)


def test_a_coroutine_may_return_a_generator():
    async def made():
        return (n for n in range(2))

    assert awaited(made()) == FirstItems([0, 1], more=False)


@pytest.mark.parametrize("value", [1, [1], "a", range(3), Loud([1])])
def test_anything_else_stays(value):
    assert awaited(value) is value
