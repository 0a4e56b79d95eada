"""The settings of the magics, as ``%config DeepSeek`` shows and sets them, and what lasts between two of them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from IPython.core.magic import Magics
from traitlets import Bool, Enum, Float, Int, List, Unicode

from deepseek_magic.render.choose import BACK_ENDS
from deepseek_magic.settings.settings import (
    DEFAULT_CONTEXT_TOKENS,
    DEFAULT_HISTORY_TOKENS,
    DEFAULT_TIMEOUT,
    GUARDS,
    THINK_TAGS,
    THINKING,
)

if TYPE_CHECKING:
    from deepseek_magic.app.session import Session
    from deepseek_magic.notebook.kernel import Cells

_SETTINGS = (
    "base_url", "model", "system", "thinking", "temperature", "top_p", "max_tokens", "stop", "timeout",
    "history_tokens", "context_tokens", "guard", "max_cost", "prices", "dialect", "think_tags",
)  # fmt: skip


class Configured(Magics):
    """Magics with settings; an option of a question goes before each of them."""

    base_url = Unicode("", help="the endpoint; empty: the variable DEEPSEEK_BASE_URL, else DeepSeek's own").tag(
        config=True
    )
    dialect = Unicode("", help="the kind of server at base_url: deepseek, vllm, …; empty: by its address").tag(
        config=True
    )
    model = Unicode("", help="the model; empty: the variable DEEPSEEK_MODEL, else deepseek-flash").tag(config=True)
    system = Unicode("", help="instructions that stand before every conversation").tag(config=True)
    thinking = Enum(("", *THINKING), "", help="how much to think; empty: the endpoint's default").tag(config=True)
    think_tags = Enum(
        ("", *THINK_TAGS),
        "",
        help="what becomes of <think> in an answer: off leaves it, split sets a leading one apart, open takes the "
        "start for thinking; empty: as the server's kind needs it",
    ).tag(config=True)
    temperature = Float(None, allow_none=True, help="randomness, 0 to 2; no effect while thinking").tag(config=True)
    top_p = Float(None, allow_none=True, help="nucleus sampling, above 0 to 1").tag(config=True)
    max_tokens = Int(None, allow_none=True, help="most tokens of a reply, thinking included").tag(config=True)
    stop = List(Unicode(), help="texts at which a reply ends").tag(config=True)
    timeout = Float(DEFAULT_TIMEOUT, help="seconds of silence after which to give up").tag(config=True)
    history_tokens = Int(
        DEFAULT_HISTORY_TOKENS, help="most tokens (estimated) of earlier turns that are sent along"
    ).tag(config=True)
    context = Unicode("", help="what of the notebook goes with every question, as -c takes it").tag(config=True)
    context_tokens = Int(DEFAULT_CONTEXT_TOKENS, help="most tokens (estimated) of the context of one question").tag(
        config=True
    )
    max_cost = Float(None, allow_none=True, help="most US dollars that one reply may cost, estimated").tag(config=True)
    prices = Unicode("", help="a JSON file with prices of your own; its form is in the README").tag(config=True)
    guard = Enum(GUARDS, "mask", help="what to do with secrets in what is sent: mask, refuse to send, or off").tag(
        config=True
    )
    renderer = Enum(
        BACK_ENDS,
        "auto",
        help="how replies are shown; auto: what suits the front end (terminal is plain in a notebook)",
    ).tag(config=True)
    footer = Bool(True, help="whether a line below each reply tells model, time, tokens and cost").tag(config=True)

    def settings(self) -> dict[str, Any]:
        """Return the configured defaults by field name."""
        return {name: getattr(self, name) for name in _SETTINGS}

    @cached_property
    def session(self) -> Session:
        """The kernel's memory; made at the first use, so that loading imports nothing of it."""
        from deepseek_magic.app.session import Session

        return Session()

    @cached_property
    def cells(self) -> Cells:
        """Tells which cell is asking."""
        from deepseek_magic.notebook.kernel import Cells

        return Cells()
