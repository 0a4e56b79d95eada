"""Format ranges and figures as short strings, in the same way for every library."""

from __future__ import annotations

import math
from typing import Any

from .classes import class_name
from .fitting import number
from .scalars import scalar

# Their ``str`` is enough: the column's dtype says what their repr adds.
_AS_TEXT = ("Period", "Interval", "Timedelta", "timedelta", "Decimal", "UUID")


def figure(value: Any) -> str:
    """Return a number to six significant digits, a date as ISO 8601, anything else as its literal."""
    if type(value) is float:
        if math.isnan(value):
            return "NaN"
        return f"{value:.0f}" if 1e6 <= abs(value) < 1e15 else f"{value:.6g}"
    if class_name(type(value)) in _AS_TEXT and scalar(value, 60) is not None:
        return str(value)
    moment = getattr(value, "isoformat", None) if scalar(value, 60) is not None else None
    if moment is not None:
        return str(moment()).removesuffix("T00:00:00")
    return scalar(value, 60) or "…"


def span(low: Any, high: Any) -> str:
    """Return ``low to high``, or one value if they are equal."""
    first, last = figure(low), figure(high)
    return f"always {first}" if first == last else f"{first} to {last}"


def numbers(low: float, high: float, mean: float, infinite: int = 0) -> tuple[str, str]:
    """Return range and mean of numbers, as a full and as a short string."""
    short = span(low, high)
    extra = f", mean {figure(float(mean))}" if math.isfinite(mean) and low != high else ""
    return f"{short}{extra}{f', {number(infinite)} infinite' if infinite else ''}", short


def nulls(count: int, total: int) -> str:
    """Return in words how many of ``total`` values are missing; "" for none."""
    if not count:
        return ""
    return "all null" if count == total else f"{number(count)} null"
