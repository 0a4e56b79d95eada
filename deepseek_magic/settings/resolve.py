"""The settings of one question: option, then configuration, then environment, then default."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from deepseek_magic.errors import ConfigurationError
from deepseek_magic.text import one_line

from .asking import Asking
from .keys import Key, environment_key
from .parameters import ASKING, SETTINGS, Settings
from .rows import Parameter
from .servers import DEFAULT_BASE_URL, checked_dialect, server_name
from .urls import checked_base_url, host_of, is_loopback

_REPLAY = "DEEPSEEK_REPLAY"
_VARIABLES = {
    "base_url": "DEEPSEEK_BASE_URL",
    "model": "DEEPSEEK_MODEL",
    "client_cert": "DEEPSEEK_CLIENT_CERT",
}


def resolve(
    options: Mapping[str, Any],
    config: Mapping[str, Any],
    environ: Mapping[str, str],
    find_key: Callable[[str], Key | None] | None = None,
) -> Settings:
    """Return the settings: each from its option, else the configuration, else the environment, else the default.

    Args:
        options: the options of this question, by field name. ``None``, ``()`` and ``""`` count as not given, except
            that an empty ``system`` means no instructions.
        config: the configured values; empty ones count as not given.
        environ: the environment, with ``DEEPSEEK_API_KEY``, ``DEEPSEEK_BASE_URL`` and ``DEEPSEEK_MODEL``.
        find_key: returns the key for a base URL; without it, the environment's key is used.

    Raises:
        ConfigurationError: a value has the wrong type or is out of range, the URL is unusable, or a key would be sent
            unencrypted.
    """
    env = {name: environ.get(variable, "").strip() for name, variable in _VARIABLES.items()}
    chosen: dict[str, Any] = {}
    for row in SETTINGS:
        for source in (options, config, env):
            value = source.get(row.name)
            if _is_given(value) or (row.name == "system" and source is options and value == ""):
                chosen[row.name] = _checked(row, value, f"DeepSeek.{row.name}" if source is config else row.name)
                break
    if options.get("base_url") and not options.get("client_cert"):
        chosen.pop("client_cert", None)  # it is for the configured endpoint; it would tell another one who asks
    chosen["model_named"] = "model" in chosen
    chosen["dialect"] = _dialect(options, config, env["base_url"])
    base_url = chosen["base_url"] = checked_base_url(chosen.get("base_url", DEFAULT_BASE_URL))
    key = environment_key(environ, base_url) if find_key is None else find_key(base_url)
    return Settings(**chosen, key=key and protected(key, base_url))


def resolve_asking(
    options: Mapping[str, Any], config: Mapping[str, Any], environ: Mapping[str, str] = MappingProxyType({})
) -> Asking:
    """Return the other parameters of a question: from its options, else the configuration, else ``environ``."""
    chosen = {}
    env = {"replay": environ.get(_REPLAY, "").strip()}
    for row in ASKING:
        value, named = options.get(row.name), row.name
        if value is None and row.trait:
            value, named = config.get(row.name), f"DeepSeek.{row.name}"
            if not _is_given(value) and row.name in env:
                value, named = env[row.name], _REPLAY
        if _is_given(value):
            chosen[row.name] = _checked(row, value, named)
    return Asking(**chosen)


def protected(key: Key, base_url: str) -> Key:
    """Return ``key`` if it would be sent to ``base_url`` encrypted, or stay on this machine.

    Raises:
        ConfigurationError: it would be sent unencrypted.
    """
    if urlsplit(base_url).scheme == "http" and not is_loopback(base_url):
        msg = (
            f"the key from {key.source} would travel unencrypted to {host_of(base_url)}: "
            "use https, or remove the key to ask without one"
        )
        raise ConfigurationError(msg)
    return key


def _dialect(options: Mapping[str, Any], config: Mapping[str, Any], environment_url: str) -> str:
    """Return the dialect for the base URL that takes precedence.

    If the base URL is a server's name, that is the dialect. A configured dialect is for the configured endpoint only,
    not for a URL that one question names: fields of one server must not reach another.
    """
    if given := options.get("dialect") or ("" if options.get("base_url") else config.get("dialect")):
        return checked_dialect(given)
    return server_name(options.get("base_url") or config.get("base_url") or environment_url)


# Of settings that have a form of their own.
_FORMS: dict[str, Callable[[str], object]] = {
    "base_url": checked_base_url,
    "search_url": checked_base_url,
    "dialect": checked_dialect,
}


def check_kept(row: Parameter, value: Any, named: str) -> None:
    """Raise `ConfigurationError` if no question could be asked with ``value`` for ``row``, kept for later questions.

    ``named`` is what the user calls it.
    """
    if not _is_given(value):
        return
    value, check = _checked(row, value, named), _FORMS.get(row.name)
    if check is not None:
        check(value)


def _is_given(value: object) -> bool:
    return value is not None and not (isinstance(value, (str, tuple, list)) and not value)


def _checked(row: Parameter, value: Any, named: str) -> Any:
    """Return ``value``, which may be anything if it comes from Python, as the field of ``row`` holds it.

    ``named`` is its name for the user: that of an argument, or of a trait.
    """
    if type(value) is type(row.default) and value == row.default:
        return value
    try:
        return row.kind.checked(value)
    except ValueError:
        written = {True: "on", False: "off"}[value] if isinstance(value, bool) else value
        meant = row.kind.meant(written) if isinstance(written, str) else ""
        hint = f"; did you mean {one_line(meant, 60)}?" if meant else ""
        msg = f"{named} is {one_line(repr(value), 60)}: expected {row.kind.expected}{hint}"
        raise ConfigurationError(msg) from None
