"""Rounds of calls: the model calls, the functions run, their results go back, until it answers.

Sources: DeepSeek's tool-calls and thinking-mode guides. Every call is answered before anything else is said, and the
thinking of each round goes back with it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from deepseek_magic.api.catalogue import estimate_tokens
from deepseek_magic.api.events import Called, Calling, Event, TextDelta, ToolCallDelta
from deepseek_magic.api.messages import Message, Request, ToolCall
from deepseek_magic.chat.exchange import OneStep
from deepseek_magic.chat.structured.checking import preload
from deepseek_magic.chat.transcript import Turn
from deepseek_magic.errors import one_line
from deepseek_magic.prompt.receipt import Entry
from deepseek_magic.prompt.wrapping import wrap

from .calls import ToolBox, in_words

#: Rounds of calls after which the model has to answer.
ROUNDS = 10
#: Calls of one round that are made: a model that goes in circles asks for hundreds.
CALLS = 32
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
# Markup of DeepSeek's own templates, which a server should have read as calls: text of a reply is never run.
_MARKUP = ("<｜DSML｜", "<｜tool▁calls▁begin｜>", "<｜tool▁call▁begin｜>")
_WHOLE = ("tool_calls", "stop", "eos", "end_turn")


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
        self._heard: dict[int, list[_Heard]] = {}
        self._rounds = 0
        self._apart = False
        self._unread = False
        self._offered: tuple[Entry, ...] = ()
        # by the messages themselves: an earlier turn may hold equal ones
        self._results: list[tuple[Message, Entry]] = []
        self._calls: list[Message] = []

    def reopened(self) -> None:
        """Forget calls of which only a part came: the model makes them anew."""
        self._heard = {}

    def first(self, request: Request) -> Request:
        """Return ``request`` with the tools.

        Raises:
            SecretFound: the guard refuses, and there is a secret in a description.
        """
        preload()
        told = self._box.tools()
        tools = tuple(replace(tool, strict=self._strict) for tool, _ in told)
        self._offered = tuple(
            Entry("tool", f"description of {tool.name}", _size(tool.description, tool.parameters), masked=masked)
            for tool, masked in told
            if masked
        )
        return replace(request, tools=tools)

    def taken(self, event: Event) -> Event | None:
        """Return ``event``; calls are collected, and the text of a later round stands apart from what came before."""
        match event:
            case ToolCallDelta(index, call_id, name, arguments):
                self._hear(index, call_id, name, arguments)
            case TextDelta(text) if self._apart:
                self._apart = False
                return TextDelta(f"\n\n{text}")
            case _:
                pass
        return event

    def then(self, turn: Turn, request: Request, show: Callable[[Event], None]) -> Request | None:
        """Make the calls that were asked for, and return the request that tells their results.

        Whatever ends it meanwhile, every call is answered: the endpoint would refuse the conversation otherwise.
        """
        calls = self._collected(turn.number)
        if not calls or self._rounds >= ROUNDS:
            self._unread = any(mark in turn.text for mark in _MARKUP)
            return None
        self._rounds += 1
        text, reasoning = turn.round_so_far()
        asked = Message("assistant", text, reasoning=reasoning, tool_calls=tuple(map(_acceptable, calls)))
        self._calls.append(asked)
        cut = turn.finish_reason not in _WHOLE
        answers: list[Message] = []
        try:
            for place, call in enumerate(calls):
                unfit = _unfit(place, call, last=cut and place == len(calls) - 1)
                answers.append(self._answer(call, unfit) if unfit else self._answered(call, show))
        except BaseException as error:
            why = "the user stopped it" if isinstance(error, KeyboardInterrupt) else "its result was withheld"
            answers += [self._answer(call, f"{why}; no result is known") for call in calls[len(answers) :]]
            raise
        finally:
            turn.end_round((asked, *answers))
        self._apart = bool(turn.text)
        following = replace(request, messages=(*request.messages, asked, *answers))
        return replace(following, tool_choice="none") if self._rounds >= ROUNDS else following

    def notes(self) -> tuple[str, ...]:
        """Tell where the rounds were ended, and that text which looks like a call was not run."""
        notes = []
        if self._rounds >= ROUNDS:
            notes.append(f"After {ROUNDS} rounds of calls the model was told to answer with what it had.")
        if self._unread:
            notes.append("The reply holds the markup of a call, which the server did not read as one: nothing was run.")
        return tuple(notes)

    def sent(self, request: Request) -> tuple[Entry, ...]:
        """Return the results in ``request``, the calls before them, and descriptions in which something is masked."""
        held = {id(message) for message in request.messages}
        results = [entry for message, entry in self._results if id(message) in held]
        made = [message for message in self._calls if id(message) in held]
        texts = [str(message.content) + message.reasoning for message in made]
        texts += [f"{call.name}{call.arguments}" for message in made for call in message.tool_calls]
        calls = [Entry("tool", "the model's calls", _size(*texts))] if made else []
        return (*self._offered, *results, *calls)

    def _hear(self, index: int, call_id: str, name: str, arguments: str) -> None:
        """Take in a piece of a call. Some servers number all calls alike, and some repeat the name with each piece."""
        heard = self._heard.setdefault(index, [])
        if not heard or (call_id and heard[-1].call_id not in ("", call_id)):
            heard.append(_Heard())
        call = heard[-1]
        call.call_id = call.call_id or call_id
        if name != call.name:
            call.name += name
        call.arguments += arguments

    def _collected(self, turn: int) -> tuple[ToolCall, ...]:
        """Return the calls, each with an id of its own."""
        heard, self._heard = self._heard, {}
        calls: dict[str, ToolCall] = {}
        for one in (one for _, several in sorted(heard.items()) for one in several):
            given = one.call_id
            call_id = given if given and given not in calls else f"call_{turn}_{self._rounds}_{len(calls)}"
            calls[call_id] = ToolCall(call_id, one.name, one.arguments)
        return tuple(calls.values())

    def _answered(self, call: ToolCall, show: Callable[[Event], None]) -> Message:
        words = in_words(call)
        show(Calling(words))
        ran = self._box.run(call)
        show(Called(words, ran.text, ran.seconds, ran.failed))
        return self._answer(call, ran.text, ran.left_out, ran.masked)

    def _answer(self, call: ToolCall, text: str, left_out: int = 0, masked: tuple[str, ...] = ()) -> Message:
        title = f"result of {one_line(call.name, 60) or 'a call'}"
        told = wrap([(title, text)], marker=self._marker)
        answer = Message("tool", told, tool_call_id=call.call_id)
        self._results.append((answer, Entry("result", title, _size(told), left_out, masked)))
        return answer


def _size(*texts: str) -> int:
    return estimate_tokens("\n".join(texts))


def _unfit(place: int, call: ToolCall, *, last: bool) -> str:
    """Return why ``call`` is not made at all; "" where it is. ``last`` tells that the reply was cut in it."""
    if place >= CALLS:
        return f"not run: at most {CALLS} calls are made at a time"
    if last and not call.arguments.strip():
        return "not run: the reply was cut before its arguments came; make the call again"
    return ""


def _acceptable(call: ToolCall) -> ToolCall:
    """Return ``call`` as every endpoint takes it back: some read its arguments, and refuse what is no JSON object."""
    try:
        whole = isinstance(json.loads(call.arguments), dict)
    except (ValueError, RecursionError):
        whole = False
    return replace(
        call,
        name=call.name if _NAME.fullmatch(call.name) else "unknown",
        arguments=call.arguments if whole else "{}",
    )
