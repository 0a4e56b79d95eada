"""Read the user's own table of prices, which changes the built-in one.

Its form, as JSON in a file or as a mapping::

    {
      "as_of": "2026-12-01",
      "models": {
        "deepseek-flash": {"off_peak": {"cache_hit": 0.003, "cache_miss": 0.15, "output": 0.6},
                           "peak":     {"cache_hit": 0.006, "cache_miss": 0.30, "output": 1.2}},
        "qwen3:8b": {"cache_miss": 0.05, "output": 0.1}
      },
      "hosts": {"gpu.example:8000": {"*": {"cache_miss": 0, "output": 0}}},
      "web": {"search.example": 0.001},
      "peak_utc": {"weekdays": [0, 1, 2, 3, 4], "hours": [[1, 4], [6, 10]]}
    }

Figures are US dollars per million tokens; ``as_of`` is their date. A model has one rate, or one off-peak and one at
peak; without ``cache_hit``, cached tokens cost as much as others. ``models`` are by the model's name in a reply, on any
host, except that DeepSeek's names count at DeepSeek's own hosts only. ``hosts`` are by host (with its port) and name,
where ``*`` means every model there. ``web`` are US dollars for one request that finds something, by host. Every part
but ``as_of`` may be left out.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

from deepseek_magic.errors import ConfigurationError
from deepseek_magic.settings.home import home_path
from deepseek_magic.text import one_line

from .catalogue import PRICES, PeakHours, Price, Prices, Rate

_PARTS = ("as_of", "models", "hosts", "web", "peak_utc")
_RATE = ("cache_hit", "cache_miss", "output")


def load(source: str | Path | Mapping[str, Any]) -> Prices:
    """Return the built-in prices, changed by those of ``source`` (the path of a file, or the table itself).

    Raises:
        ConfigurationError: the file cannot be read, or a part of the table is wrong; the error names the part.
    """
    table = source if isinstance(source, Mapping) else _read(home_path(source))
    _known_parts("the table", table, _PARTS)
    as_of = _date(table.get("as_of"))
    models = {name: _price(f"models.{name}", entry, as_of) for name, entry in _part("models", table).items()}
    hosts = {
        (host.lower(), name): _price(f"hosts.{host}.{name}", entry, as_of)
        for host, served in _part("hosts", table).items()
        for name, entry in _mapping(f"hosts.{host}", served).items()
    }
    peak = _peak(_part("peak_utc", table)) if "peak_utc" in table else PRICES.peak
    web = {host.lower(): _dollars(f"web.{host}", entry) for host, entry in _part("web", table).items()}
    return Prices({**PRICES.models, **models}, hosts, peak, web)


def _read(path: Path) -> Mapping[str, Any]:
    try:
        return _mapping("the table", json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        msg = f"prices: {one_line(str(path), 80)} cannot be read ({error.strerror}); check the path"
    except (ValueError, RecursionError) as error:
        msg = (
            f"prices: {one_line(str(path), 80)} is not JSON ({one_line(str(error), 80)}); "
            "correct it, or leave the setting out"
        )
    raise ConfigurationError(msg)


def _wrong(where: str, found: object, expected: str) -> NoReturn:
    msg = f"prices: {one_line(where, 80)} is {one_line(repr(found), 60)}: expected {expected}"
    raise ConfigurationError(msg)


def _mapping(where: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
        _wrong(where, value, "an object with names")
    return value


def _part(name: str, table: Mapping[str, Any]) -> Mapping[str, Any]:
    return _mapping(name, table.get(name, {}))


def _known_parts(where: str, value: Mapping[str, Any], known: tuple[str, ...]) -> None:
    if others := [name for name in value if name not in known]:
        msg = f"prices: {one_line(where, 80)} holds {one_line(repr(others[0]), 60)}: expected {', '.join(known)}"
        raise ConfigurationError(msg)


def _date(value: Any) -> str:
    try:
        return date.fromisoformat(value).isoformat()
    except (TypeError, ValueError):
        _wrong("as_of", value, "the date of the figures, like '2026-12-01'")


def _price(where: str, value: Any, as_of: str) -> Price:
    entry = _mapping(where, value)
    if "off_peak" not in entry and "peak" not in entry:
        rate = _rate(where, entry)
        return Price(rate, rate, as_of)
    _known_parts(where, entry, ("off_peak", "peak"))
    off_peak, peak = (_rate(f"{where}.{name}", entry.get(name)) for name in ("off_peak", "peak"))
    return Price(off_peak, peak, as_of)


def _rate(where: str, value: Any) -> Rate:
    entry = _mapping(where, value)
    _known_parts(where, entry, _RATE)
    miss, output = (_dollars(f"{where}.{name}", entry.get(name)) for name in ("cache_miss", "output"))
    hit = _dollars(f"{where}.cache_hit", entry["cache_hit"]) if "cache_hit" in entry else miss
    return Rate(hit, miss, output)


def _dollars(where: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1e6 or math.isnan(value):
        what = "one request" if where.startswith("web.") else "a million tokens"
        _wrong(where, value, f"US dollars for {what}, a number from 0")
    return float(value)


def _peak(value: Mapping[str, Any]) -> PeakHours:
    _known_parts("peak_utc", value, ("weekdays", "hours"))
    days, hours = value.get("weekdays"), value.get("hours")
    if not isinstance(days, (list, tuple)) or not all(_whole(day, 6) for day in days):
        _wrong("peak_utc.weekdays", days, "days from 0 (Monday) to 6")
    if not isinstance(hours, (list, tuple)) or not all(_pair(pair) for pair in hours):
        _wrong("peak_utc.hours", hours, "pairs of hours from 0 to 24, like [[1, 4], [6, 10]]")
    return PeakHours(tuple(days), tuple((start, end) for start, end in hours))


def _pair(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and len(value) == 2 and all(_whole(hour, 24) for hour in value)


def _whole(value: Any, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most
