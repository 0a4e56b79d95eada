"""Ask for several replies at a time, each in its own thread, and show them all from the thread that waits.

Only that thread uses the renderers: a page's widgets are made and filled from the kernel's main thread.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Mapping
from contextvars import copy_context
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue

from deepseek_magic.api.events import Batch
from deepseek_magic.api.messages import FimRequest, Request
from deepseek_magic.api.stream import Gather, at_once
from deepseek_magic.errors import DeepSeekError, Interrupted
from deepseek_magic.render.renderer import Attempt, Ending, Renderer, to_the_end

from .exchange import Endpoint, as_ours
from .interrupts import Interrupts, never
from .stopping import Stop, Stoppable

# Seconds between two checks for an interrupt: on Windows, waiting for a queue is not interruptible.
_LOOK = 0.1


@dataclass(frozen=True, slots=True)
class _End:
    """The end of a reply, with the ``error`` that ended it, if any."""

    error: BaseException | None = None


#: What a thread reports of its reply: that it starts to be shown, a batch, its ending, and that it has ended.
_Said = bool | Batch | Ending | _End


class _Relay:
    """The renderer of a reply in a thread, which passes everything on to the thread that shows it."""

    display_id = ""  # the output is shared, so no reply can be continued there

    def __init__(self, column: int, said: SimpleQueue[tuple[int, _Said]], *, shows_source: bool) -> None:
        self.shows_source = shows_source
        self._column = column
        self._said = said

    def open(self) -> None:
        """Report that the reply starts to be shown."""
        self._said.put((self._column, True))

    def show(self, batch: Batch) -> None:
        """Report ``batch``."""
        self._said.put((self._column, batch))

    def close(self, ending: Ending) -> None:
        """Report ``ending``, which is shown once the reply has ended, together with the error that ended it."""
        self._said.put((self._column, ending))


class _Shown:
    """An endpoint whose reply is shown as under way from the moment when it is asked for."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    def stream(
        self,
        request: Request | FimRequest,
        timeout: float,
        sent: Callable[[], object] | None = None,
        gather: Gather = at_once,
    ) -> Generator[Batch, None, None]:
        """Ask as the endpoint does."""
        made = self._endpoint.stream(request, timeout, None, gather)  # what cannot be sent raises here
        if sent is not None:
            sent()
        return made


#: Asks one question, given its renderer and a function that makes the endpoint stoppable.
Ask = Callable[[Renderer, Callable[[Endpoint], Endpoint]], object]


class Parallel:
    """Asks several questions at a time, and shows each reply with its renderer.

    Args:
        renderers: the renderers of the replies, by column.
        worded: returns the ending of a reply for its column.

    Attributes:
        errors: the error that ended a reply, by column, if there was one.
        endings: the ending of each reply, by column.
        stopped: whether the user stopped them.
    """

    def __init__(self, renderers: Mapping[int, Renderer], worded: Callable[[int, Ending], Ending]) -> None:
        self.errors: dict[int, DeepSeekError | Interrupted] = {}
        self.endings: dict[int, Ending] = {}
        self.stopped = False
        self._renderers = renderers
        self._worded = worded
        self._said: SimpleQueue[tuple[int, _Said]] = SimpleQueue()
        self._stop = Stop()
        self._attempt: Attempt = to_the_end
        self._asking: set[int] = set()

    def run(self, asks: Mapping[int, Ask]) -> None:
        """Ask all of ``asks``, by column, and return when every reply has ended. An interrupt ends all of them."""
        with Interrupts() as interrupts:
            interrupts.hold()
            self._attempt = interrupts.attempt
            for column, ask in asks.items():
                self._asking.add(column)
                run = copy_context().run
                name = f"deepseek-column-{column}"
                threading.Thread(target=run, args=(self._work, column, ask), name=name, daemon=True).start()
            while self._asking:
                try:
                    said = interrupts.let_through(self._heard)
                except KeyboardInterrupt:
                    self.stop()
                    continue
                for column, what in said:
                    self._take(column, what)
            self.stopped = self.stopped or interrupts.pending

    def stop(self) -> None:
        """Stop every reply; the text that has arrived stays."""
        self.stopped = True
        self._stop()

    def fail(self, column: int, error: DeepSeekError | Interrupted, ending: Ending | None = None) -> None:
        """Close the column of a reply that ``error`` ended; the column says so."""
        self.errors[column] = error
        before = ending or Ending("")
        said = before if isinstance(error, Interrupted) and before.text else before.and_error(str(error))
        self._leave(column, self._worded(column, said))

    def end(self, column: int, ending: Ending) -> None:
        """Close the column of a reply that has ended normally."""
        self._leave(column, self._worded(column, ending))

    def _leave(self, column: int, ending: Ending) -> None:
        self.endings[column] = ending
        self._renderers[column].close(replace(ending, attempt=never if self.stopped else self._attempt))

    def _heard(self) -> list[tuple[int, _Said]]:
        """Wait for reports, and return those that have come, with the batches of one column joined."""
        try:
            said = [self._said.get(timeout=_LOOK)]
        except Empty:
            return []
        while True:
            try:
                column, what = self._said.get_nowait()
            except Empty:
                return said
            before, last = said[-1]
            if before == column and isinstance(what, tuple) and isinstance(last, tuple):
                said[-1] = column, (*last, *what)
            else:
                said.append((column, what))

    def _take(self, column: int, what: _Said) -> None:
        renderer = self._renderers[column]
        match what:
            case bool():
                renderer.open()
            case Ending():
                self.endings[column] = what
            case _End(error=error):
                self._asking.discard(column)
                ending = self.endings.get(column)
                if error is None and ending is not None:
                    self.end(column, ending)
                else:
                    self.fail(column, as_ours(error or RuntimeError("no reply, and no error")), ending)
            case _:
                renderer.show(what)

    def _work(self, column: int, ask: Ask) -> None:
        error: BaseException | None = None
        relay = _Relay(column, self._said, shows_source=self._renderers[column].shows_source)
        try:
            ask(relay, self._stoppable)
        except BaseException as ended:  # noqa: BLE001  # the column shows it, and the others go on
            error = ended
        self._said.put((column, _End(error)))

    def _stoppable(self, endpoint: Endpoint) -> Endpoint:
        return _Shown(Stoppable(endpoint, self._stop))
