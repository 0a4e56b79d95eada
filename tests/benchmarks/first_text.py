"""How long the first text takes: from the write of its first bytes to the message that shows it."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

from tests.benchmarks import texts
from tests.benchmarks.contenders import Contender
from tests.benchmarks.counting import showing
from tests.benchmarks.kernels import Kernel
from tests.benchmarks.replies import started
from tests.benchmarks.server import Script, Server

#: Seconds that the server thinks before its first token: none, so that ours has yet to build its view, and as long as
#: a fast endpoint does.
_THINKS = (0.0, 0.3)


@dataclass(frozen=True, slots=True)
class Delays:
    """Seconds from the first bytes to the message that shows them, and from the cell's start to the question's arrival.

    The message's instant is that at which another process had it, so the way there is included.
    """

    contender: str
    question: str
    text: tuple[float, ...]
    asked: tuple[float, ...]

    @property
    def median(self) -> float:
        """The usual delay."""
        return statistics.median(self.text)

    @property
    def most(self) -> float:
        """The longest delay."""
        return max(self.text)


def first_text(server: Server, contender: Contender, kernels: int, later: int) -> list[Delays]:
    """Measure the first question in so many fresh ``kernels``, and so many ``later`` ones in each."""
    first: list[tuple[float, float]] = []
    others: dict[float, list[tuple[float, float]]] = {think: [] for think in _THINKS}
    for turn in range(kernels):
        with started(server, contender) as kernel:
            first.append(_once(server, contender, kernel, _THINKS[turn % 2]))
            for number in range(later):
                think = _THINKS[number % 2]
                others[think].append(_once(server, contender, kernel, think))
    named = {f"later, after {1000 * think:.0f} ms": taken for think, taken in others.items()}
    return [_delays(contender, name, taken) for name, taken in {"first in a kernel": first, **named}.items()]


def _once(server: Server, contender: Contender, kernel: Kernel, think: float) -> tuple[float, float]:
    server.prepare(Script("prose", 60, delay=0.005, think=think))
    run = kernel.run(contender.ask, allow_stdin=contender.allow_stdin)
    instants = server.instants()
    shown = next(showing(run.messages, texts.MARK))
    return shown.at - instants.first, instants.asked - run.began


def _delays(contender: Contender, question: str, taken: list[tuple[float, float]]) -> Delays:
    text, asked = zip(*taken, strict=True)
    return Delays(contender.name, question, tuple(text), tuple(asked))
