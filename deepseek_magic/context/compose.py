"""From items to the message: mask what is secret, cut to the budget, wrap as data, and keep the receipt."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from deepseek_magic.api.images import IMAGE_TOKENS
from deepseek_magic.errors import SecretFound
from deepseek_magic.guard import Guard, safe_cut
from deepseek_magic.text import estimate_tokens, one_line

from . import budget as budgets
from .items import Item
from .receipt import Entry, Receipt
from .sources import KINDS
from .wrapping import wrap

# Of what is left out altogether so many characters are read for the secrets that it names.
_GLANCE = 4_000
_MENTIONED = 20
# How notes begin that are only for the user, or that the text itself shows; and how they end, with advice.
_NOT_SENT = ("not searched", "its output is cut", "kept back")
_ADVICE = "; save the notebook"
#: The titles of the blocks that name the items whose text is not here.
UNCHANGED, LEFT_OUT = "unchanged since they were sent above", "left out for length"
_LONGEST_HEADING = 120  # `wrapping.wrap` cuts there


@dataclass(frozen=True, slots=True)
class Composed:
    """What is sent with one question.

    Attributes:
        content: the text of the user's message: the context, wrapped as data, then the question.
        question: only the question, secrets masked.
        images: the pictures that go with it, each a PNG or JPEG file.
        known: what a later question need not send again: a digest of each item that was sent, by what it is called;
            "" of one that was cut.
        receipt: what this message holds, as it is shown to the user.
    """

    content: str
    question: str
    receipt: Receipt
    images: tuple[bytes, ...] = ()
    known: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Part:
    """An item that is sent: its heading, its size, the tokens that it may cost, and what of it is looked at."""

    item: Item
    heading: str
    size: int
    tokens: int
    rough: str


def compose(
    question: str,
    items: Sequence[Item],
    *,
    budget: int,
    guard: Guard,
    marker: str,
    known: Mapping[str, str] = MappingProxyType({}),
    replaced: tuple[str, ...] = (),
) -> Composed:
    """Put ``question`` and its context together.

    Args:
        question: the text, its expressions replaced already.
        items: the context, in any order; it is sent from what changes least to what changes most.
        budget: estimated tokens that all items together may cost, the lines around each included.
        guard: masks secrets, or refuses them.
        marker: what the data is wrapped with; not to be guessed from outside.
        known: the latest of each item that stands in the conversation already, as `Composed.known` has it.
        replaced: for the receipt: the expressions that were replaced.

    Raises:
        SecretFound: the guard refuses, and there is a secret.
    """
    ordered = sorted((_titled(item, guard) for item in items), key=lambda item: KINDS[item.kind].changes)
    parts = _parts([item for item in ordered if known.get(_called(item)) != _digest(item)], budget)
    _look_at_all(question, parts, guard)
    asked = guard.clean(question, "the question")
    made = {id(part.item): _prepared(part, guard) for part in parts}
    entries = [
        made[id(item)][0] if id(item) in made else Entry(item.kind, item.title, 0, notes=item.notes, unchanged=True)
        for item in ordered
    ]
    pieces = [(part.heading, made[id(part.item)][1]) for part in parts if part.tokens]
    mentions = _mentions([(_heading(item), entry) for item, entry in zip(ordered, entries, strict=True)])
    content, frame = _message(asked.text, pieces, mentions, marker)
    masked = tuple(finding.kind for finding in asked.findings)
    framed = [Entry("frame", "lines around the context", frame)] if frame else []
    own = Entry("question", "question", estimate_tokens(asked.text), masked=masked)
    receipt = Receipt((*entries, *framed, own), replaced=replaced)
    images = tuple(part.item.image for part in parts if part.item.image)
    sent = {
        _called(item): "" if entry.left_out else _digest(item)
        for item, entry in zip(ordered, entries, strict=True)
        if entry.tokens
    }
    return Composed(content, asked.text, receipt, images, sent)


def _message(
    asked: str, pieces: Sequence[tuple[str, str]], mentions: Sequence[tuple[str, str]], marker: str
) -> tuple[str, int]:
    """Return what is ``asked`` with the blocks before it, and the tokens of all that frames the texts of ``pieces``."""
    if not (pieces or mentions):
        return asked, 0
    frame = wrap([*((heading, "") for heading, _ in pieces), *mentions], marker=marker)
    return f"{wrap([*pieces, *mentions], marker=marker)}\n\n{asked}", estimate_tokens(frame)


def _parts(items: Sequence[Item], budget: int) -> list[_Part]:
    """Return ``items`` with what each may cost, so that all of them together are within ``budget``."""
    headings = [_heading(item) for item in items]
    sizes = [estimate_tokens(item.text) for item in items]
    frames = [budgets.frame(heading) for heading in headings]
    worth = [KINDS[item.kind].worth for item in items]
    costs = budgets.allowances(worth, [size + frame for size, frame in zip(sizes, frames, strict=True)], budget)
    allowed = [max(0, cost - frame) for cost, frame in zip(costs, frames, strict=True)]
    rough = [budgets.rough(item.text, tokens) for item, tokens in zip(items, allowed, strict=True)]
    return list(map(_Part, items, headings, sizes, allowed, rough))


def _look_at_all(question: str, parts: Sequence[_Part], guard: Guard) -> None:
    """Let ``guard`` see everything: a secret that only one text names ("password = …") is masked in all of them."""
    guard.clean(question, "the question")
    for part in parts:
        if part.tokens:
            guard.clean(part.rough, part.item.title, secrets_file=part.item.secrets_file)
    with suppress(SecretFound):  # what is not sent is not a reason to refuse
        guard.clean("\n\n".join(part.rough[:_GLANCE] for part in parts if not part.tokens))


def _titled(item: Item, guard: Guard) -> Item:
    """Return ``item`` with its title masked: a file name or an expression may hold a secret, a cell number not."""
    return item if item.kind == "cell" else replace(item, title=guard.clean(item.title, "the context").text)


def _heading(item: Item) -> str:
    """Return what stands above the text for the model: the title, and what is special about a cell or a page."""
    notes = item.notes if KINDS[item.kind].explained else ()
    sent = [note.removesuffix(_ADVICE) for note in notes if not note.startswith(_NOT_SENT)]
    left = _LONGEST_HEADING - len(item.title) - len(" ()")
    return f"{item.title} ({one_line('; '.join(sent), left)})" if sent and left > 1 else item.title


def _prepared(part: _Part, guard: Guard) -> tuple[Entry, str]:
    """Return the entry of one part, and its text as it is sent."""
    item, size, tokens = part.item, part.size, part.tokens
    entry = Entry(item.kind, item.title, 0, left_out=size, notes=item.notes)
    if not tokens:
        return entry, ""
    cleaned = guard.clean(part.rough, item.title, secrets_file=item.secrets_file)
    text = budgets.cut(cleaned.text, tokens, size, safe_cut) if size > tokens else cleaned.text
    sent = estimate_tokens(text)
    left = max(0, size - sent) if size > tokens else 0
    masked = tuple(finding.kind for finding in cleaned.findings)
    picture = IMAGE_TOKENS if item.image else 0
    return replace(entry, tokens=sent + picture, left_out=left, masked=masked), text


def _mentions(entries: Sequence[tuple[str, Entry]]) -> list[tuple[str, str]]:
    """Return the blocks that name the items whose text is not here; each entry comes with its heading."""
    unchanged = [heading for heading, entry in entries if entry.unchanged]
    dropped = [heading for heading, entry in entries if not entry.unchanged and not entry.tokens]
    mentions = []
    if unchanged:
        mentions.append((UNCHANGED, _listed(unchanged)))
    if dropped:
        mentions.append((LEFT_OUT, _listed(dropped)))
    return mentions


def _listed(headings: Sequence[str]) -> str:
    """Return ``headings``, one on a line; of very many the first and the last."""
    if len(headings) > _MENTIONED:
        gone = f"[{len(headings) - _MENTIONED:,} more]"
        headings = [*headings[: _MENTIONED // 2], gone, *headings[-_MENTIONED // 2 :]]
    return "\n".join(headings)


def _called(item: Item) -> str:
    """Return what ``item`` is called whatever it holds: the title of a variable changes with its type and its size."""
    return f"{item.kind}: {item.title.partition(' (')[0] if item.kind == 'variable' else item.title}"


def _digest(item: Item) -> str:
    return hashlib.sha256(f"{item.title}\0{item.text}".encode("utf-8", "replace") + item.image).hexdigest()
