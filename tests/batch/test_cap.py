"""The limit on a run: what is admitted, what it counts, and that it is not passed by what is under way."""

from __future__ import annotations

import pytest

from deepseek_magic.api.events import Usage
from deepseek_magic.api.pricelist import load
from deepseek_magic.batch.cap import Cap
from deepseek_magic.batch.results import STOPPED, ValueOutcome
from deepseek_magic.errors import ConfigurationError, CostLimit
from deepseek_magic.settings.parameters import Settings

URL = "http://gpu.example:8000"
# A token of the prompt costs nothing, one of the reply a dollar, and the longest reply has 4 tokens.
PRICES = load({"as_of": "2026-01-01", "hosts": {"gpu.example:8000": {"m": {"cache_miss": 0, "output": 1e6}}}})


def cap(dollars, model="m", counted=None):
    settings = Settings(base_url=URL, model=model, max_cost=dollars, max_tokens=4)
    counted = [] if counted is None else counted
    return Cap(settings, PRICES, lambda *paid: counted.append(paid))


def paid(tokens, model="m"):
    return ValueOutcome("yes", usage=Usage(10, tokens), model=model)


def test_without_a_limit_everything_is_admitted():
    """A run without a limit needs no price, and never ends because of what it cost."""
    free = cap(None, model="unknown")
    free.check(10**9)
    assert [free.admit() for _ in range(50)] == [True] * 50
    free.settle(paid(1000, model=""))
    assert (free.reached, free.cost, free.asked, free.usage) == (False, None, 1, Usage(10, 1000))


def test_the_first_values_are_taken_to_cost_their_longest_reply():
    """At 4 dollars each, two of them fit into 10: the third waits until one of them is settled."""
    run = cap(10)
    assert [run.admit() for _ in range(3)] == [True, True, None]
    run.settle(paid(2))  # 2 dollars: one more is expected to cost 2 as well, and so is the one under way
    assert [run.admit() for _ in range(4)] == [True, True, True, None]


def test_the_limit_ends_the_run_once_nothing_is_under_way():
    """With 9 of 10 dollars spent on one value there is no room for another of its like."""
    run = cap(10)
    run.admit()
    run.settle(paid(9))
    assert [run.admit(), run.admit()] == [False, False]
    assert run.reached
    assert str(run.error()).startswith("stopped at --max-cost 10: about $9.00 so far; every finished value is kept")


def test_one_value_is_admitted_where_only_its_longest_reply_does_not_fit():
    """Where nothing was paid yet the expectation is a guess, which does not end the run."""
    run = cap(1)
    assert [run.admit(), run.admit()] == [True, None]


def test_every_outcome_that_was_paid_for_is_counted_once():
    """What was stopped counts for nothing; a failure without tokens was asked and cost nothing."""
    counted = []
    run = cap(100, counted=counted)
    for outcome in (paid(1), paid(2, model="served under another name"), ValueOutcome(error="no"), STOPPED):
        assert run.admit()
        run.settle(outcome)
    assert (run.asked, run.usage) == (3, Usage(20, 3))
    assert [(outcome.usage.completion, cost.high) for outcome, cost in counted] == [(1, 1.0), (2, 2.0)]
    assert run.cost.high == 3.0


def test_what_was_asked_elsewhere_reaches_the_limit_when_it_is_spent():
    """A value that was never admitted here is counted, and takes no place among those under way."""
    run = cap(3)
    run.settle(paid(2), admitted=False)
    assert not run.reached
    run.settle(paid(1), admitted=False)
    assert run.reached


def test_what_cannot_be_held_is_refused_before_anything_is_asked():
    """There is no limit without a price, and none that just the prompts would pass."""
    with pytest.raises(ConfigurationError, match=r"^--max-cost: the price of other at http://gpu\.example:8000 is not"):
        cap(1, model="other").check(1)
    dear = load({"as_of": "2026-01-01", "hosts": {"gpu.example:8000": {"m": {"cache_miss": 1e6, "output": 0}}}})
    run = Cap(Settings(base_url=URL, model="m", max_cost=2), dear, print)
    run.check(2)
    with pytest.raises(
        CostLimit, match=r"^not asked: just the prompts would cost about \$3\.00, and --max-cost is \$2;"
    ):
        run.check(3)
