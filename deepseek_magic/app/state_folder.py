"""Where the user's state is kept between kernels and shells."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def state_folder(environ: Mapping[str, str]) -> Path:
    """Return our folder in the user's folder for state (XDG Base Directory, 0.8)."""
    state = environ.get("XDG_STATE_HOME") or environ.get("LOCALAPPDATA")
    return (Path(state) if state else Path.home() / ".local" / "state") / "deepseek-magic"
