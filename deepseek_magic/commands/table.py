"""The table of magics: from it come the magics themselves, their help, the list of commands, and completion."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Literal, get_args

from deepseek_magic.app.command_words import CONVERSATIONS, DEMO_WORDS, DOCTOR, HISTORY, JOBS, LOGIN_WORDS, RECORD
from deepseek_magic.app.options import FIX_OPTIONS, HELP, MAP_OPTIONS, OPTIONS, HelpAsked, help_text, options_at
from deepseek_magic.settings.rows import Parameter

if TYPE_CHECKING:
    from .call import Call, Result

#: What commands are for, in the order in which the status card lists them.
Group = Literal["ask", "code", "conversations", "web and tools", "account", "set-up"]
GROUPS: tuple[Group, ...] = get_args(Group)


@dataclass(frozen=True, slots=True)
class Magic:
    """One magic.

    Attributes:
        name: without the per cent signs.
        kind: how it is called.
        group: what it is for, as the status card says it.
        summary: what it does, in one line, for the list of commands.
        function: the function that does it, as ``module:name``; it is imported when the magic is first called.
        details: what its help says after the summary; a function where loading must not make it.
        options: the options that it takes.
        words: other words that it knows.
    """

    name: str
    kind: Literal["line", "cell", "line_cell"]
    group: Group
    summary: str
    function: str
    details: str | Callable[[], str] = ""
    options: tuple[Parameter, ...] = ()
    words: tuple[str, ...] = ()

    @property
    def spelled(self) -> str:
        """How it is typed."""
        return f"%%{self.name}" if self.kind == "cell" else f"%{self.name}"

    @property
    def help(self) -> str:
        """Its help."""
        details = self.details if isinstance(self.details, str) else self.details()
        return f"{self.summary[0].upper()}{self.summary[1:]}.\n\n{details}".rstrip() + "\n"

    def run(self, call: Call) -> Result:
        """Do what ``call`` says, or show the help that it asks for."""
        if not self.options and not set(HELP).isdisjoint(call.line.split()):
            return self._shown_help()
        module, _, name = self.function.partition(":")
        function: Callable[[Call], Result] = getattr(import_module(module), name)
        try:
            return function(call)
        except HelpAsked:
            return self._shown_help()

    def _shown_help(self) -> Result:
        from .call import Result  # loading needs none of it
        from .cards import manual

        return Result(show=(manual(self.help),))


def _entries(magic: str, words: Mapping[str, str]) -> str:
    """Return a line for each of ``words`` after ``magic``, and two spaces before what it does, as `manual` reads it."""
    width = max(map(len, words))
    return "\n".join(f"    {f'{magic} {word:<{width}}'.lstrip()}  {does}" for word, does in words.items())


_HERE = "deepseek_magic.commands"
MAGICS: tuple[Magic, ...] = (
    Magic(
        "deepseek",
        "line_cell",
        "ask",
        "ask the model, and watch its reply come in",
        f"{_HERE}.ask_command:command",
        lambda: (
            f"""    %deepseek [options] question           one line
    %%deepseek [options] [text]            the whole cell, below the first line
    reply = %deepseek [options] question   the same, kept: reply.text, .code, .reasoning, .usage, .cost
    %deepseek                              the status card

Options come first; the first word that is not one begins the question, which is sent byte for byte:

{help_text()}

Defaults are settings: %config DeepSeek lists them, %config DeepSeek.model = 'NAME' sets one.
"""
        ),
        options=OPTIONS,
    ),
    Magic(
        "deepseek_login",
        "line",
        "set-up",
        "enter a key at a hidden prompt (--save keeps it in the system keyring, --forget forgets it)",
        f"{_HERE}.account:log_in",
        "Without --save the key is kept in memory.",
        words=LOGIN_WORDS,
    ),
    Magic(
        "deepseek_demo",
        "line",
        "set-up",
        "use the embedded endpoint, which needs no key (off ends it)",
        f"{_HERE}.account:demo",
        "    --if-no-key    only if there is no key",
        words=DEMO_WORDS,
    ),
    Magic(
        "deepseek_doctor",
        "line",
        "set-up",
        "check key, network, proxy, certificates, front end and versions, and say what to do",
        f"{_HERE}.doctor:command",
        _entries("", DOCTOR),
        words=tuple(DOCTOR),
    ),
    Magic("deepseek_models", "line", "account", "list what the endpoint offers", f"{_HERE}.account:models"),
    Magic("deepseek_balance", "line", "account", "show how much money is left", f"{_HERE}.account:balance"),
    Magic(
        "deepseek_usage", "line", "account", "show tokens and cost of this session, by model", f"{_HERE}.account:usage"
    ),
    Magic(
        "deepseek_chat",
        "line_cell",
        "conversations",
        "conversations: " + ", ".join(CONVERSATIONS),
        f"{_HERE}.chat_command:command",
        _entries("%deepseek_chat", CONVERSATIONS),
        words=tuple(word for word in CONVERSATIONS if word != "NAME"),
    ),
    Magic(
        "deepseek_fix",
        "line",
        "code",
        "explain the last error, and offer the repaired cell as the next one",
        f"{_HERE}.fix:command",
        lambda: f"    %deepseek_fix [options] [your own words]\n\n{help_text(FIX_OPTIONS)}\n",
        options=FIX_OPTIONS,
    ),
    Magic(
        "deepseek_continue",
        "line",
        "ask",
        "continue a reply that was cut or stopped, in its place",
        f"{_HERE}.continue_:command",
        lambda: f"    %deepseek_continue [options]\n\n{help_text(options_at('continue'))}\n",
        options=options_at("continue"),
    ),
    Magic(
        "deepseek_fim",
        "cell",
        "code",
        "fill in the <fill> in the code below it; the completed cell becomes the next one",
        f"{_HERE}.fim:command",
        lambda: f"    %%deepseek_fim [options]\n\n{help_text(options_at('fim'))}\n",
        options=options_at("fim"),
    ),
    Magic(
        "deepseek_map",
        "line_cell",
        "ask",
        "ask one prompt about each value of a column or list: %deepseek_map df.a -o df.b prompt {value}",
        f"{_HERE}.map_command:command",
        lambda: (
            f"""    %deepseek_map df.review -o df.topic Name the topic in two words: {{value}}
    %%deepseek_map texts -o summaries --jobs 50 --max-cost 0.50     with the prompt below it

