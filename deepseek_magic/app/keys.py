"""`Keys`: the keys of a session, from the login, a profile, the user's files and secrets, or the system keyring."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from deepseek_magic.credentials import dotenv_file, hosted, keyring
from deepseek_magic.credentials.found import HOST, NOTHING, FoundKey
from deepseek_magic.errors import MissingKey
from deepseek_magic.settings.keys import Key, environment_key
from deepseek_magic.settings.urls import host_of, is_deepseek

if TYPE_CHECKING:
    from deepseek_magic.credentials.profiles import Profile


@dataclass(eq=False, repr=False)
class Keys:
    """The keys given to one session, by host, and where others are looked for.

    Attributes:
        environ: a live view of the environment.
        folder: returns the folder of the notebook, which may hold a ``.env``.
        refused: why places that have a key for the host that was asked for last did not give it, a sentence each.
    """

    environ: Mapping[str, str]
    folder: Callable[[], Path] = Path.cwd
    refused: tuple[str, ...] = ()
    _given: dict[str, Key] = field(default_factory=dict)

    def find(self, base_url: str) -> Key | None:
        """Return the key for ``base_url``.

        It is looked for in this order: the login in this kernel, the variable DEEPSEEK_API_KEY, the file ``.env``, the
        secrets of Colab and of Kaggle, the system keyring.
        """
        host = host_of(base_url)
        self.refused = ()
        found = self._given.get(host) or environment_key(self.environ, base_url)
        if found is None and host == HOST:
            found = self._looked_up()
        return found or keyring.saved(base_url)

    def of_profile(self, profile: Profile, base_url: str) -> Key | None:
        """Return the key for ``base_url`` from ``profile``; for another host than the profile's, the same as `find`.

        Raises:
            MissingKey: the profile names a place that has no key, and none was given in this kernel.
        """
        if not profile.key or not profile.serves(base_url):
            return self.find(base_url)
        self.refused = ()
        given = None if profile.key == "none" else self._given.get(host_of(base_url))
        found = profile.find_key(self.environ) or given
        if found is None and profile.key != "none":
            msg = (
                f"no key for {host_of(base_url)}: the profile {profile.name} takes it from {profile.key_source}, where "
                "there is none; put it there, or run %deepseek_login"
            )
            raise MissingKey(msg)
        return found

    def _looked_up(self) -> Key | None:
        refused = []
        for look in (self._in_file, lambda: hosted.look(self.environ)):
            found = look()
            if found.key is not None:
                return found.key
            if found.refused:
                refused.append(found.refused)
        self.refused = tuple(refused)
        return None

    def _in_file(self) -> FoundKey:
        try:
            return dotenv_file.look(self.folder(), Path.home())
        except (RuntimeError, OSError):  # no home folder, or a deleted working folder
            return NOTHING

    def give(self, key: Key) -> None:
        """Use ``key`` for its host from now on."""
        self._given[key.host] = key

    def take_back(self, host: str) -> bool:
        """Forget the key of ``host``; return whether there was one."""
        return self._given.pop(host, None) is not None


def origin(key: Key | None, base_url: str, refused: str = "") -> str:
    """Return where ``key`` comes from, for the status card; never the key."""
    if key is not None:
        return f"from {key.source}"
    if not is_deepseek(base_url):
        return "none for this host"
    return refused or "none: %deepseek_login, or the variable DEEPSEEK_API_KEY"
