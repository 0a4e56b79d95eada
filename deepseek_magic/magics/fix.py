"""``%deepseek_fix``: explain the last error, offer the repaired cell as the next one, and show what changed."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from deepseek_magic.app import options
from deepseek_magic.context.selectors import Selector
from deepseek_magic.context.sentences import FIX
from deepseek_magic.errors import QuestionError
from deepseek_magic.guard import mask_spans
from deepseek_magic.notebook import snapshot

from . import asking, cards
from .code_cells import PYTHON, blocks_of, compile_note, put

if TYPE_CHECKING:
    from deepseek_magic.chat.reply import Reply
    from deepseek_magic.commonmark.code_blocks import CodeBlock

    from .configuration import Configured

_CONTEXT = (Selector("needs"), Selector("error"))


def fix(magics: Configured, line: str, local_names: Mapping[str, Any] | None) -> Reply | None:
    """Ask for a repair of the last error, with the user's own words in ``line`` if any; return the reply.

    Raises:
        QuestionError: there is not an error to repair.
    """
    parsed = options.parse(line)
    failure = snapshot.last_failure(magics.shell)
    if failure is None:
        msg = "there is not an error to repair: run the failing cell first"
        raise QuestionError(msg)
    text = f"{FIX}\n\n{parsed.text}" if parsed.text.strip() else FIX
    values = {**parsed.values, "raw": True}
    reply = asking.ask(magics, text, values, local_names, also=_CONTEXT, words=parsed.text)
    if reply is not None:
        # the model saw the cell masked, and what is shown is saved
        failed = magics.session.guard.clean(failure.source, "the failed cell").text
        _offer(magics.shell, failed, reply.text)
    return reply


def _offer(shell: Any, failed: str, answer: str) -> None:
    """Put the repaired cell of ``answer`` into the next cell, and show how it differs from the one that ``failed``."""
    blocks = [block for block in blocks_of(shell, answer) if block.language.lower() in PYTHON]
    if not blocks:
        print("The reply holds no code: nothing was put into the next cell.")
        return
    repaired = _whole_cell(blocks, failed).source.rstrip("\n")
    masked = "put the masked values back in" if mask_spans(repaired) else ""
    note = put(shell, repaired, "; ".join(part for part in (compile_note(shell, repaired), masked) if part))
    if repaired.strip() == failed.strip():
        print("The cell in the reply is the one that failed, unchanged; it is in the next cell all the same.")
        return
    cards.show(cards.code(difference(failed, repaired), "diff"))
    print("The repaired cell is the next one; look at it before you run it." + (f" Note: {note}." if note else ""))


def _whole_cell(blocks: Sequence[CodeBlock], failed: str) -> CodeBlock:
    """Return the block that is the repaired cell: the one most like the failed cell, the last of equals."""
    lines = failed.splitlines()

    def likeness(block: CodeBlock) -> float:
        return difflib.SequenceMatcher(None, lines, block.source.splitlines(), autojunk=False).ratio()

    return max(reversed(blocks), key=likeness)


def difference(before: str, after: str) -> str:
    """Return the unified diff from one cell to the other."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), "failed cell", "repaired cell", lineterm="")
    return "\n".join(lines)
