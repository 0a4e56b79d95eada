"""On which file systems kernels cannot share memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from deepseek_magic.record.private_file import mounts, on_network

MOUNTS = """\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
40 22 0:35 / /home rw,relatime shared:20 - nfs4 server:/home rw,vers=4.2
41 40 8:2 / /home/me/local rw - xfs /dev/sdb1 rw
42 22 0:36 / /mnt/my\\040share rw - fuse.sshfs me@host: rw
broken line
"""


@pytest.mark.parametrize(
    ("path", "network"),
    [
        ("/tmp/a.db", False),
        ("/home/me/a.db", True),
        ("/homes/a.db", False),
        ("/home/me/local/a.db", False),
        ("/mnt/my share/a.db", True),
    ],
)
def test_the_innermost_mounted_file_system_counts(path, network):
    """Where it is one of another machine, the write-ahead log is not used."""
    assert on_network(Path(path), MOUNTS) == network


def test_without_a_list_nothing_is_known(tmp_path):
    """Then the log is tried, and SQLite says whether it works."""
    assert not on_network(tmp_path, "")
    assert isinstance(mounts(), str)
