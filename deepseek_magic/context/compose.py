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


@dataclass(slots=True)
class _Piece:
    """An item on its way into the message.

    Attributes:
        item: the item, its title masked.
        heading: what stands above its text for the model.
        called: what it is called whatever it holds: the title of a variable changes with its type and its size.
        digest: of all that it holds.
        entry: what the receipt says of it; that it was not sent again, until it is.
        size: estimated tokens of its text.
        allowed: the tokens that it may cost; 0 leaves it out.
        rough: what of its text is looked at.
        text: its text as it is sent.
    """

    item: Item
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
    pieces = [_piece(item, guard) for item in items]
    pieces.sort(key=lambda piece: KINDS[piece.item.kind].changes)
    new = [piece for piece in pieces if known.get(piece.called) != piece.digest]
    _share_out(new, budget)
    _look_at_all(question, new, guard)
    asked = guard.clean(question, "the question")
    for piece in new:
        _prepare(piece, guard)
    content, frame = _message(asked.text, pieces, marker)
    framed = [Entry("frame", "lines around the context", frame)] if frame else []
    masked = tuple(finding.kind for finding in asked.findings)
    own = Entry("question", "question", estimate_tokens(asked.text), masked=masked)
    receipt = Receipt((*(piece.entry for piece in pieces), *framed, own), replaced=replaced)
    images = tuple(piece.item.image for piece in new if piece.item.image)
    sent = {piece.called: "" if piece.entry.left_out else piece.digest for piece in pieces if piece.entry.tokens}
    return Composed(content, asked.text, receipt, images, sent)


def _piece(item: Item, guard: Guard) -> _Piece:
    """Return ``item`` as a piece; a file name or an expression in its title may hold a secret, a cell number not."""
    if item.kind != "cell":
        item = replace(item, title=guard.clean(item.title, "the context").text)
    called = f"{item.kind}: {item.title.partition(' (')[0] if item.kind == 'variable' else item.title}"
    held = f"{item.title}\0{item.text}".encode("utf-8", "replace") + item.image
    entry = Entry(item.kind, item.title, 0, notes=item.notes, unchanged=True)
    return _Piece(item, _heading(item), called, hashlib.sha256(held).hexdigest(), entry)


def _message(asked: str, pieces: Sequence[_Piece], marker: str) -> tuple[str, int]:
    """Return what is ``asked`` with ``pieces`` before it, and the tokens of all that frames their texts."""
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
    worth = [KINDS[piece.item.kind].worth for piece in pieces]
    sizes = [piece.size + frame for piece, frame in zip(pieces, frames, strict=True)]
    for piece, frame, cost in zip(pieces, frames, budgets.allowances(worth, sizes, budget), strict=True):
        piece.allowed = max(0, cost - frame)
        piece.rough = budgets.rough(piece.item.text, piece.allowed)


def _look_at_all(question: str, pieces: Sequence[_Piece], guard: Guard) -> None:
    """Let ``guard`` see everything: a secret that only one text names ("password = …") is masked in all of them."""
    guard.clean(question, "the question")
    for piece in pieces:
        if piece.allowed:
            guard.clean(piece.rough, piece.item.title, secrets_file=piece.item.secrets_file)
    with suppress(SecretFound):  # what is not sent is not a reason to refuse
        guard.clean("\n\n".join(piece.rough[:_GLANCE] for piece in pieces if not piece.allowed))


def _heading(item: Item) -> str:
    """Return what stands above the text for the model: the title, and what is special about a cell or a page."""
    notes = item.notes if KINDS[item.kind].explained else ()
    sent = [note.removesuffix(_ADVICE) for note in notes if not note.startswith(_NOT_SENT)]
    left = _LONGEST_HEADING - len(item.title) - len(" ()")
    return f"{item.title} ({one_line('; '.join(sent), left)})" if sent and left > 1 else item.title


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
    """Return ``headings``, one on a line; of very many the first and the last."""
    if len(headings) > _MENTIONED:
        gone = f"[{len(headings) - _MENTIONED:,} more]"
        headings = [*headings[: _MENTIONED // 2], gone, *headings[-_MENTIONED // 2 :]]
    return "\n".join(headings)