Results come back in order. Equal values are asked about once; a missing value (None, NaN) is not asked about, and its
result is None. So is that of a value that fails; the reason is in .errors of what the magic returns. A run that was
stopped continues where it stopped when you run it again.

{help_text(MAP_OPTIONS)}
"""
        ),
        options=MAP_OPTIONS,
    ),
    Magic(
        "deepseek_search",
        "line",
        "web and tools",
        "search the web through DeepSeek: titles, sites, dates and snippets (no model is asked)",
        f"{_HERE}.web_command:search",
        """    %deepseek_search [-n N] words     at most N results (10, up to 50)
    found = %deepseek_search words    the same as a list: found[0].title, .url, .snippet, .summary, .site, .date

In the words, site: -site: -term "exact" lang: after: and before: narrow the search; secrets are masked.""",
    ),
    Magic(
        "deepseek_fetch",
        "line",
        "web and tools",
        "read a page of the web as text through DeepSeek (no model is asked)",
        f"{_HERE}.web_command:fetch",
        """    %deepseek_fetch URL           the text of the page; nothing of it is rendered
    page = %deepseek_fetch URL    the same as a value: page.title, .url, .content""",
    ),
    Magic(
        "deepseek_record",
        "line",
        "conversations",
        "show what the record file (%config DeepSeek.record) holds: export, import, prune, forget",
        f"{_HERE}.record_command:command",
        _entries("%deepseek_record", RECORD),
        words=tuple(name.partition(" ")[0] for name in RECORD),
    ),
    Magic(
        "deepseek_history",
        "line",
        "conversations",
        "search the questions and answers of the record file (%config DeepSeek.record)",
        f"{_HERE}.history_command:command",
        _entries("%deepseek_history", HISTORY),
        words=("--again",),
    ),
    Magic(
        "deepseek_jobs",
        "line",
        "ask",
        "list the questions in the background (--bg), stop them, wait for them",
        f"{_HERE}.jobs_command:command",
        _entries("%deepseek_jobs", JOBS),
        words=tuple(name.partition(" ")[0] for name in JOBS),
    ),
    Magic(
        "deepseek_sent",
        "line",
        "conversations",
        "show the exact last request, and what was masked in it",
        f"{_HERE}.sent:command",
    ),
    Magic(
        "deepseek_tools",
        "line",
        "web and tools",
        "list what --tools can offer: functions, notebook, run, servers; with a name (mcp:NAME) its tools and schemas",
        f"{_HERE}.tool_list:command",
        "    %deepseek_tools mcp:time    starts that server, if it is not running, and shows what it offers",
    ),
    Magic(
        "deepseek_code",
        "line",
        "code",
        "put the code of the last reply into the next cell (a number: only that block; --ran: all that ran)",
        f"{_HERE}.code_command:command",
        """    %deepseek_code --ran    what --tools run ran in this conversation, as one script

Nothing is run. The new cell appears directly below the one that ran and is not selected: after Shift+Enter, which
selects the cell below, it stands above the selection. If the last run of a cell has put the same code there already,
--as code, %deepseek_fix and %%deepseek_fim do not repeat it; %deepseek_code inserts it again.""",
        words=("--ran",),
    ),
)
#: Those of cells, too: typed with one per cent sign, or without a body, they say what is missing.
LINE_NAMES = tuple(magic.name for magic in MAGICS)
CELL_NAMES = tuple(magic.name for magic in MAGICS if magic.kind != "line")
