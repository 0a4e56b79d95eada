"""The key in a ``.env`` file of the user's project.

Somebody who can put a file beside a notebook must not be able to set another endpoint or variables of this process. So
only ``DEEPSEEK_API_KEY`` is read; nothing of the file enters ``os.environ``; nothing in it is expanded; and its key is
used for api.deepseek.com only. The file is the nearest one from the notebook's folder up to the root of its repository
(without a repository, in that folder only), but never one in or above the home folder, which would apply to everything.
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
    """Return the path of the ``.env`` that applies in ``folder``, unread; ``None`` if there is none.

    Args:
        folder: the folder of the notebook.
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
    except (OSError, RuntimeError):  # an unreadable folder, or a loop of links
        return None
    return None


def look(folder: Path, home: Path) -> FoundKey:
    """Return the key in the ``.env`` of ``folder``; ``home`` as in `nearest`."""
    path = nearest(folder, home)
    if path is None:
        return NOTHING
    try:
        with Sealed():  # the frames of the readers hold the file's content
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
