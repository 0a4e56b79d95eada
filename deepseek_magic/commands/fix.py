"""``%deepseek_fix``: explain the last error, offer the repaired cell as the next one, and show what changed."""

from __future__ import annotations

import difflib

from deepseek_magic.app import next_cell, options
from deepseek_magic.app.ask import Ask
from deepseek_magic.app.code_cells import blocks_of, compile_note
from deepseek_magic.app.session import Session
from deepseek_magic.chat.reply import Reply
from deepseek_magic.chat.side_by_side import Answers
from deepseek_magic.context.selectors import Selector
from deepseek_magic.context.sentences import FIX
from deepseek_magic.errors import QuestionError
from deepseek_magic.guard import mask_spans
from deepseek_magic.notebook import snapshot
from deepseek_magic.notebook.kernel import Kernel
from deepseek_magic.render.progress import say, say_nothing
from deepseek_magic.text import counted, one_line

from . import cards
from .ask_command import answered, look
from .call import Call, Result

_CONTEXT = (Selector("needs"), Selector("error"))


def command(call: Call) -> Result:
    """Ask for a repair of the last error, with the user's instruction if any; return the reply.

    Raises:
        QuestionError: there is no error to repair.
    """
    parsed = options.parse(call.line, options.FIX_OPTIONS)
    failure = snapshot.last_failure(call.kernel.shell)
    if failure is None:
        msg = "there is no error to repair: run the failing cell first"
        raise QuestionError(msg)
    tell = say_nothing if parsed.values.get("quiet") else say
    look(call, parsed, "", tell, options.FIX_OPTIONS)
    text = f"{FIX}\n\n{parsed.text}" if parsed.text.strip() else FIX
    asked = Ask(
        text,
        {**parsed.values, "raw": True},
        call.config,
        call.kernel,
        call.local_names,
        by_cell=True,
        also=_CONTEXT,
        words=parsed.text,
        place="fix",
    )
    result = answered(call, asked)
    if result.value is None:
        return result
    # the model saw the cell masked; and what is shown is saved, so it must be masked
    failed = call.session.guard.clean(failure.source, "the failed cell").text
    if isinstance(result.value, Reply):
        return Result(result.value, offered(call.session, call.kernel, failed, result.value.text))
    return Result(result.value, _of_several(call, failed, result.value, remember=not asked.options.get("no_memory")))


def _of_several(call: Call, failed: str, answers: Answers, *, remember: bool) -> tuple[str | cards.Card, ...]:
    """Offer the repair in the first answer; if it becomes the turn, picking another answer offers that repair."""
    number, label = next((number, label) for number, label in enumerate(answers, 1) if answers[label] is not None)
    said = f"What follows is of answer {number} ({one_line(label, 60)})"
    found = call.session.conversations.latest.comparison if remember else None
    if found is not None:
        found.repairs = failed
        said += "; %deepseek_chat pick N offers another's" if len(found.answers) > 1 else ""
    return (f"{said}.", *offered(call.session, call.kernel, failed, answers[label].text))


def offered(session: Session, kernel: Kernel, failed: str, answer: str) -> tuple[str | cards.Card, ...]:
    """Put the repaired cell of ``answer`` into the next cell; return how it differs from the one that ``failed``."""
    from deepseek_magic.commonmark.code_blocks import python_places  # the parser of blocks is not needed before

    shell = kernel.shell
    blocks = blocks_of(shell, answer)
    python = [blocks[place].source.rstrip("\n") for place in python_places(blocks)]
    if not python:
        return (next_cell.NO_CODE,)
    # the last block, as our instruction asks; a reply may also quote the failed cell
    repaired = next((one for one in reversed(python) if one.strip() != failed.strip()), python[-1])
    masked = "put the masked values back in" if mask_spans(repaired) else ""
    cell, note = next_cell.noted(repaired, compile_note(shell, repaired), masked)
    how = next_cell.put(session, kernel, cell)
    place = "is already below, from the last run of this cell" if how == "same" else "is the next one"
    again = " %deepseek_code inserts it again." if how == "same" else ""
    older = " The cell below that, from an earlier run, is older." if how == "other" else ""
    if repaired.strip() == failed.strip():
        return (f"The cell in the reply is the one that failed, unchanged; it {place} all the same.{again}{older}",)
    noted = f" Note: {note}." if note else ""
    said = f"The repaired cell {place}; look at it before you run it.{noted}{again}{older}"
    changes = difference(failed, repaired)
    return cards.folded_code(_counted(changes), changes, "diff"), said


def difference(before: str, after: str) -> str:
    """Return the unified diff from one cell to the other."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), "failed cell", "repaired cell", lineterm="")
    return "\n".join(lines)


def _counted(changes: str) -> str:
    """Return in words how many lines a diff removes and adds; the reply above it shows the whole repaired cell."""
    lines = changes.splitlines()[2:]
    gone, come = (sum(line.startswith(sign) for line in lines) for sign in "-+")
    return f"What changes in the cell: {counted(gone, 'line')} removed, {counted(come, 'line')} added"
