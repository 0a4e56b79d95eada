"""A stop of the user at each moment of a function at which one can come, one after the other."""

from __future__ import annotations

import sys
from collections.abc import Callable
from itertools import count
from types import FrameType
from typing import Any


def stopped_everywhere(function: Callable[[], object], within: tuple[str, ...], after: Callable[[], object]) -> int:
    """Call ``function`` again and again, each time stopped at a later moment, until it ends by itself.

    Python handles a signal where a function begins, and where one that is written in C has returned. These moments
    count below the functions that are called as one of ``within``. ``after`` is called behind each stop, and is not
    stopped.

    Returns:
        How often it was stopped.
    """
    for moment in count(1):
        before = sys.getprofile()
        sys.setprofile(_stop_at(moment, within))
        try:
            function()
        except BaseException as error:
            sys.setprofile(before)
            if not _is_stop(error):
                raise
        else:
            return moment - 1
        finally:
            sys.setprofile(before)
        after()
    raise AssertionError


def _stop_at(moment: int, within: tuple[str, ...]) -> Callable[[FrameType, str, Any], None]:
    left = moment

    def note(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal left
        inside: FrameType | None = frame if event in ("call", "c_return") else None
        while inside is not None and inside.f_code.co_name not in within:
            inside = inside.f_back
        if inside is not None:
            left -= 1
            if not left:
                sys.setprofile(None)
                raise KeyboardInterrupt

    return note


def _is_stop(error: BaseException | None) -> bool:
    """Return whether ``error`` is the stop, or was raised while it was handled."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__context__
    return error is not None
