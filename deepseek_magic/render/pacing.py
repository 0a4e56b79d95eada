"""Decide when to paint: the first token at once, then so rarely that all repaints together stay linear."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import thread_time

#: The least seconds between two paints: seven a second, so that together with those of the status line, every `TICK`
#: seconds, and of a reply's end, there are at most ten.
INTERVAL = 0.15
TICK = 1.0
#: Seconds to let the answer accumulate between reads: a token for which the thread wakes up costs three times as much
#: as one that comes with others, and nothing is painted more often. It is a little more than `INTERVAL`, or every
#: second batch would come too soon to be painted. A stream of more than `FAST` events a second accumulates by itself.
GATHER = 0.153
FAST = 1000
#: Seconds after the first text in which it shows how fast a stream is: a fast one must not wait for a whole `GATHER`.
GLANCE = 0.01
#: Seconds without a delta after which pending text is painted in any case.
PAUSE = 0.16
_SHORTEST = 0.02
#: Seconds for which the end of a live reply stays in the page before the static bundle replaces it, so that a screen
#: reader finds it. If replies end one after the other, at most one part in `READ_OUT_SHARE` of the time is spent on it.
READ_OUT = 0.2
READ_OUT_SHARE = 5
#: Characters a second beyond which nobody can follow; faster text is painted only every `FLOODED` seconds.
FLOOD = 16_000
FLOODED = 2.0
#: After a paint, the pacer rests for this many times the CPU time of a paint, up to `MOST` seconds. That time is an
#: average over about `REMEMBERED` paints: committing a group takes twice as long, and would skip the next paint.
REST = 34
REMEMBERED = 3
MOST = 0.5


def gather(events: int, seconds: float, rest: float | None = None) -> float:
    """Return how many seconds to wait before the next read of a stream that sent ``events`` in ``seconds``.

    ``rest`` are the seconds during which nothing more would be painted, so that reading sooner would be useless.
    """
    if not events:  # since the first text
        return GLANCE
    return max(GATHER, rest or 0.0) if events <= FAST * seconds else 0.0


class Pacer:
    """Says when to paint, and paints what is pending from its own thread when the stream pauses.

    Args:
        paint: paints the pending text, and returns how many characters of it are left; called with `lock` held, by the
            feeding thread or the pacer's own.
        tick: repaints only the status line; called in the same way.
        interval: the least seconds between two paints.

    The pacer's thread only uses what ``paint`` and ``tick`` use; `stop` joins it.
    """

    def __init__(
        self,
        paint: Callable[[], int | None],
        tick: Callable[[], None],
        interval: float = INTERVAL,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.lock = threading.RLock()
        self._paint = paint
        self._tick = tick
        self._interval = interval
        self._clock = clock
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="deepseek-pacer", daemon=True)
        self._started_painting = False
        self._pending = 0
        self._cost = 0.0  # CPU seconds of a paint, and when the last one began
        self._begun = thread_time()
        self._changed = self._painted = self._looked = self._ticked = clock()

    @property
    def now(self) -> float:
        """The instant on the pacer's clock."""
        return self._clock()

    @property
    def rested(self) -> float:
        """Seconds since the last paint."""
        return self._clock() - self._painted

    @property
    def rest(self) -> float:
        """Seconds until the next paint may be worth its time."""
        return max(0.0, min(REST * self._cost, MOST) - self.rested)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread and wait for it; nothing is painted afterwards. Safe to call twice."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    @contextmanager
    def settled(self) -> Iterator[None]:
        """Paint only the status line while the caller draws the end; afterwards nothing is painted."""
        with self.lock:
            self._pending = 0
        try:
            yield
        finally:
            self.stop()

    def due(self, grown: int, repainted: int) -> bool:
        """Return whether to paint now, after ``grown`` more characters; see `grew` and `worth`."""
        return self.grew(grown, self._clock()) and self.worth(repainted)

    def grew(self, characters: int, now: float) -> bool:
        """Note that ``characters`` more came at ``now``, and return whether a paint may be due."""
        self._pending += characters
        self._changed = now
        if not self._started_painting:
            return True
        passed = now - self._painted
        return now - self._looked >= self._interval and (self._pending <= passed * FLOOD or passed >= FLOODED)

    def worth(self, repainted: int, swell: float = 1.0, *, covered: bool = False) -> bool:
        """Return whether to paint now, which sends ``repainted`` characters of source again; `painted` says it is done.

        A paint is worth it if it is ``covered``. Else as much must have come as makes the sum of all repaints a small
        multiple of the text: a quarter of what is repainted, or more where that is long. ``swell`` is how many
        characters of HTML one of source becomes.
        """
        self._begun = thread_time()
        if not self._started_painting:
            return True
        self._looked = self._clock()
        if self.rest:
            return False
        size = repainted * swell
        share = 4 if size < 1250 else 3 if size < 5000 else 2
        return covered or self._pending >= max(32, repainted // share)

    def painted(self, left: int = 0) -> None:
        """Note that everything but ``left`` characters has been painted."""
        # The first paint imports modules, and the reader should not wait longer for the second because of that.
        if self._started_painting:
            self._cost += (thread_time() - self._begun - self._cost) / REMEMBERED
        self._started_painting = True
        self._pending = left
        self._painted = self._looked = self._ticked = self._clock()

    def _run(self) -> None:
        while not self._stopped.wait(self._patience()):
            with self.lock:
                if self._stopped.is_set():
                    return
                try:
                    self._look()
                except Exception:  # noqa: BLE001  # a traceback would appear in the cell; `close` shows everything
                    return

    def _patience(self) -> float:
        """Return the seconds until there may be work: pending text must not wait longer than `PAUSE`."""
        left = self._changed + PAUSE - self._clock() if self._pending else PAUSE
        return min(max(left, _SHORTEST), self._interval)

    def _look(self) -> None:
        """Paint pending text if the stream pauses; otherwise update the status line."""
        now = self._clock()
        paused = now - self._changed >= PAUSE and now - self._painted >= self._interval
        if self._pending and paused and not self.rest:
            self._begun = thread_time()
            self.painted(self._paint() or 0)
        elif now - self._ticked >= TICK:
            self._ticked = now
            self._tick()
