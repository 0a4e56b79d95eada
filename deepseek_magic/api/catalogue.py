"""Models, prices and peak hours: one dated data file (``prices.json``), and the arithmetic of cost.

Source: DeepSeek's pricing page, as of the date in the file. Prices change, so a figure is always an estimate with
its date, and there is none where the price is not known.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from deepseek_magic.settings import Settings, is_deepseek

from .events import Usage

_DATA: dict[str, Any] = json.loads(Path(__file__).with_name("prices.json").read_text(encoding="utf-8"))

#: The date of the figures, as ISO 8601.
AS_OF: str = _DATA["as_of"]
#: The names that DeepSeek's API takes, with the model each one is served and billed as.
MODELS: dict[str, str] = {**{name: name for name in _DATA["models"]}, **_DATA["aliases"]}


@dataclass(frozen=True, slots=True)
class Cost:
    """An estimate in US dollars: the same figure twice, or a range where peak and off-peak are both possible."""

    low: float
    high: float
    as_of: str = AS_OF

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.low + other.low, self.high + other.high, min(self.as_of, other.as_of))

    def __str__(self) -> str:
        low, high = _dollars(self.low), _dollars(self.high)
        return f"${low}" if low == high else f"${low} to ${high}"


def _dollars(amount: float) -> str:
    """Return ``amount`` with two significant digits below a cent, else with cents: nobody is billed by the digit."""
    if amount == 0:
        return "0"
    return f"{amount:.2f}" if amount >= 0.1 else f"{amount:.2g}" if amount >= 0.0001 else f"{amount:.6f}"


def known_model(name: str) -> dict[str, Any] | None:
    """Return what is known of the model called ``name`` (or of the one it is an alias of), else ``None``."""
    entry: dict[str, Any] | None = _DATA["models"].get(MODELS.get(name, name))
    return entry


def modernised(settings: Settings) -> tuple[Settings, str]:
    """Return ``settings`` with a retired model name replaced, and what to tell the user about it ("" if nothing).

    Only DeepSeek's own host has retired them: any other is sent the name as it is. Renaming alone would turn
    thinking on, so the thinking of the old name comes along unless the user set it.
    """
    old = _DATA["retired"].get(settings.model) if is_deepseek(settings.base_url) else None
    if old is None:
        return settings, ""
    thinking = "off" if old["thinking"] == "off" else "on"
    note = f"{settings.model} is retired; asked {old['use']} with thinking {thinking} instead"
    return settings.replaced(model=old["use"], thinking=settings.thinking or old["thinking"]), note


def is_peak(instant: datetime) -> bool:
    """Tell whether ``instant`` (aware) lies in the peak hours, Chinese public holidays apart."""
    at = instant.astimezone(timezone.utc)
    peak = _DATA["peak_utc"]
    return at.weekday() in peak["weekdays"] and any(start <= at.hour < end for start, end in peak["hours"])


def cost(base_url: str, model: str, usage: Usage, ended: datetime, elapsed: float) -> Cost | None:
    """Estimate what one reply cost.

    Args:
        base_url: the endpoint; only DeepSeek's own prices are known.
        model: the model that served, as the reply says.
        usage: its tokens; where hits are not told, every prompt token counts as a miss.
        ended: the instant (aware) at which the reply ended.
        elapsed: seconds it took; which instant decides between peak and off-peak is not documented, so a reply that
            crosses the border is a range. So is any at peak, since public holidays are not in the table.

    Returns:
        The estimate, or ``None`` where price or tokens are unknown.
    """
    prices = known_model(model) if is_deepseek(base_url) else None
    if prices is None or usage.prompt is None or usage.completion is None:
        return None
    hit = usage.cache_hit or 0
    miss = usage.cache_miss if usage.cache_miss is not None else usage.prompt - hit

    def at(rate: dict[str, float]) -> float:
        tokens = hit * rate["cache_hit"] + miss * rate["cache_miss"] + usage.completion * rate["output"]  # type: ignore[operator] # checked above
        return tokens / float(_DATA["per_tokens"])

    low = at(prices["off_peak"])
    peak = is_peak(ended) or is_peak(ended - timedelta(seconds=elapsed))
    return Cost(low, at(prices["peak"]) if peak else low)


def estimate_tokens(text: str) -> int:
    """Estimate the tokens of ``text``: 0.3 for an ASCII character, 0.6 for any other (DeepSeek's token-usage page)."""
    ascii_count = len(text.encode("ascii", "ignore"))
    return int(0.3 * ascii_count + 0.6 * (len(text) - ascii_count)) + (1 if text else 0)
