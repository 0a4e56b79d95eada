"""Profiles: an endpoint, where its key comes from, a model and the rules, under a name.

They are read only from one file in the user's configuration folder, so that a file beside a notebook cannot send its
questions to another endpoint. The file does not hold keys, only where to find them::

    [work]
    base_url = "https://llm.example.org/v1"
    key = "env:WORK_API_KEY"
    model = "deepseek-v4-pro"
    rules = true
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from deepseek_magic.errors import ConfigurationError
from deepseek_magic.settings.keys import Key, Sealed, Secret, checked_key
from deepseek_magic.settings.servers import DEFAULT_BASE_URL
from deepseek_magic.settings.urls import checked_base_url, host_of
from deepseek_magic.text import one_line

from . import keyring
from .private_file import FileRefused, read

#: The fields of a profile: settings with these names, and ``key``.
FIELDS: dict[str, type] = {"base_url": str, "key": str, "model": str, "rules": bool, "dialect": str, "client_cert": str}
_OF_ENDPOINT = ("dialect", "client_cert")
_SOURCES = "env:NAME (a variable), keyring, or none"
_VARIABLE = re.compile(r"env:([A-Za-z_]\w*)")


@dataclass(frozen=True, slots=True)
class Profile:
    """One profile.

    Attributes:
        name: its name.
        settings: its settings, by field name.
        key: where its key comes from; "" if it is looked for as without a profile.
    """

    name: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    key: str = ""

    @property
    def base_url(self) -> str:
        """The endpoint that its key is for."""
        return checked_base_url(str(self.settings.get("base_url", DEFAULT_BASE_URL)))

    def find_key(self, environ: Mapping[str, str]) -> Key | None:
        """Return the key that the profile names, for the host of its endpoint; ``None`` if it is not there.

        Raises:
            ConfigurationError: the value cannot be a key.
        """
        source = f"the profile {self.name}, {self.key_source}"
        if variable := _VARIABLE.fullmatch(self.key):
            secret = Secret(environ.get(variable[1], "").strip())
            return checked_key(secret, self.base_url, source) if secret else None
        saved = keyring.saved(self.base_url) if self.key == "keyring" else None
        return None if saved is None else Key(saved.secret, saved.host, source)

    @property
    def key_source(self) -> str:
        """Where its key comes from, in words."""
        variable = _VARIABLE.fullmatch(self.key)
        return f"the variable {variable[1]}" if variable else "the system keyring"

    def serves(self, base_url: str) -> bool:
        """Return whether the key of this profile is for the host of ``base_url``."""
        return host_of(base_url) == host_of(self.base_url)


def place(environ: Mapping[str, str]) -> Path:
    """Return the path of the file of profiles, in the user's configuration folder (XDG Base Directory, 0.8)."""
    folder = environ.get("XDG_CONFIG_HOME") or (environ.get("APPDATA") if os.name == "nt" else "")
    return (Path(folder) if folder else Path.home() / ".config") / "deepseek-magic" / "profiles.toml"


def applied(
    options: Mapping[str, Any], config: Mapping[str, Any], environ: Mapping[str, str]
) -> tuple[Profile, Mapping[str, Any], Mapping[str, Any]]:
    """Return the profile named in ``options`` or ``config``, and both mappings with its settings added.

    A profile in the options ranks directly below the other options; one in the configuration, directly above the rest
    of it. Its dialect and client certificate apply only to its own endpoint.

    Raises:
        ConfigurationError: as `load`.
    """
    named = options.get("profile")
    profile = load(str(named or config.get("profile")), environ)
    if named:
        added = {row: value for row, value in profile.settings.items() if options.get(row) in (None, "")}
        if options.get("base_url"):
            added = {row: value for row, value in added.items() if row not in _OF_ENDPOINT}
        return profile, {**options, **added}, config
    own = dict.fromkeys(_OF_ENDPOINT, "") if "base_url" in profile.settings else {}
    return profile, options, {**config, **own, **profile.settings}


def load(name: str, environ: Mapping[str, str]) -> Profile:
    """Return the profile ``name``.

    Raises:
        ConfigurationError: there is no such profile, the file is not the user's alone, or something in it is not
            understood. The message shows no value of the file.
    """
    with Sealed():  # if the file holds a key by mistake, it is in these frames
        return _loaded(name, place(environ))


def names(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names of the profiles; an empty tuple without a usable file."""
    with Sealed():
        try:
            return tuple(name for name, found in _tables(place(environ)).items() if isinstance(found, dict))
        except ConfigurationError:
            return ()


def _loaded(name: str, path: Path) -> Profile:
    tables = _tables(path)
    found = tables.get(name)
    if not isinstance(found, dict):
        near = get_close_matches(name, tables, 1, 0.6)
        known = (
            f"did you mean {near[0]}?" if near else f"expected one of {', '.join(tables)}" if tables else "add it there"
        )
        msg = f"there is no profile {one_line(name, 40)!r} in {path}: {one_line(known, 200)}"
        raise ConfigurationError(msg)
    for row, value in found.items():
        if row not in FIELDS:
            near = get_close_matches(row, FIELDS, 1, 0.6)
            hint = f"did you mean {near[0]}?" if near else f"it may have {', '.join(FIELDS)}"
            msg = f"the profile {name} in {path} has an unknown field {one_line(row, 40)!r}: {hint}"
            raise ConfigurationError(msg)
        if type(value) is not FIELDS[row]:
            kind = {str: "a string", bool: "true or false"}[FIELDS[row]]
            msg = f"the profile {name} in {path}: {row} must be {kind}: write it so"
            raise ConfigurationError(msg)
    key = str(found.get("key", ""))
    if key and key not in ("keyring", "none") and not _VARIABLE.fullmatch(key):
        msg = (
            f"the profile {name} in {path}: key says where the key comes from: {_SOURCES}; if it is the key itself, "
            "take it out of the file and revoke it"
        )
        raise ConfigurationError(msg)
    profile = Profile(name, {row: value for row, value in found.items() if row != "key" and value != ""}, key)
    profile.base_url  # noqa: B018  # reading it is the check
    return profile


def _tables(path: Path) -> Mapping[str, Any]:
    try:
        text = read(path)
    except FileNotFoundError:
        msg = f'there are no profiles: write {path}, with lines like [work] and base_url = "https://…" below it'
        raise ConfigurationError(msg) from None
    except FileRefused as error:
        msg = f"the profiles in {path} are not used: {error}; fix that, and ask again"
        raise ConfigurationError(msg) from None
    # imported only if there are profiles; Python 3.10 does not have it
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    line = 0
    try:
        return tomllib.loads(text)
    except ValueError as error:  # its message may quote the line, which may hold a key
        place_named = re.search(r"at line (\d+)", str(error))
        line = int(place_named[1]) if place_named else 0
    msg = f'{path} is not TOML{f" (line {line})" if line else ""}: write each value as name = "value"'
    raise ConfigurationError(msg)
