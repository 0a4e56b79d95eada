"""The endpoint and the account: the status card, keys, the demo, models, balance, usage."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from deepseek_magic.api.account import ModelInfo
from deepseek_magic.api.catalogue import AS_OF, Cost
from deepseek_magic.app.command_words import DEMO_WORDS, LOGIN_WORDS
from deepseek_magic.app.keys import origin
from deepseek_magic.chat.turn import Turn
from deepseek_magic.credentials import keyring
from deepseek_magic.errors import ConfigurationError, OptionError
from deepseek_magic.render.prompts import NOBODY_TYPES
from deepseek_magic.settings.keys import Secret, checked_key
from deepseek_magic.settings.misspelt import word_hint
from deepseek_magic.settings.parameters import Settings
from deepseek_magic.settings.urls import host_of
from deepseek_magic.text import counted, one_line
from deepseek_magic.version import __version__

from . import cards
from .call import Call, Result
from .table import GROUPS, MAGICS

if TYPE_CHECKING:
    from deepseek_magic.api.client import Client
    from deepseek_magic.app.session import Session

# A word of at least this length may be a key.
_SHORTEST_KEY = 12


def status(call: Call) -> Result:
    """Show the status card: where questions go, their settings, what they have cost, and the commands."""
    session = call.session
    settings, _ = session.settle({}, call.config)
    conversation, tallies = session.conversations.named(), session.tallies.by_model.values()
    turns = [turn for turn in conversation.transcript.turns if turn.sendable]
    tokens = sum(tally.prompt + tally.completion for tally in tallies)
    costs = [tally.cost for tally in tallies if tally.cost is not None]
    if web := session.tallies.web_dollars:
        costs.append(Cost(web, web))
    spent = f"about {sum(costs[1:], start=costs[0])}, prices as of {AS_OF}" if costs else "no known price"
    embedded = session.demo is not None and settings.base_url == session.demo.url
    demo = " (the embedded endpoint: not a model)" if embedded else ""
    profile = [("profile", str(call.config["profile"]))] if call.config.get("profile") else []
    rows = [
        *profile,
        ("endpoint", settings.base_url + demo),
        ("model", settings.model),
        ("thinking", settings.thinking or "the endpoint's default"),
        ("key", origin(settings.key, settings.base_url, settings.key_refused)),
        *_to_mend(session),
        ("conversation", f"{conversation.name}, {counted(len(turns), 'turn')}, {_about(turns)}"),
        ("this session", f"{counted(tokens, 'token')}, {spent}" if tokens else "nothing asked yet"),
        *_commands(),
        ("settings", "%config DeepSeek lists them; %config DeepSeek.model = 'NAME' sets one"),
        ("help", "%deepseek -h: the options of a question; %deepseek_chat -h, and so on: what a command does"),
    ]
    return Result(show=(cards.card(f"deepseek_magic {__version__}", rows),))


def _commands() -> list[tuple[str, str]]:
    """Return the rows of the commands, a row for each group."""
    rows: dict[str, list[str]] = {group: [] for group in GROUPS}
    for magic in MAGICS:
        plain = "%deepseek QUESTION, or %%deepseek at the top of a cell of any length"
        rows[magic.group].append(plain if magic.name == "deepseek" else magic.spelled)
    return [(group, ", ".join(names)) for group, names in rows.items()]


def _to_mend(session: Session) -> list[tuple[str, str]]:
    """Return the row with the doctor's last findings that are not fine; an empty list without any."""
    if all(finding.state in ("fine", "not checked") for finding in session.findings):
        return []
    from deepseek_magic.doctor.findings import summary

    return [("doctor", f"{summary(session.findings)}; %deepseek_doctor says what to do")]


def _about(turns: Sequence[Turn]) -> str:
    return f"about {counted(sum(turn.tokens for turn in turns), 'token')}"


def log_in(call: Call) -> Result:
    """Ask for a key by hidden prompt and keep it; or forget it.

    Raises:
        OptionError: the line holds something other than the options.
        ConfigurationError: the user cannot be asked, or the input cannot be a key.
    """
    from getpass import getpass  # the kernel replaces it when it starts

    session, words = call.session, call.line.split()
    if unknown := [word for word in words if word not in LOGIN_WORDS]:
        raise OptionError(_not_for_login(unknown))
    base_url = session.configured_url(call.config)
    host = host_of(base_url)
    if "--forget" in words:
        stored, held = keyring.forget(base_url), session.keys.take_back(host)
        where = " from the system keyring" if stored else ""
        said = f"Forgot the key for {host}{where}." if stored or held else f"There was no key to forget for {host}."
        return Result(show=(said,))
    try:
        typed = Secret(getpass(f"Key for {host} (not shown): "))
    except NOBODY_TYPES:
        msg = "nobody can be asked for a key here: set the variable DEEPSEEK_API_KEY before the kernel starts"
        raise ConfigurationError(msg) from None
    if not typed.reveal().strip():
        msg = "nothing was typed: run %deepseek_login again and paste the key"
        raise ConfigurationError(msg)
    key = checked_key(typed, base_url, "%deepseek_login")
    if "--save" in words:
        keyring.save(key.secret, base_url)
    session.keys.give(key)
    still = " The demo is still on: %deepseek_demo off ends it." if session.demo is not None else ""
    place = "in the system keyring" if "--save" in words else "in memory"
    copied = "" if key.secret.reveal() == typed.reveal().strip() else ", without what was copied around it"
    return Result(show=(f"Key for {host} kept {place}{copied}.{still}",))


