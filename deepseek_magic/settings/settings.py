"""The settings of one question: plain, frozen, made by one pure function. The key lives here, masked."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any, Literal, NoReturn
from urllib.parse import urlsplit

from deepseek_magic.errors import ConfigurationError, MissingKey
from deepseek_magic.text import one_line

from .keys import Key, environment_key
from .servers import DEFAULT_BASE_URL, checked_dialect, server_name
from .urls import checked_base_url, host_of, is_deepseek, is_loopback

Thinking = Literal["off", "low", "high", "max"]
THINKING: tuple[Thinking, ...] = ("off", "low", "high", "max")
#: What to do with ``<think>`` in an answer: leave it; set a leading one apart; take the start for thinking without it.
ThinkTags = Literal["off", "split", "open"]
THINK_TAGS: tuple[ThinkTags, ...] = ("off", "split", "open")

#: What to do with secrets in what is sent.
GUARDS = ("mask", "refuse", "off")

DEFAULT_MODEL = "deepseek-flash"
DEFAULT_TIMEOUT = 120.0
CONNECT_TIMEOUT = 10.0
DEFAULT_HISTORY_TOKENS = 64_000
DEFAULT_CONTEXT_TOKENS = 16_000


@dataclass(frozen=True, slots=True)
class Settings:
    """What one question is asked with; made by `resolve`.

    ``thinking`` is ``None`` where the user said nothing (the endpoint's own effort applies). ``timeout`` is the idle
    timeout in seconds; ``history_tokens`` the estimated tokens of earlier turns that are sent along at most,
    ``context_tokens`` those of the context of one question; ``max_cost`` the US dollars that one reply may cost.
    ``dialect`` names the kind of server ("": by its address), ``think_tags`` says what becomes of ``<think>`` in an
    answer ("": as its dialect has it). ``model_named`` tells that ``model`` is the user's word, not the default.
    """

    base_url: str = DEFAULT_BASE_URL
    model: str = DEFAULT_MODEL
    key: Key | None = None
    system: str = ""
    thinking: Thinking | None = None
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    timeout: float = DEFAULT_TIMEOUT
    history_tokens: int = DEFAULT_HISTORY_TOKENS
    context_tokens: int = DEFAULT_CONTEXT_TOKENS
    max_cost: float | None = None
    dialect: str = ""
    think_tags: ThinkTags | Literal[""] = ""
    model_named: bool = False

    @classmethod
    def resolve(
        cls,
        options: Mapping[str, Any],
        config: Mapping[str, Any],
        environ: Mapping[str, str],
        login: Key | None = None,
    ) -> Settings:
        """Settle each setting: option, then configuration, then environment, then default.

        Args:
            options: what the user said for this question, by field name; ``None``, ``()`` and ``""`` mean nothing, but
                an empty ``system`` means no instructions.
            config: the configured values; an empty one means nothing.
            environ: the environment's ``DEEPSEEK_API_KEY``, ``DEEPSEEK_BASE_URL`` and ``DEEPSEEK_MODEL``.
            login: a key given to this session, which goes before the environment's for its own host.

        Raises:
            ConfigurationError: a value is of the wrong type or out of range, the URL is unusable, or a key would leave
                unencrypted.
        """
        env = {
            "base_url": environ.get("DEEPSEEK_BASE_URL", "").strip(),
            "model": environ.get("DEEPSEEK_MODEL", "").strip(),
        }
        chosen: dict[str, Any] = {}
        for name in cls.__dataclass_fields__:
            for source in (options, config, env):
                value = source.get(name)
                if _says_something(value) or (name == "system" and source is options and value == ""):
                    chosen[name] = _typed(name, value)
                    break
        chosen.pop("key", None)
        chosen["model_named"] = "model" in chosen
        chosen["dialect"] = _dialect(options, config, env["base_url"])
        chosen["base_url"] = checked_base_url(chosen.get("base_url", DEFAULT_BASE_URL))
        settings = cls(**chosen)
        _check_ranges(settings)
        key = _key_for(settings.base_url, environ, login)
        return settings if key is None else settings.replaced(key=key)

    def replaced(self, **changes: Any) -> Settings:
        """Return these settings with ``changes``."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return type(self)(**{**values, **changes})

    @property
    def lacks_key(self) -> bool:
        """Whether the endpoint is known to want a key and there is none for it."""
        return self.key is None and is_deepseek(self.base_url)

    def require_key(self) -> None:
        """Raise `MissingKey` where a key is lacking."""
        if self.lacks_key:
            msg = (
                f"no key for {host_of(self.base_url)}: set the variable DEEPSEEK_API_KEY, run %deepseek_login, "
                "or try it without one by %deepseek_demo"
            )
            raise MissingKey(msg)


def _dialect(options: Mapping[str, Any], config: Mapping[str, Any], environment_url: str) -> str:
    """Return the dialect that goes with the base URL that wins.

    A server's name as base URL says it. A configured dialect was meant for the configured endpoint: for a URL that is
    typed with one question it says nothing, or fields that are one server's own would reach another.
    """
    if given := options.get("dialect") or ("" if options.get("base_url") else config.get("dialect")):
        return checked_dialect(given)
    return server_name(options.get("base_url") or config.get("base_url") or environment_url)


def _key_for(base_url: str, environ: Mapping[str, str], login: Key | None) -> Key | None:
    """Return the key that was given for the host of ``base_url``, if there is one."""
    key = login if login is not None and login.serves(base_url) else environment_key(environ, base_url)
    if key is None:
        return None
    if urlsplit(base_url).scheme == "http" and not is_loopback(base_url):
        msg = (
            f"the key from {key.source} would travel unencrypted to {host_of(base_url)}: "
            "use https, or remove the key to ask without one"
        )
        raise ConfigurationError(msg)
    return key


def _refuse(name: str, expected: str, found: object) -> NoReturn:
    msg = f"{name} is {one_line(repr(found), 60)}: expected {expected}"
    raise ConfigurationError(msg)


def _says_something(value: object) -> bool:
    return value is not None and not (isinstance(value, (str, tuple, list)) and not value)


def _typed(name: str, value: Any) -> Any:
    """Return ``value`` as what the field ``name`` holds; Python code may hand over anything."""
    match name:
        case "temperature" | "top_p" | "timeout" | "max_cost":
            if not isinstance(value, Real) or isinstance(value, bool):
                _refuse(name, "a number", value)
            return float(value)
        case "max_tokens" | "history_tokens" | "context_tokens":
            if not isinstance(value, Integral) or isinstance(value, bool):
                _refuse(name, "a whole number", value)
            return int(value)
        case "stop":
            texts = (value,) if isinstance(value, str) else value
            if not isinstance(texts, (tuple, list)) or not all(isinstance(text, str) and text for text in texts):
                _refuse(name, "texts, none of them empty", value)
            return tuple(texts)
        case _:
            if not isinstance(value, str):
                _refuse(name, "a text", value)
            return value


def _check_ranges(settings: Settings) -> None:
    """Refuse what the endpoint would refuse (deepseek-api: request fields), before anything is sent."""

    def within(value: float | None, low: float, high: float) -> bool:
        return value is None or (math.isfinite(value) and low <= value <= high)

    if settings.thinking not in (None, *THINKING):
        _refuse("thinking", "one of " + ", ".join(THINKING), settings.thinking)
    if settings.think_tags not in ("", *THINK_TAGS):
        _refuse("think_tags", "one of " + ", ".join(THINK_TAGS), settings.think_tags)
    if not within(settings.temperature, 0, 2):
        _refuse("temperature", "a number from 0 to 2", settings.temperature)
    if not within(settings.top_p, 0, 1) or settings.top_p == 0:
        _refuse("top_p", "a number above 0, at most 1", settings.top_p)
    if settings.max_tokens is not None and settings.max_tokens < 1:
        _refuse("max_tokens", "a whole number from 1", settings.max_tokens)
    if len(settings.stop) > 16:
        _refuse("stop", "at most 16 strings", len(settings.stop))
    if not within(settings.timeout, 0.001, 86_400):
        _refuse("timeout", "a number of seconds from 0.001 to 86400", settings.timeout)
    if settings.history_tokens < 0:
        _refuse("history_tokens", "a whole number from 0", settings.history_tokens)
    if settings.max_cost is not None and not 0 < settings.max_cost < math.inf:
        _refuse("max_cost", "US dollars, more than 0", settings.max_cost)
    if settings.context_tokens < 0:
        _refuse("context_tokens", "a whole number from 0", settings.context_tokens)
