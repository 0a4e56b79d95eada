"""A recorder in a shell of which nobody has anything any more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from deepseek_magic.notebook.recorder import Recorder

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


@pytest.fixture
def recorder(shell: InteractiveShell) -> Iterator[Recorder]:
    """A recorder that has started."""
    shell.reset(new_session=True)
    recorder = Recorder(shell)
    recorder.start()
    yield recorder
    recorder.stop()
