"""`Stream`: a reply as an iterator over its text, for programs that show it in their own way."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextvars import copy_context
from queue import Empty, SimpleQueue

from deepseek_magic.api.events import Batch, TextDelta
from deepseek_magic.chat.reply import Reply
from deepseek_magic.errors import DeepSeekError, Interrupted
from deepseek_magic.render.renderer import Ending, Renderer

# Seconds between two checks for an interrupt: on Windows, waiting for a queue is not interruptible.
_LOOK = 0.5
# How many seconds `close` waits for the reply to end.
_GRACE = 1.0


class Stream(Iterator[str]):
    """Yields the text of a reply as it arrives; the question is asked when the first piece is read.

    Attributes:
        reply: the reply, once the last piece was read or the stream was closed; after a failure, what had arrived.

    Raises:
        DeepSeekError: see `deepseek_magic.errors`; from the iteration, after the last piece that arrived.
    """

    def __init__(self, ask: Callable[[Renderer], Reply]) -> None:
        self.reply: Reply | None = None
        self._ask = ask
        self._pieces: SimpleQueue[str | None] = SimpleQueue()
        self._error: BaseException | None = None
        self._renderer = _Pieces(self._pieces)
        # The question is asked in another thread, so that the reader may be slow, or stop reading.
        run = copy_context().run
        self._thread = threading.Thread(target=run, args=(self._run,), name="deepseek-stream", daemon=True)
        self._ended = False

    def __repr__(self) -> str:
        begun = self._thread.ident is not None
        state = "ended" if self._ended else "coming" if begun else "nothing is asked until its pieces are read"
        return f"<Stream: {state}>"

    def __next__(self) -> str:
        """Return the next piece of text."""
        if self._ended:
            raise StopIteration
        if self._thread.ident is None:
            self._thread.start()
        try:
            piece = self._wait()
        except KeyboardInterrupt:
            self.close()
            raise
        if piece is not None:
            return piece
        self._ended = True
        if self._error is not None:
            raise self._error
        raise StopIteration

    def close(self) -> None:
        """Stop the reply. The connection is closed when more of it arrives, or at its timeout.

        ``reply`` is then what had arrived, provided that more arrives within a second.
        """
        self._ended = self._renderer.closed = True
        if self._thread.ident is not None:
            self._thread.join(_GRACE)

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _wait(self) -> str | None:
        while True:
            try:
                return self._pieces.get(timeout=_LOOK)
            except Empty:
                continue

    def _run(self) -> None:
        try:
            self.reply = self._ask(self._renderer)
        except (DeepSeekError, Interrupted) as error:
            self.reply, self._error = error.reply, error
        except BaseException as error:  # noqa: BLE001  # it is raised where the stream is read
            self._error = error
        finally:
            self._pieces.put(None)


class _Pieces:
    """The renderer of a stream: passes on the text. At a stop, `show` raises what an interrupt would raise."""

    display_id = ""
    shows_source = True

    def __init__(self, pieces: SimpleQueue[str | None]) -> None:
        self.closed = False
        self._pieces = pieces

    def open(self) -> None:
        """Do nothing."""

    def show(self, batch: Batch) -> None:
        """Pass on the text of ``batch``, or stop."""
        if self.closed:
            raise KeyboardInterrupt
        if text := "".join(event.text for event in batch if isinstance(event, TextDelta)):
            self._pieces.put(text)

    def close(self, ending: Ending) -> None:
        """Do nothing: the reader notices the end of the pieces."""
