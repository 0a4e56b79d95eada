"""A tool beside the user's functions, such as code that is run or a tool of another program."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from deepseek_magic.api.events import Calling, Piece, WebSource
from deepseek_magic.api.messages import Tool, ToolCall

#: Most estimated tokens of one result.
RESULT_TOKENS = 2_000


@dataclass(frozen=True, slots=True)
class Made:
    """What became of a call.

    Attributes:
        text: what the model is told; secrets in it are masked later, and its length is bounded.
        failed: whether it failed, or was not made.
        seconds: what it took.
        images: pictures for a model that sees, as the bytes of image files.
        piece: the code that was proposed, where it is that.
        stopped: whether the user stopped it: the question ends with it.
        tokens: estimated tokens of the text that the model is told at the most.
        call: the call as it was made, where that differs from what the model wrote.
        cost: its US dollars; ``None`` if it cost nothing, or the price is not known.
        requests: how many requests to the web are billed.
        sources: the pages of the web that it names for the first time.
        edited: whether the user goes on with it by hand: the question ends with it, and is whole.
    """

    text: str
    failed: bool = False
    seconds: float = 0.0
    images: tuple[bytes, ...] = ()
    piece: Piece | None = None
    stopped: bool = False
    edited: bool = False
    tokens: int = RESULT_TOKENS
    call: str = ""
    cost: float | None = None
    requests: int = 0
    sources: tuple[WebSource, ...] = ()


class Offered(Protocol):
    """One tool."""

    @property
    def tool(self) -> Tool:
        """How it is told to the model."""

    def calling(self, call: ToolCall, words: str) -> Calling:
        """Return what is shown before ``call``, which ``words`` say on one line, is made or asked for."""

    def made(self, call: ToolCall, words: str) -> Made:
        """Make ``call``, if the user allows it, and return what became of it."""