def _not_for_login(words: Sequence[str]) -> str:
    """Return the message about ``words`` that %deepseek_login does not take; it never shows what may be a key."""
    if plain := next((word for word in words if f"--{word.strip('-')}" in LOGIN_WORDS), ""):
        return f"%deepseek_login: did you mean --{plain.strip('-')}?"
    if any(len(word) >= _SHORTEST_KEY for word in words):
        return (
            "a key does not belong in a cell: the notebook and the history keep it. If this was one, delete it here, "
            "revoke it where it was made, and run %deepseek_login with nothing after it: it asks for the key by a "
            "hidden prompt"
        )
    if hint := word_hint(words[0], LOGIN_WORDS):
        return f"%deepseek_login takes {' or '.join(LOGIN_WORDS)}{hint}"
    return f"%deepseek_login takes {' or '.join(LOGIN_WORDS)}, or nothing: it asks for the key by a hidden prompt"


def demo(call: Call) -> Result:
    """Switch the embedded endpoint on or off.

    Raises:
        OptionError: the line holds something other than the options.
    """
    session, word = call.session, call.line.strip()
    if word not in ("", *DEMO_WORDS):
        msg = (
            f"%deepseek_demo takes {', '.join(DEMO_WORDS)}, or nothing (which starts it); found {one_line(word, 40)!r}"
        )
        raise OptionError(msg + word_hint(word, DEMO_WORDS))
    if word == "off":
        stopped = session.stop_demo()
        endpoint = session.settle({}, call.config)[0].base_url
        said = f"Demo off: questions go to {endpoint}." if stopped else "The demo was not on."
        return Result(show=(said,))
    if word == "--if-no-key" and session.demo is None:
        settings, _ = session.settle({}, call.config)
        if not settings.lacks_key:
            return Result(show=(f"No demo is needed: questions go to {settings.base_url}.",))
    url = session.start_demo(call.config)
    said = f"Demo on: questions go to the embedded endpoint at {url}. It is not a model; %deepseek_demo off ends it."
    return Result(show=(said,))


def models(call: Call) -> Result:
    """Ask the endpoint which models it offers, and show them as a table."""
    call.takes_nothing("%deepseek_models")
    settings, client = _endpoint(call)
    rows = [_model_row(model, settings.model) for model in client.models(settings.timeout)]
    head = ("model", "context", "longest reply", "sees images", "")
    return Result(show=(cards.table(head, rows, f"{settings.base_url} offers"),))


def _endpoint(call: Call) -> tuple[Settings, Client]:
    settings, _ = call.session.settle({}, call.config)
    settings.require_key()
    return settings, call.session.clients.client(settings)


def _model_row(model: ModelInfo, current: str) -> tuple[str, ...]:
    return (
        model.name,
        f"{model.context:,}" if model.context else "",
        f"{model.max_output:,}" if model.max_output else "",
        {True: "yes", False: "no"}.get(model.images, ""),  # type: ignore[arg-type]  # None stands for unknown
        "asked by default here" if model.name == current else "",
    )


def balance(call: Call) -> Result:
    """Ask the endpoint how much money is left, and show it as a table."""
    call.takes_nothing("%deepseek_balance")
    settings, client = _endpoint(call)
    found = client.balance(settings.timeout)
    rows = [(a.currency, *map(_figure, (a.total, a.granted, a.topped_up))) for a in found.amounts]
    state = "enough to ask questions" if found.available else "too little: questions will be refused; top up"
    return Result(show=(cards.table(("currency", "total", "granted", "topped up"), rows, f"Balance: {state}"),))


def _figure(amount: Decimal | None) -> str:
    return "" if amount is None else f"{amount:f}"


def usage(call: Call) -> Result:
    """Show the tokens and the cost of this session, by model."""
    call.takes_nothing("%deepseek_usage")
    by_model = call.session.tallies.by_model
    rows = [
        (
            model,
            f"{tally.replies:,}",
            f"{tally.prompt:,}",
            f"{tally.cache_hit / tally.prompt:.0%}" if tally.prompt else "",
            f"{tally.completion:,}",
            "no known price" if tally.cost is None else str(tally.cost),
        )
        for model, tally in by_model.items()
    ]
    tallies = call.session.tallies
    if tallies.web_requests:
        dollars = tallies.web_dollars
        rows.append(
            ("the web", f"{tallies.web_requests:,}", "", "", "", str(Cost(dollars, dollars)) if dollars else "")
        )
    caption = f"This session; cost is an estimate, prices as of {AS_OF}" if rows else "Nothing has been asked yet"
    if uncounted := sum(tally.uncounted for tally in by_model.values()):
        caption += f"; {counted(uncounted, 'reply', 'replies')} ended before the endpoint reported their tokens"
    budget = call.session.budget
    if budget.limit is not None:
        caption += (
            f"; of the budget of ${budget.limit:g} there is ${max(0.0, budget.left):.2g} left ({budget.on_what()})"
        )
    head = ("model", "replies", "prompt tokens", "from cache", "reply tokens", "cost")
    return Result(show=(cards.table(head, rows, caption),))
