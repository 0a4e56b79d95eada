"""The result of looking for a key in one place: the key, or why the place did not give it."""

from __future__ import annotations

from dataclasses import dataclass

from deepseek_magic.settings.keys import Key

#: The name under which a key is looked for, in every place that knows names.
NAME = "DEEPSEEK_API_KEY"
#: The host that a key of this name serves if nothing beside it says which.
HOST = "api.deepseek.com"


@dataclass(frozen=True, slots=True)
class FoundKey:
    """What one place holds: a ``key``, or in ``refused`` one sentence that says why it is not used; or nothing."""

    key: Key | None = None
    refused: str = ""


NOTHING = FoundKey()
