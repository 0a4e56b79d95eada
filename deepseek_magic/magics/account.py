"""The endpoint and the account: the status card, keys, the demo, models, balance, usage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from deepseek_magic.api.account import ModelInfo
from deepseek_magic.api.catalogue import AS_OF
from deepseek_magic.app import keyring
from deepseek_magic.app.session import Session
from deepseek_magic.chat.transcript import Turn
from deepseek_magic.errors import ConfigurationError, OptionError
from deepseek_magic.settings.keys import Secret, checked_key
from deepseek_magic.settings.urls import host_of
from deepseek_magic.text import counted, one_line
from deepseek_magic.version import __version__

from . import cards

LOGIN_OPTIONS = ("--save", "--forget")
DEMO_OPTIONS = ("off", "--if-no-key")


def status(session: Session, config: Mapping[str, Any], commands: Mapping[str, str]) -> cards.Bundle:
    """Return the status card: where questions go, with what, what they have cost, and the commands."""
    settings, _ = session.settle({}, config)
    conversation = session.conversation()
    turns = [turn for turn in conversation.transcript.turns if turn.sendable]
    tokens = sum(tally.prompt + tally.completion for tally in session.tallies.values())
    costs = [tally.cost for tally in session.tallies.values() if tally.cost is not None]
    spent = f"about {sum(costs[1:], start=costs[0])}, prices as of {AS_OF}" if costs else "no known price"
    demo = " (the embedded endpoint: no model)" if session.demo is not None else ""
    rows = [
        ("endpoint", settings.base_url + demo),
        ("model", settings.model),
        ("thinking", settings.thinking or "the endpoint's default"),
        ("key", keyring.origin(settings.key, settings.base_url)),
        ("conversation", f"{conversation.name}, {counted(len(turns), 'turn')}, {_about(turns)}"),
        ("this session", f"{counted(tokens, 'token')}, {spent}" if tokens else "nothing asked yet"),
        *commands.items(),
    ]
    return cards.card(f"deepseek_magic {__version__}", rows)


def _about(turns: Sequence[Turn]) -> str:
    return f"about {counted(sum(turn.tokens for turn in turns), 'token')}"


def log_in(session: Session, config: Mapping[str, Any], line: str) -> str:
    """Ask for a key by hidden prompt and keep it; return what to tell the user.

    Raises:
        OptionError: ``line`` holds something else than the options.
        ConfigurationError: nobody can be asked, or the key cannot be one.
    """
    from getpass import getpass  # the kernel replaces it when it starts

    words = line.split()
    if unknown := [word for word in words if word not in LOGIN_OPTIONS]:
        hint = " (a key is never typed into a cell: it would be saved with it)"
        msg = (
            f"%deepseek_login takes {' or '.join(LOGIN_OPTIONS)}, or nothing{hint}; found {len(unknown)} other word(s)"
        )
        raise OptionError(msg)
    base_url = session.configured_url(config)
    host = host_of(base_url)
    if "--forget" in words:
        stored, held = keyring.forget(base_url), session.log_out(host)
        where = " from the system keyring" if stored else ""
        return f"Forgot the key for {host}{where}." if stored or held else f"There was no key of yours for {host}."
    try:
        typed = Secret(getpass(f"Key for {host} (not shown): "))
    except (EOFError, RuntimeError, NotImplementedError):
        msg = "nobody can be asked for a key here: set the variable DEEPSEEK_API_KEY before the kernel starts"
        raise ConfigurationError(msg) from None
    if not typed.reveal().strip():
        msg = "nothing was typed: run %deepseek_login again and paste the key"
        raise ConfigurationError(msg)
    key = checked_key(typed, base_url, "%deepseek_login")
    if "--save" in words:
        keyring.save(key.secret, base_url)
    session.log_in(key)
    still = " The demo is still on: %deepseek_demo off ends it." if session.demo is not None else ""
    return f"Key for {host} kept {'in the system keyring' if '--save' in words else 'in memory'}.{still}"


def demo(session: Session, config: Mapping[str, Any], line: str) -> str:
    """Switch the embedded endpoint on or off; return what to tell the user.

    Raises:
        OptionError: ``line`` holds something else than the options.
    """
    word = line.strip()
    if word not in ("", *DEMO_OPTIONS):
        msg = f"%deepseek_demo takes {' or '.join(DEMO_OPTIONS)}, or nothing; found {one_line(word, 40)!r}"
        raise OptionError(msg)
    if word == "off":
        stopped = session.stop_demo()
        endpoint = session.settle({}, config)[0].base_url
        return f"Demo off: questions go to {endpoint}." if stopped else "The demo was not on."
    if word == "--if-no-key":
        settings, _ = session.settle({}, config)
        if session.demo is None and not settings.lacks_key:
            return f"No demo is needed: questions go to {settings.base_url}."
    url = session.start_demo()
    return f"Demo on: questions go to the embedded endpoint at {url}. It is not a model; %deepseek_demo off ends it."


def models(session: Session, config: Mapping[str, Any]) -> cards.Bundle:
    """Ask the endpoint which models it offers, and return them as a table."""
    settings, _ = session.settle({}, config)
    settings.require_key()
    rows = [_model_row(model, settings.model) for model in session.client(settings).models(settings.timeout)]
    return cards.table(("model", "context", "longest reply", "sees images", ""), rows, f"{settings.base_url} offers")


def _model_row(model: ModelInfo, current: str) -> tuple[str, ...]:
    return (
        model.name,
        f"{model.context:,}" if model.context else "",
        f"{model.max_output:,}" if model.max_output else "",
        {True: "yes", False: "no"}.get(model.images, ""),  # type: ignore[arg-type]  # None stands for unknown
        "asked by default here" if model.name == current else "",
    )


def balance(session: Session, config: Mapping[str, Any]) -> cards.Bundle:
    """Ask the endpoint how much money is left, and return it as a table."""
    settings, _ = session.settle({}, config)
    settings.require_key()
    found = session.client(settings).balance(settings.timeout)
    rows = [(a.currency, *map(_figure, (a.total, a.granted, a.topped_up))) for a in found.amounts]
    state = "enough to be asked" if found.available else "too little: questions will be refused; top up"
    return cards.table(("currency", "total", "granted", "topped up"), rows, f"Balance: {state}")


def _figure(amount: Decimal | None) -> str:
    return "" if amount is None else f"{amount:f}"


def usage(session: Session) -> cards.Bundle:
    """Return the tokens and the cost of this session, by model."""
    rows = [
        (
            model,
            f"{tally.replies:,}",
            f"{tally.prompt:,}",
            f"{tally.cache_hit / tally.prompt:.0%}" if tally.prompt else "",
            f"{tally.completion:,}",
            "" if tally.cost is None else str(tally.cost),
        )
        for model, tally in session.tallies.items()
    ]
    caption = f"This session; cost is an estimate, prices as of {AS_OF}" if rows else "Nothing has been asked yet"
    if uncounted := sum(tally.uncounted for tally in session.tallies.values()):
        caption += f"; {counted(uncounted, 'reply', 'replies')} ended before the endpoint told the tokens"
    return cards.table(("model", "replies", "prompt tokens", "from cache", "reply tokens", "cost"), rows, caption)
