"""`Question`, and `Prepared`: the request that is made of it, with its receipt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from deepseek_magic.api.catalogue import PRICES, Prices
from deepseek_magic.api.dialects import dialect_of
from deepseek_magic.api.images import check_images, image_part
from deepseek_magic.api.messages import FimRequest, ImagePart, Message, Request, user_message
from deepseek_magic.context.compose import Composed, compose
from deepseek_magic.context.items import Item
from deepseek_magic.context.receipt import Entry, Receipt
from deepseek_magic.errors import EmptyQuestion
from deepseek_magic.guard import Guard
from deepseek_magic.record.digest import Digest, digest_of
from deepseek_magic.record.kept import Kept
from deepseek_magic.render.choose import FrontEnd
from deepseek_magic.settings.parameters import Settings
from deepseek_magic.text import counted, one_line

from . import footer
from .cost_limit import Together
from .kernel_budget import Budget
from .plan import Plan
from .prompt_size import body_of
from .sent_parts import Around, receipt_of
from .turn import Turn


@dataclass(frozen=True, slots=True)
class Question:
    """One question, with everything that it is asked with.

    Attributes:
        text: its text, byte for byte.
        settings: its settings.
        cell: the id of the cell that asks; "" for none.
        fresh: whether it starts the conversation over: earlier turns are no longer sent.
        remember: whether it is part of the conversation; if not, no earlier turn is sent, and it leaves none.
        footer: whether the footer and the receipt are shown.
        notes: notices that are shown with the reply.
        context: the context that is sent with it.
        replaced: the expressions in the text that were replaced.
        guard: masks the secrets in all of that.
        prices: the prices for the cost of the reply.
        beside: the receipt's entries for parts of the system text that are not the user's.
        added: titles and texts that we add after the text, such as a schema.
        front_end: returns where the reply is shown.
        together: counts the replies that are asked for at the same time, if ``max_cost`` limits all of them together.
        budget: the budget of the kernel.
        spent_on: what the budget calls the question.
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
    added: tuple[tuple[str, str], ...] = ()
    front_end: Callable[[], FrontEnd] = FrontEnd
    together: Together | None = None
    budget: Budget | None = None
    spent_on: str = "questions"

    def __post_init__(self) -> None:
        """Raise `EmptyQuestion` if the text is blank."""
        if not self.text.strip():
            msg = "there is no question: write it after the options, or below them in the cell"
            raise EmptyQuestion(msg)

    def opening(self, conversation: str) -> dict[str, Any]:
        """Return the metadata of its output in ``conversation`` until the reply has ended."""
        return footer.opening(conversation if self.remember else "", self.cell)


@dataclass(frozen=True, slots=True)
class Past:
    """The part of the conversation that is sent with a question.

    Attributes:
        earlier: the turns; the first may be a summary of older ones.
        left_out: how many turns are not sent.
        summarised: how many turns the summary replaces.
        notes: notices about that.
        spent: the US dollars that making the summary cost.
        summary: the kept form of a summary that was made, or found, for this question.
    """

    earlier: Sequence[Turn] = ()
    left_out: int = 0
    summarised: int = 0
    notes: tuple[str, ...] = ()
    spent: float = 0.0
    summary: Kept | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A question that is ready to be sent, or the last request that was sent for it.

    Attributes:
        request: the request.
        composed: the message of the question.
        images: the pictures in it.
        past: the part of the conversation that is sent with it.
        around: the other parts of the messages, for the receipt.
        stops: the kinds of the secrets that were masked in stop strings, which are not part of the prompt.
        noted: the plan's entries for its tools and for the results of calls.
    """

    request: Request | FimRequest
    composed: Composed
    images: tuple[ImagePart, ...]
    past: Past = Past()
    around: Around = field(default_factory=Around)
    stops: tuple[str, ...] = ()
    noted: tuple[Entry, ...] = ()

    @property
    def receipt(self) -> Receipt:
        """The receipt of the request, which is made each time it is read."""
        composed = replace(self.composed.receipt, masked=self.stops)
        return receipt_of(self.request, composed, self.composed.content, self.around, self.noted)

    def body(self) -> dict[str, Any]:
        """Return the body of the call, as it is sent."""
        return body_of(self.request)

    def digest(self) -> Digest:
        """Return the digest by which the request is recognised when it is made again."""
        return digest_of(self.request)


def prepare(question: Question, plan: Plan, past: Past, marker: str, *, asks: bool = True) -> Prepared:
    """Return ``question`` as the request that ``plan`` makes of it.

    Args:
        question: the question.
        plan: the plan of the reply.
        past: the part of the conversation that is sent with it.
        marker: the marker that wraps context.
        asks: whether the request will be sent; if not, it is only made for its digest, and nothing is started for it.

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
        added=[text for _, text in question.added],
    )
    images = tuple(image_part(image) for image in composed.images)
    system = question.guard.clean(settings.system, "the system text")
    stops = [question.guard.clean(text, "--stop") for text in settings.stop]
    said = [turn.messages() for turn in earlier]
    messages = (
        *([Message("system", system.text)] if system.text else []),
        *(message for turn in said for message in turn),
        user_message(composed.content, images),
    )
    request = Request(replace(settings, stop=tuple(stop.text for stop in stops)), messages)
    check_images(request, dialect_of(settings))
    own = Entry("system", "system text", 0, masked=tuple(finding.kind for finding in system.findings))
    before, turns = _before(past, list(map(len, said))), len(earlier) - bool(past.summarised)
    around = Around((own, *question.beside) if system.text else (), before, turns, question.added)
    masked = tuple(finding.kind for stop in stops for finding in stop.findings)
    made = plan.prepare(request) if asks else plan.recognised(request)
    return Prepared(made, composed, images, past, around, masked)


def _before(past: Past, sizes: Sequence[int]) -> tuple[tuple[Entry, int], ...]:
    """Return the receipt's entries for ``past``, each with its number of messages."""
    entries: list[tuple[Entry, int]] = []
    summed = int(bool(past.summarised))
    if summed:
        title = f"summary of {counted(past.summarised, 'turn')}"
        entries.append((Entry("summary", title, 0, notes=(one_line(past.earlier[0].text),)), sizes[0]))
    if turns := len(sizes) - summed:
        entries.append((Entry("turns", counted(turns, "earlier turn"), 0), sum(sizes[summed:])))
    return tuple(entries)
