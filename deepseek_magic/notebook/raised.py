"""Errors that no execution reports: where they were raised is found by their frames; those of threads are heard."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from .error.failure import Failure, is_ours
from .kernel import cell_of
from .recording import Recording


def failure_of(shell: Any, error: BaseException, thread: str = "", at: float = 0.0) -> Failure:
    """Return ``error`` with the first cell that its frames pass through, if any.

    Args:
        shell: the IPython shell whose cells are meant.
        error: what was raised.
        thread: the name of the thread that showed it; "" for an error of the shell's own.
        at: when, in seconds since the epoch; 0 where that is not known.
    """
    traceback, count = error.__traceback__, None
    of = cell_of(shell)
    while traceback is not None and count is None:
        count = of(traceback.tb_frame.f_code.co_filename)
        traceback = traceback.tb_next
    if count is None and isinstance(error, SyntaxError):
        count = of(error.filename or "")
    typed = shell.history_manager.input_hist_raw
    if count is None or not 0 < count < len(typed):
        return Failure(error, thread=thread, at=at)
    recording = Recording.of(typed[count], {})
    return Failure(error, recording.source, count, "", recording.ignored, thread, at)


class ThreadErrors:
    """Hears what ends a thread of the user's: `threading.excepthook`, whose earlier hook goes on showing it.

    Args:
        shell: the IPython shell in which the user works.
        noted: is called with each failure, in the thread that failed.
    """

    def __init__(self, shell: Any, noted: Callable[[Failure], object]) -> None:
        self._shell = shell
        self._noted: Callable[[Failure], object] | None = noted
        self._before = threading.excepthook
        self._hook = self._heard  # one object: each look at a method makes another

    def start(self) -> None:
        """Hear them from now on."""
        self._before = threading.excepthook
        threading.excepthook = self._hook

    def stop(self) -> None:
        """Hear no more. Where another hook was set since and calls ours, ours only passes on."""
        self._noted = None
        if threading.excepthook is self._hook:
            threading.excepthook = self._before

    def _heard(self, args: Any) -> None:
        with suppress(Exception):  # a fault of ours must not keep the error from being shown
            error, noted = args.exc_value, self._noted
            if noted is not None and error is not None and self._is_users(error):
                name = args.thread.name if args.thread is not None else "a thread that has ended"
                noted(failure_of(self._shell, error, name, time.time()))
        self._before(args)

    def _is_users(self, error: BaseException) -> bool:
        """Return whether ``error`` passed through code of a cell, or of a file of the user's."""
        from .error.frames import is_users  # most sessions never need it

        if is_ours(error) or not isinstance(error, Exception):
            return False
        traceback, folder = error.__traceback__, Path.cwd()
        while traceback is not None:
            frame = traceback.tb_frame
            if frame.f_globals is self._shell.user_ns or is_users(Path(frame.f_code.co_filename), folder):
                return True
            traceback = traceback.tb_next
        return False
