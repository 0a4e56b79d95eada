"""The user's own names, which ``{df}`` or ``-v df`` in a question may refer to."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from contextlib import suppress
from difflib import get_close_matches
from typing import Any

from deepseek_magic.errors import OptionError
from deepseek_magic.text import one_line

_SHELLS_OWN = ("In", "Out", "exit", "quit", "get_ipython", "open")


def own_names(shell: Any, local_names: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the user's own names and their values, oldest first.

    Args:
        shell: the shell, ``None`` for none; what it defined itself, and names that begin with ``_``, are left out.
        local_names: the names of the function that the magic is called in; they override the others.
    """
    everything: Mapping[str, Any] = getattr(shell, "user_ns", {})
    hidden: Mapping[str, Any] = getattr(shell, "user_ns_hidden", {})
    names = {}
    for name, value in list(everything.items()):
        if name in hidden:
            is_shells = hidden[name] is value  # one that the user bound again is the user's
        else:
            is_shells = name in _SHELLS_OWN and type(value).__module__.startswith(("IPython.", "ipykernel."))
        if not is_shells and not name.startswith("_"):
            names[name] = value
    if local_names is not None and local_names is not everything:
        names.update((name, value) for name, value in local_names.items() if not name.startswith(("_", ".")))
    return names


_ENDS_EARLY = re.compile("was never closed|unterminated|unexpected EOF|EOL while scanning")


def evaluated(expression: str, names: Mapping[str, Any], what: str) -> Any:
    """Return the value of ``expression``, which the user typed, as in any cell.

    Args:
        expression: Python.
        names: the names that it may use, beside the built-in ones.
        what: what it was typed for, for the error.

    Raises:
        OptionError: it raises.
    """
    try:
        return eval(expression, {"__name__": "__main__", **names})  # where classes that it makes are from
    except Exception as error:  # noqa: BLE001  # whatever it raises, it is not what was meant
        if isinstance(error, SyntaxError) and _ENDS_EARLY.search(error.msg):
            msg = (
                f"{what} {one_line(expression, 60)}: it ends at the first space; quote it, like {what} 'dict[str, int]'"
            )
        else:
            meant, said = nearest(error, expression, names), getattr(error, "msg", None) or str(error)
            hint = f"; did you mean {meant}?" if meant else ""
            msg = f"{what} {one_line(expression, 60)}: {type(error).__name__}: {one_line(said, 120)}{hint}"
        raise OptionError(msg) from None


# One key of one name: of what stands before a second bracket, it is not known which of the two failed.
_ONE_KEY = re.compile(r"\s*(\w+)\s*\[[^\[\]]*\]\s*")
# Characters of a name or key that is compared.
_LONGEST_NAME = 100


def nearest(error: BaseException, expression: str, names: Mapping[str, Any]) -> str:
    """Return the name, attribute or key that was probably meant if ``expression`` raised ``error``; or ""."""
    with suppress(Exception):  # the user's objects say what they have
        wanted, known = _wanted(error, expression, names)
        others = [name for name in known if name != wanted and len(name) <= _LONGEST_NAME]
        return next(iter(get_close_matches(wanted[: _LONGEST_NAME * 2], others, 1, 0.6)), "")
    return ""


def _wanted(error: BaseException, expression: str, names: Mapping[str, Any]) -> tuple[str, list[str]]:
    """Return the name that ``error`` did not find, and the names that exist."""
    if isinstance(error, NameError):
        return error.name or "", list(names)
    if isinstance(error, AttributeError):
        return error.name or "", [name for name in dir(error.obj) if not name.startswith("_")]
    if isinstance(error, KeyError) and (only := _ONE_KEY.fullmatch(expression)):
        holder = names[only[1]]
        # to go through any other object may take long, or take something from it
        keys = holder.columns if hasattr(holder, "columns") else holder if isinstance(holder, Mapping) else ()
        return error.args[0], [key for key in itertools.islice(keys, 1_000) if isinstance(key, str)]
    return "", []
