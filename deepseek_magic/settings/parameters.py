"""The table of parameters: every option of a question and of a map, and every setting.

`Settings`, `Asking` and `MapAsking` are the table: a field is a row. The parser of options, help, the README,
completion, the traits of ``%config``, the command line, and the checks of values are derived from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypedDict

from deepseek_magic.errors import MissingKey

from .asking import Asking
from .keys import Key
from .kinds import Choice, Escaped, Number, Several, Text, Whole, is_filled
from .map_asking import MapAsking
from .rows import Parameter, Place, parameter, rows
from .servers import DEFAULT_BASE_URL
from .urls import host_of, is_deepseek

Thinking = Literal["off", "low", "high", "max"]
THINKING: tuple[Thinking, ...] = ("off", "low", "high", "max")
#: What to do with ``<think>`` in an answer: leave it; separate a leading one; or begin in thinking even without it.
ThinkTags = Literal["off", "split", "open"]
THINK_TAGS: tuple[ThinkTags, ...] = ("off", "split", "open")

# Words that people type after ``--think`` for one of the levels.
_LEVELS: dict[str, str] = {
    **dict.fromkeys(("no", "none", "false", "0", "never"), "off"),
    **dict.fromkeys(("little", "minimal"), "low"),
    **dict.fromkeys(("on", "yes", "true", "medium", "hard"), "high"),
    "maximum": "max",
}

DEFAULT_MODEL = "deepseek-flash"
CONNECT_TIMEOUT = 10.0
#: The most characters of text, thinking and tool calls of one reply; then it is cut.
MOST_REPLY = 8_000_000

_EVERYWHERE: tuple[Place, ...] = ("question", "fix", "continue", "fim", "map", "shell")
_NEW_QUESTION: tuple[Place, ...] = ("question", "fix", "map", "shell")
_NEW_TEXT: tuple[Place, ...] = ("question", "fix", "fim", "map", "shell")


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one question; made by `deepseek_magic.settings.resolve.resolve`.

    ``thinking`` is ``None`` if the user did not set it (the endpoint's default applies). ``timeout`` is the idle
    timeout in seconds. ``dialect`` names the kind of server ("" to derive it from the URL), and ``think_tags`` what to
    do with ``<think>`` in an answer ("" for the dialect's default). ``model_named`` says whether the user chose
    ``model``. ``key_refused`` says why a place that has a key did not give it.
    """

    model: str = parameter(
        DEFAULT_MODEL,
        Text("a model's name", is_filled),
        "-m, --model NAME",
        "the model that answers",
        at=_EVERYWHERE,
        trait="the model; empty: the variable DEEPSEEK_MODEL, else deepseek-flash",
    )
    system: str = parameter(
        "",
        Text(),
        "-s, --system TEXT",
        "instructions that precede the conversation, for this question only",
        at=_NEW_QUESTION,
        trait="instructions that precede every conversation",
        about="sent",
    )
    temperature: float | None = parameter(
        None,
        Number(0, 2, "a number from 0 to 2"),
        "-t, --temperature NUMBER",
        "randomness; has no effect while the model thinks",
        at=_NEW_TEXT,
        trait="randomness, 0 to 2; no effect while thinking",
    )
    top_p: float | None = parameter(
        None,
        Number(0, 1, "a number above 0, at most 1", above=True),
        "--top-p NUMBER",
        "nucleus sampling",
        at=_NEW_TEXT,
        trait="nucleus sampling, above 0 to 1",
    )
    max_tokens: int | None = parameter(
        None,
        Whole(1),
        "--max-tokens N",
        "limit on the tokens of the reply, thinking included",
        at=_EVERYWHERE,
        trait="limit on the tokens of a reply, thinking included",
    )
    stop: tuple[str, ...] = parameter(
        (),
        Several(Escaped("a string that is not empty", bool), 16, "at most 16 strings, none of them empty"),
        "--stop TEXT",
        "text at which the reply ends (`\\n` is a line end); may be repeated",
        at=_NEW_TEXT,
        trait="strings at which a reply ends",
    )
    thinking: Thinking | None = parameter(
        None,
        Choice(THINKING, _LEVELS),
        "--think LEVEL",
        "how much the model thinks before it answers: " + ", ".join(THINKING),
        at=("question", "fix", "continue", "map", "shell"),
        trait="how much to think; empty: the endpoint's default",
    )
    timeout: float = parameter(
        120.0,
        Number(0.001, 86_400, "a number of seconds from 0.001 to 86400"),
        "--timeout SECONDS",
        "give up after this many seconds of silence",
        at=_EVERYWHERE,
        trait="give up after this many seconds of silence",
    )
    max_cost: float | None = parameter(
        None,
        Number(0, 1e6, "US dollars, more than 0", above=True),
        "--max-cost DOLLARS",
        "limit on the estimated cost of the reply, in US dollars; at the limit it is stopped",
        at=_EVERYWHERE,
        trait="limit on the estimated cost of one reply, in US dollars",
    )
    base_url: str = parameter(
        DEFAULT_BASE_URL,
        Text("a URL", is_filled),
        "--base-url URL",
        "another endpoint; the key for the usual one is not sent there",
        at=_NEW_TEXT,
        trait="the endpoint; empty: the variable DEEPSEEK_BASE_URL, else DeepSeek's own",
    )
    dialect: str = parameter(
        "", Text(), trait="the kind of server at base_url: deepseek, vllm, …; empty: recognised by its address"
    )
    think_tags: ThinkTags | Literal[""] = parameter(
        "",
        Choice(THINK_TAGS),
        trait="what to do with <think> in an answer: off leaves it, split separates a leading one, open takes the "
        "start as thinking; empty: what this kind of server needs",
    )
    client_cert: str = parameter(
        "",
        Text(),
        trait="a PEM file with a client certificate and its key, or CERTIFICATE,KEY, for an endpoint that asks for "
        "one; empty: the variable DEEPSEEK_CLIENT_CERT",
    )
    history_tokens: int = parameter(
        64_000, Whole(0), trait="limit on the (estimated) tokens of the earlier turns that are sent"
    )
    overflow: Literal["leave out", "summarise"] = parameter(
        "leave out",
        Choice(("leave out", "summarise")),
        trait="what to do with the oldest turns beyond history_tokens: leave them out, or summarise them in a request",
    )
    context_tokens: int = parameter(16_000, Whole(0), trait="limit on the (estimated) tokens of one question's context")
    max_characters: int = parameter(
        MOST_REPLY,
        Whole(1),
        trait="limit on the characters of one reply, thinking and calls included; what came up to it is kept",
    )
    key: Key | None = None
    key_refused: str = ""
    model_named: bool = False

    @property
    def lacks_key(self) -> bool:
        """Whether the endpoint is known to need a key, and there is none."""
        return self.key is None and is_deepseek(self.base_url)

    def require_key(self) -> None:
        """Raise `MissingKey` if a key is lacking."""
        if self.lacks_key:
            msg = (
                f"no key for {host_of(self.base_url)}: set the variable DEEPSEEK_API_KEY, run %deepseek_login, "
                "or try it without one by %deepseek_demo"
            )
            if self.key_refused:
                msg += f" ({self.key_refused})"
            raise MissingKey(msg)


