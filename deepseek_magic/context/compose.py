"""From items to the message: mask what is secret, cut to the budget, wrap as data, and keep the receipt."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from deepseek_magic.errors import SecretFound
from deepseek_magic.guard import Guard, safe_cut
from deepseek_magic.text import estimate_tokens, one_line

from . import budget as budgets
from .items import KINDS, Item
from .receipt import Entry, Receipt
from .wrapping import wrap

# Of what is left out altogether so many characters are read for the secrets that it names.
_GLANCE = 4_000
_MENTIONED = 20
# Of these the model is told what the user is told: what the notes say bears on what the text means.
_HEADED = ("cell", "notebook")
# How notes begin that are for the user alone, or that the text itself shows; and how they end, with advice.
_NOT_TOLD = ("not searched", "its output is cut")
_ADVICE = "; save the notebook"
_LONGEST_HEADING = 120  # `wrapping.wrap` cuts there


@dataclass(frozen=True, slots=True)
class Composed:
    """What is sent with one question.

    Attributes:
        content: the text of the user's message: the context, wrapped as data, then the question.
        question: the question alone, secrets masked.
        images: the pictures that go with it, each a PNG or JPEG file.
        known: a digest for each item that was sent whole, so that a later question need not send it again.
        receipt: what was sent, told to the user; ``tokens`` counts this message alone.
    """

    content: str
    question: str
    receipt: Receipt
    images: tuple[bytes, ...] = ()
    known: frozenset[str] = frozenset()


def compose(
    question: str,
    items: Sequence[Item],
    *,
    budget: int,
    guard: Guard,
    marker: str,
    known: Collection[str] = (),
    replaced: tuple[str, ...] = (),
) -> Composed:
    """Put ``question`` and its context together.

    Args:
        question: the text, its expressions replaced already.
        items: the context, in any order; it is sent from what changes least to what changes most.
        budget: estimated tokens that all items together may cost, the lines around each included.
        guard: masks secrets, or refuses them.
        marker: what the data is wrapped with; not to be guessed from outside.
        known: digests of what stands in the conversation already.
        replaced: for the receipt: the expressions that were replaced.

    Raises:
        SecretFound: the guard refuses, and there is a secret.
    """
    ordered = sorted((_titled(item, guard) for item in items), key=lambda item: KINDS.index(item.kind))
    digests = [_digest(item) for item in ordered]
    fresh = [item for item, digest in zip(ordered, digests, strict=True) if digest not in known]
    sizes = [estimate_tokens(item.text) for item in fresh]
    frames = [budgets.frame(replace(item, title=_heading(item))) for item in fresh]
    costs = budgets.allowances(fresh, [size + frame for size, frame in zip(sizes, frames, strict=True)], budget)
    allowed = [max(0, cost - frame) for cost, frame in zip(costs, frames, strict=True)]
    rough = [budgets.rough(item.text, tokens) for item, tokens in zip(fresh, allowed, strict=True)]
    # A secret that only one text names ("password = …") is masked in all of them, so all are looked at first.
    guard.clean(question, "the question")
    for item, text, tokens in zip(fresh, rough, allowed, strict=True):
        if tokens:
            guard.clean(text, item.title, secrets_file=item.secrets_file)
    with suppress(SecretFound):  # what is not sent is no reason to refuse
        guard.clean("\n\n".join(text[:_GLANCE] for text, tokens in zip(rough, allowed, strict=True) if not tokens))
    asked = guard.clean(question, "the question")
    pieces: list[tuple[str, str]] = []
    entries = {id(item): Entry(item.kind, item.title, 0, notes=item.notes, unchanged=True) for item in ordered}
    whole: set[str] = set()
    for item, text, size, tokens in zip(fresh, rough, sizes, allowed, strict=True):
        entry, piece = _prepared(item, text, size, tokens, guard)
        entries[id(item)] = entry
        if piece is not None:
            pieces.append(piece)
        if not entry.left_out and entry.tokens:
            whole.add(_digest(item))
    pieces += _mentions([(_heading(item), entries[id(item)]) for item in ordered])
    content = f"{wrap(pieces, marker=marker)}\n\n{asked.text}" if pieces else asked.text
    receipt = Receipt(
        tokens=estimate_tokens(content),
        entries=tuple(entries[id(item)] for item in ordered),
        replaced=replaced,
        masked=tuple(finding.kind for finding in asked.findings),
    )
    images = tuple(item.image for item in fresh if item.image)
    return Composed(content, asked.text, receipt, images, frozenset(whole))


def _titled(item: Item, guard: Guard) -> Item:
    """Return ``item`` with its title masked: a file name or an expression may hold a secret, a cell number not."""
    return item if item.kind == "cell" else replace(item, title=guard.clean(item.title, "the context").text)


def _heading(item: Item) -> str:
    """Return what the model is told above the text: the title, and what is special about a cell or a page."""
    notes = item.notes if item.kind in _HEADED else ()
    told = [note.removesuffix(_ADVICE) for note in notes if not note.startswith(_NOT_TOLD)]
    left = _LONGEST_HEADING - len(item.title) - len(" ()")
    return f"{item.title} ({one_line('; '.join(told), left)})" if told and left > 1 else item.title


def _prepared(item: Item, rough: str, size: int, tokens: int, guard: Guard) -> tuple[Entry, tuple[str, str] | None]:
    """Return the entry of one item, and its heading and text as they are sent (``None``: it is left out)."""
    entry = Entry(item.kind, item.title, 0, left_out=size, notes=item.notes)
    if not tokens:
        return entry, None
    cleaned = guard.clean(rough, item.title, secrets_file=item.secrets_file)
    text = budgets.cut(cleaned.text, tokens, size, safe_cut) if size > tokens else cleaned.text
    left = max(0, size - estimate_tokens(text)) if size > tokens else 0
    sent = estimate_tokens(text)
    masked = tuple(finding.kind for finding in cleaned.findings)
    return replace(entry, tokens=sent, left_out=left, masked=masked), (_heading(item), text)


def _mentions(entries: Sequence[tuple[str, Entry]]) -> list[tuple[str, str]]:
    """Return what the model is told of the items whose text is not here; each entry comes with its heading."""
    unchanged = [heading for heading, entry in entries if entry.unchanged]
    dropped = [heading for heading, entry in entries if not entry.unchanged and not entry.tokens]
    mentions = []
    if unchanged:
        mentions.append(("unchanged since they were sent above", _listed(unchanged)))
    if dropped:
        mentions.append(("left out for length", _listed(dropped)))
    return mentions


def _listed(headings: Sequence[str]) -> str:
    """Return ``headings``, one on a line; of very many the first and the last."""
    if len(headings) > _MENTIONED:
        gone = f"[{len(headings) - _MENTIONED:,} more]"
        headings = [*headings[: _MENTIONED // 2], gone, *headings[-_MENTIONED // 2 :]]
    return "\n".join(headings)


def _digest(item: Item) -> str:
    return hashlib.sha256(f"{item.title}\0{item.text}".encode("utf-8", "replace") + item.image).hexdigest()
