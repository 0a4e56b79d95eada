"""Paths that begin with ``~``, as people write them."""

from __future__ import annotations

from pathlib import Path

from deepseek_magic.errors import ConfigurationError
from deepseek_magic.text import one_line


def home_path(path: str | Path) -> Path:
    """Return ``path`` with the home folder in the place of a ``~``, or ``~user``, that it begins with.

    Raises:
        ConfigurationError: there is no such user, or the home folder is not known.
    """
    try:
        return Path(path).expanduser()
    except RuntimeError:
        msg = f"{one_line(str(path), 120)}: its home folder is not known: give a full path"
        raise ConfigurationError(msg) from None
