"""`Reply`: what a question returns to Python."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from deepseek_magic.api.catalogue import Cost
from deepseek_magic.api.events import Usage, WebSource
from deepseek_magic.errors import DeepSeekError
from deepseek_magic.record.kept import Kept
from deepseek_magic.render.renderer import Ending
from deepseek_magic.text import visible


@dataclass(frozen=True)
class Reply:
    """A reply that has ended, complete or not.

    Attributes:
        text: the exact Markdown source of the answer; ``str(reply)`` is the same.
        reasoning: the thinking; "" if there was none.
        model: the model that answered.
        finish_reason: why the reply ended, in the endpoint's word: ``stop``, ``length`` and so on; "" if it gave none.
        usage: the token counts, or ``None`` if the endpoint sent none.
        cost: the estimated cost in US dollars, or ``None`` if the price is not known.
        request_id: the id to quote to the endpoint's support; "" if it gave none.
        elapsed: seconds from the question to the end.
        notices: the notices that were shown with the answer.
        kept: where a kept reply was found (``memory``, ``record`` or ``notebook``); "" if it was asked for. ``usage``
            is then that of the original request, and ``cost`` is ``None``.
        sources: the pages that ``--web`` found, by the numbers with which the answer cites them.
        web_requests: how many requests to the web were billed; their cost is part of ``cost``.
        attempts: the answers before this one that did not fit or did not compile, and were asked for again.
        value: the value that was built from the reply, if one was asked for (``--as json``, ``--as df``, ``--schema``).
    """

    text: str
    reasoning: str = ""
    model: str = ""
    finish_reason: str = ""
    usage: Usage | None = None
    cost: Cost | None = None
    request_id: str = ""
    elapsed: float = 0.0
    notices: tuple[str, ...] = ()
    value: Any = None
    attempts: tuple[str, ...] = ()
    kept: str = ""
    sources: tuple[WebSource, ...] = ()
    web_requests: int = 0
    web_dollars: float = 0.0
    _json: Any = field(default=None, repr=False, compare=False)
    _code: str = field(default="", repr=False, compare=False)
    _ending: Ending = field(default=Ending(""), repr=False, compare=False)
    _keeps: Kept | None = field(default=None, repr=False, compare=False)
    _shown_here: Callable[[], bool] | None = field(default=None, repr=False, compare=False)

    @property
    def code(self) -> str:
        """The source of all code blocks of the answer, joined by a blank line; "" if there is none.

        If code was asked for: of the Python blocks only, or the answer itself if it is code without a fence.
        """
        return self._code or "\n\n".join(source.rstrip("\n") for source in self._code_sources())

    @property
    def json(self) -> Any:
        """The value of the answer as JSON, or of its first code block that is JSON.

        Raises:
            DeepSeekError: neither is JSON.
        """
        if self._json is not None:
            return self._json
        for source in (self.text, *self._code_sources()):
            try:
                return json.loads(source)
            except ValueError:
                continue
        msg = "the reply is not JSON: ask for JSON only, and look at .text"
        raise DeepSeekError(msg)

    def _code_sources(self) -> list[str]:
        from deepseek_magic.commonmark.code_blocks import code_blocks  # the code of most replies is never used

        return [block.source for block in code_blocks(self.text)]

    def __str__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return str(self._bundle()["text/html"])

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return self._bundle()

    def _ipython_display_(self) -> None:
        """Show nothing in the execution that streamed the reply; decline in any other, so that it is shown there.

        IPython's formatters take `NotImplementedError` for that.
        """
        if self._shown_here is None or not self._shown_here():
            raise NotImplementedError

    def _bundle(self) -> dict[str, str]:
        from deepseek_magic.render.bundle import bundle  # slow to import, and many replies are only read

        # An IPython terminal prints the plain text as it is, so that control characters are shown, not sent.
        return {**bundle(self._ending), "text/plain": visible(self.text)}

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_shown_here": None, "_keeps": None}
