"""Completion in calls of the magics: how the shell asks for it, and how it stops."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from IPython.core import completer

if TYPE_CHECKING:
    from deepseek_magic.commands.completion import Completions, KnownNames

_ID = "deepseek_magic"


def start(shell: Any, known: Callable[[], KnownNames]) -> None:
    """Complete calls of the magics in ``shell``; ``known`` returns what the kernel knows."""

    def offered(before: str) -> Completions | None:
        """Return what may stand at the cursor, ``before`` being all text before it."""
        if "%deepseek" not in before:
            return None
        from deepseek_magic.commands.completion import offered as found  # loading needs none of it

        return found(before, known)

    if hasattr(completer, "context_matcher"):
        shell.Completer.custom_matchers.append(completer.context_matcher(identifier=_ID)(_matcher(offered)))
    else:  # before IPython 8.6
        shell.Completer.magic_arg_matchers.insert(0, _older_matcher(shell, offered))


def _matcher(offered: Callable[[str], Completions | None]) -> Callable[[Any], Any]:
    def match(context: Any) -> Any:
        """Return what may stand at the cursor; where that is something, nobody else is asked."""
        lines = context.full_text.split("\n")[: context.cursor_line]
        found = offered("\n".join([*lines, context.text_until_cursor]))
        if found is None or not found.matches:
            return {"completions": []}
        return {
            "completions": [completer.SimpleCompletion(text=one, type="deepseek") for one in found.matches],
            "matched_fragment": found.typed,
            "suppress": True,
            "ordered": True,
        }

    return match


def _older_matcher(shell: Any, offered: Callable[[str], Completions | None]) -> Callable[[str], list[str]]:
    def match(line: str) -> list[str]:
        """Return what may stand at the cursor, in place of the word that IPython has found there.

        It hands over only the line; the lines before it are known to its function that calls this one.
        """
        asking = sys._getframe(1).f_locals
        text, word = str(asking.get("full_text") or line), str(asking.get("text") or "")
        lines = text.split("\n")[: asking.get("cursor_line") or 0]
        found = offered("\n".join([*lines, shell.Completer.text_until_cursor]))
        return [] if found is None else [_in_place(one, found.typed, word) for one in found.matches]

    match.matcher_identifier = _ID  # type: ignore[attr-defined]
    return match


def _in_place(offer: str, typed: str, word: str) -> str:
    """Return ``offer``, which takes the place of what is ``typed``, as what takes the place of ``word``."""
    if typed.endswith(word):
        return offer[len(typed) - len(word) :]
    return word.removesuffix(typed) + offer


def stop(shell: Any) -> None:
    """Undo `start`."""
    for name in ("custom_matchers", "magic_arg_matchers"):
        matchers = getattr(shell.Completer, name, [])
        if isinstance(matchers, list):
            matchers[:] = [one for one in matchers if getattr(one, "matcher_identifier", "") != _ID]
