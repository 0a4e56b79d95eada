"""The events of a reply while it arrives: small frozen deltas, never a snapshot.

Events come in batches, one for each read of the socket; a view is painted at the end of a batch. A stream
yields, in this order: any number of `Retrying`, `Waiting` and `KeepAlive`, one `Opened`, then deltas, `Served`,
`UsageReport` and `Finished` as they come. Errors are exceptions (see `deepseek_magic.errors`), never events.

Every ``match`` over events ends in `assert_never`, so that the type checker lists what a new event needs. Back ends do
not need a case for subclasses of `Underway` and `Noted`: they only show content.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NoReturn, get_args


class Underway:
    """The base of events about progress, for the status line."""

    __slots__ = ()


class Noted:
    """The base of events that the turn records, and that are not shown as they come."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Waiting(Underway):
    """A retry, number ``attempt`` (from 2), is about to be sent."""

    attempt: int


@dataclass(frozen=True, slots=True)
class Behind(Underway):
    """Nothing is sent yet: the question waits for ``what`` in this kernel. Our event, not the endpoint's."""

    what: str


@dataclass(frozen=True, slots=True)
class Retrying(Underway):
    """A try failed before the first token; the next try (number ``attempt``) starts in ``delay`` seconds."""

    attempt: int
    delay: float
    reason: str


@dataclass(frozen=True, slots=True)
class Opened(Underway):
    """The endpoint accepted the request and the stream is open. ``request_id`` is "" if it gave none."""

    request_id: str = ""


@dataclass(frozen=True, slots=True)
class KeepAlive(Underway):
    """A comment in the stream: the endpoint is alive and has no text yet."""


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """More of the thinking. ``text`` is never empty; ``apart`` says that a new round of calls begins with it."""

    text: str
    apart: bool = False


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More of the answer. ``text`` is never empty; ``apart`` says that a new round of calls begins with it."""

    text: str
    apart: bool = False


@dataclass(frozen=True, slots=True)
class ToolCallDelta(Noted):
    """A piece of tool call number ``index``: the first has ``call_id`` and ``name``, later ones more ``arguments``."""

    index: int
    call_id: str = ""
    name: str = ""
    arguments: str = ""


@dataclass(frozen=True, slots=True)
class Served(Noted):
    """What serves the reply: the reply's id, the model's name and the fingerprint of the system, if given."""

    completion_id: str = ""
    model: str = ""
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Usage:
    """The token counts of one reply; ``None`` for a count that the endpoint did not give.

    ``completion`` includes ``reasoning``; ``prompt`` is ``cache_hit`` plus ``cache_miss``.
    """

    prompt: int | None = None
    completion: int | None = None
    cache_hit: int | None = None
    cache_miss: int | None = None
    reasoning: int | None = None

    def __add__(self, other: Usage) -> Usage:
        """Return the sum of two counts; if only one of them has a figure, that one counts."""
        return Usage(
            _together(self.prompt, other.prompt),
            _together(self.completion, other.completion),
            _together(self.cache_hit, other.cache_hit),
            _together(self.cache_miss, other.cache_miss),
            _together(self.reasoning, other.reasoning),
        )

    def since(self, earlier: Usage | None) -> Usage:
        """Return these counts minus the ``earlier`` ones."""
        if earlier is None:
            return self
        pairs = [(getattr(self, name), getattr(earlier, name)) for name in self.__dataclass_fields__]
        return Usage(*(None if a is None else max(0, a - (b or 0)) for a, b in pairs))


def _together(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else one + other


@dataclass(frozen=True, slots=True)
class UsageReport(Noted):
    """The endpoint's count of tokens; the last one in a stream counts."""

    usage: Usage


@dataclass(frozen=True, slots=True)
class Finished(Noted):
    """The endpoint's finish reason, word for word: ``stop``, ``length``, ``content_filter`` and so on."""

    reason: str


@dataclass(frozen=True, slots=True)
class Remark(Noted):
    """A notice on how the reply was made, in one sentence. Our event, not the endpoint's."""

    text: str


#: The state of a piece of code: the user is being asked, or how it ended.
PieceState = Literal["asked", "done", "failed", "stopped", "refused", "edited"]
PIECE_STATES: tuple[PieceState, ...] = get_args(PieceState)


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of code that the model proposed to run.

    Attributes:
        number: the number of the piece in this kernel, from 1.
        code: the whole piece.
        state: its state.
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
    """A tool is about to run. Our event, not the endpoint's.

    Attributes:
        call: the call in words, on one line.
        piece: the code about which the user is asked, if any.
        cost: the US dollars that the call may cost.
    """

    call: str
    piece: Piece | None = None
    cost: float = 0.0


@dataclass(frozen=True, slots=True)
class WebSource:
    """A web page that a reply may cite by its ``number``. All its fields are words of strangers."""

    number: int
    title: str
    url: str
    site: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True)
class Called:
    """A tool has run. Our event, not the endpoint's.

    Attributes:
        call: the call in words, on one line.
        result: the result that is sent to the model.
        seconds: the seconds it took.
        failed: whether it failed.
        piece: the code that ran, if any.
        cost: the US dollars of its requests to the web; ``None`` if it cost nothing, or the price is not known.
        requests: how many requests to the web are billed.
        sources: the pages that were named for the first time.
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

#: The events of one read. It is never changed after it was yielded.
Batch = Sequence[Event]


def assert_never(event: NoReturn) -> NoReturn:
    """End a ``match`` that handles every event. Python 3.10 has none, and typing_extensions is slow to load."""
    raise AssertionError(event)
