"""The user's own folders: paths that begin with ``~``, and where state is kept between kernels and shells."""

from __future__ import annotations

from collections.abc import Mapping
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


def state_folder(environ: Mapping[str, str]) -> Path:
    """Return our folder in the user's folder for state (XDG Base Directory, 0.8)."""
    state = environ.get("XDG_STATE_HOME") or environ.get("LOCALAPPDATA")
    return (Path(state) if state else Path.home() / ".local" / "state") / "deepseek-magic"
