"""Keys in the source of a cell, where the notebook and the history keep them: noticed before anything is sent."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from deepseek_magic.settings.keys import Key
from deepseek_magic.settings.servers import DEFAULT_BASE_URL
from deepseek_magic.settings.urls import host_of

# The form of DeepSeek's keys.
_FORM = re.compile(r"(?<![\w-])sk-[0-9a-f]{32}(?![\w-])")
# A key that is shorter may be a word of the text: servers on this machine take any.
_SHORTEST = 16
_MOST_NAMED = 5
_HOST = host_of(DEFAULT_BASE_URL)


@dataclass(eq=False, repr=False)
class PastedKeys:
    """Looks through the cells of a shell for keys, each cell once for each key."""

    _seen: dict[int, int] = field(default_factory=dict)  # by the key in use, the cells up to which it was looked for
    _said: set[int] = field(default_factory=set)

    def notice(self, shell: Any, key: Key | None, *, masked: bool) -> str:
        """Return what to say of the cells since the last look that hold ``key``, or one of DeepSeek's form; "" if none.

        Args:
            shell: the shell whose cells they are, the one that runs now among them; ``None`` for none.
            key: the key in use.
            masked: whether the guard masks keys in what is sent.
        """
        typed = [] if shell is None else shell.history_manager.input_hist_raw
        used = hash(key) if key is not None and len(key.secret.reveal()) >= _SHORTEST else 0
        start, self._seen[used] = self._seen.get(used, 0), len(typed)
        if start > len(typed):  # the history was cleared
            self._said.clear()
            start = 0
        new = [number for number in range(start, len(typed)) if number not in self._said]
        formed = [number for number in new if "sk-" in typed[number] and _FORM.search(typed[number])]
        in_use = [number for number in new if used and key is not None and key.secret.reveal() in typed[number]]
        found = sorted({*formed, *in_use})
        if not found:
            return ""
        self._said.update(found)
        wheres = ["at platform.deepseek.com (API keys)"] if formed or key is None or key.host == _HOST else []
        if in_use and key is not None and key.host != _HOST:
            wheres.append(f"where {key.host} gave it")
        here = len(typed) - 1
        *first, last = ["this cell" if number == here else f"cell [{number}]" for number in found[-_MOST_NAMED:]]
        sent = "it is masked in what is sent" if masked else "the guard is off: if that cell is sent, so is the key"
        where = " or ".join(wheres)
        return (
            f"There is a key in {', '.join(first)}{' and ' if first else ''}{last}; {sent}. "
            f"The notebook and the history keep it: revoke it {where}, delete it here, and give a new one by "
            "%deepseek_login."
        )
