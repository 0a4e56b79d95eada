"""What is made at its first use is one for all threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from deepseek_magic.first_use import MadeOnce


class Holder:
    def __init__(self, makers: int) -> None:
        self.made: list[object] = []
        self.all_make = Barrier(makers)

    @MadeOnce
    def value(self) -> object:
        """The value."""
        self.all_make.wait(60)
        self.made.append(object())
        return self.made[-1]


def test_it_is_made_when_it_is_read_and_only_then():
    holder = Holder(1)
    assert "value" not in vars(holder)
    assert holder.value is holder.value is vars(holder)["value"]
    assert len(holder.made) == 1
    assert Holder.value.__doc__ == "The value."


def test_threads_that_make_it_at_the_same_moment_get_the_same():
    holder = Holder(3)
    with ThreadPoolExecutor(3) as threads:
        values = {id(value) for value in threads.map(lambda _: holder.value, range(3))}
    assert len(holder.made) == 3
    assert values == {id(holder.value)}
