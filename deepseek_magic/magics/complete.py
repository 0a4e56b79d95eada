"""Completion in calls of the magics: how the shell asks for it, and how it stops."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from IPython.core.completer import SimpleCompletion, context_matcher

if TYPE_CHECKING:
    from deepseek_magic.app.completion import Known

_ID = "deepseek_magic"


def start(shell: Any, known: Callable[[], Known]) -> None:
    """Complete calls of the magics in ``shell``; ``known`` returns what the kernel knows."""

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
            "completions": [SimpleCompletion(text=one, type="deepseek") for one in found.matches],
            "matched_fragment": found.typed,
            "suppress": True,
            "ordered": True,
        }

    shell.Completer.custom_matchers.append(context_matcher(identifier=_ID)(match))


def stop(shell: Any) -> None:
    """Undo `start`."""
    matchers = shell.Completer.custom_matchers
    matchers[:] = [one for one in matchers if getattr(one, "matcher_identifier", "") != _ID]
