"""How often the block parser reads each line of a streamed reply: ``python -m tests.benchmarks.parses``.

The reply is shown by the widget back end, as in a notebook. The unfinished last line, which every paint looks at, is
counted by itself.
"""

from __future__ import annotations

import contextlib
import io
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType
from typing import Any

from deepseek_magic.api.events import Finished, TextDelta
from deepseek_magic.commonmark.open_markup import open_end
from deepseek_magic.commonmark.structure import Structure
from deepseek_magic.render.back_ends.widget import WidgetRenderer
from deepseek_magic.render.places import InCell
from deepseek_magic.render.renderer import Ending
from deepseek_magic.render.stage import Stage
from tests.benchmarks.texts import KINDS, TOKEN, text

#: Tokens that come at once, and seconds between two such bursts on the clock of the view. It is turned by hand: every
#: burst may be painted, however slow the machine is.
_BURST = 50
_PAUSE = 1.0


@dataclass(frozen=True, slots=True)
class Parses:
    """The ``lines`` of a reply, how often one was ``read`` for good, and how often an unfinished one was read."""

    lines: int
    read: int
    unfinished: int

    @property
    def each(self) -> float:
        """How often each line was read."""
        return self.read / self.lines


def parses(kind: str, tokens: int) -> Parses:
    """Stream a reply of ``kind`` (see `texts`) and count."""
    reply = text(kind, tokens)
    with _counted() as counts:
        renderer, now = WidgetRenderer(Stage(), InCell("shown")), [time.monotonic()]
        renderer._pacer._clock = lambda: now[0]
        renderer.open()
        for start in range(0, len(reply), _BURST * TOKEN):
            places = range(start, min(start + _BURST * TOKEN, len(reply)), TOKEN)
            renderer.show([TextDelta(reply[place : place + TOKEN]) for place in places])
            now[0] += _PAUSE
        renderer.show([Finished("stop")])
        renderer.close(Ending(reply))
    return Parses(len(reply.splitlines()), counts["read"], counts["unfinished"])


@contextlib.contextmanager
def _counted() -> Iterator[dict[str, int]]:
    """Count in all threads, the pacer's too, and keep what is displayed off the screen."""
    counts = {"read": 0, "unfinished": 0}
    read, unfinished = Structure.read.__code__, open_end.__code__

    def look(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and frame.f_code is read:
            above: FrameType | None = frame
            while above is not None and above.f_code is not unfinished:
                above = above.f_back
            counts["read" if above is None else "unfinished"] += 1

    threading.setprofile(look)
    sys.setprofile(look)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield counts
    finally:
        sys.setprofile(None)
        threading.setprofile(None)  # type: ignore[arg-type]


def main() -> None:
    """Print one line for each kind of reply."""
    print("reply       lines  reads of each  reads of unfinished lines")
    for kind in KINDS:
        found = parses(kind, 2000)
        print(f"{kind:10} {found.lines:6} {found.each:14.2f} {found.unfinished:26}")


if __name__ == "__main__":
    main()
