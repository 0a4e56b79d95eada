"""Stop a reply at once from another thread, whether it is connecting, waiting or streaming."""

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
    """A signal to stop, which is given once, from any thread."""

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
        """Make the stop call ``act``; if it has been given already, call it at once."""
        with self._lock:
            if not self.called:
                self._acts.append(act)
                return
        act()

    def attempt(self, make: Callable[[], _T]) -> _T | None:
        """Return what ``make`` returns; ``None`` as soon as the stop is given, or if it has been.

        ``make`` runs in a thread that is abandoned at a stop, and its result is then discarded.
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
    """Set ``made`` to what ``make`` returns or raises, unless it was cancelled meanwhile."""
    with suppress(InvalidStateError):
        try:
            value = make()
        except BaseException as error:  # noqa: BLE001  # it is raised where the value is waited for
            made.set_exception(error)
        else:
            made.set_result(value)


class Stoppable:
    """An ``endpoint`` whose replies end with a `KeyboardInterrupt` at the ``stop``, after the batches that have come.

    A thread that waits for the network cannot be woken in every state (while looking up a name, in a handshake, in a
    pause before a retry). So another thread reads; it is abandoned at the stop, and its connection is closed.
    """

    def __init__(self, endpoint: Endpoint, stop: Stop) -> None:
        self._endpoint = endpoint
        self._stop = stop

    def stream(
        self,
        request: Request | FimRequest,
        timeout: float,
        sent: Callable[[], object] | None = None,  # noqa: ARG002  # it would be called in the reading thread
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
    """The queue from the reading thread: batches, and then the end. ``None`` only wakes the waiting thread."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[Batch | _Ended | None] = SimpleQueue()
        self.put = self._queue.put

    def wake(self) -> None:
        """Wake the waiting thread."""
        self._queue.put(None)

    def take(self, over: Stop) -> tuple[Batch, bool]:
        """Wait for the next batch; return it, and whether the stream has ended. After a stop, return all that has come.

        Raises:
            BaseException: the error that ended the stream.
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
    """Reads ``batches`` into ``pieces`` until they end or are stopped, and then closes the connection."""

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
