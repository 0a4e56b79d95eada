"""`Library`: look for kept replies in this kernel's memory, in a record file, and in the notebook's file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice
from typing import Any, Protocol

from deepseek_magic.api.events import Served
from deepseek_magic.errors import ConfigurationError
from deepseek_magic.text import counted

from .digest import Digest
from .kept import Kept, Numbered, read_block
from .missing import why_missing
from .shelf import Shelf, any_kept

#: Among how many kept requests the nearest is looked for.
_LOOKED_AT = 500


class Record(Protocol):
    """A record file, which is written or read-only."""

    notes: tuple[str, ...]
    writes: bool

    def open(self) -> None:
        """Open it, and set ``notes``, notices to be shown once. Raises `ConfigurationError`."""

    def find(self, request: str, cell: str | None = "", fits: Callable[[Kept], bool] = any_kept) -> Kept | None:
        """Return the reply to ``request``, asked by ``cell``, that ``fits``."""

    def same(self, request: str, answered: str, text: str) -> Kept | None:
        """Return the reply that came at ``answered`` with this ``text``; ``None`` if it is not kept."""

    def newest(self) -> Iterator[Kept]:
        """Yield the replies, newest first."""

    def search(self, words: Sequence[str], most: int) -> list[Numbered]:
        """Return the newest ``most`` replies that hold all of ``words`` in their questions or answers."""

    def reply(self, number: int) -> Numbered | None:
        """Return the reply ``number``; ``None`` if there is none."""

    def add(self, kept: Kept) -> None:
        """Add a reply."""

    def close(self) -> None:
        """Close it."""


def _with_summary(found: Mapping[str, Any], text: str) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Yield the summary of earlier turns that was made for an output, if any, and then the output."""
    summary = found.get("summary")
    if isinstance(summary, dict) and isinstance(summary.get("text"), str):
        yield {**summary, "state": "complete"}, summary["text"]
    yield found, text


class Library:
    """The kept replies of one kernel; ``record`` is the record file, if there is one."""

    def __init__(self) -> None:
        self._memory = Shelf()
        self._notebook: Shelf | None = None
        self._changes: set[tuple[str, str, str, str]] = set()
        self.record: Record | None = None

    @property
    def needs_notebook(self) -> bool:
        """Whether the notebook's file has not been read yet."""
        return self._notebook is None

    def take_notebook(self, saved: Iterable[tuple[Mapping[str, Any], str]]) -> tuple[str, ...]:
        """Add the replies of the notebook's file, each the metadata of an output and its text.

        Returns:
            A sentence for each kind of reply that is not used.
        """
        self._notebook, skipped = Shelf(in_order=True), Counter[str]()
        for found, text in (each for one in saved for each in _with_summary(*one)):
            if found.get("state") != "complete" or ("checksum" not in found and found.get("version") == 1):
                continue
            try:
                kept = read_block(found, text)
            except ValueError as error:
                skipped[str(error)] += 1
                continue
            cell = found.get("cell")
            self._notebook.add(replace(kept, cell=cell if isinstance(cell, str) else "", origin="notebook"))
        return tuple(
            f"{counted(count, 'saved reply', 'saved replies')} of the notebook not used: each {why}."
            for why, count in skipped.items()
        )

    def keep(self, kept: Kept) -> None:
        """Keep a reply in this kernel."""
        self._memory.add(kept)

    def find(self, request: str, cell: str | None, fits: Callable[[Kept], bool] = any_kept) -> Kept | None:
        """Return the kept reply to ``request``, asked by ``cell``, that ``fits``; ``None`` if there is none.

        ``cell`` is "" if it is not known, and ``None`` for the newest reply.
        """
        if found := self._memory.find(request, cell, fits):
            return found
        if self.record is not None and (found := self.record.find(request, cell, fits)):
            return found.found_in("record")
        return None if self._notebook is None else self._notebook.find(request, cell, fits)

    def same(self, request: str, answered: str, text: str) -> Kept | None:
        """Return the reply that came at ``answered`` with this ``text``, as this user kept it; ``None`` for none.

        The notebook's file is not searched, because it may come from anybody.
        """
        found = self._memory.same(request, answered, text)
        return found or (None if self.record is None else self.record.same(request, answered, text))

    def of_another_model(self, request: str, served: Served) -> Kept | None:
        """Return the kept reply to ``request`` if a model other than ``served``, or another version of it, gave it.

        Each change is reported once.
        """
        try:
            kept = self.find(request, None)
        except ConfigurationError:  # the reply is complete and returned; the failure to record it is reported later
            return None
        if kept is None or not (kept.model and served.model):
            return None
        same = not (kept.fingerprint and served.fingerprint) or kept.fingerprint == served.fingerprint
        change = (kept.model, kept.fingerprint, served.model, served.fingerprint)
        if (kept.model == served.model and same) or change in self._changes:
            return None
        self._changes.add(change)
        return kept

    def why_missing(self, now: Digest) -> str:
        """Return in words what differs between the request ``now`` and the nearest that is kept."""
        recorded = iter(()) if self.record is None else (one.found_in("record") for one in self.record.newest())
        return why_missing(now, islice(chain(self._memory, self._notebook or (), recorded), _LOOKED_AT))
