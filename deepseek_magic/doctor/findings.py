"""`Finding`: the result of a check, as a line and as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Literal

State = Literal["fine", "look", "wrong", "not checked"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found.

    Attributes:
        check: what was checked, in a word or two.
        state: ``fine``; ``look`` for something that works but may surprise; ``wrong`` for what prevents questions.
        found: what was found.
        remedy: what to do; "" if there is nothing to do.
    """

    check: str
    state: State
    found: str
    remedy: str = ""

    @property
    def line(self) -> str:
        """The finding without the name of the check, in one line."""
        return f"{self.state}: {self.found}" + (f"; {self.remedy}" if self.remedy else "")

    def cleaned(self, clean: Callable[[str], str]) -> Finding:
        """Return this finding with its texts as ``clean`` returns them."""
        return replace(self, found=clean(self.found), remedy=clean(self.remedy))


def of_sentence(check: str, sentence: str, state: State = "wrong") -> Finding:
    """Return the finding for an error's ``sentence``: what happened, a semicolon or a colon, what to do."""
    found, mark, remedy = sentence.partition("; ")
    if not mark:
        found, _, remedy = sentence.rpartition(": ")
    return Finding(check, state, found, remedy)


def all_well(findings: Sequence[Finding]) -> bool:
    """Return whether none of ``findings`` is wrong."""
    return not any(finding.state == "wrong" for finding in findings)


def summary(findings: Sequence[Finding]) -> str:
    """Return in words how many of ``findings`` need attention, and which."""
    parts = []
    for state, words in (("wrong", "to fix"), ("look", "to look at")):
        if names := [finding.check for finding in findings if finding.state == state]:
            parts.append(f"{len(names)} {words} ({', '.join(names)})")
    return " and ".join(parts) or "all fine"


def as_json(findings: Sequence[Finding], **facts: str) -> str:
    """Return ``findings`` as JSON for a report, with ``facts`` about the run before them."""
    return json.dumps(
        {**facts, "ok": all_well(findings), "findings": [asdict(finding) for finding in findings]},
        ensure_ascii=False,
        indent=1,
    )
