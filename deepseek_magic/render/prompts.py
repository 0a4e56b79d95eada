"""Ask the user for input, if there is somebody to ask."""

from __future__ import annotations

from collections.abc import Callable

#: What `input` and `getpass` raise if nobody can be asked: no terminal, no input in the front end, a file's end.
NOBODY_TYPES = (EOFError, RuntimeError, NotImplementedError)


def typed(prompt: str, ask: Callable[[str], str] | None = None) -> str | None:
    """Return what the user types after ``prompt``, without the blanks around it.

    Args:
        prompt: the question.
        ask: asks it; ``None`` for `input`, which a kernel replaces when it starts.

    Returns:
        The text; ``None`` if nobody can be asked (`NOBODY_TYPES`).
    """
    try:
        return (ask or input)(prompt).strip()
    except NOBODY_TYPES:
        return None


def says_yes(prompt: str, ask: Callable[[str], str] | None = None) -> bool | None:
    """Return whether the user types a yes after ``prompt``; ``None`` if nobody can be asked (see `typed`)."""
    answer = typed(prompt, ask)
    return None if answer is None else answer.lower() in ("y", "yes")
