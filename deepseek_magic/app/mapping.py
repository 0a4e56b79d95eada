"""Prepare and run a map, for ``%deepseek_map`` and `deepseek_magic.map`."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from deepseek_magic.batch.engine import JOBS, Job, run
from deepseek_magic.batch.results import Mapped
from deepseek_magic.batch.values import Values, is_missing
from deepseek_magic.errors import OptionError, QuestionError, SecretFound
from deepseek_magic.guard import Redactor
from deepseek_magic.settings.keys import Environment, Key, environment_key
from deepseek_magic.settings.resolve import resolve_asking
from deepseek_magic.text import one_line, words_of

if TYPE_CHECKING:
    from deepseek_magic.guard.cleaning import Cleaned, Guard
    from deepseek_magic.render.progress import Progress
    from deepseek_magic.structured.shape import Shape

    from .session import Session

#: The placeholder for the value in the prompt.
PLACE = "{value}"
# The most estimated tokens of the description of a value that is not a string.
_DESCRIBED = 2_000


def key_here(base_url: str) -> Key | None:
    """Return the key that this process finds for ``base_url``; named in tasks that run elsewhere."""
    return environment_key(Environment(os.environ), base_url)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a map should do.

    Attributes:
        prompt: the prompt, with ``{value}`` in place of each value.
        options: the options of the questions, by field name.
        schema: the form of each result: anything that ``--schema`` takes; ``None`` for text.
        names: the namespace in which string annotations are resolved.
        jobs: how many values are asked at a time.
        fresh: whether values that were answered before are asked again.
        hidden: returns whether code with a file name is never sent.
    """

    prompt: str
    options: Mapping[str, Any]
    schema: Any = None
    names: Mapping[str, Any] | None = None
    jobs: Any = JOBS
    fresh: bool = False
    hidden: Callable[[str], bool] | None = None


def map_values(
    session: Session,
    config: Mapping[str, Any],
    values: Values,
    wanted: Wanted,
    *,
    progress: Callable[[int], Progress],
    say: Callable[[str], object],
) -> Mapped:
    """Ask one prompt of each of ``values``; see `deepseek_magic.map`.

    Args:
        session: keeps and counts the answers.
        config: the configured settings.
        values: the values.
        wanted: the prompt and how to ask it.
        progress: makes a progress bar.
        say: shows the user one line.

    Raises:
        DeepSeekError, Interrupted: as `deepseek_magic.batch.engine.run`.
    """
    asking, recording = resolve_asking(wanted.options, config, session.environ), None
    replays = bool(asking.record) or asking.replay == "only"
    job = job_of(session, config, values, wanted, say, ready=not replays)
    if replays:
        from .map_replay import from_record  # most maps have no record

        job, recording = from_record(session, job, asking, say, fresh=wanted.fresh)
    if wanted.fresh:
        session.store.forget(key for key in job.digests() if key is not None)
    try:
        return run(job, session.store, progress, say)
    finally:
        if recording is not None and recording.problem:
            say(f"Answers of this map are not in the record: {recording.problem}.")


def job_of(
    session: Session,
    config: Mapping[str, Any],
    values: Values,
    wanted: Wanted,
    say: Callable[[str], object],
    *,
    ready: bool = True,
) -> Job:
    """Return the job for ``values``, with secrets masked; ``ready`` with a key and a model.

    Raises:
        QuestionError: the prompt has no place for the value.
        SecretFound: the guard refuses.
        ConfigurationError: a setting cannot be used.
    """
    prompt = wanted.prompt
    if PLACE not in prompt:
        raise QuestionError(_no_place(prompt))
    if isinstance(wanted.jobs, bool) or not isinstance(wanted.jobs, int) or wanted.jobs < 1:
        msg = f"jobs is {one_line(repr(wanted.jobs), 40)}: expected a whole number from 1"
        raise OptionError(msg)
    question = session.question(prompt, wanted.options, config)
    question.guard.learn(wanted.names or {})
    settings = session.ready(question.settings) if ready else question.settings
    instructed, shape = _form(wanted)
    for note in question.notes:
        say(note)
    clean = question.guard.clean
    asked, unfit = _prompts(question.guard, values, wanted)
    system, before = clean(settings.system, "the system text"), clean(instructed, "the schema")
    # the same secret has the same mask wherever it stands
    labels = {
        text.text[found.start : found.end] for text in (*asked, system, before) if text for found in text.findings
    }
    return Job(
        prompts=[None if text is None else text.text for text in asked],
        settings=replace(settings, system=system.text),
        prices=question.prices,
        budget=question.budget,
        find_key=key_here,
        count=lambda outcome, cost: session.tallies.count_mapped(outcome, cost, settings.model),
        before=before.text,
        shape=shape,
        jobs=wanted.jobs,
        labels=values.labels,
        secrets=len(labels),
        masked=sum(text is not None and bool(text.findings) for text in asked),
        unfit=unfit,
    )


def _no_place(prompt: str) -> str:
    """Return the message that ``prompt`` has no place for the value."""
    if not prompt.strip():
        return f"there is no prompt: write it after the values and the options, with {PLACE} where the value goes"
    other = re.search(r"\{\s*\w*\s*\}", prompt)
    meant = f"write {PLACE} for {one_line(other[0], 40)}" if other else "write it where the value goes"
    return f"the prompt has no {PLACE}, so every value would get the same question: {meant}"


def _prompts(guard: Guard, values: Values, wanted: Wanted) -> tuple[list[Cleaned | None], dict[int, str]]:
    """Return the prompt of each value, ``None`` if it has none, and why a value cannot be asked about."""
    asked: list[Cleaned | None] = []
    unfit: dict[int, str] = {}
    for place, value in enumerate(values.items):
        try:
            redactor = Redactor(guard, f"value {place}", wanted.hidden)
            text = None if is_missing(value) else wanted.prompt.replace(PLACE, _described(value, redactor))
            asked.append(None if text is None else guard.clean(text, redactor.where))
        except SecretFound:
            raise
        except Exception as error:  # noqa: BLE001  # code of the value's own: the others are asked
            asked.append(None)
            unfit[place] = words_of(error)
    return asked, unfit


def _form(wanted: Wanted) -> tuple[str, Shape | None]:
    """Return the text before each prompt, and the shape of a result (``None`` for text)."""
    if wanted.schema is None:
        return "", None
    from deepseek_magic.structured.shape import Shape

    shape = Shape.of(wanted.schema, wanted.names)
    # The instructions come first, because the endpoint's cache then serves what all questions share.
    return f"{shape.instructions}\n\n", shape


def _described(value: Any, redactor: Redactor) -> str:
    if isinstance(value, str):
        return value
    from deepseek_magic.description import describe, text_of  # strings need none of it

    text = text_of(value)
    if text is not None:
        return text
    text = describe(value, tokens=_DESCRIBED, redactor=redactor, needed=True)
    redactor.check()
    return text
