"""Run a map: reuse known results, ask the rest with a progress bar and a limit on the cost, and collect the results."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from deepseek_magic.api.catalogue import Cost, Prices, longest_reply
from deepseek_magic.chat.interrupts import Interrupts
from deepseek_magic.chat.kernel_budget import Budget
from deepseek_magic.errors import DeepSeekError, Interrupted
from deepseek_magic.settings.keys import Key
from deepseek_magic.settings.parameters import IN_REQUEST, Settings
from deepseek_magic.text import counted, estimate_tokens, words_of

from . import cluster
from .cap import Cap
from .results import Mapped, ValueOutcome
from .store import Store
from .threads import Run
from .work import ValueTask

if TYPE_CHECKING:
    from deepseek_magic.render.progress import Progress
    from deepseek_magic.structured.shape import Shape

#: How many values are asked at a time by default.
JOBS = 20


@dataclass(frozen=True, slots=True)
class Job:
    """What a map asks: the prompts of all values, in order.

    Attributes:
        prompts: one for each value, with secrets masked; ``None`` for a missing value.
        settings: the settings for each value, with the key.
        prices: the prices.
        find_key: finds the key in another process.
        count: called with each outcome that was paid for, and its cost if the price is known.
        before: text before each prompt.
        shape: the shape of the results; ``None`` for text.
        budget: the budget of the kernel.
        jobs: how many are asked at a time.
        labels: the labels of the values, if any.
        secrets: how many different secrets were masked, and ``masked`` in how many prompts.
        unfit: why a value cannot be asked about, by its position; its prompt is ``None``.
    """

    prompts: Sequence[str | None]
    settings: Settings
    prices: Prices
    find_key: Callable[[str], Key | None]
    count: Callable[[ValueOutcome, Cost | None], object]
    before: str = ""
    shape: Shape | None = None
    budget: Budget | None = None
    jobs: int = JOBS
    labels: Any = None
    secrets: int = 0
    masked: int = 0
    unfit: Mapping[int, str] = field(default_factory=dict)

    @property
    def schema(self) -> dict[str, Any] | None:
        """The JSON Schema of the results; ``None`` for text."""
        return None if self.shape is None else self.shape.schema

    def digests(self) -> list[str | None]:
        """Return one digest for each prompt: equal questions have equal digests."""
        settings = {name: getattr(self.settings, name) for name in IN_REQUEST}
        shared = json.dumps([settings, self.schema, self.before], default=str)
        digest = hashlib.sha256(shared.encode("utf-8", "replace"))
        return [None if prompt is None else _digest(digest, prompt) for prompt in self.prompts]

    def estimate(self, todo: Mapping[str, str], at: datetime | None = None) -> tuple[int, Cost | None]:
        """Return the tokens of the prompts in ``todo``, and the range of their cost with the longest replies.

        ``at`` is when they are asked; ``None`` for now.
        """
        shared = estimate_tokens(self.settings.system) + estimate_tokens(self.before)
        tokens = sum(map(estimate_tokens, todo.values())) + shared * len(todo)
        longest = longest_reply(self.settings) * len(todo)
        at = at or datetime.now(timezone.utc)
        return tokens, self.prices.estimate(self.settings.base_url, self.settings.model, tokens, longest, at)


def _digest(shared: Any, prompt: str) -> str:
    digest = shared.copy()
    digest.update(prompt.encode("utf-8", "surrogatepass"))
    return str(digest.hexdigest())


def run(job: Job, store: Store, progress: Callable[[int], Progress], say: Callable[[str], object]) -> Mapped:
    """Ask every prompt of ``job`` that ``store`` does not know, and return the results of all.

    Args:
        job: the map.
        store: keeps every answer as soon as it comes.
        progress: makes a progress bar, given the number of questions.
        say: shows the user one line.

    Raises:
        Interrupted: the user stopped it. It, and each `DeepSeekError`, has the results so far as ``reply``. Requests
            that were under way come to their end by themselves, and `Store` keeps their replies.
        CostLimit: the limit on the cost is reached, or would be by just the prompts.
        DeepSeekError: every value would fail in the same way: a refused key, no money, an endpoint out of order.
    """
    keys = job.digests()
    prompts = {key: prompt for key, prompt in zip(keys, job.prompts, strict=True) if key and prompt is not None}
    known = {key: outcome for key in prompts if (outcome := store.get(key)) is not None}
    built = {key: _built(job, outcome) for key, outcome in known.items()}
    # kept answers that no result can be built from are asked again, unless the user has corrected the class since
    unbuilt = [key for key, (why, _) in built.items() if why]
    for key in unbuilt:
        del known[key], built[key]
    todo = {key: prompt for key, prompt in prompts.items() if key not in known}
    cap = Cap(job.settings, job.prices, job.count, job.budget)
    error: DeepSeekError | Interrupted | None = None
    try:
        _announce(job, todo, cap, say)
    except DeepSeekError as refused:
        error = refused
    working = Run(task_of(job), job.settings.key, store, cap, job.jobs)
    working.outcomes.update(known)
    if todo and error is None:
        store.forget(unbuilt)
        error = _work(job, working, cap, todo, progress(len(todo)), say)
    working.stop()
    mapped = _mapped(job, keys, dict(working.outcomes), built, cap)
    if error is not None:
        error.reply = mapped
        raise error
    return mapped


def task_of(job: Job) -> ValueTask:
    """Return the task for each value of ``job``, without the key."""
    return ValueTask(replace(job.settings, key=None), job.shape, job.before, job.find_key)


def _announce(job: Job, todo: Mapping[str, str], cap: Cap, say: Callable[[str], object]) -> None:
    if not todo:
        return
    tokens, cost = job.estimate(todo)
    cap.check(tokens)
    count = len(job.prompts)
    rest = count - len(todo)
    left = f" (not asked: {rest:,} missing, duplicate or already known)" if rest else ""
    price = "" if cost is None else f", from {_low(cost)} for just the prompts"
    say(f"Asking {len(todo):,} of {counted(count, 'value')}{left}: about {counted(tokens, 'token')} in{price}.")


def _work(
    job: Job, working: Run, cap: Cap, todo: Mapping[str, str], bar: Progress, say: Callable[[str], object]
) -> DeepSeekError | Interrupted | None:
    """Ask everything in ``todo``; return the error that ended it early, if any."""
    steps: Generator[Iterable[tuple[str, ValueOutcome]], None, None]
    if cluster.is_configured():
        steps = cluster.asked(task_of(job), job.settings.key, todo, job.jobs, working.slots.stopped)
    else:
        if note := cluster.note():
            say(note)
        steps = working.asked(todo, job.jobs)
    shown = len(working.outcomes)
    with Interrupts() as interrupts:
        try:
            for came in steps:
                with interrupts.held():
                    for digest, outcome in came:
                        working.take(digest, outcome)
                    done = len(working.outcomes)
                    bar.update(done - shown)
                    shown = done
                if working.error is not None:
                    break
        except KeyboardInterrupt:
            return Interrupted("stopped; every finished value is kept: run it again to continue")
        except Exception as error:  # noqa: BLE001  # a dead worker or actor of a cluster, in the words of its library
            msg = f"the workers failed ({words_of(error)}); every finished value is kept: run it again to continue"
            return DeepSeekError(msg)
        finally:
            interrupts.hold()
            working.stop()
            with suppress(KeyboardInterrupt):  # requests under way end by themselves
                steps.close()
                bar.close()
    return cap.error() if cap.reached else working.error


def _mapped(
    job: Job,
    keys: Sequence[str | None],
    outcomes: Mapping[str, ValueOutcome],
    before: Mapping[str, tuple[str | None, Any]],
    cap: Cap,
) -> Mapped:
    """Return the results in the order of the values; some were built ``before``."""
    built = {key: before.get(key) or _built(job, outcome) for key, outcome in outcomes.items()}
    pairs = [
        (job.unfit.get(place, ""), None) if key is None else built.get(key, (None, None))
        for place, key in enumerate(keys)
    ]
    properties = (job.schema or {}).get("properties")
    return Mapped(
        [result for _, result in pairs],
        errors={place: error for place, (error, _) in enumerate(pairs) if error},
        cut={
            place: outcomes[key].cut for place, key in enumerate(keys) if key and key in outcomes and outcomes[key].cut
        },
        usage=cap.usage,
        cost=cap.cost,
        asked=cap.asked,
        waiting=sum(error is None for error, _ in pairs),
        missing=sum(key is None for key in keys) - len(job.unfit),
        labels=job.labels,
        fields=properties if isinstance(properties, dict) else (),
        secrets=job.secrets,
        masked=job.masked,
    )


def _built(job: Job, outcome: ValueOutcome) -> tuple[str | None, Any]:
    """Return why there is no result ("" if there is one, ``None`` if it was not asked), and the result."""
    if outcome.stopped:
        return None, None
    if outcome.error:
        return outcome.error, None
    try:
        return "", outcome.text if job.shape is None else job.shape.build(outcome.json)
    except Exception as error:  # noqa: BLE001  # the other values are returned in any case
        return words_of(error, 500), None


def _low(cost: Cost) -> str:
    return str(Cost(cost.low, cost.low, cost.as_of))
