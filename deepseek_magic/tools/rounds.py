"""The plan with tools: the model calls functions, they run, and their results are sent back, until it answers.

Sources: DeepSeek's tool-calls and thinking-mode guides. Every call is answered before anything else is said, and the
thinking of each round goes back with it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from deepseek_magic.api.events import Batch, Called, Event, Opened, ReasoningDelta, TextDelta, ToolCallDelta
from deepseek_magic.api.images import image_part
from deepseek_magic.api.messages import FimRequest, ImagePart, Message, Request, TextPart, ToolCall
from deepseek_magic.chat.plan import Outcome, Plan, Show
from deepseek_magic.chat.prompt_size import tool_tokens
from deepseek_magic.chat.turn import Turn
from deepseek_magic.context.receipt import Entry
from deepseek_magic.context.sentences import FIGURES
from deepseek_magic.context.wrapping import wrap
from deepseek_magic.errors import QuestionError
from deepseek_magic.structured.partial import PartialJson
from deepseek_magic.text import counted, estimate_tokens, one_line

from .calls import Ran, ToolBox, read_arguments

#: Rounds of calls after which the model has to answer.
ROUNDS = 10
#: The most calls that are made in one round: a confused model may ask for hundreds.
CALLS = 32
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
# Markup of DeepSeek's templates that a server should have parsed as calls. Text of a reply is never run. V4.1 writes a
# space after the first.
_MARKUP = ("<｜DSML｜", "<|DSML|", "<｜tool▁calls▁begin｜>", "<｜tool▁call▁begin｜>")
_WHOLE = ("tool_calls", "stop", "eos", "end_turn")


@dataclass(slots=True)
class _Heard:
    """A call while its pieces arrive."""

    call_id: str = ""
    name: str = ""
    pieces: list[str] = field(default_factory=list)
    size: int = 0
    named_again: bool = False
    _read: PartialJson = field(default_factory=PartialJson)
    _pieces_read: int = 0

    @property
    def whole(self) -> bool:
        """Whether the arguments so far are complete; each piece is read once."""
        for place in range(self._pieces_read, len(self.pieces)):
            self._read.feed(self.pieces[place])
        self._pieces_read = len(self.pieces)
        return self._read.complete

    @property
    def arguments(self) -> str:
        """The arguments so far."""
        return "".join(self.pieces)

    def is_all_of(self, arguments: str) -> bool:
        """Return whether ``arguments`` are those so far, and complete."""
        return len(arguments) == self.size and self.whole and arguments == self.arguments


class ToolRounds(Plan):
    """Lets the model call the functions of ``box``.

    Args:
        box: the functions.
        marker: the marker of the conversation, with which results are wrapped as data.
        strict: whether the endpoint should enforce the schemas.
        most: the number of rounds after which the model has to answer.
        sees: whether the model has vision, so that pictures from tools are sent.
    """

    def __init__(self, box: ToolBox, marker: str, *, strict: bool, most: int = ROUNDS, sees: bool = False) -> None:
        self._box = box
        self._marker = marker
        self._strict = strict
        self._heard: list[_Heard] = []
        self._latest: dict[int, _Heard] = {}  # by their numbers
        self._by_id: dict[str, _Heard] = {}
        self._rounds = 0
        self._most = most
        self._sees = sees
        self._images: list[ImagePart] = []
        self._edited = False
        self._said = self._thought = False  # in the rounds before
        self._unread = False
        self._offered: tuple[Entry, ...] = ()
        # by the messages themselves: an earlier turn may hold equal ones
        self._results: list[tuple[Message, Entry]] = []

    def prepare(self, request: Request) -> Request:
        """Return ``request`` with the tools, including those of servers, which are started if they do not run.

        Raises:
            SecretFound: the guard refuses, and there is a secret in a description.
            OptionError, ConfigurationError, ToolServerFailed: a server is not configured, or cannot be started.
        """
        self._box.open()
        return self.recognised(request)

    def recognised(self, request: Request) -> Request:
        """Return ``request`` with the tools that are known without starting a server.

        Raises:
            SecretFound: as for `prepare`.
        """
        described, strict = self._box.tools(), self._strict and self._box.strict
        tools = tuple(replace(tool, strict=strict) for tool, _ in described)
        self._offered = tuple(
            Entry("tool", f"definition of {tool.name}", tool_tokens(tool), masked=masked)
            for tool, (_, masked) in zip(tools, described, strict=True)
        )
        return replace(request, tools=tools, servers=self._box.servers, told_apart=self._box.told_apart)

    def filter(self, batch: Batch) -> Batch:
        """Return ``batch`` with the beginning of a later round marked; the calls in it are collected."""
        made: list[Event] = []
        for event in batch:
            made.append(event)
            if isinstance(event, Opened):
                self._forget()  # incomplete calls, which the model makes again
            elif isinstance(event, ToolCallDelta):
                self._hear(event.index, event.call_id, event.name, event.arguments)
            elif isinstance(event, TextDelta) and self._said:
                self._said = False
                made[-1] = TextDelta(f"\n\n{event.text}", apart=True)
            elif isinstance(event, ReasoningDelta) and self._thought:
                self._thought = False
                made[-1] = ReasoningDelta(event.text, apart=True)
        return made

    def follow_up(self, turn: Turn, request: Request, show: Show) -> Request | None:
        """Make the requested calls, and return the request with their results.

        Every call is answered, even at an error or a stop: otherwise the endpoint would refuse the conversation.
        """
        calls = self._collected(turn.number)
        if not calls or self._rounds >= self._most:
            self._unread = any(mark in turn.text for mark in _MARKUP)
            return None
        self._rounds += 1
        text, reasoning = turn.round_so_far()
        asked = Message("assistant", text, reasoning=reasoning, tool_calls=tuple(map(_acceptable, calls)))
        answers: list[Message] = []
        try:
            self._make(calls, answers, _doubt(calls, cut=turn.finish_reason not in _WHOLE), show)
        except BaseException as error:
            why = "the user stopped it" if isinstance(error, KeyboardInterrupt) else "its result was withheld"
            answers += [self._answer(call, f"{why}; no result is known") for call in calls[len(answers) :]]
            raise
        finally:
            turn.end_round((asked, *answers))
        if self._edited:
            turn.hand_over()
            return None
        self._said, self._thought = bool(turn.text), bool(turn.reasoning)
        following = replace(request, messages=(*request.messages, asked, *answers, *self._pictures()))
        return replace(following, tool_choice="none") if self._rounds >= self._most else following

    def _make(self, calls: Sequence[ToolCall], answers: list[Message], doubt: str, show: Show) -> None:
        """Make ``calls`` one after the other, and add the answer of each to ``answers``."""
        for place, call in enumerate(calls):
            unfit = _unfit(place, call, doubt) or ("not run: the user edits a piece of code" if self._edited else "")
            if unfit:
                answers.append(self._answer(call, unfit))
                continue
            answer, ran = self._answered(call, show)
            answers.append(answer)
            self._edited = self._edited or ran.made.edited
            if ran.made.stopped:
                raise KeyboardInterrupt

    def _pictures(self) -> tuple[Message, ...]:
        """Return a user message with the pictures of a round: DeepSeek accepts images only from the user."""
        images, self._images = self._images, []
        return (Message("user", (TextPart(FIGURES), *images)),) if images else ()

    def outcome(self, turn: Turn, request: Request | FimRequest) -> Outcome:  # noqa: ARG002
        """Return notes on how the rounds ended, and the entries of the tools and results in ``request``."""
        messages = request.messages if isinstance(request, Request) else ()
        return Outcome(notes=tuple(self._notes()), entries=self._entries(messages))

    def _notes(self) -> Iterator[str]:
        if self._rounds >= self._most:
            yield f"After {counted(self._most, 'round')} of calls the model was told to answer with what it had."
        if self._unread:
            yield "The reply holds the markup of a call, which the server did not read as one: nothing was run."

    def _entries(self, messages: Sequence[Message]) -> tuple[Entry, ...]:
        """Return the entries of the tools, and of the results among ``messages``."""
        held = {id(message) for message in messages}
        return (*self._offered, *(entry for message, entry in self._results if id(message) in held))

    def _forget(self) -> None:
        self._heard, self._latest, self._by_id = [], {}, {}

    def _hear(self, index: int, call_id: str, name: str, arguments: str) -> None:
        """Add a piece of a call. Some servers use one index for all calls, and some repeat the name in every piece."""
        call = self._latest.get(index)
        if call is not None and call_id and call.call_id not in ("", call_id):
            call = self._by_id.get(call_id)
        if call is not None and call_id and call_id == call.call_id and call.is_all_of(arguments):
            return  # the server repeats the complete call at its end
        if call is None or self._is_another(call, name, arguments):
            name = name or ("" if call is None else call.name)
            call = _Heard()
            self._heard.append(call)
        self._latest[index] = call
        if call_id and not call.call_id:
            call.call_id = call_id
            self._by_id.setdefault(call_id, call)
        if name != call.name:
            call.name += name
        if arguments:
            call.pieces.append(arguments)
            call.size += len(arguments)

    def _is_another(self, call: _Heard, name: str, arguments: str) -> bool:
        """Return whether a piece with ``name`` and ``arguments`` begins a new call after ``call``, without an id."""
        if call.name and name and name != call.name:
            begins_one = any(known.startswith(call.name + name) for known in self._box.names)
            return bool(call.pieces) or name in self._box.names or not begins_one
        if not (name or call.named_again) or not call.whole:
            return False
        call.named_again = not arguments.strip()  # a call that begins, or one that ends: the next piece says which
        return not call.named_again

    def _collected(self, turn: int) -> tuple[ToolCall, ...]:
        """Return the calls, each with a unique id."""
        heard = self._heard
        self._forget()
        calls: dict[str, ToolCall] = {}
        for one in heard:
            given = one.call_id
            call_id = given if given and given not in calls else f"call_{turn}_{self._rounds}_{len(calls)}"
            calls[call_id] = ToolCall(call_id, one.name, one.arguments)
        return tuple(calls.values())

    def _answered(self, call: ToolCall, show: Show) -> tuple[Message, Ran]:
        calling = self._box.calling(call)
        show(calling)
        ran = self._box.run(call)
        made, seconds = ran.made, round(ran.seconds, 3)  # as it is kept
        what = made.cost, made.requests, made.sources
        show(Called(made.call or calling.call, ran.text, seconds, ran.failed, made.piece, *what))
        if self._sees:
            for image in ran.made.images:
                with suppress(QuestionError):  # a picture that the endpoint would refuse
                    self._images.append(image_part(image))
        return self._answer(call, ran.text, ran.left_out, ran.masked), ran

    def _answer(self, call: ToolCall, text: str, left_out: int = 0, masked: tuple[str, ...] = ()) -> Message:
        title = f"result of {one_line(call.name, 60) or 'a call'}"
        wrapped = wrap([(title, text)], marker=self._marker)
        answer = Message("tool", wrapped, tool_call_id=call.call_id)
        self._results.append((answer, Entry("result", title, estimate_tokens(wrapped), left_out, masked)))
        return answer


def _doubt(calls: Sequence[ToolCall], *, cut: bool) -> str:
    """Return why calls without arguments may have lost them; "" if they have not."""
    if cut:
        return "the reply was cut before its arguments came"
    unread = any(isinstance(read_arguments(call.arguments), str) for call in calls)
    return "it has no arguments, and those of another call cannot be read" if unread else ""


def _unfit(place: int, call: ToolCall, doubt: str) -> str:
    """Return why ``call`` is not made; "" if it is. ``doubt`` is the result of `_doubt`."""
    if place >= CALLS:
        return f"not run: at most {CALLS} calls are made at a time"
    return f"not run: {doubt}; make the call again" if doubt and not call.arguments.strip() else ""


def _acceptable(call: ToolCall) -> ToolCall:
    """Return ``call`` in a form that every endpoint accepts back: some refuse arguments that are not an object."""
    read = read_arguments(call.arguments)
    arguments = "{}"
    with suppress(RecursionError):
        try:
            arguments = call.arguments if isinstance(json.loads(call.arguments), dict) else arguments
        except ValueError:  # line ends that are not escaped, or not JSON at all
            arguments = arguments if isinstance(read, str) else json.dumps(read, ensure_ascii=False)
    return replace(call, name=call.name if _NAME.fullmatch(call.name) else "unknown", arguments=arguments)
