"""``%%deepseek_fim``: fill the gap in a cell's code, and offer the completed cell."""

from __future__ import annotations

from dataclasses import replace

from deepseek_magic.app import next_cell, options
from deepseek_magic.app.answer_format import FORMATS
from deepseek_magic.app.ask import Planned, put
from deepseek_magic.app.code_cells import compile_note
from deepseek_magic.chat.fim import MARK, Fill, around
from deepseek_magic.errors import QuestionError
from deepseek_magic.notebook.namespace import own_names
from deepseek_magic.settings.resolve import resolve_asking

from .call import Call, Result


def command(call: Call) -> Result:
    """Fill the gap in the cell; return the reply, whose ``code`` is the whole cell.

    Raises:
        OptionError: the line holds something other than the options that make sense here.
        QuestionError: the cell does not have exactly one mark.
        DeepSeekError, Interrupted: as for a question.
    """
    session, kernel = call.session, call.kernel
    values = options.parse_alone(
        call.line,
        "fim",
        "%%deepseek_fim",
        f"; the code stands below that line, with {MARK} where it is to be filled in",
    )
    if not (call.cell or "").strip():
        msg = f"%%deepseek_fim needs the code in the lines below it, with {MARK} where it is to be filled in"
        raise QuestionError(msg)
    before, after = around((call.cell or "").removesuffix("\n"))
    # It is made without thinking, and no conversation or instructions go along.
    values = {**values, "no_memory": True, "thinking": "off", "system": ""}
    asking = resolve_asking(values, call.config, session.environ)
    question = session.question(f"{before}{MARK}{after}", values, call.config, asking)
    question = replace(question, notes=(), front_end=kernel.front_end)
    question.guard.learn(own_names(kernel.shell, call.local_names))
    plan, conversation = Fill(before, after, question.guard), session.conversations.named()
    reply = put(session, Planned(question, asking, conversation, FORMATS["text"], plan), kernel)
    kernel.keep_as_result(reply)
    code = reply.code
    cell = f"%%deepseek_fim {call.line}".rstrip() + f"\n{code}" if MARK in code else code
    said = next_cell.offer(session, kernel, cell, compile_note(kernel.shell, cell))
    return Result(reply, () if asking.quiet else said)
