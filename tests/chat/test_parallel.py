"""Replies at a time: each ends as if it were alone, one failing costs no other, a stop ends all, whoever is silent."""

from __future__ import annotations

import signal
import threading
from collections.abc import Generator
from typing import Any

from deepseek_magic.api.events import Batch, TextDelta
from deepseek_magic.chat.parallel import Parallel
from deepseek_magic.errors import DeepSeekError, Interrupted
from deepseek_magic.render.renderer import Ending
from tests.chat.scripted import Recorded


class Scripted:
    """An endpoint that yields ``batches``, then waits for ``gate`` where there is one, then raises ``error``."""

    def __init__(self, *batches: Batch, gate: threading.Event | None = None, error: Exception | None = None) -> None:
        self._batches = batches
        self._gate = gate
        self._error = error

    def stream(self, *_: Any, **__: Any) -> Generator[Batch, None, None]:
        """Yield as scripted."""
        yield from self._batches
        if self._gate is not None:
            self._gate.wait(60)
            yield (TextDelta("later"),)
        if self._error is not None:
            raise self._error


def said(*words: str) -> tuple[Batch, ...]:
    return tuple((TextDelta(word),) for word in words)


def asking(endpoint: Scripted) -> Any:
    """What asks ``endpoint`` as a conversation does, and fails as one."""

    def ask(renderer: Any, stoppable: Any) -> None:
        text: list[str] = []
        renderer.open()
        try:
            for batch in stoppable(endpoint).stream(None, 1.0):
                renderer.show(batch)
                text += (event.text for event in batch)
        except KeyboardInterrupt:
            renderer.close(Ending("".join(text), notices=("Incomplete.",)))
            raise Interrupted("stopped; the text so far is kept: ask again, and report it") from None
        except DeepSeekError:
            renderer.close(Ending("".join(text), notices=("Incomplete.",)))
            raise
        renderer.close(Ending("".join(text)))

    return ask


def run(*asks: Any) -> tuple[Parallel, list[Recorded]]:
    shown = [Recorded() for _ in asks]
    made = Parallel(dict(enumerate(shown)), lambda _place, ending: ending)
    made.run(dict(enumerate(asks)))
    return made, shown


def test_every_reply_is_shown_by_its_own_renderer_in_the_waiting_thread() -> None:
    threads = set()

    class Watched(Recorded):
        def show(self, batch: Batch) -> None:
            threads.add(threading.current_thread())
            super().show(batch)

    shown = [Watched() for _ in range(6)]
    made = Parallel(dict(enumerate(shown)), lambda _place, ending: ending)
    made.run({place: asking(Scripted(*said(*f"answer {place}"))) for place in range(6)})
    assert [one.ending.text for one in shown if one.ending] == [f"answer {place}" for place in range(6)]
    assert ["".join(event.text for event in one.events) for one in shown] == [f"answer {place}" for place in range(6)]  # type: ignore[union-attr]
    assert threads == {threading.current_thread()}
    assert made.errors == {}
    assert not made.stopped


def test_one_that_fails_says_so_in_its_column_alone() -> None:
    made, shown = run(asking(Scripted(*said("a"), error=DeepSeekError("it broke"))), asking(Scripted(*said("b"))))
    assert shown[0].ending == Ending("a", notices=("Incomplete.", "it broke"))
    assert shown[1].ending == Ending("b")
    assert list(made.errors) == [0]


def test_a_defect_is_an_error_of_its_column() -> None:
    def defect(*_: Any) -> None:
        raise ZeroDivisionError("by zero")

    made, shown = run(defect, asking(Scripted(*said("b"))))
    assert shown[0].ending is not None
    assert shown[0].ending.notices == (
        "a defect ended the reply (ZeroDivisionError: by zero); the text so far is kept: ask again, and report it",
    )
    assert isinstance(made.errors[0], DeepSeekError)
    assert shown[1].ending == Ending("b")


def test_a_stop_of_the_user_ends_all_and_what_had_ended_stays() -> None:
    gate = threading.Event()
    before = signal.signal(signal.SIGINT, signal.default_int_handler)

    class Stopping(Recorded):
        def show(self, batch: Batch) -> None:
            super().show(batch)
            self.look()

        def close(self, ending: Ending) -> None:
            super().close(ending)
            self.look()

        def look(self) -> None:
            """Stop where the first is whole and the second has begun."""
            if shown[0].ending is not None and shown[1].events and shown[1].ending is None:
                signal.raise_signal(signal.SIGINT)

    shown = [Stopping(), Stopping(), Stopping()]
    made = Parallel(dict(enumerate(shown)), lambda _place, ending: ending)
    try:
        silent = asking(Scripted(gate=gate))
        made.run({0: asking(Scripted(*said("whole"))), 1: asking(Scripted(*said("half"), gate=gate)), 2: silent})
    finally:
        gate.set()
        signal.signal(signal.SIGINT, before)
    assert made.stopped
    assert shown[0].ending == Ending("whole")
    assert shown[1].ending == Ending("half", notices=("Incomplete.",))
    assert shown[2].ending == Ending(
        "", notices=("Incomplete.", "stopped; the text so far is kept: ask again, and report it")
    )
    assert sorted(made.errors) == [1, 2]
    assert all(isinstance(error, Interrupted) for error in made.errors.values())
