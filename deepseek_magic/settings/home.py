"""The user's folders: expand ``~``, and find the folder for state that outlives a kernel."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from deepseek_magic.errors import ConfigurationError
from deepseek_magic.text import one_line


def home_path(path: str | Path) -> Path:
    """Return ``path`` with a leading ``~`` or ``~user`` replaced by the home folder.

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
