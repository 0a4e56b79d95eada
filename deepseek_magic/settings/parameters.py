"""The table of parameters: every option of a question and of a map, and every setting.

`Settings`, `Asking` and `MapAsking` are the table: a field is a row. The parser of options, help, the README,
completion, the traits of ``%config``, the command line, and the checks of values are derived from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypedDict

from deepseek_magic.errors import MissingKey

from .keys import Key
from .kinds import Choice, Flag, Number, Several, Text, Whole, are_names, is_filled, is_label, is_name
from .rows import Parameter, Place, parameter, rows
from .servers import DEFAULT_BASE_URL
from .urls import host_of, is_deepseek

Thinking = Literal["off", "low", "high", "max"]
THINKING: tuple[Thinking, ...] = ("off", "low", "high", "max")
#: What to do with ``<think>`` in an answer: leave it; set a leading one apart; take the start for thinking without it.
ThinkTags = Literal["off", "split", "open"]
THINK_TAGS: tuple[ThinkTags, ...] = ("off", "split", "open")

DEFAULT_MODEL = "deepseek-flash"
CONNECT_TIMEOUT = 10.0

_EVERYWHERE: tuple[Place, ...] = ("question", "continue", "fim", "map", "shell")
_NEW_QUESTION: tuple[Place, ...] = ("question", "map", "shell")
_NEW_TEXT: tuple[Place, ...] = ("question", "fim", "map", "shell")


@dataclass(frozen=True, slots=True)
class Settings:
    """What one question is asked with; made by `deepseek_magic.settings.resolve.resolve`.

    ``thinking`` is ``None`` where the user said nothing (the endpoint's own effort applies). ``timeout`` is the idle
    timeout in seconds. ``dialect`` names the kind of server ("": by its address), ``think_tags`` says what becomes of
    ``<think>`` in an answer ("": as its dialect has it). ``model_named`` says that ``model`` is the user's word, not
    the default.
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
        "instructions that stand before the conversation, for this question",
        at=_NEW_QUESTION,
        trait="instructions that stand before every conversation",
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
        "most tokens of the reply, thinking included",
        at=_EVERYWHERE,
        trait="most tokens of a reply, thinking included",
    )
    stop: tuple[str, ...] = parameter(
        (),
        Several(Text("a string that is not empty", bool), 16, "at most 16 strings, none of them empty"),
        "--stop TEXT",
        "text at which the reply ends; may be repeated",
        at=_NEW_TEXT,
        trait="strings at which a reply ends",
    )
    thinking: Thinking | None = parameter(
        None,
        Choice(THINKING),
        "--think LEVEL",
        "how much the model thinks before it answers: " + ", ".join(THINKING),
        at=("question", "continue", "map", "shell"),
        trait="how much to think; empty: the endpoint's default",
    )
    timeout: float = parameter(
        120.0,
        Number(0.001, 86_400, "a number of seconds from 0.001 to 86400"),
        "--timeout SECONDS",
        "seconds of silence after which to give up",
        at=_EVERYWHERE,
        trait="seconds of silence after which to give up",
    )
    max_cost: float | None = parameter(
        None,
        Number(0, 1e6, "US dollars, more than 0", above=True),
        "--max-cost DOLLARS",
        "most US dollars that the reply may cost by our estimate; it is stopped there",
        at=_EVERYWHERE,
        trait="most US dollars that one reply may cost, estimated",
    )
    base_url: str = parameter(
        DEFAULT_BASE_URL,
        Text("a URL", is_filled),
        "--base-url URL",
        "another endpoint; the key of the usual one is not sent there",
        at=_NEW_TEXT,
        trait="the endpoint; empty: the variable DEEPSEEK_BASE_URL, else DeepSeek's own",
    )
    dialect: str = parameter(
        "", Text(), trait="the kind of server at base_url: deepseek, vllm, …; empty: by its address"
    )
    think_tags: ThinkTags | Literal[""] = parameter(
        "",
        Choice(THINK_TAGS),
        trait="what becomes of <think> in an answer: off leaves it, split sets a leading one apart, open takes the "
        "start for thinking; empty: as the server's kind needs it",
    )
    history_tokens: int = parameter(
        64_000, Whole(0), trait="most tokens (estimated) of earlier turns that are sent along"
    )
    context_tokens: int = parameter(16_000, Whole(0), trait="most tokens (estimated) of the context of one question")
    key: Key | None = None
    model_named: bool = False

    def replaced(self, **changes: Any) -> Settings:
        """Return these settings with ``changes``."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return type(self)(**{**values, **changes})

    @property
    def lacks_key(self) -> bool:
        """Whether the endpoint is known to need a key and there is none for it."""
        return self.key is None and is_deepseek(self.base_url)

    def require_key(self) -> None:
        """Raise `MissingKey` where a key is lacking."""
        if self.lacks_key:
            msg = (
                f"no key for {host_of(self.base_url)}: set the variable DEEPSEEK_API_KEY, run %deepseek_login, "
                "or try it without one by %deepseek_demo"
            )
            raise MissingKey(msg)


class Options(TypedDict, total=False):
    """The settings that the functions of Python take as keyword arguments."""

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
    history_tokens: int
    context_tokens: int


class Changes(TypedDict, total=False):
    """Those of `Options` that may be changed for the rest of a reply that was cut."""

    model: str
    max_tokens: int | None
    thinking: Thinking | None
    timeout: float
    max_cost: float | None


@dataclass(frozen=True, slots=True)
class Asking:
    """How one question is asked beside its settings: what goes along, what the answer is, where it goes."""

    context: tuple[str, ...] = parameter(
        (),
        Several(Text("{context}"), 1_000, "selectors of context"),
        "-c, --context SPEC",
        "what of the notebook goes along: {context}; several joined by commas",
        at=("question", "shell"),
        trait="what of the notebook goes with every question, as -c takes it",
        configured=Text(),
    )
    vars: tuple[str, ...] = parameter(
        (),
        Several(Text("names of variables, joined by commas", are_names), 1_000, "names of variables"),
        "-v, --vars NAMES",
        "variables that go along, joined by commas",
    )
    form: Literal["text", "code", "json", "df"] = parameter(
        "text",
        Choice(("text", "code", "json", "df")),
        "--as FORM",
        "what the answer is: text; code, which becomes the next cell; json, a value; df, a DataFrame",
    )
    schema: str = parameter(
        "",
        Text("an expression", is_filled),
        "--schema EXPR",
        "the form of the value: an expression for a JSON Schema, a dataclass, a TypedDict, a pydantic model, a type",
        at=("question", "map"),
    )
    tools: tuple[str, ...] = parameter(
        (),
        Several(Text("names of functions, joined by commas", are_names), 1_000, "names of functions"),
        "--tools NAMES",
        "your functions that the model may call, joined by commas; notebook: tools that look into it",
    )
    raw: bool = parameter(False, Flag(), "--raw", "send the question as it is typed: no {expression} in it is replaced")
    dry_run: bool = parameter(
        False,
        Flag(),
        "--dry-run",
        "show what would be sent; nothing leaves the machine",
        at=("question", "map"),
    )
    chat: str = parameter(
        "",
        Text("a name of at most 60 characters without spaces", is_label),
        "--chat NAME",
        "ask in the conversation of this name (for this question only)",
        at=("question", "continue", "shell"),
    )
    new: bool = parameter(
        False,
        Flag(),
        "--new",
        "start the conversation afresh: earlier turns are not sent any more",
        at=("question", "shell"),
    )
    no_memory: bool = parameter(
        False,
        Flag(),
        "--no-memory",
        "ask outside of the conversation: nothing earlier is sent, nothing is remembered",
    )
    output: str = parameter(
        "",
        Text("a variable's name", is_name),
        "-o, --output NAME",
        "bind the reply to this variable; with --as json, --as df or --schema the value",
        at=("question", "continue", "fim"),
    )
    quiet: bool = parameter(
        False,
        Flag(),
        "--quiet",
        "show nothing; the reply is in `_` and in the variable of -o",
        at=("question", "continue", "fim", "map"),
    )
    guard: Literal["mask", "refuse", "off"] = parameter(
        "mask",
        Choice(("mask", "refuse", "off")),
        trait="what to do with secrets in what is sent: mask, refuse to send, or off",
    )
    prices: str = parameter("", Text(), trait="a JSON file with your own prices; its form is in the README")
    renderer: str = parameter(
        "auto", Text(), trait="how replies are shown; auto: what suits the front end (terminal is plain in a notebook)"
    )
    footer: bool = parameter(True, Flag(), trait="whether a line below each reply shows model, time, tokens and cost")


@dataclass(frozen=True, slots=True)
class MapAsking:
    """How a map is asked beside its settings, where that differs from a question."""

    output: str = parameter(
        "",
        Text('NAME, FRAME.column or FRAME["column"]', is_filled),
        "-o, --output TARGET",
        "put the results into this variable or column",
        at=("map",),
        word=r"""[^\s\['"]*(?:\[(?:"[^"]*"|'[^']*'|[^\]]*)\])?\S*""",
    )
    jobs: int = parameter(20, Whole(1), "-j, --jobs N", "how many are asked at a time", at=("map",))
    new: bool = parameter(False, Flag(), "--new", "ask all again, also what was answered before", at=("map",))


#: Every row, in the order in which help lists those that are options.
PARAMETERS: tuple[Parameter, ...] = (*rows(Settings), *rows(Asking), *rows(MapAsking))
