"""Check that only the user can write a record file, and that its file system supports shared memory."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from deepseek_magic.errors import ConfigurationError

# Network file systems, on which SQLite's write-ahead log does not work, because it needs shared memory.
_NETWORK = frozenset(
    ("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "lustre", "gpfs", "beegfs", "virtiofs", "vboxsf")
)
_NETWORK_FUSE = ("fuse.sshfs", "fuse.glusterfs", "fuse.s3fs", "fuse.gcsfuse", "fuse.blobfuse", "fuse.rclone")
#: The suffixes of SQLite's side files.
SIDE_FILES = ("-wal", "-shm", "-journal")


def made_private(path: Path) -> Path:
    """Return ``path`` with its links resolved: a file that only the user may write, made if there is none.

    Raises:
        ConfigurationError: others may write it, put another file in its place, or it is not a file.
    """
    try:
        path = path.expanduser().resolve()
        _check_folder(path.parent)
        for name in (path, *(path.with_name(path.name + added) for added in SIDE_FILES)):
            _check_file(name)
        if not path.exists():
            # created here, because SQLite would use the umask for its mode; side files get the mode of the file
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        elif os.name != "nt" and stat.S_IMODE(path.stat().st_mode) != 0o600:
            path.chmod(0o600)
    except FileExistsError:
        return path  # another kernel has just made it
    except OSError as error:
        msg = f"the record {path} cannot be used ({error.strerror or error}): name another file by DeepSeek.record"
        raise ConfigurationError(msg) from None
    return path


def _check_folder(folder: Path) -> None:
    state = folder.stat()
    if os.name != "nt" and state.st_mode & stat.S_IWOTH and not state.st_mode & stat.S_ISVTX:
        msg = f"the record is refused: others may write in {folder}; choose a folder of your own"
        raise ConfigurationError(msg)


def _check_file(path: Path) -> None:
    try:
        state = path.lstat()
    except FileNotFoundError:
        return
    if not stat.S_ISREG(state.st_mode):
        msg = f"the record is refused: {path} is not a file; name another one by DeepSeek.record"
        raise ConfigurationError(msg)
    if os.name == "nt":
        return
    if state.st_mode & (stat.S_IWOTH | stat.S_IWGRP) or state.st_uid not in (os.getuid(), 0):
        msg = f"the record is refused: others may write {path}; run chmod 600 on it if you trust what it holds"
        raise ConfigurationError(msg)


def on_network(path: Path, mounts: str) -> bool:
    """Return whether ``path`` is on a network file system; ``mounts`` is Linux's list of mounted file systems."""
    best, kind = "", ""
    for line in mounts.splitlines():
        fields, _, rest = line.partition(" - ")
        point = fields.split()[4].replace("\\040", " ") if len(fields.split()) > 4 else ""
        inside = point and (str(path) == point or str(path).startswith(point.rstrip("/") + "/"))
        if inside and len(point) >= len(best):
            best, kind = point, rest.split(" ")[0]
    return kind in _NETWORK or kind in _NETWORK_FUSE


def mounts() -> str:
    """Return Linux's list of mounted file systems; "" elsewhere."""
    try:
        return Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
