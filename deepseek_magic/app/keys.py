"""The keys of a session: given by login, found in the environment, or saved on this system."""

from __future__ import annotations

from collections.abc import Mapping

from deepseek_magic.settings.keys import Key, environment_key
from deepseek_magic.settings.urls import host_of

from . import keyring


class Keys:
    """The keys given to one session, by host.

    Args:
        environ: the environment, as it is at each question.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._given: dict[str, Key] = {}

    def find(self, base_url: str) -> Key | None:
        """Return the key for ``base_url``: the one that was given, else that of the environment, else a saved one."""
        host = host_of(base_url)
        found = self._given.get(host) or environment_key(self._environ, base_url)
        if found is None and (found := keyring.saved(base_url)) is not None:
            self._given[host] = found
        return found

    def give(self, key: Key) -> None:
        """Use ``key`` for its host from now on."""
        self._given[key.host] = key

    def take_back(self, host: str) -> bool:
        """Forget the key of ``host``; return whether there was one."""
        return self._given.pop(host, None) is not None
