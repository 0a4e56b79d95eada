"""Explain why no kept reply fits a question: name what differs from the nearest one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from deepseek_magic.text import one_line

from .digest import SERVERS, Digest
from .kept import Kept, Origin

# The weight of a part in the search for the nearest request.
_WORTH = {"question": 100, "earlier turns": 10, "system": 3}
_WORDS = {
    "endpoint": "the endpoint",
    "model": "the model",
    "system": "the system text",
    "earlier turns": "the earlier turns of the conversation",
    "question": "the question",
    "images": "the images",
    "tools": "the tools",
    SERVERS: "the servers of the tools",
}
_CONTEXT, _SETTING = "context ", "setting "
_FOUND: dict[Origin, str] = {"memory": "this kernel", "record": "the record", "notebook": "the notebook"}
#: The beginning of the message if the same question is kept and something else differs.
NEAREST = "the nearest kept question"
#: How many differences are named; for more, only their number.
_NAMED = 4


def why_missing(now: Digest, kept: Iterable[Kept]) -> str:
    """Return in words what differs between the request ``now`` and the nearest that is ``kept``."""
    nearest = max(kept, key=lambda one: (_alike(now.parts, one.parts), one.answered), default=None)
    if nearest is None:
        return "nothing is kept"
    if now.parts.get("question") != nearest.parts.get("question"):
        return "no answer to this question is kept"
    differing = list(dict.fromkeys(_differing(now, nearest.parts))) or ["something"]
    more = f" and {len(differing) - _NAMED} more" if len(differing) > _NAMED else ""
    origin = f"{_FOUND[nearest.origin]}, {nearest.date}"
    return f"{NEAREST} ({origin}) differs in {', '.join(differing[:_NAMED])}{more}"


def _alike(one: Mapping[str, str], other: Mapping[str, str]) -> int:
    return sum(_WORTH.get(name, 1) for name, part in one.items() if other.get(name) == part)


def _differing(now: Digest, before: Mapping[str, str]) -> Iterator[str]:
    for name in {**now.parts, **before}:
        if now.parts.get(name) == before.get(name) or (name == SERVERS and now.fits(before)):
            continue
        if name.startswith(_SETTING):
            yield f"the setting {one_line(name.removeprefix(_SETTING), 40)}"
        elif not name.startswith(_CONTEXT):
            yield _WORDS.get(name, one_line(name, 40))
        elif name not in now.parts:
            yield "context that was sent then and is not now"
        else:
            added = "" if name in before else " (it was not sent then)"
            yield f"the context {one_line(now.names.get(name, name), 60)}{added}"
