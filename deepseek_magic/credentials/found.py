"""The result of looking for a key in one place: the key, or why the place did not give it."""

from __future__ import annotations

from dataclasses import dataclass

from deepseek_magic.settings.keys import Key

#: The name under which a key is looked for, in every place with names.
NAME = "DEEPSEEK_API_KEY"
#: The host of a key with this name, unless something beside it names another.
HOST = "api.deepseek.com"


@dataclass(frozen=True, slots=True)
class FoundKey:
    """The result in one place: a ``key``, or one sentence in ``refused`` that says why it is not used, or neither."""

    key: Key | None = None
    refused: str = ""


NOTHING = FoundKey()
