"""What lasts from one question to the next: conversations, keys, connections, the tally, the demo endpoint."""

from __future__ import annotations

import itertools
import os
import threading
import weakref
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepseek_magic.api import catalogue, pricelist
from deepseek_magic.api.dialects import Dialect, dialect_of, wants_model
from deepseek_magic.chat.conversation import Conversation
from deepseek_magic.chat.plan import Plan
from deepseek_magic.chat.question import Prepared, Question
from deepseek_magic.chat.reply import Reply
from deepseek_magic.errors import DeepSeekError, Interrupted
from deepseek_magic.forks import in_child
from deepseek_magic.guard import Guard, Mode
from deepseek_magic.render.choose import Screen
from deepseek_magic.render.renderer import Renderer
from deepseek_magic.settings.keys import Environment, Key
from deepseek_magic.settings.parameters import Settings
from deepseek_magic.settings.resolve import resolve
from deepseek_magic.settings.urls import checked_base_url, host_of

from . import keyring
from .usage import Tally

if TYPE_CHECKING:
    from deepseek_magic.api.client import Client
    from deepseek_magic.batch.results import Outcome
    from deepseek_magic.batch.store import Store
    from deepseek_magic.demo.endpoint import EmbeddedEndpoint

#: Endpoints whose connections are kept open at a time.
_CLIENTS = 4
#: Seconds between two streamed tokens of the demo, so that streaming is seen.
DEMO_PACE = 0.012
# Of this process, not of a session: the numbers name conversations in the outputs of one notebook.
_numbers = itertools.count(1)


@lru_cache(maxsize=1)
def process_session() -> Session:
    """Return the session of this process, for questions asked from Python without the extension."""
    return Session()


