"""Read a file that only the user can have written. Keys, and where they are sent, come from no other file."""

from __future__ import annotations

import os
import stat
from pathlib import Path

_MOST_BYTES = 65_536


class FileRefused(Exception):
    """A file is not used; the message is the reason, as the end of a sentence."""


def read(path: Path) -> str:
    """Return the text of ``path``: a regular file of this user's, which others may not write, of at most 64 kB.

    The file is opened before it is checked, so that it cannot be replaced in between. Links are refused, because their
    target may be anywhere.

    Raises:
        FileNotFoundError: there is none.
        FileRefused: it is not such a file, or not text in UTF-8.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            msg = "it is a link, or not a regular file"
            raise FileRefused(msg)
        with os.fdopen(os.open(path, flags), "rb") as file:
            _check(os.fstat(file.fileno()))
            data = file.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        raise
    except OSError as error:
        msg = f"it cannot be read ({error.strerror or 'no reason given'})"
        raise FileRefused(msg) from None
    if len(data) > _MOST_BYTES:
        msg = f"it is longer than {_MOST_BYTES // 1024} kB"
        raise FileRefused(msg)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass  # the error holds the bytes
    msg = "it is not text in UTF-8"
    raise FileRefused(msg)


def _check(state: os.stat_result) -> None:
    if not stat.S_ISREG(state.st_mode):
        msg = "it is not a regular file"
        raise FileRefused(msg)
    if os.name == "nt":
        return  # Windows has no such modes, and a user's folders are private
    if state.st_uid != os.getuid():
        msg = "it belongs to another user"
        raise FileRefused(msg)
    if state.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        msg = "others may write it (chmod go-w fixes that)"
        raise FileRefused(msg)
