"""Check the endpoint's answers to requests that cost nothing: its models, and the balance of the account."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import TYPE_CHECKING

from deepseek_magic.api.account import ModelInfo
from deepseek_magic.api.dialects import dialect_of, wants_model
from deepseek_magic.errors import (
    AuthenticationFailed,
    DeepSeekError,
    EndpointError,
    InsufficientBalance,
    NotFound,
)
from deepseek_magic.settings.parameters import Settings
from deepseek_magic.settings.urls import host_of
from deepseek_magic.text import counted, one_line

from .findings import Finding, of_sentence

if TYPE_CHECKING:
    from deepseek_magic.api.client import Client

#: Seconds of silence after which an answer is given up.
PATIENCE = 8.0


def check(client: Client, settings: Settings) -> Iterator[Finding]:
    """Yield findings on the URL, the key, the model and the account, from the endpoint's answers."""
    host = host_of(settings.base_url)
    try:
        offered = client.models(PATIENCE)
    except (AuthenticationFailed, InsufficientBalance) as error:
        yield Finding("endpoint", "fine", f"{host} answers")
        if settings.key is not None:
            yield _refused(error)
        return
    except NotFound as error:
        yield of_sentence("endpoint", str(error))
        return
    except EndpointError as error:
        yield Finding("endpoint", "wrong", one_line(str(error), 200), "ask again in a while, or check the base URL")
        return
    except DeepSeekError as error:
        yield of_sentence("endpoint", str(error))
        return
    yield Finding("endpoint", "fine", f"{host} answers, and accepts the key" if settings.key else f"{host} answers")
    yield _model(offered, settings)
    if dialect_of(settings).deepseek:
        yield _balance(client)


def _refused(error: DeepSeekError) -> Finding:
    check = "balance" if isinstance(error, InsufficientBalance) else "key"
    return of_sentence(check, str(error))


def _model(offered: tuple[ModelInfo, ...], settings: Settings) -> Finding:
    names = [model.name for model in offered]
    if wants_model(settings):
        if len(names) == 1 or settings.model in names:
            return Finding(
                "model",
                "fine",
                f"{one_line(names[0], 60)}, the only one offered" if len(names) == 1 else settings.model,
            )
        return Finding(
            "model",
            "wrong",
            f"none is named, and {counted(len(names), 'model')} are offered",
            "choose one with -m, or DeepSeek.model",
        )
    if settings.model in names:
        return Finding("model", "fine", f"{one_line(settings.model, 60)} is offered")
    near = get_close_matches(settings.model, names, 1, 0.5)
    remedy = f"did you mean {one_line(near[0], 60)}?" if near else "%deepseek_models lists what is"
    return Finding("model", "wrong", f"{one_line(settings.model, 60)} is not offered", remedy)


def _balance(client: Client) -> Finding:
    try:
        found = client.balance(PATIENCE)
    except InsufficientBalance as error:
        return _refused(error)
    except DeepSeekError:
        return Finding("balance", "not checked", "the endpoint states none")
    sums = ", ".join(f"{a.total:f} {a.currency}" for a in found.amounts if a.total is not None)
    if not found.available:
        return Finding(
            "balance", "wrong", f"too little is left ({sums or 'nothing'})", "top up at platform.deepseek.com/top_up"
        )
    return Finding("balance", "fine", sums or "enough to ask questions")