class Options(TypedDict, total=False):
    """The settings that the Python functions take as keyword arguments."""

    model: str
    system: str
    temperature: float | None
    top_p: float | None
    max_tokens: int | None
    stop: str | Sequence[str]
    thinking: Thinking | None
    timeout: float
    max_cost: float | None
    base_url: str
    dialect: str
    think_tags: ThinkTags
    client_cert: str
    history_tokens: int
    overflow: Literal["leave out", "summarise"]
    context_tokens: int
    max_characters: int


class Keeping(Options, total=False):
    """`Options`, the profile and the parameters of kept replies: the keyword arguments of a map."""

    profile: str
    replay: Literal["auto", "only", "off"]
    record: str
    no_record: bool


class UnattendedOptions(Keeping, total=False):
    """The keyword arguments of a question from Python during which the user is asked nothing."""

    fresh: bool


class QuestionOptions(UnattendedOptions, total=False):
    """The keyword arguments of a question from Python. Web tools ask the user about some URLs."""

    web: bool | int


class Changes(TypedDict, total=False):
    """The `Options` that may be changed when a reply is continued."""

    model: str
    max_tokens: int | None
    thinking: Thinking | None
    timeout: float
    max_cost: float | None


#: The rows of `Settings`, and those of `Asking`.
SETTINGS, ASKING = rows(Settings), rows(Asking)
#: Every row, in the order in which help lists those that are options.
PARAMETERS: tuple[Parameter, ...] = (*SETTINGS, *ASKING, *rows(MapAsking))
#: The settings with an option that change what is asked: all but those that say how long to wait and what to spend.
IN_REQUEST = tuple(row.name for row in SETTINGS if row.spelled and row.name not in ("timeout", "max_cost"))
