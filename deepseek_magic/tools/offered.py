"""The protocol of tools besides the user's functions, such as running code or tools of another program."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from deepseek_magic.api.events import Calling, Piece, WebSource
from deepseek_magic.api.messages import Tool, ToolCall

#: The most estimated tokens of one result.
RESULT_TOKENS = 2_000


@dataclass(frozen=True, slots=True)
class Made:
    """What a tool returns for a call.

    Attributes:
        text: the result for the model, before secrets are masked and before it is cut.
        failed: whether the call failed, or was not made.
        seconds: the seconds it took.
        images: pictures for a model with vision, as the bytes of image files.
        piece: the code that was proposed, if any.
        stopped: whether the user stopped it, which ends the question.
        edited: whether the user goes on with the code by hand, which ends the question as complete.
        tokens: the most estimated tokens of the text.
        call: the call as it was made, if that differs from what the model wrote.
        cost: its cost in US dollars; ``None`` if it cost nothing, or the price is not known.
        requests: how many requests to the web are billed.
        sources: the web pages that it names for the first time.
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
        """The tool as it is sent to the model."""

    def calling(self, call: ToolCall, words: str) -> Calling:
        """Return the event that is shown before ``call`` is made; ``words`` are the call on one line."""

    def made(self, call: ToolCall, words: str) -> Made:
        """Make ``call`` if the user allows it, and return the result."""
