"""The run over all values: joblib's workers, a progress bar, a cap on the cost, and a store of what is done.

The engine is joblib's: threads here unless the user configured another of its back ends (Dask, Ray), which then runs
the same tasks elsewhere.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import uuid
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any
from weakref import WeakValueDictionary

from deepseek_magic.api.catalogue import Cost, Prices, estimate_tokens, longest_reply
from deepseek_magic.api.events import Usage
from deepseek_magic.errors import CostLimit, DeepSeekError, Interrupted
from deepseek_magic.settings import Settings

from .results import Mapped, Outcome
from .work import Task, keep_key

#: Values that are asked at a time, unless the user says otherwise.
JOBS = 20
# Results that are kept for a run that is begun again.
_KEPT = 200_000


class Store:
    """What earlier runs were answered, so that a run begun again pays for nothing twice."""

    def __init__(self) -> None:
        self._known: dict[str, Outcome] = {}

    def __getitem__(self, key: str) -> Outcome:
        return self._known[key]

    def __contains__(self, key: str) -> bool:
        return key in self._known

    def keep(self, key: str, outcome: Outcome) -> None:
        """Keep ``outcome``, unless it is a failure."""
        if not outcome.error:
            self._known[key] = outcome
            while len(self._known) > _KEPT:
                del self._known[next(iter(self._known))]

    def forget(self, keys: Sequence[str]) -> None:
        """Forget what was answered to ``keys``."""
        for key in keys:
            self._known.pop(key, None)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a map asks: the prompts of all values, in order.

    Attributes:
        prompts: one for each value, secrets masked.
        settings: how each is asked, with the key.
        schema: the JSON Schema of the results; ``None`` for text.
        build: makes a result of a JSON value.
        prices: say what it costs.
        jobs: how many are asked at a time.
        find_key: finds the key in a process elsewhere.
        index: the labels of the values, if any.
    """

    prompts: Sequence[str]
    settings: Settings
    schema: dict[str, Any] | None
    build: Callable[[Any], Any]
    prices: Prices
    find_key: Callable[[str], Any]
    jobs: int = JOBS
    index: Any = None

    def keys(self) -> list[str]:
        """Return what tells equal questions from others: one digest for each prompt."""
        settings = self.settings
        names = ("base_url", "model", "system", "thinking", "temperature", "top_p", "max_tokens", "stop")
        shared = json.dumps([*(getattr(settings, name) for name in names), self.schema], default=str)
        before = hashlib.sha256(shared.encode("utf-8", "replace"))
        keys = []
        for prompt in self.prompts:
            digest = before.copy()
            digest.update(prompt.encode("utf-8", "replace"))
            keys.append(digest.hexdigest())
        return keys

    def estimate(self, todo: Mapping[str, str]) -> tuple[int, Cost | None]:
        """Return the tokens of the prompts in ``todo``, and what they may cost with their replies at the longest."""
        tokens = sum(map(estimate_tokens, todo.values())) + estimate_tokens(self.settings.system) * len(todo)
        longest = longest_reply(self.settings) * len(todo)
        at = datetime.now(timezone.utc)
        return tokens, self.prices.estimate(self.settings.base_url, self.settings.model, tokens, longest, at)


def run(plan: Plan, store: Store, progress: Callable[[int], Any], say: Callable[[str], object]) -> Mapped:
    """Ask every prompt of ``plan`` that ``store`` does not know, and return the results of all.

    Args:
        plan: what is asked.
        store: keeps what is answered, at once.
        progress: makes a progress bar for so many questions; it has ``update(n)`` and ``close()``.
        say: tells the user one line.

    Raises:
        Interrupted: the user stopped it. It, and each `DeepSeekError`, has the results so far as ``reply``.
        CostLimit: the limit on the cost is reached.
        DeepSeekError: every value would fail in the same way: a refused key, no money.
    """
    keys = plan.keys()
    todo = {key: prompt for key, prompt in zip(keys, plan.prompts, strict=True) if key not in store}
    tokens, cost = plan.estimate(todo)
    if todo:
        rest = "" if len(todo) == len(keys) else f" ({len(keys) - len(todo):,} are equal to another or known already)"
        price = "" if cost is None else f", from {_low(cost)} for the prompts alone"
        say(f"Asking {len(todo):,} of {len(keys):,} values{rest}: about {tokens:,} tokens in{price}.")
    tally = _Tally(plan)
    tally.check(Usage(tokens, 0))
    error: DeepSeekError | Interrupted | None = None
    failed: dict[str, Outcome] = {}
    outcomes = _outcomes(plan, todo, store)
    bar = progress(len(todo))
    try:
        for key, outcome in outcomes:
            store.keep(key, outcome)
            if outcome.error:
                failed[key] = outcome
            tally.add(outcome)
            bar.update(1)
            error = _fatal(outcome)
            if error is not None:
                break
            tally.check(tally.usage)
    except KeyboardInterrupt:
        error = Interrupted("stopped; every finished value is kept: run it again to go on")
    except DeepSeekError as raised:
        error = raised
    finally:
        outcomes.close()
        bar.close()
    mapped = _mapped(plan, keys, store, failed, tally)
    if error is not None:
        error.reply = mapped
        raise error
    return mapped


