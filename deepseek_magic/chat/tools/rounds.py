"""Rounds of calls: the model calls, the functions run, their results go back, until it answers.

Sources: DeepSeek's tool-calls and thinking-mode guides. Every call is answered before anything else is said, and the
thinking of each round goes back with it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from deepseek_magic.api.events import Called, Calling, Event, TextDelta, ToolCallDelta
from deepseek_magic.api.messages import Message, Request, ToolCall
from deepseek_magic.chat.exchange import OneStep
from deepseek_magic.chat.structured.checking import get_ready
from deepseek_magic.chat.transcript import Turn
from deepseek_magic.prompt.wrapping import wrap

from .calls import ToolBox, in_words

#: Rounds of calls after which the model has to answer.
ROUNDS = 10


@dataclass(slots=True)
class _Heard:
    """A call while its pieces come."""

    call_id: str = ""
    name: str = ""
    arguments: str = ""


class ToolRounds(OneStep):
    """Lets the model call the functions of ``box``; results are wrapped as data with ``marker``.

    Args:
        box: the functions.
        marker: of the conversation.
        strict: whether the endpoint is to hold the model to the schemas.
    """

    def __init__(self, box: ToolBox, marker: str, *, strict: bool) -> None:
        self._box = box
        self._marker = marker
        self._strict = strict and box.strict
        self._heard: dict[int, _Heard] = {}
        self._rounds = 0
        self._apart = False

    def first(self, request: Request) -> Request:
        """Return ``request`` with the tools."""
        get_ready()
        tools = tuple(replace(tool, strict=self._strict) for tool in self._box.tools)
        return replace(request, tools=tools)

    def taken(self, event: Event) -> Event | None:
        """Return ``event``; calls are collected, and the text of a later round stands apart from what came before."""
        match event:
            case ToolCallDelta(index, call_id, name, arguments):
                heard = self._heard.setdefault(index, _Heard())
                heard.call_id = heard.call_id or call_id
                heard.name += name
                heard.arguments += arguments
            case TextDelta(text) if self._apart:
                self._apart = False
                return TextDelta(f"\n\n{text}")
            case _:
                pass
        return event

    def then(self, turn: Turn, request: Request, show: Callable[[Event], None]) -> Request | None:
        """Make the calls that were asked for, and return the request that tells their results."""
        calls = self._collected()
        if not calls:
            return None
        self._rounds += 1
        text, reasoning = turn.round_so_far()
        asked = Message("assistant", text, reasoning=reasoning, tool_calls=calls)
        answers = [self._answered(call, show) for call in calls]
        turn.end_round((asked, *answers))
        self._apart = bool(turn.text)
        following = replace(request, messages=(*request.messages, asked, *answers))
        return replace(following, tool_choice="none") if self._rounds >= ROUNDS else following

    def notes(self) -> tuple[str, ...]:
        """Tell where the rounds were ended."""
        if self._rounds < ROUNDS:
            return ()
        return (f"After {ROUNDS} rounds of calls the model was told to answer with what it had.",)

    def _collected(self) -> tuple[ToolCall, ...]:
        heard, self._heard = self._heard, {}
        return tuple(
            ToolCall(one.call_id or f"call_{self._rounds}_{index}", one.name, one.arguments)
            for index, one in sorted(heard.items())
        )

    def _answered(self, call: ToolCall, show: Callable[[Event], None]) -> Message:
        words = in_words(call)
        show(Calling(words))
        ran = self._box.run(call)
        show(Called(words, ran.text, ran.seconds, ran.failed))
        told = wrap([(f"result of {call.name}", ran.text)], marker=self._marker)
        return Message("tool", told, tool_call_id=call.call_id)
