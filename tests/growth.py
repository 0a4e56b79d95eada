"""How work grows with what it is given: a ratio of two CPU times of one process, so that no machine is too slow."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable


def is_linear(work: Callable[[int], object], size: int) -> bool:
    """Return whether sixteen times the size takes less than eighty times the CPU time; squares would take 256 times."""

    def seconds(size: int) -> float:
        gc.collect()
        gc.disable()
        start = time.process_time()
        work(size)
        gc.enable()
        return time.process_time() - start

    # What takes next to no time has none to compare. The limit is five times what linear work needs and a third of what
    # squares would take, so that a busy machine does not decide; it may disturb one measurement, not three.
    return any(seconds(16 * size) <= 80 * seconds(size) + 0.02 for _ in range(3))
