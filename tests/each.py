"""One test for hundreds of cases: pytest's own work for a test takes longer than such a case."""

from __future__ import annotations

import functools
import inspect
import traceback
from collections.abc import Callable, Mapping
from typing import Any

import pytest

#: How many of the cases that fail are shown; the others are only named.
_SHOWN = 5


def each(parameter: str, cases: Mapping[str, Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Call the test with ``parameter`` set to each of ``cases``: one that fails is named, and those after it are tried.

    Fixtures are the same for all cases.
    """
    if not cases:
        raise ValueError("there is no case to try")

    def made(check: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(check)
        def test(**fixtures: Any) -> None:
            failed: dict[str, str] = {}
            for name, case in cases.items():
                try:
                    check(**{parameter: case}, **fixtures)
                except (Exception, pytest.fail.Exception) as error:  # noqa: BLE001 - it is reported with its case
                    failed[name] = "".join(traceback.format_exception(None, error, error.__traceback__, limit=-3))
            if failed:
                shown = [f"[{name}]\n{found}" for name, found in list(failed.items())[:_SHOWN]]
                head = f"{len(failed)} of {len(cases)} cases failed: {', '.join(failed)}"
                pytest.fail("\n\n".join([head, *shown]), pytrace=False)

        known = inspect.signature(check)
        test.__signature__ = known.replace(  # type: ignore[attr-defined]
            parameters=[one for name, one in known.parameters.items() if name != parameter]
        )
        return test

    return made
