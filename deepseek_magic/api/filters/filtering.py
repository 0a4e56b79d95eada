"""Run a filter over a stream, and yield what it still holds back at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from deepseek_magic.api.events import Batch


class EndOfStream(Exception):
    """Raised by a filter to end the stream, because the rest is not needed. ``batch`` is the last batch."""

    def __init__(self, batch: Batch) -> None:
        super().__init__()
        self.batch = batch


def filtered(batches: Iterator[Batch], feed: Callable[[Batch], Batch], flush: Callable[[], Batch]) -> Iterator[Batch]:
    """Yield the filtered ``batches``.

    Args:
        batches: the stream.
        feed: returns the filtered batch; it may hold text back, or raise `EndOfStream`.
        flush: returns the text that was held back. It has arrived, so it is yielded whether the stream ends normally,
            by an interrupt, or by an error.
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
