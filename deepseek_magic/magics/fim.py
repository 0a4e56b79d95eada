"""``%%deepseek_fim``: fill the gap in a cell's code, and offer the completed cell."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from deepseek_magic.app import options
from deepseek_magic.chat.fim import MARK, Fill, around

from .binding import bound
from .code_cells import offer

if TYPE_CHECKING:
    from deepseek_magic.chat.reply import Reply

    from .configuration import Configured


def fill(magics: Configured, line: str, cell: str) -> Reply:
    """Fill the gap in ``cell`` with the options in ``line``; return the reply, whose ``code`` is the whole cell.

    Raises:
        OptionError: ``line`` holds something else than the options that make sense here.
        QuestionError: ``cell`` has not exactly one mark.
        DeepSeekError, Interrupted: as for a question.
    """
    values = options.parse_alone(
        line, "fim", "%%deepseek_fim", f"; the code stands below that line, with {MARK} where it is to be filled in"
    )
    before, after = around(cell.removesuffix("\n"))
    shell: Any = magics.shell
    values = {**values, "no_memory": True}
    session = magics.session
    question = session.question(f"{before}{MARK}{after}", values, magics.settings(), footer=magics.settings()["footer"])
    # It is made without thinking, and no conversation or instructions go along.
    settings = question.settings.replaced(thinking="off", system="")
    question = replace(question, settings=settings, notes=())
    quiet = bool(values.get("quiet"))
    wanted = "none" if quiet else magics.settings()["renderer"]
    reply = bound(
        shell,
        values.get("output"),
        lambda: session.ask(
            question,
            lambda: session.screen.renderer(wanted, magics.kernel.front_end()),
            shown_here=magics.kernel.shown_here(quiet=quiet),
            plan=Fill(before, after, question.guard),
        ),
    )
    code = reply.code
    offer(shell, f"%%deepseek_fim {line}".rstrip() + f"\n{code}" if MARK in code else code)
    magics.kernel.keep_as_result(reply)
    return reply
