"""A reply that can be stopped at once from another thread, wherever it is: connecting, waiting, or in the middle."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from concurrent.futures import CancelledError, Future, InvalidStateError
from contextlib import closing, suppress
from contextvars import copy_context
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from deepseek_magic.api.events import Batch, Event
from deepseek_magic.api.messages import FimRequest, Request
from deepseek_magic.api.stream import at_once
from deepseek_magic.api.under_way import end, on_socket

from .exchange import Endpoint

_T = TypeVar("_T")


class Stop:
    """Stops what it was given to, once; may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._acts: list[Callable[[], object]] = []
        self.called = False

    def __call__(self) -> None:
        """Stop it. Return at once; a second call does nothing."""
        with self._lock:
            acts, self._acts, self.called = self._acts, [], True
        for act in acts:
            act()

    def then(self, act: Callable[[], object]) -> None:
        """Have ``act`` called at the stop; at once if that has been."""
        with self._lock:
            if not self.called:
                self._acts.append(act)
                return
        act()

    def attempt(self, make: Callable[[], _T]) -> _T | None:
        """Return what ``make`` returns; ``None`` at the stop, or if that has been.

        It is called in a thread that nobody waits for after a stop: what it makes then is thrown away.
        """
        if self.called:
            return None
        made: Future[_T] = Future()
        self.then(made.cancel)
        threading.Thread(target=copy_context().run, args=(_make, make, made), name="deepseek-draw", daemon=True).start()
        try:
            return made.result()
        except CancelledError:
            return None


def _make(make: Callable[[], _T], made: Future[_T]) -> None:
    """Let ``made`` be what ``make`` returns or raises, unless it was cancelled meanwhile."""
    with suppress(InvalidStateError):
        try:
            value = make()
        except BaseException as error:  # noqa: BLE001  # it is raised where the value is waited for
            made.set_exception(error)
        else:
            made.set_result(value)


class Stoppable:
    """An ``endpoint`` whose replies end by a `KeyboardInterrupt` when ``stop`` is called, after what has come by then.

    A thread that waits for the network cannot be woken in every state that it may be in (a name that is looked up, a
    handshake, a pause before another try). So another one reads, which nobody waits for, and its connection is ended.
    """

    def __init__(self, endpoint: Endpoint, stop: Stop) -> None:
        self._endpoint = endpoint
        self._stop = stop

    def stream(
        self,
        request: Request | FimRequest,
        timeout: float,
        sent: Callable[[], object] | None = None,  # noqa: ARG002  # it would be called in the thread that reads
        gather: Callable[[int, float], float] = at_once,
    ) -> Generator[Batch, None, None]:
        """Ask ``request`` and yield the events of its reply; the arguments are those of `Endpoint.stream`."""
        return self._events(self._endpoint.stream(request, timeout, None, gather))

    def _events(self, batches: Generator[Batch, None, None]) -> Generator[Batch, None, None]:
        over, pieces = Stop(), _Pieces()
        self._stop.then(over)
        over.then(pieces.wake)
        run, reader = copy_context().run, _Reader(batches, pieces, over)
        threading.Thread(target=run, args=(reader.run,), name="deepseek-reader", daemon=True).start()
        try:
            while True:
                batch, ended = pieces.take(over)
                if batch:
                    yield batch
                if ended:
                    return
                if over.called:
                    raise KeyboardInterrupt
        finally:
            over()


class _Ended:
    """The last piece of a stream, with the error that ended it, if any."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


class _Pieces:
    """What a reader hands over: batches, and then the end. ``None`` wakes the one who waits for them."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[Batch | _Ended | None] = SimpleQueue()
        self.put = self._queue.put

    def wake(self) -> None:
        """Let the one who waits look."""
        self._queue.put(None)

    def take(self, over: Stop) -> tuple[Batch, bool]:
        """Wait for the next batch, and return it, and whether that is the end; after a stop, all that had come.

        Raises:
            BaseException: what ended the stream before.
        """
        piece = self._queue.get()
        if not over.called:
            return self._taken(piece)
        events: list[Event] = []
        with suppress(Empty):
            while not isinstance(piece, _Ended):
                events += piece or ()
                piece = self._queue.get_nowait()
            if piece.error is None:
                return events, True
        return events, False

    def _taken(self, piece: Batch | _Ended | None) -> tuple[Batch, bool]:
        if not isinstance(piece, _Ended):
            return piece or (), False
        if piece.error is not None:
            raise piece.error
        return (), True


class _Reader:
    """Reads ``batches`` into ``pieces`` until they end or are stopped; then its connection is ended."""

    def __init__(self, batches: Generator[Batch, None, None], pieces: _Pieces, over: Stop) -> None:
        self._batches = batches
        self._pieces = pieces
        self._over = over
        self._lock = threading.Lock()
        self._connection: Any = None
        over.then(self._end)

    def run(self) -> None:
        """Read."""
        error: BaseException | None = None
        whole = False
        token = on_socket.set(self._take)
        try:
            with closing(self._batches):
                for batch in self._batches:
                    self._pieces.put(batch)
                    if self._over.called:
                        return
                whole = True
                with self._lock:
                    self._connection = None  # another question uses it next
        except BaseException as failed:  # noqa: BLE001  # it is raised where the reply is asked for
            error = failed
        finally:
            on_socket.reset(token)
            if whole or not self._over.called:
                self._pieces.put(_Ended(error))

    def _take(self, connection: Any) -> None:
        with self._lock:
            self._connection = connection
        if self._over.called:
            self._end()

    def _end(self) -> None:
        with self._lock:
            if self._connection is not None:
                end(self._connection)
                self._connection = None
