"""The values of a map that a record file keeps: found before anything is asked, and added as they are answered."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from deepseek_magic.api.messages import Message, Request
from deepseek_magic.batch.engine import Job
from deepseek_magic.batch.results import ValueOutcome
from deepseek_magic.errors import DeepSeekError, NotKept
from deepseek_magic.record.digest import digest_of, renumbered
from deepseek_magic.record.kept import Kept
from deepseek_magic.settings.asking import Asking
from deepseek_magic.text import counted

from .session import Session

if TYPE_CHECKING:
    from deepseek_magic.record.library import Record


def from_record(
    session: Session, job: Job, asking: Asking, say: Callable[[str], object], *, fresh: bool
) -> tuple[Job, MapRecording | None]:
    """Return ``job``, ready to be run, and what adds its answers to the record; what is kept is in the store by then.

    Args:
        session: has the record and the store.
        job: with settings that are not ready as yet: where all is kept, no key is needed.
        asking: how it is asked.
        say: shows the user one line.
        fresh: whether all values are asked.

    Raises:
        NotKept: only kept answers will do, and some are not kept.
        DeepSeekError: as `Session.ready`.
    """
    record = session.files.record(asking.record) if asking.record else None
    for note in () if record is None else session.once(record.notes):
        say(note)
    session.store.recording = None
    kept: dict[str, ValueOutcome] = {}
    requests = {} if record is None else _requests(job)
    if record is not None and asking.replay in ("auto", "only") and not fresh:
        found = ((prompt, _found(record, request, job)) for prompt, request in requests.items())
        kept = {prompt: outcome for prompt, outcome in found if outcome is not None}
    prompts = [prompt for prompt in job.prompts if prompt is not None]
    known = {prompt for prompt, key in _keys(job).items() if not fresh and session.store.get(key) is not None}
    if missing := len({*prompts} - kept.keys() - known):
        if asking.replay == "only":
            msg = f"not asked (--replay only): {counted(missing, 'value')} of {len(prompts):,} not kept in a record"
            raise NotKept(f"{msg}; --replay auto asks the endpoint")
        job = replace(job, settings=session.ready(job.settings))
    keys = _keys(job)
    for prompt, outcome in kept.items():
        session.store.keep(keys[prompt], outcome)
    if record is None or asking.no_record:
        return job, None
    by_key = {key: (requests[prompt], prompt) for prompt, key in keys.items() if prompt not in kept}
    session.store.recording = recording = MapRecording(record, by_key)
    return job, recording


class MapRecording:
    """Adds answers to a record as they come, from several threads."""

    def __init__(self, record: Record, values: Mapping[str, tuple[str, str]]) -> None:
        self._record = record
        self._values = dict(values)
        #: Why answers are not in the record; "" if all are.
        self.problem = ""

    def __call__(self, key: str, outcome: ValueOutcome) -> None:
        """Add the answer to the value of ``key``, where it is whole."""
        request, prompt = self._values.pop(key, ("", ""))
        if not request or outcome.failed or outcome.cut:
            return
        now = f"{datetime.now(timezone.utc):%Y-%m-%dT%H:%M:%SZ}"
        kept = Kept(request, outcome.text, now, model=outcome.model, usage=outcome.usage, question=prompt, sent=prompt)
        try:
            self._record.add(kept)
        except DeepSeekError as error:  # what was paid for is a result all the same
            self.problem = str(error)


def _keys(job: Job) -> dict[str, str]:
    """Return by each prompt its key in the store."""
    return {prompt: key for prompt, key in zip(job.prompts, job.digests(), strict=True) if prompt is not None and key}


def _requests(job: Job) -> dict[str, str]:
    """Return by each prompt the digest of its request: that of what all have in common, and the prompt."""
    settings = job.settings
    system = [Message("system", settings.system)] if settings.system else []
    shared = digest_of(Request(settings, (*system, Message("user", job.before)))).whole
    begun = hashlib.sha256(json.dumps(["map", shared, job.schema], sort_keys=True, default=str).encode())
    made = {}
    for prompt in job.prompts:
        if prompt is not None and prompt not in made:
            digest = begun.copy()
            digest.update(renumbered(prompt).encode("utf-8", "replace"))
            made[prompt] = digest.hexdigest()
    return made


def _found(record: Record, request: str, job: Job) -> ValueOutcome | None:
    """Return the kept answer, its value made by today's schema; ``None`` if it is not kept, or does not fit."""
    kept = record.find(request)
    if kept is None:
        return None
    if job.shape is None:
        return ValueOutcome(kept.text, model=kept.model)
    with suppress(Exception):  # a schema may run code of the user's
        return ValueOutcome(kept.text, job.shape.read(kept.text).data, model=kept.model)
    return None
