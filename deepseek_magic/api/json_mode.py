"""JSON mode where a server does not have it: the request goes once more without, since its prompt asks for JSON too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from deepseek_magic.errors import BadRequest

from .events import Batch, Remark
from .messages import FimRequest, Request

_WITHOUT = "The server refused JSON mode (response_format), so the reply was asked for without it."
Ask = Callable[[Request | FimRequest], Iterator[Batch]]


class JsonMode:
    """Remembers whether a server has refused JSON mode, so that it is asked for in vain once."""

    def __init__(self) -> None:
        self._refused = False

    def asked(self, request: Request | FimRequest, ask: Ask) -> Iterator[Batch]:
        """Return what ``ask`` returns for ``request``, in JSON mode only where the server has it."""
        if isinstance(request, FimRequest) or request.response_format is None:
            return ask(request)
        if self._refused:
            return ask(replace(request, response_format=None))
        return self._or_without(ask(request), request, ask)

    def _or_without(self, batches: Iterator[Batch], request: Request, ask: Ask) -> Iterator[Batch]:
        try:
            yield from batches
        except BadRequest as error:  # nothing was said by then
            if "response_format" not in error.server_message:
                raise
        else:
            return
        self._refused = True
        yield (Remark(_WITHOUT),)
        yield from ask(replace(request, response_format=None))
