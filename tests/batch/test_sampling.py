"""A sample of the values, asked first: which are chosen, how they are shown, and that the second run asks all."""

from __future__ import annotations

from deepseek_magic.api.catalogue import PRICES, Cost
from deepseek_magic.batch import sampling
from deepseek_magic.batch.engine import Job
from deepseek_magic.batch.results import Mapped
from deepseek_magic.batch.store import Store
from deepseek_magic.settings.parameters import Settings


def job(*prompts):
    return Job(prompts, Settings(), PRICES, None, None)


def test_the_first_run_takes_some_and_the_second_all():
    store, asked = Store(), job(*(f"p{n % 10}" for n in range(50)), None)
    places = sampling.chosen(asked, store, 4)
    assert len(places) == 4
    assert places == sorted(places)
    assert len({asked.prompts[place] for place in places}) == 4
    assert sampling.chosen(asked, store, 4) == []
    assert len(sampling.chosen(job("a", "b", "a"), store, 20)) == 2
    assert sampling.unique(asked) == 10


def test_rows_and_the_cost_of_all():
    mapped = Mapped(["yes", {"a": 1}, None], errors={2: "it failed"}, asked=3, cost=Cost(0.03, 0.06))
    rows = sampling.rows(["one", 2, "three", "four"], [0, 1, 3], mapped)
    assert rows == [("0", "one", "yes"), ("1", "2", "{'a': 1}"), ("3", "four", "failed: it failed")]
    said = sampling.cost_of_all(mapped, 1_000)
    assert said == "All 1,000 values would cost about $10.00 to $20.00. Run it again to ask the other 997."
    assert sampling.cost_of_all(Mapped(["x"]), 5) == "Run it again to ask the other 4 values."
