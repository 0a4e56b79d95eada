"""Which cell is asking: an identity that stays the same when the cell is run again."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from typing import Any


class Cells:
    """Gives each question of a shell its cell's identity.

    The front end names the cell in the request's metadata (``cellId``); where it does not, the cell's source stands
    for it. Several questions of one execution are told apart by their order. A terminal has no cells that could be
    run again: there the identity is "".
    """

    def __init__(self) -> None:
        self._execution = ""
        self._asked = 0

    def identity(self, shell: Any) -> str:
        """Return the identity of the question that is being asked right now."""
        parent = parent_message(shell)
        header = parent.get("header", {})
        if header.get("msg_type") != "execute_request":
            return ""
        if header.get("msg_id") != self._execution:
            self._execution, self._asked = header.get("msg_id", ""), 0
        self._asked += 1
        cell = (parent.get("metadata") or {}).get("cellId")
        if not isinstance(cell, str) or not cell:
            source = str(parent.get("content", {}).get("code", ""))
            cell = "source-" + hashlib.sha256(source.encode("utf-8", "replace")).hexdigest()[:16]
        return cell if self._asked == 1 else f"{cell}#{self._asked}"


def same_execution(shell: Any) -> Callable[[], bool]:
    """Return a function that tells whether the execution of now is still the running one.

    The count alone would not do: a widget's callback runs between two cells, with the count of the next.
    """
    started = _execution(shell)
    return lambda: _execution(shell) == started


def _execution(shell: Any) -> tuple[str, int]:
    return str(parent_message(shell).get("header", {}).get("msg_id", "")), shell.execution_count


def is_result_of_a_magic() -> bool:
    """Tell whether the display hook is at work on a statement that is a call of a magic and nothing else.

    Which value that is the hook does not say; the statement is the code that called the hook.
    """
    hook = getattr(type(sys.displayhook).__call__, "__code__", None)
    frame = sys._getframe()
    while frame.f_back is not None:
        if frame.f_code is hook:
            return set(frame.f_back.f_code.co_names) <= {"get_ipython", "run_line_magic", "run_cell_magic"}
        frame = frame.f_back
    return False


def parent_message(shell: Any) -> dict[str, Any]:
    """Return the message that the kernel of ``shell`` is working on; empty in a terminal."""
    kernel = getattr(shell, "kernel", None)
    get = getattr(kernel, "get_parent", None) or getattr(shell, "get_parent", None)
    parent = get() if kernel is not None and get is not None else None
    return parent if isinstance(parent, dict) else {}
