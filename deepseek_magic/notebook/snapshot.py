"""The session as plain values: what was executed, what it showed, and the last error."""

from __future__ import annotations

import sys
from typing import Any
from weakref import WeakKeyDictionary

from .cells import ExecutedCell
from .error.failure import Failure, is_ours
from .raised import failure_of
from .recorder import Recorder

_recorders: WeakKeyDictionary[Any, Recorder] = WeakKeyDictionary()


def start(shell: Any) -> Recorder:
    """Start to record what ``shell`` executes, and return the recorder; the same one where that goes on already."""
    recorder = _recorders.get(shell)
    if recorder is None:
        recorder = _recorders[shell] = Recorder(shell)
        recorder.failure = _failure_before(shell)
        recorder.start()
    return recorder


def stop(shell: Any) -> None:
    """Undo `start`: no event and no hook is left, and nothing is kept."""
    recorder = _recorders.pop(shell, None)
    if recorder is not None:
        recorder.stop()


def executed(shell: Any) -> tuple[ExecutedCell, ...]:
    """Return every executed cell, oldest first, without those that are running."""
    recorder = _recorders.get(shell)
    return (recorder or Recorder(shell)).executed()


def last_failure(shell: Any) -> Failure | None:
    """Return the last error that is not one of ours, or ``None``."""
    recorder = _recorders.get(shell)
    return recorder.failure if recorder is not None else _failure_before(shell)


def images(shell: Any) -> tuple[bytes, ...]:
    """Return the picture that was displayed last, as the bytes of an image file; empty if there was none."""
    recorder = _recorders.get(shell)
    return () if recorder is None or not recorder.image else (recorder.image,)


def _failure_before(shell: Any) -> Failure | None:
    """Return the error that was there before the recorder: the one that IPython keeps for its debugger."""
    error = getattr(sys, "last_value", None)
    if not isinstance(error, BaseException) or is_ours(error):
        return None
    return failure_of(shell, error)
