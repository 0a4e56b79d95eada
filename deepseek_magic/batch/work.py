"""One value asked: a task that runs in a thread here, or in a process elsewhere. It never holds the key.

The key stays in this process. A process elsewhere finds its own, by the function that the task names.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from deepseek_magic.api.decode import TOO_LONG
from deepseek_magic.api.dialects import dialect_of
from deepseek_magic.api.events import Usage
from deepseek_magic.api.messages import Message, Request
from deepseek_magic.chat.exchange import Endpoint, Exchange
from deepseek_magic.chat.interrupts import Interrupts
from deepseek_magic.chat.notices import WHOLE_REASONS
from deepseek_magic.chat.plan import Plan
from deepseek_magic.chat.turn import Turn
from deepseek_magic.errors import (
    AuthenticationFailed,
    ConfigurationError,
    ConnectionFailed,
    DeepSeekError,
    IncompleteReply,
    InsufficientBalance,
    Interrupted,
    NotFound,
    RateLimited,
    ServerError,
    UnexpectedResponse,
)
from deepseek_magic.settings.keys import Key
from deepseek_magic.settings.parameters import Settings
from deepseek_magic.text import estimate_tokens, one_line, words_of

from .results import STOPPED, ValueOutcome
from .slots import Sending, Slots

if TYPE_CHECKING:
    from deepseek_magic.api.client import Client
    from deepseek_magic.structured.shape import Shape

#: Errors that every other value would meet as well.
_FATAL = (AuthenticationFailed, InsufficientBalance, NotFound, ConfigurationError)
#: Errors that are not the value's fault; where each value meets one, the endpoint is out of order.
_FAULTS = (ConnectionFailed, RateLimited, ServerError, UnexpectedResponse)
# A stream that breaks off in the middle is asked again. The client repeats what fails before its first token.
_TRIES = 3
_AGAIN = (IncompleteReply, UnexpectedResponse)
_LIMITS = {"length": "at the token limit", TOO_LONG: "at the most that is read of one reply"}
_GAVE_UP = ("insufficient_system_resource", "aborted", "abort")


def _backoff(attempt: int) -> float:
    """Return the seconds to wait after try number ``attempt``.

    Of many requests a few always fail by chance, and are asked again sooner than one reader's; what fails more often
    waits longer, up to the same patience in all: 0.2 s, three times as long each time, less a random part of a half.
    """
    return 0.2 * 3.0 ** (attempt - 1) * (0.5 + random.random() / 2)  # spreads load, guards nothing


@dataclass(frozen=True, slots=True)
class ValueTask:
    """How each value is asked. It can be pickled.

    Attributes:
        settings: without the key.
        shape: of the result; ``None`` for text.
        before: what stands before each prompt.
        find_key: finds the key in a process that was not handed one, given the URL.
    """

    settings: Settings
    shape: Shape | None
    before: str
    find_key: Callable[[str], Key | None]

    def client(self, key: Key | None, sending: Sending, pause: Callable[[float], object]) -> Client:
        """Return a client for the thread that calls this: its connection stays open from one value to the next."""
        from deepseek_magic.api.client import Client  # requests is heavy, and loading never asks
        from deepseek_magic.api.under_way import on_connect

        on_connect.set(sending.open)
        settings = self.settings
        return Client(
            settings.base_url,
            key,
            dialect_of(settings),
            certificate=settings.client_cert,
            sleep=pause,
            backoff=_backoff,
        )

    def __call__(self, prompt: str, endpoint: Endpoint, sending: Sending, slots: Slots) -> ValueOutcome:
        """Ask ``prompt`` of ``endpoint`` and return what came of it; never raises except for an interrupt."""
        used = Usage()
        for attempt in range(1, _TRIES + 1):
            try:
                outcome, again = self._try(prompt, endpoint, sending)
            except Exception as raised:  # noqa: BLE001  # one value must not stop the others
                outcome, again = failure(raised), False
            used = outcome.usage if attempt == 1 else used + outcome.usage
            if not again or attempt == _TRIES or slots.stopped.is_set():
                break
            try:
                slots.pause(_backoff(attempt))
            except Interrupted:
                outcome = STOPPED
                break
        return outcome if outcome.usage is used else replace(outcome, usage=used)

    def _try(self, prompt: str, endpoint: Endpoint, sending: Sending) -> tuple[ValueOutcome, bool]:
        """Ask once; return what came of it, and whether to ask again."""
        turn, found, error = self._asked(prompt, endpoint, sending)
        usage, model = turn.usage or _estimated(self.before, prompt, turn), turn.served.model
        if isinstance(error, Interrupted):
            return replace(STOPPED, usage=usage), False
        if error is not None:
            return failure(error, usage, model), isinstance(error, _AGAIN)
        if turn.finish_reason == "content_filter":
            return ValueOutcome(usage=usage, model=model, error="the endpoint's filter withheld the reply"), False
        if turn.finish_reason in _GAVE_UP or not turn.text.strip():
            words = "the endpoint gave up in the middle of the reply" if turn.text.strip() else "the reply is empty"
            if turn.finish_reason == "length":
                words = "its thinking used up the token limit: raise --max-tokens, or use --think low or off"
            return ValueOutcome(usage=usage, model=model, error=words), turn.finish_reason != "length"
        return ValueOutcome(turn.text, found, usage, model, cut=_cut(turn.finish_reason)), False

    def _asked(
        self, prompt: str, endpoint: Endpoint, sending: Sending
    ) -> tuple[Turn, Any, DeepSeekError | Interrupted | None]:
        """Ask ``prompt``; return the turn, its JSON value, and the error that ended it, if any."""
        plan, settings, turn = self._plan(), self.settings, Turn(1, "")
        system = [Message("system", settings.system)] if settings.system else []
        request = Request(settings, (*system, Message("user", self.before + prompt)))
        exchange = Exchange(turn, endpoint, sending, Interrupts(), plan)
        with sending:
            error = exchange.run(plan.prepare(request))
        return turn, plan.outcome(turn, exchange.asked[-1]).json, error

    def _plan(self) -> Plan:
        if self.shape is None:
            return Plan()
        from deepseek_magic.structured.plan import Structured  # plain text does not need it

        return Structured(self.shape, dialect_of(self.settings))


def _cut(reason: str) -> str:
    """Return where a reply that ended for ``reason`` was cut; "" if it is whole."""
    if reason in WHOLE_REASONS:
        return ""
    return _LIMITS.get(reason) or f"for a reason unknown to this version ({one_line(reason, 40)})"


def failure(error: BaseException, usage: Usage | None = None, model: str = "") -> ValueOutcome:
    """Return what comes of a value about which ``error`` was raised."""
    return ValueOutcome(
        usage=usage or Usage(),
        model=model,
        error=words_of(error),
        fatal=isinstance(error, _FATAL),
        fault=isinstance(error, _FAULTS),
    )


def _estimated(before: str, prompt: str, turn: Turn) -> Usage:
    """Return the estimated tokens of a reply whose usage was not reported, such as one that broke off."""
    if not turn.text and not turn.reasoning:
        return Usage()
    return Usage(estimate_tokens(before + prompt), estimate_tokens(turn.reasoning + turn.text))
