"""The samples: replies written by hand, each in a file of its own in ``samples/``.

A file begins with header lines: ``question:`` (one or more; ``{fix}`` is the one of ``%deepseek_fix``), ``topic:``
(how a summary names it), ``after:`` (the sample that must have been asked before, by its file name without the
ending), ``needs:`` (one or more: a string that the context must hold, or ``image``). Sections follow, each below a
line with its name::

    --- thinking ---    a short thinking text
    --- reply ---       the reply; where calls are made, {{2}} stands for what the second gave, {{2.name}} for its part,
                        and [2] cites the second page that was found
    --- json ---        the reply where JSON is asked for
    --- calls ---       one call a line, the name and its arguments in JSON; a blank line begins the next round
    --- values ---      VALUE => REPLY, one a line, for a question with {value} in it

The thinking and one of reply, JSON and values must be there. A new example needs a new file and nothing else.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

from deepseek_magic.context.sentences import FIX

from .computed_answers import normalised

_SECTION = re.compile(r"^--- (thinking|reply|json|calls|values) ---\n", re.MULTILINE)
_PLACE = "{value}"
_RESULT = re.compile(r"\{\{(\d+)((?:\.\w+)*)\}\}")
Rounds = tuple[tuple[tuple[str, str], ...], ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """One hand-written reply, with the fields of its file; the questions are normalised."""

    name: str
    questions: tuple[str, ...]
    topic: str
    after: str
    needs: tuple[str, ...]
    thinking: str
    reply: str
    json: str = ""
    rounds: Rounds = ()
    values: Mapping[str, str] = field(default_factory=dict)

    def answers(self, question: str) -> bool:
        """Return whether this is the sample for ``question`` (normalised)."""
        return question in self.questions or bool(self.value(question))

    def value(self, question: str) -> str:
        """Return the reply about the value in ``question``; "" if there is none."""
        asked = normalised(question)
        for pattern in self.questions if self.values else ():
            before, place, behind = pattern.partition(_PLACE)
            if place and asked.startswith(before) and asked.endswith(behind):
                return self.values.get(normalised(asked[len(before) : len(asked) - len(behind)]), "")
        return ""


def parse(name: str, source: str) -> Sample:
    """Return the sample in ``source``, the text of its file; raises ``ValueError`` if a part is missing."""
    head, *rest = _SECTION.split(source)
    parts = {section: text.strip() for section, text in zip(rest[::2], rest[1::2], strict=True)}
    pairs = (line.replace("{fix}", FIX).partition(":") for line in head.splitlines())
    fields = [(key, value.strip()) for key, _, value in pairs if value]
    one = dict(fields)
    asked = tuple(normalised(value) for key, value in fields if key == "question")
    said = [parts.get(section) for section in ("reply", "json", "values")]
    if not (asked and one.get("topic") and "thinking" in parts and any(said)):
        raise ValueError(f"the sample {name} lacks a question, a topic, a thinking text or a reply")
    return Sample(
        name=name,
        questions=asked,
        topic=one["topic"],
        after=one.get("after", ""),
        needs=tuple(value for key, value in fields if key == "needs"),
        thinking=parts["thinking"],
        reply=parts.get("reply", ""),
        json=parts.get("json", ""),
        rounds=_rounds(parts.get("calls", "")),
        values=_values(parts.get("values", "")),
    )


def _rounds(text: str) -> Rounds:
    rounds = (block.splitlines() for block in text.split("\n\n") if block.strip())
    return tuple(tuple((line.partition(" ")[0], line.partition(" ")[2]) for line in lines) for lines in rounds)


def _values(text: str) -> dict[str, str]:
    pairs = (line.partition(" => ") for line in text.splitlines() if line.strip())
    return {normalised(value): reply.strip() for value, _, reply in pairs}


@functools.cache
def samples() -> tuple[Sample, ...]:
    """Return all samples, by name."""
    files = (resources.files("deepseek_magic.demo") / "samples").iterdir()
    found = [(entry.name.removesuffix(".md"), entry) for entry in files if entry.name.endswith(".md")]
    return tuple(parse(name, entry.read_text("utf-8")) for name, entry in sorted(found, key=lambda pair: pair[0]))


def samples_for(question: str) -> list[Sample]:
    """Return the samples that answer this question, whatever they need."""
    asked = normalised(question)
    return [sample for sample in samples() if sample.answers(asked)]


def filled(text: str, results: Sequence[str]) -> str:
    """Return ``text`` with its placeholders replaced by results of calls; "" if a result is missing."""
    missing: list[str] = []

    def place(found: re.Match[str]) -> str:
        number, path = int(found[1]), found[2].split(".")[1:]
        value: Any = results[number - 1] if 0 < number <= len(results) else None
        try:
            value = json.loads(value) if path else value
            for name in path:
                value = value[name] if isinstance(value, dict) else value[int(name)]
        except (ValueError, LookupError, TypeError):
            value = None
        if value is None:
            missing.append(found[0])
        return str(value)

    said = _RESULT.sub(place, text)
    return "" if missing else said
