"""Record errors that no execution reports, of threads and tasks, and the cells that raised them."""

from __future__ import annotations

import linecache
import logging
import re
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from .cells import ExecutedCell
from .error.failure import Failure, is_ours
from .error.ran import cell_of_code
from .kernel import cell_of
from .recording import Recording

# What the message of asyncio's logger says of a task; its name may be the user's.
_TASK = re.compile(r"<Task [a-z ]{1,20}name='([^']{1,80})'")


def failure_of(shell: Any, error: BaseException, ended: str = "", at: float = 0.0) -> Failure:
    """Return ``error`` with the first cell that its frames pass through, if any.

    Args:
        shell: the IPython shell whose cells are meant.
        error: what was raised.
        ended: what it ended, as in "a thread (loader)"; "" for an error of the shell's own.
        at: when, in seconds since the epoch; 0 if that is not known.
    """
    traceback, files = error.__traceback__, []
    while traceback is not None:
        files.append(traceback.tb_frame.f_code.co_filename)
        traceback = traceback.tb_next
    if isinstance(error, SyntaxError):
        files.append(error.filename or "")
    cell = next((found for file in files if (found := _cell_with(shell, file)) is not None), None)
    if cell is None:
        return Failure(error, ended=ended, at=at)
    recording = Recording.of(cell.source, {})
    return Failure(error, recording.source, cell.count, "", recording.ignored, ended, at)


def _cell_with(shell: Any, file: str) -> ExecutedCell | None:
    """Return the cell of ``shell`` that holds the code of the file name ``file``."""
    count, typed = cell_of(shell)(file), shell.history_manager.input_hist_raw
    if count is None:
        return None
    near = [ExecutedCell(one, typed[one]) for one in (count, count - 1) if 0 < one < len(typed)]
    return cell_of_code(near, count, linecache.getlines(file))


class ErrorsElsewhere:
    """Hears what ends a thread or an asyncio task of the user's; both go on being shown as before.

    Those of threads come by `threading.excepthook`, whose earlier hook is called. Those of tasks and callbacks come by
    the logger of asyncio, which shows them where the loop has no handler of its own; a filter on it replaces nothing.

    Args:
        shell: the IPython shell in which the user works.
        noted: is called with each failure, in the thread that failed.
    """

    def __init__(self, shell: Any, noted: Callable[[Failure], object]) -> None:
        self._shell = shell
        self._noted: Callable[[Failure], object] | None = noted
        self._before = threading.excepthook
        self._hook = self._of_thread  # one object: each look at a method makes another
        self._filter = self._of_task

    def start(self) -> None:
        """Start to record."""
        self._before = threading.excepthook
        threading.excepthook = self._hook
        logging.getLogger("asyncio").addFilter(self._filter)

    def stop(self) -> None:
        """Stop recording. If another hook was set since and calls ours, ours only passes the error on."""
        self._noted = None
        logging.getLogger("asyncio").removeFilter(self._filter)
        if threading.excepthook is self._hook:
            threading.excepthook = self._before

    def _of_thread(self, args: Any) -> None:
        with suppress(Exception):  # a fault of ours must not keep the error from being shown
            name = args.thread.name if args.thread is not None else "which has ended"
            self._note(args.exc_value, f"a thread ({name})")
        self._before(args)

    def _of_task(self, record: logging.LogRecord) -> bool:
        with suppress(Exception):
            if record.exc_info and record.exc_info[1] is not None:
                task = _TASK.search(record.getMessage())
                self._note(record.exc_info[1], f"an asyncio task ({task[1]})" if task else "a callback of asyncio")
        return True

    def _note(self, error: BaseException | None, ended: str) -> None:
        if self._noted is not None and error is not None and self._is_users(error):
            self._noted(failure_of(self._shell, error, ended, time.time()))

    def _is_users(self, error: BaseException) -> bool:
        """Return whether ``error`` passed through code of a cell, or of a file of the user's."""
        from .error.frames import is_users, module_of  # most sessions never need it

        if is_ours(error) or not isinstance(error, Exception):
            return False
        traceback, folder = error.__traceback__, Path.cwd()
        while traceback is not None:
            frame = traceback.tb_frame
            file = Path(frame.f_code.co_filename)
            if frame.f_globals is self._shell.user_ns or is_users(file, folder, module_of(frame)):
                return True
            traceback = traceback.tb_next
        return False
