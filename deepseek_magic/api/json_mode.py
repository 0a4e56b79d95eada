"""JSON mode for servers that do not have it: the schema is sent if the server takes one, else neither."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from deepseek_magic.errors import BadRequest

from .events import Batch, Remark
from .messages import FimRequest, Request, ResponseFormat

_WITHOUT = "The server refused JSON mode (response_format), so the reply was asked for without it."
Ask = Callable[[Request | FimRequest], Iterator[Batch]]


class JsonMode:
    """Remembers which form of JSON mode a server takes, so that a form that it refuses is tried only once.

    Without any the prompt still asks for JSON.
    """

    _form: ResponseFormat | None = "json_object"

    def asked(self, request: Request, ask: Ask) -> Iterator[Batch]:
        """Yield what ``ask`` yields for ``request``, which asks for JSON mode, in the form that the server takes."""
        form = self._form if self._form != "json_schema" or request.reply_schema else None
        try:
            yield from ask(replace(request, response_format=form))
        except BadRequest as error:  # nothing was said by then
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
