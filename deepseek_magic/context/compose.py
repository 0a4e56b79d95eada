"""Compose the message from question and context: mask secrets, cut to the budget, wrap as data, write the receipt."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from operator import attrgetter
from types import MappingProxyType

from deepseek_magic.api.images import IMAGE_TOKENS
from deepseek_magic.errors import SecretFound
from deepseek_magic.guard import Guard, safe_cut
from deepseek_magic.text import estimate_tokens, one_line

from . import budget as budgets
from .items import Item
from .receipt import Entry, Receipt
from .source import Kind
from .sources import KINDS
from .wrapping import wrap

# How many characters of an item that is left out are searched for secrets with names.
_GLANCE = 4_000
_MENTIONED = 20
# Notes that are not sent begin like this: they are for the user only, or repeat the text. Advice at the end is cut off.
_NOT_SENT = ("not searched", "its output is cut", "kept back")
_ADVICE = "; save the notebook"
#: The titles of the blocks that list items whose text is not sent.
UNCHANGED, LEFT_OUT = "unchanged since they were sent above", "left out for length"
_LONGEST_HEADING = 120  # `wrapping.wrap` cuts there


@dataclass(frozen=True, slots=True)
class Composed:
    """The message for one question.

    Attributes:
        content: its text: the context, wrapped as data, then the question.
        question: only the question, with secrets masked.
        receipt: what the message holds, for the user.
        images: its pictures, each the bytes of a PNG or JPEG file.
        known: a digest of each item that was sent, by its name, so that a later question need not send it again; "" for
            an item that was cut.
    """

    content: str
    question: str
    receipt: Receipt
    images: tuple[bytes, ...] = ()
    known: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Piece:
    """An item while the message is composed.

    Attributes:
        item: the item, with its title masked.
        heading: the line above its text for the model.
        called: a name that does not change with its content, as the title of a variable does.
        digest: a digest of its content.
        entry: its entry in the receipt: as unchanged, until its text is sent.
        size: the estimated tokens of its text.
        allowed: the most tokens that it may cost; 0 leaves it out.
        rough: the part of its text that is searched for secrets.
        text: the text that is sent.
    """

    item: Item
    kind: Kind
    heading: str
    called: str
    digest: str
    entry: Entry
    size: int = 0
    allowed: int = 0
    rough: str = ""
    text: str = ""


def compose(
    question: str,
    items: Sequence[Item],
    *,
    budget: int,
    guard: Guard,
    marker: str,
    known: Mapping[str, str] = MappingProxyType({}),
    replaced: tuple[str, ...] = (),
    added: Sequence[str] = (),
) -> Composed:
    """Compose the message from ``question`` and its context.

    Args:
        question: the text, with its expressions replaced.
        items: the context, in any order. What changes least is sent first.
        budget: the most estimated tokens of all items together, including the lines around each.
        guard: masks secrets, or refuses them.
        marker: the marker that wraps the data, which nobody outside can guess.
        known: the latest state of each item that is already in the conversation, as in `Composed.known`.
        replaced: the expressions that were replaced, for the receipt.
        added: the instructions that follow the question, such as a schema.

    Raises:
        SecretFound: the guard refuses, and there is a secret.
    """
    pieces = sorted((_piece(item, guard) for item in items), key=attrgetter("kind.changes"))
    new = [piece for piece in pieces if known.get(piece.called) != piece.digest]
    _share_out(new, budget)
    whole = "\n\n".join([question, *added])
    _look_at_all(whole, new, guard)
    asked = guard.clean(whole, "the question")
    typed = guard.clean(question, "the question") if added else asked
    for piece in new:
        _prepare(piece, guard)
    content, frame = _message(asked.text, pieces, marker)
    framed = [Entry("frame", "lines around the context", frame)] if frame else []
    masked = tuple(finding.kind for finding in asked.findings)
    own = Entry("question", "question", estimate_tokens(asked.text), masked=masked)
    receipt = Receipt((*(piece.entry for piece in pieces), *framed, own), replaced=replaced)
    images = tuple(piece.item.image for piece in new if piece.item.image)
    sent = {piece.called: "" if piece.entry.left_out else piece.digest for piece in pieces if piece.entry.tokens}
    return Composed(content, typed.text, receipt, images, sent)


def _piece(item: Item, guard: Guard) -> _Piece:
    """Return ``item`` as a piece, with its title masked: a file name or an expression may hold a secret."""
    if item.kind != "cell":
        item = replace(item, title=guard.clean(item.title, "the context").text)
    kind = KINDS[item.kind]
    notes = [note.removesuffix(_ADVICE) for note in item.notes if kind.explained and not note.startswith(_NOT_SENT)]
    left = _LONGEST_HEADING - len(item.title) - len(" ()")
    heading = f"{item.title} ({one_line('; '.join(notes), left)})" if notes and left > 1 else item.title
    called = f"{item.kind}: {item.title.partition(' (')[0] if item.kind == 'variable' else item.title}"
    held = f"{item.title}\0{item.text}".encode("utf-8", "replace") + item.image
    entry = Entry(item.kind, item.title, 0, notes=item.notes, unchanged=True)
    return _Piece(item, kind, heading, called, hashlib.sha256(held).hexdigest(), entry)


def _message(asked: str, pieces: Sequence[_Piece], marker: str) -> tuple[str, int]:
    """Return the message with ``asked`` after ``pieces``, and the tokens of everything but their texts."""
    sent = [(piece.heading, piece.text) for piece in pieces if piece.allowed]
    unchanged = [piece.heading for piece in pieces if piece.entry.unchanged]
    dropped = [piece.heading for piece in pieces if not (piece.entry.unchanged or piece.entry.tokens)]
    missing = ((UNCHANGED, unchanged), (LEFT_OUT, dropped))
    mentions = [(title, _listed(headings)) for title, headings in missing if headings]
    if not (sent or mentions):
        return asked, 0
    frame = wrap([*((heading, "") for heading, _ in sent), *mentions], marker=marker)
    return f"{wrap([*sent, *mentions], marker=marker)}\n\n{asked}", estimate_tokens(frame)


def _share_out(pieces: Sequence[_Piece], budget: int) -> None:
    """Note what each of ``pieces`` may cost, so that all of them together are within ``budget``."""
    for piece in pieces:
        piece.size = estimate_tokens(piece.item.text)
    frames = [budgets.frame(piece.heading) for piece in pieces]
    worth = [piece.kind.worth for piece in pieces]
    sizes = [piece.size + frame for piece, frame in zip(pieces, frames, strict=True)]
    for piece, frame, cost in zip(pieces, frames, budgets.allowances(worth, sizes, budget), strict=True):
        piece.allowed = max(0, cost - frame)
        piece.rough = budgets.rough(piece.item.text, piece.allowed)


def _look_at_all(question: str, pieces: Sequence[_Piece], guard: Guard) -> None:
    """Let ``guard`` read everything, so that a secret that one text names ("password = …") is masked in all of them."""
    guard.clean(question, "the question")
    for piece in pieces:
        if piece.allowed:
            guard.clean(piece.rough, piece.item.title, secrets_file=piece.item.secrets_file)
    with suppress(SecretFound):  # a secret in text that is not sent is not a reason to refuse
        guard.clean("\n\n".join(piece.rough[:_GLANCE] for piece in pieces if not piece.allowed))


def _prepare(piece: _Piece, guard: Guard) -> None:
    """Mask and cut the text of ``piece``, and note what was sent of it."""
    item, size, allowed = piece.item, piece.size, piece.allowed
    if not allowed:
        piece.entry = replace(piece.entry, left_out=size, unchanged=False)
        return
    cleaned = guard.clean(piece.rough, item.title, secrets_file=item.secrets_file)
    piece.text = budgets.cut(cleaned.text, allowed, size, safe_cut) if size > allowed else cleaned.text
    sent = estimate_tokens(piece.text)
    piece.entry = replace(
        piece.entry,
        tokens=sent + (IMAGE_TOKENS if item.image else 0),
        left_out=max(0, size - sent) if size > allowed else 0,
        masked=tuple(finding.kind for finding in cleaned.findings),
        unchanged=False,
    )


def _listed(headings: Sequence[str]) -> str:
    """Return ``headings``, one on a line; if there are very many, only the first and the last."""
    if len(headings) > _MENTIONED:
        gone = f"[{len(headings) - _MENTIONED:,} more]"
        headings = [*headings[: _MENTIONED // 2], gone, *headings[-_MENTIONED // 2 :]]
    return "\n".join(headings)
