"""Completion in calls of the magics: how the shell asks for it, and how it stops."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from IPython.core import completer

if TYPE_CHECKING:
    from deepseek_magic.app.completion import Known

_CALLED = r".*%deepseek"
_ID = "deepseek_magic"


def start(shell: Any, known: Callable[[], Known]) -> None:
    """Complete calls of the magics in ``shell``; ``known`` returns what the kernel knows."""
    if not hasattr(completer, "CompletionContext"):  # before IPython 8.6, ours stands beside what others offer
        shell.set_hook("complete_command", lambda _, event: _for_symbol(event, known), re_key=_CALLED)
        return

    def match(context: Any) -> Any:
        """Return what may stand at the cursor; where that is something, nobody else is asked."""
        lines = context.full_text.split("\n")[: context.cursor_line]
        before = "\n".join([*lines, context.text_until_cursor])
        if "%deepseek" not in before:
            return {"completions": []}
        from deepseek_magic.app.completion import offered  # loading needs none of it

        found = offered(before, known)
        if not found.matches:
            return {"completions": []}
        return {
            "completions": [completer.SimpleCompletion(text=one, type="deepseek") for one in found.matches],
            "matched_fragment": found.typed,
            "suppress": True,
            "ordered": True,
        }

    shell.Completer.custom_matchers.append(completer.context_matcher(identifier=_ID)(match))


def stop(shell: Any) -> None:
    """Undo `start`."""
    matchers = shell.Completer.custom_matchers
    matchers[:] = [one for one in matchers if getattr(one, "matcher_identifier", "") != _ID]
    hooks = shell.strdispatchers.get("complete_command")
    getattr(hooks, "regexs", {}).pop(re.compile(_CALLED), None)


def _for_symbol(event: Any, known: Callable[[], Known]) -> list[str]:
    """Return what may stand in place of the symbol at the cursor, as IPython cuts it."""
    from deepseek_magic.app.completion import offered  # loading needs none of it

    found = offered(event.text_until_cursor, known)
    cut = len(found.typed) - len(event.symbol)
    return [one[max(0, cut) :] for one in found.matches if found.typed.endswith(event.symbol)]
