"""Keys in the system keyring, saved there at the user's request."""

from __future__ import annotations

import importlib.util
from functools import lru_cache

from deepseek_magic.errors import ConfigurationError
from deepseek_magic.settings.keys import Key, Sealed, Secret, checked_key
from deepseek_magic.settings.urls import host_of, is_loopback

_SERVICE = "deepseek_magic"


@lru_cache(maxsize=16)
def saved(base_url: str) -> Key | None:
    """Return the key that was saved in the system keyring for the host of ``base_url``, if any.

    The keyring is read once for each endpoint. It may be slow, locked or absent, which is not an error here. It is not
    read for a server on this machine.
    """
    if is_loopback(base_url) or importlib.util.find_spec("keyring") is None:
        return None
    import keyring  # only those who have it pay for it

    try:
        found = Secret(keyring.get_password(_SERVICE, host_of(base_url)) or "")
    except (keyring.errors.KeyringError, RuntimeError, OSError):
        return None
    return checked_key(found, base_url, "the system keyring") if found else None


def save(value: Secret, base_url: str) -> None:
    """Save the key ``value`` for the host of ``base_url`` in the system keyring.

    Raises:
        ConfigurationError: there is no keyring, it refuses, or the host is this machine.
    """
    if is_loopback(base_url):
        msg = f"a key for {host_of(base_url)}, on this machine, is kept in memory only: leave out --save"
        raise ConfigurationError(msg)
    if importlib.util.find_spec("keyring") is None:
        msg = "no keyring to save in: pip install keyring, or leave out --save to keep the key in memory"
        raise ConfigurationError(msg)
    import keyring

    with Sealed():  # the keyring's frames hold the key
        try:
            keyring.set_password(_SERVICE, host_of(base_url), value.reveal())
        except (keyring.errors.KeyringError, RuntimeError, OSError) as error:
            msg = f"the system keyring refuses ({type(error).__name__}): leave out --save to keep the key in memory"
            raise ConfigurationError(msg) from None
    saved.cache_clear()


def forget(base_url: str) -> bool:
    """Remove the key of the host of ``base_url`` from the system keyring; return whether there was one."""
    if saved(base_url) is None:
        return False
    import keyring

    saved.cache_clear()
    try:
        keyring.delete_password(_SERVICE, host_of(base_url))
    except (keyring.errors.KeyringError, RuntimeError, OSError) as error:
        msg = f"the system keyring refuses to forget it ({type(error).__name__}): remove it there"
        raise ConfigurationError(msg) from None
    return True
