"""What a reply is made of while it arrives: small frozen deltas, never a snapshot.

Events travel in batches: one batch is what one read of the socket brought, so its end is the time to show it. A stream
yields, in this order: any number of `Retrying`, `Waiting` and `KeepAlive`, one `Opened`, then deltas, `Served`,
`UsageReport` and `Finished` as they come. Errors are exceptions (see `deepseek_magic.errors`), never events.

Every ``match`` over events ends in `assert_never`, so that the type checker lists what a new event needs. An event of
the families `Underway` and `Noted` needs no line in the back ends, which show the content.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NoReturn, get_args


class Underway:
    """How far the question has come: for the status line."""

    __slots__ = ()


class Noted:
    """What the turn keeps and nobody shows while it comes."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Waiting(Underway):
    """Another try is about to be sent, of which nothing has come back: number ``attempt``, from 2."""

    attempt: int


@dataclass(frozen=True, slots=True)
class Behind(Underway):
    """Nothing is sent yet: the question waits in this kernel for ``what``. Ours, not the endpoint's."""

    what: str


@dataclass(frozen=True, slots=True)
class Retrying(Underway):
    """A try failed before the first token; the next one (number ``attempt``) starts in ``delay`` seconds."""

    attempt: int
    delay: float
    reason: str


@dataclass(frozen=True, slots=True)
class Opened(Underway):
    """The endpoint accepted the request and the stream is open. ``request_id`` is "" if it gave none."""

    request_id: str = ""


@dataclass(frozen=True, slots=True)
class KeepAlive(Underway):
    """A comment on the stream: the endpoint is alive and has no text yet."""


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """More of the thinking. ``text`` is never empty; ``apart`` where it begins that of another round of calls."""

    text: str
    apart: bool = False


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More of the answer. ``text`` is never empty; ``apart`` where it begins that of another round of calls."""

    text: str
    apart: bool = False


@dataclass(frozen=True, slots=True)
class ToolCallDelta(Noted):
    """A piece of the tool call number ``index``: the first carries ``call_id`` and ``name``, later ones text."""

    index: int
    call_id: str = ""
    name: str = ""
    arguments: str = ""


@dataclass(frozen=True, slots=True)
class Served(Noted):
    """Who answers: the reply's own id, the model's name and the fingerprint of the system, as far as given."""

    completion_id: str = ""
    model: str = ""
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one reply. ``None`` stands for a figure that the endpoint did not give.

    ``completion`` includes ``reasoning``; ``prompt`` is ``cache_hit`` plus ``cache_miss``.
    """

    prompt: int | None = None
    completion: int | None = None
    cache_hit: int | None = None
    cache_miss: int | None = None
    reasoning: int | None = None

    def __add__(self, other: Usage) -> Usage:
        """Return the tokens of two replies together; a figure that only one gave is that one's."""
        return Usage(
            _together(self.prompt, other.prompt),
            _together(self.completion, other.completion),
            _together(self.cache_hit, other.cache_hit),
            _together(self.cache_miss, other.cache_miss),
            _together(self.reasoning, other.reasoning),
        )

    def since(self, earlier: Usage | None) -> Usage:
        """Return the tokens that these are more than the ``earlier`` ones."""
        if earlier is None:
            return self
        pairs = [(getattr(self, name), getattr(earlier, name)) for name in self.__dataclass_fields__]
        return Usage(*(None if a is None else max(0, a - (b or 0)) for a, b in pairs))


def _together(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else one + other


@dataclass(frozen=True, slots=True)
class UsageReport(Noted):
    """The endpoint's count of tokens; the last one of a stream is the one that holds."""

    usage: Usage


@dataclass(frozen=True, slots=True)
class Finished(Noted):
    """The endpoint's reason to stop, word for word: ``stop``, ``length``, ``content_filter`` and so on."""

    reason: str


@dataclass(frozen=True, slots=True)
class Remark(Noted):
    """What the reader must know of how the reply came, a sentence. Ours, not the endpoint's."""

    text: str


#: What has become of a piece of code: it is being asked for, or ended so.
PieceState = Literal["asked", "done", "failed", "stopped", "refused", "edited"]
PIECE_STATES: tuple[PieceState, ...] = get_args(PieceState)


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of code that the model proposed to run.

    Attributes:
        number: counts the pieces of a kernel, from 1.
        code: the whole piece.
        state: what has become of it.
        lines: how many of its lines, from the first, ran to their end.
        images: the pictures that it showed, as the bytes of image files.
    """

    number: int
    code: str
    state: PieceState = "asked"
    lines: int = 0
    images: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Calling(Underway):
    """A tool is about to run: the call in words, on one line. Ours, not the endpoint's.

    ``piece`` is the code that is asked for, if it is one; ``cost`` the US dollars that the call may cost.
    """

    call: str
    piece: Piece | None = None
    cost: float = 0.0


@dataclass(frozen=True, slots=True)
class WebSource:
    """A page of the web that a reply may cite by its ``number``: all of it is the words of others."""

    number: int
    title: str
    url: str
    site: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True)
class Called:
    """It ran: the ``result`` that the model is told, the seconds it took, and whether it failed. Ours too.

    ``requests`` are those to the web that are billed, ``cost`` their US dollars (``None`` if it cost nothing, or the
    price is not known), ``sources`` the pages that were named for the first time.
    """

    call: str
    result: str
    seconds: float = 0.0
    failed: bool = False
    piece: Piece | None = None
    cost: float | None = None
    requests: int = 0
    sources: tuple[WebSource, ...] = ()


Event = (
    Waiting
    | Behind
    | Retrying
    | Opened
    | KeepAlive
    | ReasoningDelta
    | TextDelta
    | ToolCallDelta
    | Calling
    | Called
    | Served
    | UsageReport
    | Finished
    | Remark
)

#: What one read brought; never changed after it was handed on.
Batch = Sequence[Event]


def assert_never(event: NoReturn) -> NoReturn:
    """End a ``match`` that handles every event. Python 3.10 has none, and typing_extensions is slow to load."""
    raise AssertionError(event)