def _fatal(outcome: Outcome) -> DeepSeekError | None:
    if not outcome.fatal:
        return None
    return DeepSeekError(f"stopped, for every value would fail like this one: {outcome.error}")


def _outcomes(plan: Plan, todo: Mapping[str, str], store: Store) -> Generator[tuple[str, Outcome], None, None]:
    """Yield each question's key and outcome as they come, in any order."""
    import joblib  # most sessions never map

    settings = plan.settings
    keep_key(settings.base_url, settings.key)
    task = Task(settings.replaced(key=None), plan.schema, plan.find_key)
    # A hint, not an order: a back end that the user configured goes before it.
    parallel = joblib.Parallel(n_jobs=plan.jobs, prefer="threads", return_as="generator_unordered", batch_size=1)
    number = next(_numbers)
    _stores[number] = store
    results = parallel(joblib.delayed(_one)(task, key, prompt, number) for key, prompt in todo.items())
    yield from results


def _one(task: Task, key: str, prompt: str, number: str) -> tuple[str, Outcome]:
    outcome = task(prompt)
    store = _stores.get(number)
    if store is not None:  # in this process: kept even where nobody waits for it any more
        store.keep(key, outcome)
    return key, outcome


# The stores of the runs of this process, by a number that no run of another process has.
_stores: WeakValueDictionary[str, Store] = WeakValueDictionary()
_numbers = (f"{os.getpid()}-{uuid.uuid4().hex}-{count}" for count in itertools.count())


class _Tally:
    """Tokens and dollars so far, and the limit on them."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.usage = Usage()
        self.cost: Cost | None = None
        self.asked = 0

    def add(self, outcome: Outcome) -> None:
        self.asked += 1
        self.usage = self.usage + outcome.usage
        one = self._price(outcome.usage, outcome.model)
        if one is not None:
            self.cost = one if self.cost is None else self.cost + one

    def check(self, usage: Usage) -> None:
        """Raise `CostLimit` where ``usage`` costs more than the limit allows."""
        limit = self._plan.settings.max_cost
        if limit is None:
            return
        cost = self._price(usage, "")
        if cost is None:
            model = self._plan.settings.model
            msg = f"--max-cost: the price of {model} is not known; give it by %config DeepSeek.prices, or leave it out"
            raise CostLimit(msg)
        if cost.high > limit:
            msg = f"stopped at --max-cost {limit:g}: about {cost} so far; every finished value is kept"
            raise CostLimit(msg)

    def _price(self, usage: Usage, model: str) -> Cost | None:
        settings = self._plan.settings
        at = datetime.now(timezone.utc)
        return self._plan.prices.cost(settings.base_url, model or settings.model, usage, at, 0)


def _mapped(plan: Plan, keys: list[str], store: Store, failed: Mapping[str, Outcome], tally: _Tally) -> Mapped:
    """Put the outcomes into the order of the values."""
    results: list[Any] = []
    errors: dict[int, str] = {}
    built: dict[str, Any] = {}
    for place, key in enumerate(keys):
        if key in store and key not in built:
            outcome = store[key]
            try:
                built[key] = plan.build(outcome.json) if plan.schema is not None else outcome.text
            except DeepSeekError as error:
                built[key] = None
                errors[place] = str(error)
        if key in failed:
            errors[place] = failed[key].error
        results.append(built.get(key))
    return Mapped(results, errors, tally.usage, tally.cost, tally.asked, plan.index)


def _low(cost: Cost) -> str:
    return str(Cost(cost.low, cost.low, cost.as_of))
