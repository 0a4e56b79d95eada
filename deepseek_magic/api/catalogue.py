"""Models, prices and peak hours (from ``prices.json``), and the calculation of costs.

Source: DeepSeek's pricing page, as of the date in the file. Prices change, so every cost is an estimate with a date,
and there is none if the price is not known.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from deepseek_magic.settings.parameters import Settings
from deepseek_magic.settings.urls import host_of, is_deepseek

from .events import Usage

_DATA: dict[str, Any] = json.loads(Path(__file__).with_name("prices.json").read_text(encoding="utf-8"))

#: The date of the figures, as ISO 8601.
AS_OF: str = _DATA["as_of"]
#: The names that DeepSeek's API takes, each with the model that serves it and sets its price.
MODELS: dict[str, str] = {**{name: name for name in _DATA["models"]}, **_DATA["aliases"]}


@dataclass(frozen=True, slots=True)
class Cost:
    """An estimate in US dollars: the same figure twice, or a range if both peak and off-peak prices are possible."""

    low: float
    high: float
    as_of: str = AS_OF

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.low + other.low, self.high + other.high, min(self.as_of, other.as_of))

    def __sub__(self, other: Cost) -> Cost:
        return Cost(max(0.0, self.low - other.low), max(0.0, self.high - other.high), min(self.as_of, other.as_of))

    def __str__(self) -> str:
        low, high = _dollars(self.low), _dollars(self.high)
        return f"${low}" if low == high else f"${low} to ${high}"


def _dollars(amount: float) -> str:
    """Return ``amount`` with two significant digits below a cent, otherwise in cents: more would be false precision."""
    if amount == 0:
        return "0"
    return f"{amount:.2f}" if amount >= 0.1 else f"{amount:.2g}" if amount >= 0.0001 else f"{amount:.6f}"


def known_model(name: str) -> dict[str, Any] | None:
    """Return what is known about the model named ``name``, which may be an alias; ``None`` if nothing is."""
    entry: dict[str, Any] | None = _DATA["models"].get(MODELS.get(name, name))
    return entry


def modernised(settings: Settings) -> tuple[Settings, str]:
    """Return ``settings`` with a retired model name replaced, and a note for the user about it ("" for none).

    Only DeepSeek's own host has retired them; other hosts are sent the name as it is. The new name alone would turn
    thinking on, so the thinking of the old name is set as well, unless the user set it.
    """
    old = _DATA["retired"].get(settings.model) if is_deepseek(settings.base_url) else None
    if old is None:
        return settings, ""
    thinking = "off" if old["thinking"] == "off" else "on"
    note = f"{settings.model} is retired; asked {old['use']} with thinking {thinking} instead"
    return replace(settings, model=old["use"], thinking=settings.thinking or old["thinking"]), note


@dataclass(frozen=True, slots=True)
class Rate:
    """US dollars per million tokens: of the prompt from the cache, of the rest of the prompt, and of the reply."""

    cache_hit: float
    cache_miss: float
    output: float

    def of(self, usage: Usage) -> float | None:
        """Return the US dollars for ``usage``, or ``None`` if not all its token counts are known.

        If cache hits are not reported, every prompt token counts as a miss.
        """
        if usage.prompt is None or usage.completion is None:
            return None
        hit = usage.cache_hit or 0
        miss = usage.cache_miss if usage.cache_miss is not None else usage.prompt - hit
        dollars = hit * self.cache_hit + miss * self.cache_miss + usage.completion * self.output
        return dollars / float(_DATA["per_tokens"])


@dataclass(frozen=True, slots=True)
class Price:
    """The price of a model, off-peak and at peak, and its date (ISO 8601)."""

    off_peak: Rate
    peak: Rate
    as_of: str = AS_OF


_BEIJING = timezone(timedelta(hours=8))
_MOST_HOURS = 14 * 24


@dataclass(frozen=True, slots=True)
class PeakHours:
    """The peak hours, in UTC.

    Attributes:
        weekdays: the days of the week with peak hours; 0 is Monday.
        hours: the first hour of each peak, and the first hour after it.
        holidays: the first and last dates (in Beijing, ISO 8601) of public holidays, which have no peak.
        years: the years whose public holidays are known.
    """

    weekdays: tuple[int, ...]
    hours: tuple[tuple[int, int], ...]
    holidays: tuple[tuple[str, str], ...] = ()
    years: tuple[int, ...] = ()

    def holds(self, instant: datetime) -> bool:
        """Return whether ``instant`` (aware) is in the peak hours, as far as public holidays are known."""
        at = instant.astimezone(timezone.utc)
        if at.weekday() not in self.weekdays or not any(start <= at.hour < end for start, end in self.hours):
            return False
        day = at.astimezone(_BEIJING).date().isoformat()
        return not any(first <= day <= last for first, last in self.holidays)

    def is_sure(self, instant: datetime) -> bool:
        """Return whether `holds` is certain for ``instant``, because the public holidays of its year are known."""
        return instant.astimezone(_BEIJING).year in self.years

    def quiet_from(self, instant: datetime) -> datetime:
        """Return the next instant outside the peak hours, which may be ``instant`` (aware) itself."""
        at = instant.astimezone(timezone.utc)
        for _ in range(_MOST_HOURS):
            if not self.holds(at):
                return at
            at = at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        return instant  # the user's table has only peak hours


@dataclass(frozen=True, eq=False)
class Prices:
    """The known prices: of DeepSeek's models, with additions and changes from the user's own table.

    `deepseek_magic.api.pricelist.load` makes one from a file.

    Attributes:
        models: prices by the model's name in a reply. DeepSeek's names have a price at DeepSeek's own hosts only.
        hosts: prices by host and model (``*`` for every model there), which take precedence.
        peak: the peak hours.
        web: US dollars for a request to the web, by host.
    """

    models: Mapping[str, Price]
    hosts: Mapping[tuple[str, str], Price]
    peak: PeakHours
    web: Mapping[str, float] = field(default_factory=dict)

    def of_web(self, base_url: str) -> float | None:
        """Return the US dollars for a successful request to the web through ``base_url``; ``None`` if not known."""
        host = host_of(base_url)
        return self.web.get(host, _DATA["web_request"] if is_deepseek(base_url) else None)

    def price(self, base_url: str, model: str) -> Price | None:
        """Return the price of ``model`` at ``base_url``, or ``None`` if it is not known."""
        host = host_of(base_url)
        for name in (model, "*"):
            if (host, name) in self.hosts:
                return self.hosts[host, name]
        if model in MODELS and not is_deepseek(base_url):
            return None
        return self.models.get(model) or self.models.get(MODELS.get(model, model))

    def cost(self, base_url: str, model: str, usage: Usage, ended: datetime, elapsed: float) -> Cost | None:
        """Estimate the cost of one reply, or of its beginning.

        Args:
            base_url: the endpoint.
            model: the model that served, as the reply says.
            usage: its tokens, counted by the endpoint or estimated.
            ended: the instant (aware) at which the reply ended.
            elapsed: the seconds it took. It is not documented which instant decides between peak and off-peak, so the
                cost is a range if a reply spans both, and in the peak hours of a year with unknown public holidays.

        Returns:
            The estimate, or ``None`` if price or tokens are unknown.
        """
        price = self.price(base_url, model)
        low = None if price is None else price.off_peak.of(usage)
        if price is None or low is None:
            return None
        instants = (ended, ended - timedelta(seconds=elapsed))
        peak = [self.peak.holds(at) for at in instants]
        dear = price.peak.of(usage) if any(peak) else low
        high = low if dear is None else dear
        return Cost(high if all(peak) and all(map(self.peak.is_sure, instants)) else low, high, price.as_of)

    def estimate(self, base_url: str, model: str, prompt: int, longest: int, at: datetime) -> Cost | None:
        """Estimate the cost of a question before it is asked.

        Args:
            base_url: the endpoint.
            model: the model.
            prompt: the tokens that are sent; none of them count as cached.
            longest: the most tokens of the reply, including its thinking.
            at: now (aware). Peak prices count if the reply may reach the peak hours within `LONGEST_REPLY`.

        Returns:
            A range from only the prompt to the longest reply, or ``None`` if the price is not known.
        """
        least = self.cost(base_url, model, Usage(prompt, 0), at, 0)
        until = at + LONGEST_REPLY
        most = self.cost(base_url, model, Usage(prompt, longest), until, LONGEST_REPLY.total_seconds())
        return None if least is None or most is None else Cost(least.low, most.high, least.as_of)


def _rate(raw: dict[str, float]) -> Rate:
    return Rate(raw["cache_hit"], raw["cache_miss"], raw["output"])


#: The longest time that a reply may take, for estimates of its cost.
LONGEST_REPLY = timedelta(hours=1)
#: DeepSeek's own prices and peak hours.
PRICES = Prices(
    {name: Price(_rate(entry["off_peak"]), _rate(entry["peak"])) for name, entry in _DATA["models"].items()},
    {},
    PeakHours(
        tuple(_DATA["peak_utc"]["weekdays"]),
        tuple((start, end) for start, end in _DATA["peak_utc"]["hours"]),
        tuple((first, last) for first, last in _DATA["holidays"]["days"]),
        tuple(_DATA["holidays"]["years"]),
    ),
)


def longest_reply(settings: Settings) -> int:
    """Return the most tokens of a reply, including thinking: from the settings, or else DeepSeek's default."""
    default = _DATA["default_output"]
    by_thinking = default.get(settings.thinking or "on", default["on"])
    return settings.max_tokens if settings.max_tokens is not None else int(by_thinking)
