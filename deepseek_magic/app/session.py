"""`Session`: the state that lasts from one question to the next: conversations, keys, connections, costs."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepseek_magic.api import catalogue
from deepseek_magic.api.dialects import dialect_of, wants_model
from deepseek_magic.chat.kernel_budget import Budget
from deepseek_magic.chat.question import Question
from deepseek_magic.credentials.pasted_keys import PastedKeys
from deepseek_magic.first_use import MadeOnce
from deepseek_magic.forks import in_child
from deepseek_magic.guard import Guard, Mode
from deepseek_magic.notebook.kernel import Kernel
from deepseek_magic.record.library import Library
from deepseek_magic.render.choose import Screen
from deepseek_magic.settings.asking import Asking
from deepseek_magic.settings.keys import Environment
from deepseek_magic.settings.parameters import Settings
from deepseek_magic.settings.resolve import resolve, resolve_asking
from deepseek_magic.settings.urls import checked_base_url

from .clients import Clients
from .conversations import Conversations
from .keys import Keys
from .rules_along import RulesAlong
from .usage import Tallies

if TYPE_CHECKING:
    from deepseek_magic.batch.store import Store
    from deepseek_magic.credentials.profiles import Profile
    from deepseek_magic.demo.endpoint import EmbeddedEndpoint
    from deepseek_magic.doctor.findings import Finding

    from .next_cell import NextCells
    from .unseen import Shown
    from .user_files import UserFiles

#: Seconds between two streamed tokens of the demo, so that streaming is seen.
DEMO_PACE = 0.012


_of_process: dict[str, Session] = {}


def process_session() -> Session:
    """Return the session of this process, for questions asked from Python without the extension.

    It is one for all threads, as with `MadeOnce`.
    """
    return _of_process.get("session") or _of_process.setdefault("session", Session())


def takes_colours(environ: Mapping[str, str]) -> bool:
    """Return whether a terminal may be sent colours (https://no-color.org); old ones of Windows show them as text."""
    able = environ.get("TERM") != "dumb" and (os.name != "nt" or "WT_SESSION" in environ)
    return able and not environ.get("NO_COLOR")


def session_of(kernel: Kernel) -> tuple[Session, Callable[[], Mapping[str, Any]]]:
    """Return the session and the settings of ``kernel`` where the extension is loaded, else those of this process."""
    magics = kernel.magics
    return (process_session(), dict) if magics is None else (magics.session, magics.settings)


class Session:
    """The state of one kernel. The environment is read at each question, so that a key set later counts.

    Args:
        environ: the environment.
        folder: returns the folder of the notebook.
    """

    def __init__(self, environ: Mapping[str, str] = os.environ, folder: Callable[[], Path] = Path.cwd) -> None:
        self.environ = Environment(environ)
        self.keys = Keys(self.environ, folder)
        self.pasted_keys = PastedKeys()
        #: The doctor's last findings.
        self.findings: tuple[Finding, ...] = ()
        self.clients = Clients()
        self.conversations = Conversations()
        self.tallies = Tallies()
        #: The budget, and what was spent of it.
        self.budget = Budget()
        self.rules = RulesAlong(self.environ)
        self.screen = Screen(partial(takes_colours, self.environ))
        self.library = Library()
        self.demo: EmbeddedEndpoint | None = None
        self._url_before_demo = ""
        #: Where the last reply was shown.
        self.shown: Shown | None = None
        #: The guard of the last question.
        self.guard = Guard("off", {})
        self._guard_made_of: int | None = None
        self._said: set[str] = set()
        in_child(self, Session._leave_to_parent)

    def _leave_to_parent(self) -> object:
        """Share no connection, lock or live view with the parent of a fork; its demo can still be asked."""
        left = self.clients, self.screen
        self.clients, self.screen = Clients(), Screen(left[1].colours)
        self.tallies, self.budget = replace(self.tallies), self.budget.left_behind()
        return left

    def settle(
        self, options: Mapping[str, Any], config: Mapping[str, Any], *, thinks: bool = True
    ) -> tuple[Settings, tuple[str, ...]]:
        """Return the settings of one question, and the notes on them that the user has not seen yet.

        Args:
            options: what the user said for this question, by field name.
            config: the configured values.
            thinks: whether the model may think if the user did not say; code and values are asked for without, so
                that a temperature counts.

        Raises:
            ConfigurationError: a setting cannot be used.
        """
        profile, options, config = self.profiled(options, config)
        notes = []
        if self.demo is not None and (since := self._configured_since_demo(config)):
            chosen = f"Questions go to {since}, which was chosen after the demo was switched on"
            notes.append(f"{chosen}; %deepseek_demo goes back to the demo.")
        elif self.demo is not None:
            config = {**config, "base_url": self.demo.url, "dialect": "deepseek"}
            if not catalogue.known_model(str(config.get("model") or self.environ.get("DEEPSEEK_MODEL", ""))):
                config["model"] = Settings().model
        find_key = self.keys.find if profile is None else partial(self.keys.of_profile, profile)
        settings = resolve(options, config, self.environ, find_key)
        if settings.key is None and self.keys.refused:
            settings = replace(settings, key_refused="; ".join(self.keys.refused))
        settings, note = catalogue.modernised(settings)
        dialect = dialect_of(settings)
        if settings.thinking is None and not thinks and dialect.can_be_quiet:
            settings = replace(settings, thinking="off")
        notes += [f"{note[0].upper()}{note[1:]}."] if note else []
        notes += dialect.ignored(settings)
        return settings, tuple(one for one in notes if one not in self._said)

    def profiled(
        self, options: Mapping[str, Any], config: Mapping[str, Any]
    ) -> tuple[Profile | None, Mapping[str, Any], Mapping[str, Any]]:
        """Return the profile of a question, if it has one, and its options and configuration with the profile in them.

        Raises:
            ConfigurationError: there is no such profile, or it cannot be used.
        """
        if not (options.get("profile") or config.get("profile")):
            return None, options, config
        from deepseek_magic.credentials import profiles  # most users have none

        return profiles.applied(options, config, self.environ)

    def once(self, notes: tuple[str, ...]) -> tuple[str, ...]:
        """Return those of ``notes`` that the user has not seen yet."""
        new = tuple(note for note in notes if note not in self._said)
        self._said.update(new)
        return new

    def configured_url(self, config: Mapping[str, Any]) -> str:
        """Return the endpoint that questions go to when the demo is off."""
        config = self.profiled({}, config)[2]
        base_url = str(config.get("base_url") or self.environ.get("DEEPSEEK_BASE_URL", "")).strip()
        return checked_base_url(base_url) if base_url else Settings().base_url

    def question(
        self,
        text: str,
        options: Mapping[str, Any],
        config: Mapping[str, Any],
        asking: Asking | None = None,
        *,
        cell: str = "",
        thinks: bool = True,
    ) -> Question:
        """Return ``text`` as a question with ``options`` over ``config``, without context as yet.

        Args:
            text: the question.
            options: what the user said for it, by field name.
            config: the configured values.
            asking: what `resolve_asking` makes of both, if that is known.
            cell: the identity of the cell that asks.
            thinks: as for `settle`.

        Raises:
            ConfigurationError: a setting cannot be used.
            EmptyQuestion: there is no text.
        """
        asking = asking or resolve_asking(options, config)
        settings, notes = self.settle(options, config, thinks=thinks)
        self.budget.limit = asking.budget
        self._said.update(notes)
        return Question(
            text,
            settings,
            cell,
            fresh=asking.new,
            remember=not asking.no_memory,
            footer=asking.footer,
            notes=notes,
            guard=self._guard(settings, asking.guard),
            prices=self.files.prices(asking.prices) if asking.prices else catalogue.PRICES,
            budget=self.budget,
            spent_on="background" if asking.bg else "questions",
        )

    def ready(self, settings: Settings) -> Settings:
        """Return ``settings`` with all that asking needs: a server that has just one model names it.

        Raises:
            MissingKey: there is no key.
            DeepSeekError: the server cannot be asked for its model.
        """
        settings.require_key()
        if not wants_model(settings):
            return settings
        return replace(settings, model=self.clients.client(settings).sole_model(settings.timeout))

    @MadeOnce
    def store(self) -> Store:
        """The answers of maps in this session."""
        from deepseek_magic.batch.store import Store  # most sessions never map

        return Store()

    @MadeOnce
    def files(self) -> UserFiles:
        """The user's own files: records, and tables of prices."""
        from .user_files import UserFiles  # most sessions use none

        return UserFiles()

    @MadeOnce
    def next_cells(self) -> NextCells:
        """The code that the last run of each cell put below it."""
        from .next_cell import NextCells  # most answers are not code

        return NextCells()

    def guard_of(self, config: Mapping[str, Any]) -> Guard:
        """Return what keeps secrets from leaving, as configured.

        Raises:
            ConfigurationError: a setting cannot be used.
        """
        return self._guard(self.settle({}, config)[0], resolve_asking({}, config).guard)

    def _guard(self, settings: Settings, mode: Mode) -> Guard:
        """Return what keeps secrets from leaving.

        It lasts, so that a secret keeps its mask; the environment is read each time, so that a later secret counts.
        """
        key = settings.key
        made_of = hash((mode, key, tuple(self.environ.items())))  # the values themselves would show in vars()
        if self._guard_made_of != made_of:
            values = [] if key is None else [key.secret]
            self._guard_made_of, self.guard = made_of, Guard(mode, self.environ, values)
        return self.guard

    def _configured_since_demo(self, config: Mapping[str, Any]) -> str:
        """Return the endpoint of ``config``, the profile's included, if it was set after the demo was switched on."""
        url = str(config.get("base_url") or "")
        return "" if url == self._url_before_demo else url

    def start_demo(self, config: Mapping[str, Any]) -> str:
        """Start the embedded endpoint if it is not running, send questions to it, and return its URL.

        An endpoint that ``config`` has from now on, and does not have yet, counts again.
        """
        from deepseek_magic.demo.endpoint import EmbeddedEndpoint

        self._url_before_demo = str(self.profiled({}, config)[2].get("base_url") or "")
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
        """Close all connections and threads."""
        self.conversations.close()
        self.stop_demo()
        self.screen.close()
        self.clients.close()
        if "files" in vars(self):
            self.files.close()
