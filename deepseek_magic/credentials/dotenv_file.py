"""The key in a ``.env`` file of the user's project.

Whoever can put a file beside a notebook must neither give it another endpoint nor set variables of this process. So one
name is read, ``DEEPSEEK_API_KEY``; nothing of the file enters ``os.environ``; nothing in it is expanded; and its key is
used for api.deepseek.com only. The file is the nearest one from the notebook's folder up to the root of its repository
(without a repository, in that folder only), never one at or above the home folder, where it would be a file for
everything.
"""

from __future__ import annotations

import importlib.util
import io
from pathlib import Path

from deepseek_magic.errors import ConfigurationError
from deepseek_magic.settings.keys import Sealed, Secret, checked_key

from .found import HOST, NAME, NOTHING, FoundKey
from .private_file import FileRefused, read

_FILE = ".env"


def nearest(folder: Path, home: Path) -> Path | None:
    """Return the ``.env`` that counts in ``folder``, whatever it is; ``None`` if there is none.

    Args:
        folder: that of the notebook.
        home: the user's home folder.
    """
    try:
        start, home = folder.resolve(), home.resolve()
        below = [one for one in (start, *start.parents) if not home.is_relative_to(one)]
        root = next((one for one in below if (one / ".git").exists()), start)
        for place in below:
            if (place / _FILE).is_symlink() or (place / _FILE).exists():
                return place / _FILE
            if place == root:
                return None
    except (OSError, RuntimeError):  # a folder that may not be read, a link that leads in circles
        return None
    return None


def look(folder: Path, home: Path) -> FoundKey:
    """Return the key in the ``.env`` of ``folder``; ``home`` as in `nearest`."""
    path = nearest(folder, home)
    if path is None:
        return NOTHING
    try:
        with Sealed():  # the frames of the readers hold the whole file
            return _key(path)
    except FileNotFoundError:
        return NOTHING
    except FileRefused as error:
        reason = str(error)
    except ConfigurationError:
        reason = f"its {NAME} holds spaces or characters no key has"
    return FoundKey(refused=f"{path} is not used: {reason}")


def _key(path: Path) -> FoundKey:
    text = read(path)
    if NAME not in text:
        return NOTHING
    if importlib.util.find_spec("dotenv") is None:
        return FoundKey(refused=f"{path} is not used: python-dotenv reads it, and is not installed")
    from dotenv import dotenv_values  # only those who have such a file pay for it

    secret = Secret(dotenv_values(stream=io.StringIO(text), interpolate=False).get(NAME) or "")
    return FoundKey(checked_key(secret, f"https://{HOST}", f"the file {path}")) if secret else NOTHING
