"""Keys: masked wherever they show, and used for the one host that each was given for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from .addresses import checked_base_url, host_of
from .errors import ConfigurationError
from .servers import DEFAULT_BASE_URL


class Secret:
    """A value that never shows: ``repr``, ``str`` and ``format`` are masked, and it cannot be pickled."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the value itself; called only where it leaves for its own host, and to scrub it from texts."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(****)"

    def __format__(self, spec: str) -> str:
        return "****"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self

    def __reduce__(self) -> NoReturn:
        msg = "a secret is not pickled"
        raise TypeError(msg)


@dataclass(frozen=True, slots=True)
class Key:
    """A key, the one host it was given for, and where it comes from (said to the user; the key never is)."""

    secret: Secret
    host: str
    source: str

    def serves(self, url: str) -> bool:
        """Tell whether this key was given for the host (with its port) of ``url``."""
        return host_of(url) == self.host


def environment_key(environ: Mapping[str, str], base_url: str) -> Key | None:
    """Return the environment's key if it is for ``base_url``: it was given for the environment's endpoint alone."""
    value = environ.get("DEEPSEEK_API_KEY", "").strip()
    if not value:
        return None
    try:
        given_for = checked_base_url(environ.get("DEEPSEEK_BASE_URL", "").strip() or DEFAULT_BASE_URL)
    except ConfigurationError:
        return None  # a key for nowhere; whoever uses that URL is told what is wrong with it
    if host_of(given_for) != host_of(base_url):
        return None
    return checked_key(value, base_url, "the variable DEEPSEEK_API_KEY")


def checked_key(value: str, base_url: str, source: str) -> Key:
    """Return ``value`` as the key for the host of ``base_url``.

    Raises:
        ConfigurationError: it could not stand in an HTTP header. The message never holds the value.
    """
    value = value.strip()
    if not value or not value.isascii() or not value.isprintable() or " " in value:
        msg = (
            f"the key from {source} is not usable: it holds spaces or characters no key has; "
            "set it anew, or run %deepseek_login"
        )
        raise ConfigurationError(msg)
    return Key(Secret(value), host_of(base_url), source)
