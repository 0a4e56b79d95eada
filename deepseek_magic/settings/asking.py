"""The part of the table that is not sent: the context of a question, the form of its answer, where the answer goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .kinds import (
    Choice,
    Flag,
    Number,
    Several,
    Text,
    Whole,
    are_names,
    are_tools,
    dashed,
    is_filled,
    is_label,
    is_own_name,
    joined_names,
)
from .rows import parameter

#: How many requests to the web one question may make if the user does not give a number.
WEB_CALLS = 12
_NAMES = Text("names of variables, joined by commas without spaces", are_names, joined_names)
_FUNCTIONS = Text("names of functions, joined by commas without spaces", are_tools, joined_names)
# What people type after ``--as`` for one of the forms.
_FORMS = {
    **dict.fromkeys(("dataframe", "frame", "table", "pandas", "csv"), "df"),
    **dict.fromkeys(("python", "py", "cell"), "code"),
    **dict.fromkeys(("dict", "list", "value", "object"), "json"),
    **dict.fromkeys(("markdown", "md", "str", "string"), "text"),
}


@dataclass(frozen=True, slots=True)
class Asking:
    """How one question is asked, besides its settings: what is sent with it, what the answer is, where it goes."""

    context: tuple[str, ...] = parameter(
        (),
        Several(Text("{context}"), 1_000, "selectors of context"),
        "-c, --context SPEC",
        "what to send from the notebook: {context}; several joined by commas",
        at=("question", "fix", "shell"),
        trait="what to send from the notebook with every question, in the form that -c takes",
        configured=Text(),
        about="sent",
    )
    vars: tuple[str, ...] = parameter(
        (),
        Several(_NAMES, 1_000, "names of variables"),
        "-v, --vars NAMES",
        "variables to send with the question, joined by commas",
        at=("question", "fix"),
        about="sent",
    )
    form: Literal["text", "code", "json", "df"] = parameter(
        "text",
        Choice(("text", "code", "json", "df"), _FORMS),
        "--as FORM",
        "what the answer is: text; code, which becomes the next cell; json, a value; df, a DataFrame",
        about="goes",
    )
    schema: str = parameter(
        "",
        Text("an expression", is_filled),
        "--schema EXPR",
        "the form of the value: an expression for a JSON Schema, a dataclass, a TypedDict, a pydantic model or a type",
        at=("question", "map"),
        about="goes",
    )
    tools: tuple[str, ...] = parameter(
        (),
        Several(_FUNCTIONS, 1_000, "names of functions"),
        "--tools NAMES",
        "your functions that the model may call, joined by commas; notebook: tools that look into it; "
        "run: code that the model proposes (you are asked about each piece); mcp:NAME, mcp:NAME.tool: tools of a "
        "configured server (you are asked about each call)",
        at=("question", "fix"),
    )
    rounds: int = parameter(
        10, Whole(1), "--rounds N", "limit on the rounds of calls; then the model has to answer", at=("question", "fix")
    )
    yes: bool = parameter(
        False,
        Flag(),
        "--yes",
        "in an unattended run: allow what you would be asked about, such as each piece of --tools run",
        at=("question", "fix"),
    )
    web: int = parameter(
        0,
        Whole(0),
        "--web[=N]",
        "let the model search the web and read pages, at most N times (12); its sources are listed below the reply",
        at=("question", "fix", "shell"),
        bare=WEB_CALLS,
        about="sent",
    )
    search_url: str = parameter(
        "",
        Text(),
        trait="a server with the same API that --web asks instead of DeepSeek's; its key: DEEPSEEK_SEARCH_KEY",
    )
    raw: bool = parameter(
        False,
        Flag(),
        "--raw",
        "send the question as typed: no {expression} in it is replaced",
        about="sent",
    )
    dry_run: bool = parameter(
        False,
        Flag(),
        "--dry-run",
        "show what would be sent; nothing leaves the machine",
        at=("question", "fix", "map"),
        about="sent",
    )
    chat: str = parameter(
        "",
        Text("a name of at most 60 characters without spaces", is_label, dashed),
        "--chat NAME",
        "ask in the conversation of this name, for this question only",
        at=("question", "fix", "continue", "shell"),
        about="sent",
    )
    new: bool = parameter(
        False,
        Flag(),
        "--new",
        "start the conversation over: earlier turns are no longer sent",
        at=("question", "fix", "shell"),
        about="sent",
    )
    no_memory: bool = parameter(
        False,
        Flag(),
        "--no-memory",
        "ask outside the conversation: no earlier turn is sent, and nothing is remembered",
        at=("question", "fix"),
        about="sent",
    )
    replay: Literal["", "auto", "only", "off"] = parameter(
        "",
        Choice(("auto", "only", "off")),
        "--replay MODE",
        "answer from replies kept from earlier runs: auto, if the same was asked; only, never from the network; off",
        at=("question", "fix", "map", "shell"),
        trait="whether questions are answered from what is kept; empty: the variable DEEPSEEK_REPLAY, else off",
    )
    fresh: bool = parameter(
        False,
        Flag(),
        "--fresh",
        "ask again even if an answer is kept, and keep the new one",
        at=("question", "fix", "shell"),
    )
    record: str = parameter(
        "",
        Text("the name of a file", is_filled),
        "--record FILE",
        "a file that keeps every finished reply, such as answers.db; a .jsonl file is only read",
        at=("shell",),
        configured=Text(),
        trait="a file that keeps every finished reply, such as answers.db; a .jsonl file is only read",
    )
    no_record: bool = parameter(
        False,
        Flag(),
        "--no-record",
        "do not keep the reply in the record file",
        at=("question", "fix", "map", "shell"),
        about="goes",
    )
    profile: str = parameter(
        "",
        Text("a profile's name", is_label, dashed),
        "--profile NAME",
        "use the endpoint, key, model and rules of this profile in your profiles.toml",
        at=("question", "fix", "fim", "map", "shell"),
        trait="the profile for every question: endpoint, key, model and rules from your profiles.toml",
    )
    restore: bool = parameter(
        False,
        Flag(),
        trait="whether the conversations of the saved notebook are restored before the first question",
    )
    compare: str = parameter(
        "",
        Text("models joined by commas, or PARAMETER=A,B such as think=off,high", is_filled),
        "--compare A,B",
        "ask models side by side, or one with different values of an option: think=off,high; at most six",
        at=("question", "fix", "shell"),
    )
    output: str = parameter(
        "",
        Text("a variable's name that is not one of Python's own", is_own_name),
        "-o, --output NAME",
        "bind the reply to this variable, or the value with --as json, --as df or --schema",
        at=("question", "fix", "continue", "fim"),
        about="goes",
    )
    bg: bool = parameter(
        False,
        Flag(),
        "--bg",
        "ask in the background: the cell ends at once, and the reply streams into it while others run",
        about="goes",
    )
    quiet: bool = parameter(
        False,
        Flag(),
        "--quiet",
        "show nothing; the reply is in `_` and in the variable of -o",
        at=("question", "fix", "continue", "fim", "map"),
        about="goes",
    )
    guard: Literal["mask", "refuse", "off"] = parameter(
        "mask",
        Choice(("mask", "refuse", "off")),
        trait="what to do with secrets in what is sent: mask, refuse to send, or off",
    )
    prices: str = parameter("", Text(), trait="a JSON file with your own prices; its form is in the README")
    budget: float | None = parameter(
        None,
        Number(0, 1e6, "US dollars, more than 0", above=True),
        trait="limit on what this kernel spends, in US dollars: questions, maps, comparisons, jobs and the web",
    )
    renderer: str = parameter(
        "auto",
        Text(),
        trait="how replies are shown; auto: what suits the front end (terminal means plain text in a notebook)",
    )
    front_end: str = parameter(
        "auto",
        Text(),
        trait="the front end, if it is not recognised: lab, vscode, colab, …; the README lists all",
    )
    maths: Literal["auto", "tex", "mathml"] = parameter(
        "auto",
        Choice(("auto", "tex", "mathml")),
        trait="how formulas are shown: tex, where MathJax runs; mathml; auto: what suits the front end",
    )
    rules: bool = parameter(
        False,
        Flag(),
        trait="whether the project's nearest deepseek.md or AGENTS.md is sent, once you have confirmed it",
    )
    footer: bool = parameter(True, Flag(), trait="whether a line below each reply shows model, time, tokens and cost")
