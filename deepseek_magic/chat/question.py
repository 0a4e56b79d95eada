"""A question, and what is made of it before it is sent: the request, and the receipt of what is in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from deepseek_magic.api.catalogue import PRICES, Prices
from deepseek_magic.api.dialects import dialect_of
from deepseek_magic.api.encode import encode
from deepseek_magic.api.images import check_images, image_part
from deepseek_magic.api.messages import FimRequest, ImagePart, Message, Request
from deepseek_magic.context.compose import Composed, compose
from deepseek_magic.context.items import Item
from deepseek_magic.context.receipt import Entry, Receipt
from deepseek_magic.errors import EmptyQuestion
from deepseek_magic.guard import Guard
from deepseek_magic.record.digest import Digest, digest_of
from deepseek_magic.settings.parameters import Settings
from deepseek_magic.text import counted, one_line

from .cost_limit import message_tokens
from .plan import Plan
from .turn import Turn, user_message


@dataclass(frozen=True, slots=True)
class Question:
    """One question: its ``text`` byte for byte, the ``settings`` it is asked with, and the ``cell`` that asks.

    ``fresh`` starts the conversation afresh with it; ``remember`` off asks it outside of the conversation: earlier
    turns are not sent, and it leaves none. ``footer`` off leaves the line of figures and the receipt out; ``notes``
    are shown with the reply. ``context`` goes with it, ``replaced`` are the expressions in it that were replaced, and
    ``guard`` masks the secrets in all of that; ``prices`` say what the reply costs. ``beside`` lists for the receipt
    what stands in the system text that is not the user's.
    """

    text: str
    settings: Settings
    cell: str = ""
    fresh: bool = False
    remember: bool = True
    footer: bool = True
    notes: tuple[str, ...] = ()
    context: tuple[Item, ...] = ()
    replaced: tuple[str, ...] = ()
    guard: Guard = field(default_factory=lambda: Guard("off", {}))
    prices: Prices = PRICES
    beside: tuple[Entry, ...] = ()

    def __post_init__(self) -> None:
        """Raise `EmptyQuestion` where the text is blank."""
        if not self.text.strip():
            msg = "there is no question: write it after the options, or below them in the cell"
            raise EmptyQuestion(msg)


@dataclass(frozen=True, slots=True)
class Past:
    """What goes along of the conversation.

    ``earlier`` are the turns, the first of them a summary where one is sent; ``left_out`` counts those that do not go
    along, ``summarised`` those that the summary stands for. ``notes`` say what happened to them, and ``spent`` are the
    dollars that a summary took.
    """

    earlier: Sequence[Turn] = ()
    left_out: int = 0
    summarised: int = 0
    notes: tuple[str, ...] = ()
    spent: float = 0.0


@dataclass(frozen=True, slots=True)
class Prepared:
    """A question ready to be sent, and its receipt.

    ``composed`` is the message it became, ``past`` what goes along of the conversation.
    """

    request: Request | FimRequest
    composed: Composed
    images: tuple[ImagePart, ...]
    receipt: Receipt
    past: Past = Past()

    def body(self) -> dict[str, Any]:
        """Return the body of the call, as it is sent."""
        return encode(self.request, dialect_of(self.request.settings))

    def digest(self) -> Digest:
        """Return what the request is recognised by when it is made again."""
        return digest_of(self.request)


def prepare(question: Question, plan: Plan, past: Past, marker: str) -> Prepared:
    """Return ``question`` as the request that ``plan`` makes of it.

    Args:
        question: what is asked.
        plan: what the reply is asked for.
        past: what goes along of the conversation.
        marker: context is wrapped with it.

    Raises:
        SecretFound: the guard refuses, and there is a secret.
    """
    settings, earlier = question.settings, past.earlier
    composed = compose(
        question.text,
        question.context,
        budget=settings.context_tokens,
        guard=question.guard,
        marker=marker,
        known={name: digest for turn in earlier for name, digest in turn.known.items()},
        replaced=question.replaced,
    )
    images = tuple(image_part(image) for image in composed.images)
    system = question.guard.clean(settings.system, "the system text")
    stops = [question.guard.clean(text, "--stop") for text in settings.stop]
    messages = (
        *([Message("system", system.text)] if system.text else []),
        *(message for turn in earlier for message in turn.messages()),
        user_message(composed.content, images),
    )
    request = Request(settings.replaced(stop=tuple(stop.text for stop in stops)), messages)
    check_images(request, dialect_of(settings))
    prepared = plan.prepare(request)
    receipt = replace(
        composed.receipt,
        tokens=message_tokens(prepared),
        turns=len(earlier) - bool(past.summarised),
        entries=(*question.beside, *_summary(past), *composed.receipt.entries),
        masked=(*composed.receipt.masked, *(finding.kind for text in (system, *stops) for finding in text.findings)),
    )
    return Prepared(prepared, composed, images, receipt, past)


def _summary(past: Past) -> tuple[Entry, ...]:
    """Return the entry of the summary among what is sent."""
    if not past.summarised:
        return ()
    turn, title = past.earlier[0], f"summary of {counted(past.summarised, 'turn')}"
    return (Entry("summary", title, turn.tokens, notes=(one_line(turn.text),)),)
