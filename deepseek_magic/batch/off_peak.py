"""``--when off-peak``: wait for the hours at half the price, with a progress bar."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from deepseek_magic.errors import Interrupted

from .engine import Job

if TYPE_CHECKING:
    from deepseek_magic.render.progress import Progress

# Seconds between two checks of the clock, which may be changed meanwhile. An interrupt works at once.
_LOOK = 1.0


def _now() -> datetime:
    return datetime.now(timezone.utc)


def wait(
    job: Job,
    progress: Callable[[int], Progress],
    say: Callable[[str], object],
    now: Callable[[], datetime] = _now,
    sleep: Callable[[float], object] = time.sleep,
) -> None:
    """Wait until the lower price of ``job`` applies; return at once if it does, or if there is only one price.

    Args:
        job: the map.
        progress: makes a progress bar, given the number of seconds.
        say: shows the user one line.
        now: returns the current time (aware).
        sleep: waits for a number of seconds.

    Raises:
        Interrupted: the user stopped it; nothing was asked.
    """
    prices, settings = job.prices, job.settings
    price = prices.price(settings.base_url, settings.model)
    if price is None or price.peak == price.off_peak:
        say("--when off-peak: the price here does not change with the hour, so nothing waits.")
        return
    begun = now()
    starts = prices.peak.quiet_from(begun)
    todo = {prompt: prompt for prompt in job.prompts if prompt is not None}
    then, at_once = job.estimate(todo, starts)[1], job.estimate(todo, begun)[1]
    cost = f"{then} at most then" if then is None or then.low == then.high else f"{then} then"
    if starts <= begun:
        say(f"--when off-peak: it is off-peak now ({cost}), so nothing waits.")
        return
    here = starts.astimezone()
    day = "" if starts.date() == begun.astimezone(timezone.utc).date() else f"{starts:%Y-%m-%d} "
    say(f"Waiting for off-peak hours until {day}{starts:%H:%M} UTC ({here:%H:%M} here): {cost}, {at_once} now.")
    bar, shown = progress(int((starts - begun).total_seconds())), 0
    try:
        while (left := (starts - now()).total_seconds()) > 0:
            sleep(min(_LOOK, left))
            passed = int((min(now(), starts) - begun).total_seconds())
            bar.update(max(0, passed - shown))
            shown = max(shown, passed)
    except KeyboardInterrupt:
        msg = "stopped while it waited for off-peak hours; nothing was asked, and what was answered before is kept"
        raise Interrupted(msg) from None
    finally:
        bar.close()
