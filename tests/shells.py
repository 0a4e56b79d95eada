"""A shell in the process of the tests, without a kernel and without the user's history file."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

# A traceback with the code around it takes IPython longer than all else that a test does; no test reads one.
_QUIET = Config({"HistoryManager": {"enabled": False}, "InteractiveShell": {"xmode": "Minimal"}})


@contextmanager
def shell(folder: Path, *, displays: bool = False) -> Iterator[InteractiveShell]:
    """Yield a shell with its files in ``folder``; it takes the place of the main module meanwhile.

    With ``displays`` on it is the one that IPython's own functions find: `display` shows in it.
    """
    main = sys.modules["__main__"]
    make = InteractiveShell.instance if displays else InteractiveShell
    made = make(config=_QUIET, ipython_dir=str(folder))
    gc.freeze()  # each reset collects all garbage: what was imported since the tests began is none
    try:
        yield made
    finally:
        if displays:
            InteractiveShell.clear_instance()
        sys.modules["__main__"] = main
