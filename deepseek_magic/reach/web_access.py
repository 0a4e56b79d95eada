"""Choose the server for the web: DeepSeek's own search, or that of ``DeepSeek.search_url``, with its own key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from deepseek_magic.api.catalogue import Prices
from deepseek_magic.api.dialects import dialect_of
from deepseek_magic.errors import ConfigurationError, OptionError
from deepseek_magic.settings.keys import Key, search_key
from deepseek_magic.settings.parameters import Settings
from deepseek_magic.settings.resolve import protected
from deepseek_magic.settings.urls import checked_base_url, host_of

_PATHS = ("/tools/search", "/tools/fetch", "/tools")


@dataclass(frozen=True, slots=True)
class WebAccess:
    """A server for the web: its ``base_url``, its ``key``, and the price of a request if it is known."""

    base_url: str
    key: Key | None
    price: float | None


def web_access(
    settings: Settings, search_url: str, prices: Prices, environ: Mapping[str, str], asked_by: str
) -> WebAccess:
    """Return the server for the web in a question with ``settings``.

    Args:
        settings: the settings of the question.
        search_url: the configured URL; "" for DeepSeek's own search.
        prices: the prices.
        environ: the environment, with the key of that server.
        asked_by: the option or command that needs the web, for the error.

    Raises:
        OptionError: the endpoint has no web, and no server is configured.
        ConfigurationError: the URL of that server cannot be used, or a limit is set and the price is not known.
    """
    if search_url:
        base_url = checked_base_url(search_url)
        for path in _PATHS:
            base_url = base_url.removesuffix(path)
        key = search_key(environ, base_url)
        access = WebAccess(base_url, key and protected(key, base_url), prices.of_web(base_url))
    elif dialect_of(settings).deepseek:
        access = WebAccess(settings.base_url, settings.key, prices.of_web(settings.base_url))
    else:
        msg = (
            f"{asked_by}: {host_of(settings.base_url)} has no web search, as DeepSeek's own endpoint has; or name a "
            "server of the same shape by %config DeepSeek.search_url"
        )
        raise OptionError(msg)
    if settings.max_cost is not None and access.price is None:
        msg = (
            f"--max-cost: the price of a web request at {host_of(access.base_url)} is not known; give it by "
            "%config DeepSeek.prices, or leave the limit out"
        )
        raise ConfigurationError(msg)
    return access
