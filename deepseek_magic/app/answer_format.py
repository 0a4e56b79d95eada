"""The formats of an answer (``--as``, ``--schema``, ``--tools``): one table, with the plan of each."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from deepseek_magic.api.dialects import dialect_of
from deepseek_magic.chat.question import Question
from deepseek_magic.errors import OptionError
from deepseek_magic.notebook.kernel import Kernel
from deepseek_magic.notebook.namespace import evaluated
from deepseek_magic.settings.asking import Asking

if TYPE_CHECKING:
    from deepseek_magic.chat.plan import Plan
    from deepseek_magic.reach.consent import Consent
    from deepseek_magic.tools.offered import Offered

    from .session import Session


#: Returns the tools for names such as ``mcp:time``.
ToolsOf = Callable[[Sequence[str], "Consent"], Sequence["Offered"]]


@dataclass(frozen=True, slots=True)
class FormatInput:
    """The input from which a format makes its plan.

    Attributes:
        question: the question, with its context.
        asking: its options.
        kernel: compiles code, and runs what the model proposes.
        names: the user's own names and values, for ``--schema`` and ``--tools``.
        marker: the marker with which results of tools are wrapped.
        strangers: whether the conversation holds words of strangers.
        session: the session of this kernel.
        first_source: the number of the first source from the web.
        tools_of: returns the tools of MCP servers, given their names and how the user consents to calls.
        asks: whether the user may be asked something meanwhile.
        told_apart: returns what tells the servers, given their names, from others of these names; "" if that is not
            known.
    """

    question: Question
    asking: Asking
    kernel: Kernel
    names: Mapping[str, Any]
    marker: str
    strangers: bool = False
    session: Session | None = None
    first_source: int = 1
    tools_of: ToolsOf | None = None
    asks: bool = True
    told_apart: Callable[[Sequence[str]], str] | None = None

    @property
    def shell(self) -> Any:
        """The shell, which compiles code."""
        return self.kernel.shell


@dataclass(frozen=True, slots=True)
class AnswerFormat:
    """One format.

    Attributes:
        plan: returns the question to ask and the plan of its reply; ``None`` to ask for text.
        is_value: whether the user gets a value and not the reply.
        is_code: whether the answer is the source of a cell.
        schema: why it cannot be combined with ``--schema``; "" if it can.
        alone: why it cannot be asked for in the background; "" if it can.
    """

    plan: Callable[[FormatInput], tuple[Question, Plan | None]] | None = None
    is_value: bool = False
    is_code: bool = False
    schema: str = ""
    alone: str = ""

    @property
    def thinks(self) -> bool:
        """Whether the model may think if the user did not set it."""
        return not (self.is_value or self.is_code)


def _tools(asked: FormatInput) -> tuple[Question, Plan | None]:
    from deepseek_magic.reach.consent import Consent, ask_aside
    from deepseek_magic.tools.calls import Strangers
    from deepseek_magic.tools.rounds import ToolRounds

    from .notebook_tools import Offering, tool_box

    question, asking, front_end = asked.question, asked.asking, asked.kernel.front_end()
    wanted = [name.strip() for joined in asking.tools for name in joined.split(",")]
    if asking.bg and (asks := next((name for name in wanted if name == "run" or ":" in name), "")):
        msg = f"--bg: --tools {asks} asks before it acts, and nobody is asked from the background: leave --bg out"
        raise OptionError(msg)
    shown = not (asking.quiet or asking.renderer == "none" or front_end.captured)
    if asked.shell is None:  # a program, or the command line
        watched, ask = sys.stdin is not None and sys.stdin.isatty(), ask_aside
    else:
        watched, ask = front_end.watched, None
    consent = Consent(watched and asked.asks, asking.yes, shown, ask)
    web: Sequence[Offered] = ()
    if asking.web and asked.session is not None:
        from deepseek_magic.reach.web_offer import web_tools

        session = asked.session
        web = web_tools(question, asking, session.environ, session.clients.web, asked.first_source, consent)
    strangers = Strangers(asked.strangers)
    offering = Offering(asked.kernel, consent, strangers, asked.tools_of, asked.told_apart)
    box = tool_box(offering, wanted, asked.names, question.guard, web)
    dialect, model = dialect_of(question.settings), question.settings.model
    return question, ToolRounds(
        box, asked.marker, strict=dialect.deepseek, most=asking.rounds, sees=dialect.sees(model) is True
    )


def _code(asked: FormatInput) -> tuple[Question, Plan | None]:
    from deepseek_magic.chat.code_only import CodeOnly

    from .code_cells import problem_of, source_of

    shell = asked.shell
    return asked.question, CodeOnly(
        dialect_of(asked.question.settings), partial(problem_of, shell), partial(source_of, shell)
    )


def _json(asked: FormatInput) -> tuple[Question, Plan | None]:
    return _structured(asked, None)


def _frame(asked: FormatInput) -> tuple[Question, Plan | None]:
    if importlib.util.find_spec("pandas") is None:
        msg = "--as df needs pandas, which is not installed: python -m pip install pandas, or use --as json"
        raise OptionError(msg)
    from deepseek_magic.structured.frames import to_frame

    return _structured(asked, to_frame)


def _structured(
    asked: FormatInput, to_frame: Callable[[Any, dict[str, Any] | None], Any] | None
) -> tuple[Question, Plan | None]:
    from deepseek_magic.structured.plan import Structured
    from deepseek_magic.structured.schema import ROWS
    from deepseek_magic.structured.shape import Shape

    question, expression = asked.question, asked.asking.schema
    if expression and question.text.startswith("| None"):
        msg = f"--schema {expression} | None: it ends at the first space; quote it, like --schema '{expression} | None'"
        raise OptionError(msg)
    spec = evaluated(expression, asked.names, "--schema") if expression else (None if to_frame is None else ROWS)
    shape = replace(Shape.of(spec, asked.names), table=to_frame is not None)
    build = None if to_frame is None else lambda value: to_frame(value, shape.schema)
    title = "JSON instructions" if spec is None else "schema with instructions"
    return replace(question, added=((title, shape.instructions),)), Structured(
        shape, dialect_of(question.settings), build
    )


_BESIDE_CELLS = "the functions of --tools would run beside your cells: leave --bg out"
_ASKED = "--web asks you for some addresses, which only a running cell can: leave --bg out"
_NEXT_CELL = "--as code puts its answer into the next cell, which only a running cell can: leave --bg out"
_TOOLS_ONLY = "--tools goes with an answer in text: leave --as and --schema out, or ask in two steps"
_WEB_ONLY = _TOOLS_ONLY.replace("--tools", "--web")
#: The formats by the value of ``--as``; ``--tools`` and ``--web`` make a format of their own.
FORMATS: dict[str, AnswerFormat] = {
    "text": AnswerFormat(),
    "tools": AnswerFormat(_tools, schema=_TOOLS_ONLY, alone=_BESIDE_CELLS),
    "web": AnswerFormat(_tools, schema=_WEB_ONLY, alone=_ASKED),
    "code": AnswerFormat(
        _code, is_code=True, schema="--schema goes with --as json or df, not with code", alone=_NEXT_CELL
    ),
    "json": AnswerFormat(_json, is_value=True),
    "df": AnswerFormat(_frame, is_value=True),
}


def format_of(asking: Asking) -> AnswerFormat:
    """Return the format that the options ``asking`` ask for; a schema alone asks for a value.

    Raises:
        OptionError: the options cannot be combined.
    """
    if asking.yes and not asking.tools:
        msg = "--yes allows what the tools of a question would ask for: it goes with --tools"
        raise OptionError(msg)
    with_tools = "tools" if asking.tools else "web" if asking.web else ""
    if with_tools and asking.form != "text":
        raise OptionError(FORMATS[with_tools].schema)
    found = FORMATS[with_tools or asking.form]
    if asking.schema and found.schema:
        raise OptionError(found.schema)
    return FORMATS["json"] if asking.schema and asking.form == "text" else found
