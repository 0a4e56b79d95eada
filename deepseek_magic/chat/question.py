"""A question, and what is made of it before it is sent: the request, and the receipt of what is in it."""

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
    """One question: its ``text`` byte for byte, the ``settings`` it is asked with, and the ``cell`` that asks.

    ``fresh`` starts the conversation afresh with it; ``remember`` off asks it outside of the conversation: earlier
    turns are not sent, and it leaves none. ``footer`` off leaves the line of figures and the receipt out; ``notes``
    are shown with the reply. ``context`` goes with it, ``replaced`` are the expressions in it that were replaced, and
    ``guard`` masks the secrets in all of that; ``prices`` say what the reply costs. ``beside`` lists for the receipt
    what stands in the system text that is not the user's; ``added`` are titles and texts of ours that the question ends
    with, such as a schema. ``front_end`` returns where the reply is shown, and ``together`` counts what is asked at the
    same time, where ``max_cost`` is a limit on all of it. ``budget`` is that of the kernel, and ``spent_on`` what it
    calls the question.
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
        """Return what the output of its reply records until that has ended, in ``conversation``."""
        return footer.opening(conversation if self.remember else "", self.cell)


@dataclass(frozen=True, slots=True)
class Past:
    """What goes along of the conversation.

    ``earlier`` are the turns, the first of them a summary where one is sent; ``left_out`` counts those that do not go
    along, ``summarised`` those that the summary stands for. ``notes`` say what happened to them, and ``spent`` are the
    dollars that a summary took. ``summary`` is what is kept of one that was made, or found, for this question.
    """

    earlier: Sequence[Turn] = ()
    left_out: int = 0
    summarised: int = 0
    notes: tuple[str, ...] = ()
    spent: float = 0.0
    summary: Kept | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A question ready to be sent, or the last request that was sent for it.

    ``composed`` is the message it became, ``past`` what goes along of the conversation, ``around`` what stands around
    the question; ``stops`` are the kinds of the secrets that were masked in what is not part of the prompt;
    ``noted`` is what the plan knows of its tools and of the results of calls.
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
        """What the request holds; made each time."""
        composed = replace(self.composed.receipt, masked=self.stops)
        return receipt_of(self.request, composed, self.composed.content, self.around, self.noted)

    def body(self) -> dict[str, Any]:
        """Return the body of the call, as it is sent."""
        return body_of(self.request)

    def digest(self) -> Digest:
        """Return what the request is recognised by when it is made again."""
        return digest_of(self.request)


def prepare(question: Question, plan: Plan, past: Past, marker: str, *, asks: bool = True) -> Prepared:
    """Return ``question`` as the request that ``plan`` makes of it.

    Args:
        question: what is asked.
        plan: what the reply is asked for.
        past: what goes along of the conversation.
        marker: context is wrapped with it.
        asks: whether it is going to be sent; else it is only recognised, and nothing is started for it.

    Raises:
        SecretFound: the guard refuses, and there is a secret.
    """
    settings, earlier = question.settings, past.earlier
    composed = compose(
        "\n\n".join([question.text, *(text for _, text in question.added)]),
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
    """Return the entries of what goes along of the conversation, each with how many messages it is."""
    entries: list[tuple[Entry, int]] = []
    summed = int(bool(past.summarised))
    if summed:
        title = f"summary of {counted(past.summarised, 'turn')}"
        entries.append((Entry("summary", title, 0, notes=(one_line(past.earlier[0].text),)), sizes[0]))
    if turns := len(sizes) - summed:
        entries.append((Entry("turns", counted(turns, "earlier turn"), 0), sum(sizes[summed:])))
    return tuple(entries)
