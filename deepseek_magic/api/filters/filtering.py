"""What every filter of a stream is, and the one helper that runs one and hands on what it holds back."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from deepseek_magic.api.events import Batch


class EndOfStream(Exception):
    """Raised by a filter to end the stream: what more would come is not needed. ``batch`` is the last of it."""

    def __init__(self, batch: Batch) -> None:
        super().__init__()
        self.batch = batch


def filtered(batches: Iterator[Batch], feed: Callable[[Batch], Batch], flush: Callable[[], Batch]) -> Iterator[Batch]:
    """Yield ``batches`` as a filter leaves them.

    Args:
        batches: the stream.
        feed: returns what of a batch is handed on; it may hold text back, or raise `EndOfStream`.
        flush: returns what was held back. It has arrived, so it is handed on however the stream ends: at its own end,
            at a stop of the user, or at an error of whatever kind.
    """
    try:
        for batch in batches:
            if made := feed(batch):
                yield made
    except EndOfStream as ended:
        if ended.batch:
            yield ended.batch
    except (Exception, KeyboardInterrupt):
        if rest := flush():
            yield rest
        raise
    if rest := flush():
        yield rest
