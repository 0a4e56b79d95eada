"""JSON mode on servers without it: send the schema if the server takes one, or else no response format."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from deepseek_magic.errors import BadRequest

from .events import Batch, Remark
from .messages import FimRequest, Request, ResponseFormat

_WITHOUT = "The server refused JSON mode (response_format), so the reply was asked for without it."
Ask = Callable[[Request | FimRequest], Iterator[Batch]]


class JsonMode:
    """Remembers which form of JSON mode a server takes, so that a refused form is tried only once.

    Without any form, the prompt still asks for JSON.
    """

    _form: ResponseFormat | None = "json_object"

    def asked(self, request: Request, ask: Ask) -> Iterator[Batch]:
        """Yield the batches of ``ask`` for ``request``, which uses JSON mode, in a form that the server takes."""
        form = self._form if self._form != "json_schema" or request.reply_schema else None
        try:
            yield from ask(replace(request, response_format=form))
        except BadRequest as error:  # no part of a reply has come by then
            if form is None or "response_format" not in error.server_message:
                raise
            # LM Studio: "'response_format.type' must be 'json_schema' or 'text'"
            by_schema = form == "json_object" and "json_schema" in error.server_message and request.reply_schema
            self._form = "json_schema" if by_schema else None
        else:
            return
        if self._form is None:
            yield (Remark(_WITHOUT),)
        yield from self.asked(request, ask)
