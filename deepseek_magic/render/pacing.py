"""When to paint: at once for the first token, then seldom enough that all repaints together stay linear."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import thread_time

#: Seconds between two paints at least: seven a second, so that they, the status line's own, every `TICK` seconds, and
#: what a reply ends with are ten at most.
INTERVAL = 0.15
TICK = 1.0
#: Seconds in which the answer gathers, once some of it has come: a token that one has to wake for costs three times as
#: much as one that comes with others, and nothing is painted more often. It is a little more than `INTERVAL`, or every
#: second batch would come too soon to be painted. A stream of more than `FAST` events a second gathers by itself.
GATHER = 0.153
FAST = 1000
#: Seconds without a delta after which what is pending is painted all the same.
PAUSE = 0.16
_SHORTEST = 0.02
#: Seconds for which the end of a reply stays in the page before the static bundle takes its place, so that a screen
#: reader finds it; of the time in which replies end one after the other, at most one part in so many is spent on that.
READ_OUT = 0.2
READ_OUT_SHARE = 5
#: Characters a second past which nobody can follow; text that comes faster is painted every `FLOODED` seconds only.
FLOOD = 16_000
FLOODED = 2.0
#: A paint is followed by a rest of so many times the processor's time that paints take, up to `MOST` seconds. What they
#: take is averaged over some `REMEMBERED` paints: a group that is committed takes twice as long as its neighbours, and
#: after it alone one paint would be left out.
REST = 34
REMEMBERED = 3
MOST = 0.5


def gather(events: int, seconds: float, rest: float | None = None) -> float:
    """Return how many seconds a stream is left to gather that brought so many ``events`` in so many ``seconds``.

    ``rest`` are the seconds in which nothing more would be shown: what was read sooner would be seen no sooner.
    """
    return max(GATHER, rest or 0.0) if events <= FAST * seconds else 0.0


class Pacer:
    """Says when to paint, and paints what is pending from its own thread when the stream pauses.

    Args:
        paint: paints what has come, and returns how many characters of it are left; called with `lock` held, by the
            feeding thread or the pacer's own.
        tick: repaints the status line only; likewise.
        interval: seconds between two paints at least.

    The thread touches what ``paint`` and ``tick`` touch and nothing else; `stop` joins it.
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
        self._cost = 0.0  # seconds of CPU time that a paint takes, and when the last one began
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
        """Let only the status line go on while the end is drawn by who calls this; after it nothing is painted."""
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
        """Note that so many more characters came at ``now``, and return whether a paint may be due."""
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
        """Note that everything has been painted, but for ``left`` characters."""
        # The first paint has much to import, and the reader waits for the second.
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
                except Exception:  # noqa: BLE001  # a traceback from here would stand in the cell; `close` shows all
                    return

    def _patience(self) -> float:
        """Return the seconds until there may be something to do: what is pending is not to wait longer than `PAUSE`."""
        left = self._changed + PAUSE - self._clock() if self._pending else PAUSE
        return min(max(left, _SHORTEST), self._interval)

    def _look(self) -> None:
        """Paint what is pending if the stream rests; else let the status line tick."""
        now = self._clock()
        paused = now - self._changed >= PAUSE and now - self._painted >= self._interval
        if self._pending and paused and not self.rest:
            self._begun = thread_time()
            self.painted(self._paint() or 0)
        elif now - self._ticked >= TICK:
            self._ticked = now
            self._tick()