class Session:
    """One kernel's memory. It reads the environment at each question, so that a key set later counts."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._environ = Environment(environ)
        self._logins: dict[str, Key] = {}
        self._clients: dict[tuple[str, Key | None, Dialect], Client] = {}
        self._said: set[str] = set()
        self._priced: tuple[str, int, catalogue.Prices] = ("", 0, catalogue.PRICES)
        self._guard_made_of: int | None = None
        #: What masked the secrets of the last question.
        self.guard = Guard("off", {})
        self._named: dict[str, Conversation] = {}
        self._owned: dict[str, Conversation] = {}
        self.current = "main"
        self.tallies: dict[str, Tally] = {}
        self._counting = threading.Lock()
        self.demo: EmbeddedEndpoint | None = None
        self.screen = Screen()
        in_child(self, Session._leave_to_parent)

    def _leave_to_parent(self) -> object:
        """Share no connection, lock or live view with the parent of a fork; its demo can still be asked."""
        left = self._clients, self.screen
        self._clients, self.screen, self._counting = {}, Screen(), threading.Lock()
        return left

    @property
    def conversations(self) -> dict[str, Conversation]:
        """The conversations by name: those that the user named, then those of objects that are still in use."""
        return {**self._named, **self._owned}

    def conversation(self, chat: str | Conversation = "") -> Conversation:
        """Return the conversation called ``chat`` (default: the current one), new if there was none.

        A conversation that is asked for by name stays, even if it was that of an object. One that is given as such is
        returned.
        """
        if isinstance(chat, Conversation):
            return chat
        name = chat or self.current
        if name not in self._named:
            self._named[name] = self._owned.get(name) or Conversation(name)
        return self._named[name]

    def owned_conversation(self, owner: object) -> Conversation:
        """Return a new conversation that is listed until ``owner`` is collected; its name never recurs."""
        name = next(name for name in map("python-{}".format, _numbers) if name not in self._named)
        conversation = self._owned[name] = Conversation(name)
        weakref.finalize(owner, self._owned.pop, name, None).atexit = False
        return conversation

    @property
    def current(self) -> str:
        """The conversation in which questions are asked where they name no other."""
        return self._current

    @current.setter
    def current(self, name: str) -> None:
        self._current = name
        self._latest = self.conversation(name)

    @property
    def latest(self) -> Conversation:
        """The conversation that was asked, or changed to, last."""
        return self._latest

    def settle(self, options: Mapping[str, Any], config: Mapping[str, Any]) -> tuple[Settings, tuple[str, ...]]:
        """Return the settings of one question, and what the user is to be told about them, each thing once.

        Raises:
            ConfigurationError: a setting cannot be used.
        """
        if self.demo is not None:
            config = {**config, "base_url": self.demo.url, "dialect": "deepseek"}
            if not catalogue.known_model(str(config.get("model") or self._environ.get("DEEPSEEK_MODEL", ""))):
                config["model"] = Settings().model
        settings = resolve(options, config, self._environ, self._logins_for(options, config))
        settings, note = catalogue.modernised(settings)
        if settings.thinking is None and _wants_a_form(options) and dialect_of(settings).deepseek:
            settings = settings.replaced(thinking="off")  # as code and values are asked for: a temperature counts then
        notes = [f"{note[0].upper()}{note[1:]}."] if note else []
        notes += dialect_of(settings).ignored(settings)
        return settings, tuple(one for one in notes if one not in self._said)

    def _logins_for(self, options: Mapping[str, Any], config: Mapping[str, Any]) -> Mapping[str, Key]:
        """Return the keys given to this session, with the one saved on this system for the endpoint in question."""
        base_url = self.configured_url({**config, **{k: v for k, v in options.items() if k == "base_url"}})
        host = host_of(base_url)
        if host not in self._logins and not keyring.in_environment(self._environ, base_url):
            saved = keyring.saved(base_url)
            if saved is not None:
                self._logins[host] = saved
        return self._logins

    def configured_url(self, config: Mapping[str, Any]) -> str:
        """Return the endpoint that questions go to when the demo is off."""
        base_url = str(config.get("base_url") or self._environ.get("DEEPSEEK_BASE_URL", "")).strip()
        return checked_base_url(base_url) if base_url else Settings().base_url

    def log_in(self, key: Key) -> None:
        """Use ``key`` for its host from now on."""
        self._logins[key.host] = key

    def log_out(self, host: str) -> bool:
        """Forget the key of ``host``; return whether there was one."""
        return self._logins.pop(host, None) is not None

    def client(self, settings: Settings) -> Client:
        """Return a client for the endpoint of ``settings``; its connections stay open for the next question."""
        # requests is heavy, and the first question is soon enough for it
        from deepseek_magic.api.client import Client

        known = (settings.base_url, settings.key, dialect_of(settings))
        client = self._clients.pop(known, None) or Client(*known)
        self._clients[known] = client
        while len(self._clients) > _CLIENTS:
            self._clients.pop(next(iter(self._clients))).close()
        return client

    def question(
        self, text: str, options: Mapping[str, Any], config: Mapping[str, Any], *, cell: str = "", footer: bool = True
    ) -> Question:
        """Return ``text`` as a question with ``options`` over ``config``, without context as yet.

        Raises:
            ConfigurationError: a setting cannot be used.
            EmptyQuestion: there is not text.
        """
        settings, notes = self.settle(options, config)
        self._said.update(notes)
        return Question(
            text,
            settings,
            cell,
            fresh=bool(options.get("new")),
            remember=not options.get("no_memory"),
            footer=footer,
            notes=notes,
            guard=self._guard(settings, config.get("guard") or "mask"),
            prices=self._prices(config.get("prices") or ""),
        )

    def ask(
        self,
        question: Question,
        renderer: Callable[[], Renderer],
        *,
        chat: str | Conversation = "",
        shown_here: Callable[[], bool] | None = None,
        plan: Plan | None = None,
    ) -> Reply:
        """Ask ``question`` in the conversation ``chat`` and show the reply by what ``renderer`` makes.

        ``plan`` says what the reply is asked for, where it is not text.

        Raises:
            DeepSeekError, Interrupted: as `deepseek_magic.chat.conversation.Conversation.ask` says.
        """
        settings = self.ready(question.settings)
        client = self.client(settings)
        if settings is not question.settings:
            question = replace(question, settings=settings)
        conversation = self.conversation(chat)
        self._latest = conversation
        return self._counted(settings, lambda: conversation.ask(question, client, renderer(), shown_here, plan))

    def ready(self, settings: Settings) -> Settings:
        """Return ``settings`` with all that asking wants: a server that has just one model names it.

        Raises:
            MissingKey: there is no key.
            DeepSeekError: the server cannot be asked for its model.
        """
        settings.require_key()
        if not wants_model(settings):
            return settings
        return settings.replaced(model=self.client(settings).sole_model(settings.timeout))

    @cached_property
    def store(self) -> Store:
        """What maps were answered in this session."""
        from deepseek_magic.batch.store import Store  # most sessions never map

        return Store()

    def count_mapped(self, outcome: Outcome, cost: catalogue.Cost | None, settings: Settings) -> None:
        """Count the tokens of one value of a map, and what they cost; called from its threads."""
        with self._counting:
            tally = self.tallies.setdefault(outcome.model or settings.model, Tally())
            tally.replies += 1
            tally.prompt += outcome.usage.prompt or 0
            tally.cache_hit += outcome.usage.cache_hit or 0
            tally.completion += outcome.usage.completion or 0
            if cost is not None:
                tally.cost = cost if tally.cost is None else tally.cost + cost

    def resume(
        self,
        changes: Mapping[str, Any],
        renderer: Callable[[str], Renderer],
        *,
        chat: str | Conversation = "",
        shown_here: Callable[[], bool] | None = None,
    ) -> Reply:
        """Go on with the last reply of the conversation ``chat``.

        Args:
            changes: settings of it that are changed for the rest.
            renderer: makes what shows it, given the display id of the output that holds its beginning.
            chat: the conversation; the current one where it is "".
            shown_here: as for `ask`.

        Raises:
            QuestionError: there is no reply that was cut.
            DeepSeekError, Interrupted: as for `ask`.
        """
        conversation = self.conversation(chat)
        settings = conversation.unfinished().replaced(**changes)
        settings.require_key()
        client = self.client(settings)
        shown = renderer(conversation.place)
        before = conversation.last_reply
        thinking = changes.get("thinking")
        return self._counted(
            settings, lambda: conversation.resume(settings, client, shown, shown_here, thinking), before
        )

    def _counted(self, settings: Settings, ask: Callable[[], Reply], before: Reply | None = None) -> Reply:
        """Return what ``ask`` returns, counted; so is a reply that came in part."""
        try:
            reply = ask()
        except (DeepSeekError, Interrupted) as error:
            if error.reply is not None:
                self._count(error.reply, settings, before)
            raise
        self._count(reply, settings, before)
        return reply

    def rehearse(self, question: Question, chat: str = "", plan: Plan | None = None) -> Prepared:
        """Return what asking ``question`` would send; nothing is sent."""
        return self.conversation(chat).rehearse(question, plan)

    def _prices(self, source: str) -> catalogue.Prices:
        """Return the prices, with those of the user's own table over them; the file is read again when it changed."""
        if not source:
            return catalogue.PRICES
        path = Path(source).expanduser()
        changed = path.stat().st_mtime_ns if path.is_file() else 0
        if self._priced[:2] != (source, changed):
            self._priced = (source, changed, pricelist.load(source))
        return self._priced[2]

    def _guard(self, settings: Settings, mode: Mode) -> Guard:
        """Return what keeps secrets from leaving.

        It lasts, so that a secret keeps its mask; the environment is read again, so that a later secret counts.
        """
        key = settings.key
        made_of = hash((mode, key, tuple(self._environ.items())))  # the values themselves would show in vars()
        if self._guard_made_of != made_of:
            values = [] if key is None else [key.secret]
            self._guard_made_of, self.guard = made_of, Guard(mode, self._environ, values)
        return self.guard

    def _count(self, reply: Reply, settings: Settings, before: Reply | None) -> None:
        self.tallies.setdefault(reply.model or settings.model, Tally()).add(reply, before)

    def start_demo(self) -> str:
        """Start the embedded endpoint if it is not running, send questions to it, and return its URL."""
        from deepseek_magic.demo.endpoint import EmbeddedEndpoint

        if self.demo is None:
            self.demo = EmbeddedEndpoint(pace=DEMO_PACE).start()
        return self.demo.url

    def stop_demo(self) -> bool:
        """Stop the embedded endpoint; return whether it was running."""
        demo, self.demo = self.demo, None
        if demo is not None:
            demo.stop()
        return demo is not None

    def close(self) -> None:
        """Let go of everything that holds a connection or a thread."""
        self.stop_demo()
        self.screen.close()
        while self._clients:
            self._clients.popitem()[1].close()


def _wants_a_form(options: Mapping[str, Any]) -> bool:
    """Return whether the answer is to be code or a value."""
    return options.get("form", "text") != "text" or bool(options.get("schema"))
