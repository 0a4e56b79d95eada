"""Make the tools of ``--web``, and ask the user about URLs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from deepseek_magic.chat.question import Question
from deepseek_magic.render.prompts import says_yes
from deepseek_magic.settings.asking import Asking
from deepseek_magic.settings.keys import Key

from .consent import Consent

if TYPE_CHECKING:
    from deepseek_magic.api.web_search import WebClient
    from deepseek_magic.tools.offered import Offered


def web_tools(
    question: Question,
    asking: Asking,
    environ: Mapping[str, str],
    client: Callable[[str, Key | None, str], WebClient],
    first: int,
    consent: Consent,
) -> Sequence[Offered]:
    """Return the tools of ``--web`` for ``question``.

    Args:
        question: the question.
        asking: its parameters: the number of requests, and the server.
        environ: the environment, with the key of that server.
        client: returns the client of a server, given its URL, its key and the client's certificate.
        first: the number of the first source.
        consent: asks the user about a URL.

    Raises:
        OptionError, ConfigurationError: as `deepseek_magic.reach.web_access.web_access`.
    """
    from .web_access import web_access  # most questions ask for no web
    from .web_tools import Web, WebLimits

    settings = question.settings
    access = web_access(settings, asking.search_url, question.prices, environ, "--web")
    limits = WebLimits(asking.web, settings.context_tokens, access.price, settings.timeout, first)

    def connect() -> WebClient:
        return client(access.base_url, access.key, settings.client_cert)

    def allows(prompt: str) -> bool:
        return consent.answer(prompt, ["y", "n"]) == "y"

    return Web(connect, question.text, question.guard, allows, limits).tools()


def yes_no(question: str) -> bool:
    """Ask the user ``question``, and return whether the answer is yes; ``False`` if nobody can be asked."""
    return bool(says_yes(question))
