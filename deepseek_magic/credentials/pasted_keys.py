"""Keys in the source of a cell, where the notebook and the history keep them: noticed before anything is sent."""

from __future__ import annotations

import re
from typing import Any

from deepseek_magic.settings.keys import Key

# The form of DeepSeek's keys.
_FORM = re.compile(r"(?<![\w-])sk-[0-9a-f]{32}(?![\w-])")
# A key that is shorter may be a word of the text: servers on this machine take any.
_SHORTEST = 16
_MOST_NAMED = 5


class PastedKeys:
    """Looks through the cells of a shell for keys, each cell once for each key."""

    def __init__(self) -> None:
        self._seen: tuple[int, int] = (0, 0)

    def notice(self, shell: Any, key: Key | None, *, masked: bool) -> str:
        """Return what to say of the cells since the last look that hold ``key``, or one of DeepSeek's form; "" if none.

        Args:
            shell: the shell whose cells they are, the one that runs now among them; ``None`` for none.
            key: the key in use.
            masked: whether the guard masks keys in what is sent.
        """
        typed = [] if shell is None else shell.history_manager.input_hist_raw
        used = hash(key) if key is not None and len(key.secret.reveal()) >= _SHORTEST else 0
        start = self._seen[1] if self._seen[0] == used else 0
        self._seen = used, len(typed)
        found = [
            number
            for number in range(start, len(typed))
            if ("sk-" in typed[number] and _FORM.search(typed[number]))
            or (used and key is not None and key.secret.reveal() in typed[number])
        ]
        if not found:
            return ""
        here = len(typed) - 1
        places = ["this cell" if number == here else f"cell [{number}]" for number in found[-_MOST_NAMED:]]
        sent = "it is masked in what is sent" if masked else "the guard is off: where that cell goes along, it is sent"
        return (
            f"A key stands in {', '.join(places)}; {sent}. The notebook and the history keep it: revoke it at "
            "platform.deepseek.com (API keys), delete it here, and give a new one by %deepseek_login."
        )
