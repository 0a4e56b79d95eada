"""``--as``, ``--schema`` and ``--tools``: what is done beside asking once, and what the answer is made into."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from deepseek_magic.api.dialects import dialect_of
from deepseek_magic.chat.plan import Plan
from deepseek_magic.chat.question import Question
from deepseek_magic.errors import OptionError
from deepseek_magic.notebook.namespace import evaluated

from .code_cells import compile_note


@dataclass(frozen=True, slots=True)
class Form:
    """How a question is asked: its text and ``plan``, and whether the user gets a value instead of the reply."""

    question: Question
    plan: Plan | None = None
    is_value: bool = False
    is_code: bool = False


def form_of(question: Question, shell: Any, values: Mapping[str, Any], names: Mapping[str, Any], marker: str) -> Form:
    """Return how ``question`` is asked with the options ``values``.

    Args:
        question: with its context.
        shell: compiles code.
        values: the options of the question.
        names: the user's own names and values, in which ``--schema`` is evaluated and ``--tools`` are looked up.
        marker: results of tools are wrapped with it.

    Raises:
        OptionError: the options do not go together, or name what is not there.
    """
    form, schema, tools = values.get("form", "text"), values.get("schema"), values.get("tools", ())
    if tools and (form != "text" or schema):
        msg = "--tools goes with an answer in text: leave --as and --schema out, or ask in two steps"
        raise OptionError(msg)
    if schema and form == "code":
        msg = "--schema goes with --as json or df, not with code"
        raise OptionError(msg)
    if tools:
        from deepseek_magic.app.notebook_tools import tool_box
        from deepseek_magic.tools.rounds import ToolRounds

        wanted = [name.strip() for joined in tools for name in joined.split(",")]
        box = tool_box(shell, wanted, names, question.guard)
        return Form(question, ToolRounds(box, marker, strict=dialect_of(question.settings).deepseek))
    if form == "code":
        from deepseek_magic.chat.code_only import CodeOnly

        plan = CodeOnly(dialect_of(question.settings), lambda source: compile_note(shell, source))
        return Form(question, plan, is_code=True)
    if schema or form in ("json", "df"):
        return _structured(question, form, schema, names)
    return Form(question)


def _structured(question: Question, form: str, expression: str | None, names: Mapping[str, Any]) -> Form:
    from deepseek_magic.structured.frames import to_frame
    from deepseek_magic.structured.schema import ROWS
    from deepseek_magic.structured.shape import Shape
    from deepseek_magic.structured.steps import Structured

    if form == "df" and importlib.util.find_spec("pandas") is None:
        msg = "--as df wants pandas, which is not installed: python -m pip install pandas, or use --as json"
        raise OptionError(msg)
    spec = evaluated(expression, names, "--schema") if expression else (ROWS if form == "df" else None)
    shape, dialect = Shape.of(spec, names), dialect_of(question.settings)
    build = (lambda value: to_frame(value, shape.schema)) if form == "df" else None
    text = f"{question.text}\n\n{shape.instructions}"
    return Form(replace(question, text=text), Structured(shape, dialect, build), is_value=True)
