"""One value asked: a task that runs in a thread here, or in a process elsewhere. All in it can be pickled but the key.

The key stays in this process. A process elsewhere finds its own, by the function that the task names.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from deepseek_magic.api.dialects import dialect_of
from deepseek_magic.api.events import Usage
from deepseek_magic.api.messages import Message, Request
from deepseek_magic.chat.exchange import Exchange, OneStep, Steps
from deepseek_magic.chat.interrupts import Interrupts
from deepseek_magic.chat.transcript import Turn
from deepseek_magic.errors import (
    AuthenticationFailed,
    ConfigurationError,
    DeepSeekError,
    IncompleteReply,
    InsufficientBalance,
    Interrupted,
    NotFound,
    one_line,
)
from deepseek_magic.render.base import Silent
from deepseek_magic.settings import Key, Settings

from .results import Outcome

#: Errors that every other value would meet as well.
_FATAL = (AuthenticationFailed, InsufficientBalance, NotFound, ConfigurationError)
# A stream that breaks off in the middle is asked again; what fails before its first token the client tries anew itself.
_TRIES = 3

#: The keys and connections of this process; nothing of it is ever pickled.
_keys: dict[str, Key | None] = {}
_here = threading.local()


def keep_key(base_url: str, key: Key | None) -> None:
    """Let tasks of this process use ``key`` at ``base_url``."""
    _keys[base_url] = key


@dataclass(frozen=True, slots=True)
class Task:
    """How each value is asked.

    Attributes:
        settings: without the key.
        schema: the JSON Schema of the result; ``None`` for text.
        find_key: finds the key in a process that was not handed one, given the URL.
    """

    settings: Settings
    schema: dict[str, Any] | None
    find_key: Callable[[str], Key | None]

    def __call__(self, prompt: str) -> Outcome:
        """Ask ``prompt`` and return what came of it; never raises."""
        stopping = getattr(_here, "stop", None)
        for attempt in range(1, _TRIES + 1):
            outcome, again = self._try(prompt)
            if not again or attempt == _TRIES or (stopping is not None and stopping.is_set()):
                return outcome
        return outcome

    def _try(self, prompt: str) -> tuple[Outcome, bool]:
        """Ask once; return what came of it, and whether to ask again."""
        try:
            turn, steps, error = self._asked(prompt)
        except Exception as raised:  # noqa: BLE001  # one value must not stop the others
            return Outcome(
                error=one_line(f"{type(raised).__name__}: {raised}", 300), fatal=isinstance(raised, _FATAL)
            ), False
        usage, model = turn.usage or Usage(), turn.served.model
        if error is None and turn.text.strip():
            return Outcome(turn.text, steps.json(), usage, model), False
        if error is None:
            return Outcome(usage=usage, model=model, error="the reply is empty"), True
        words = one_line(f"{type(error).__name__}: {error}", 300)
        again = isinstance(error, IncompleteReply)
        return Outcome(usage=usage, model=model, error=words, fatal=isinstance(error, _FATAL)), again

    def _asked(self, prompt: str) -> tuple[Turn, Steps, DeepSeekError | Interrupted | None]:
        steps = self._steps()
        settings = self.settings
        system = [Message("system", settings.system)] if settings.system else []
        request = Request(
            model=settings.model,
            messages=(*system, Message("user", prompt)),
            thinking=settings.thinking,
            temperature=settings.temperature,
            top_p=settings.top_p,
            max_tokens=settings.max_tokens,
            stop=settings.stop,
        )
        turn = Turn(1, prompt)
        exchange = Exchange(turn, self._client(), Silent(), Interrupts(), settings.timeout, steps)
        return turn, steps, exchange.run(steps.first(request))

    def _steps(self) -> Steps:
        if self.schema is None:
            return OneStep()
        from deepseek_magic.chat.structured.steps import Structured  # text alone needs none of it

        return Structured(self.schema, dialect_of(self.settings), lambda value: value)

    def _client(self) -> Any:
        """Return this thread's client: its connection stays open for the next value."""
        from deepseek_magic.api.client import Client

        base_url = self.settings.base_url
        clients = _here.__dict__.setdefault("clients", {})
        if base_url not in clients:
            key = _keys[base_url] if base_url in _keys else self.find_key(base_url)
            clients[base_url] = Client(base_url, key, dialect_of(self.settings))
        return clients[base_url]
