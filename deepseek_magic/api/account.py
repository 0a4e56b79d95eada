"""Read the answers of ``/models`` and ``/user/balance``: the models of an endpoint, and the money in an account.

Sources: DeepSeek's list-models and get-user-balance references. Until September 2026 a model was only a name, and on
other servers it still is: every field beyond the name is optional.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from deepseek_magic.errors import ConfigurationError, UnexpectedResponse
from deepseek_magic.text import one_line

from .catalogue import known_model

_LISTED = 5
#: The most models of one endpoint, and the most currencies of one account, that are read.
_MOST_MODELS = 5_000
_MOST_AMOUNTS = 100
#: A sum of more digits is nonsense, and would be written out with all its zeros.
_MOST_DIGITS = 30


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """One model; 0, "" or ``None`` if a field is not known.

    Attributes:
        name: its name in requests.
        title: its name for people.
        context: the size of its context, in tokens.
        max_output: the most tokens of a reply.
        images: whether it takes images.
        efforts: its levels of thinking.
    """

    name: str
    title: str = ""
    context: int = 0
    max_output: int = 0
    images: bool | None = None
    efforts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Amount:
    """Money left in one currency: in total, granted for free (which expires), and topped up; ``None``: not reported."""

    currency: str
    total: Decimal | None
    granted: Decimal | None = None
    topped_up: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Balance:
    """The money in an account, in any number of currencies. Unless it is ``available``, questions are refused."""

    available: bool
    amounts: tuple[Amount, ...]


def models(answer: Any, host: str) -> tuple[ModelInfo, ...]:
    """Return the models that the JSON ``answer`` of ``/models`` lists, in its order.

    Args:
        answer: ``{"data": […]}``, or the list itself, as some gateways send it.
        host: the host that answered, for errors.

    Raises:
        UnexpectedResponse: it is neither.
    """
    entries = answer.get("data") if isinstance(answer, dict) else answer
    if not isinstance(entries, list):
        msg = f"{host} lists no models in a form that is known; give the name with -m"
        raise UnexpectedResponse(msg)
    if len(entries) > _MOST_MODELS:
        msg = f"{host} lists {len(entries):,} models, more than can be shown; give the name with -m"
        raise UnexpectedResponse(msg)
    named = (entry for entry in entries if isinstance(entry, dict) and isinstance(entry.get("id"), str))
    return tuple(_model(entry) for entry in named if entry["id"].strip())


def _model(entry: dict[str, Any]) -> ModelInfo:
    name = entry["id"]  # unchanged: requests must send it in just this form
    known = known_model(name) or {}
    inputs, effort = entry.get("input_modalities"), entry.get("effort")
    levels = effort.get("supported_levels") if isinstance(effort, dict) else None
    return ModelInfo(
        name=name,
        title=_text(entry.get("name")) or known.get("title", ""),
        context=_count(entry.get("context_window"), entry.get("max_model_len"), known.get("context")),
        max_output=_count(entry.get("max_output_tokens"), known.get("max_output")),
        images="image" in inputs if isinstance(inputs, list) else known.get("images"),
        efforts=tuple(filter(None, map(_text, levels))) if isinstance(levels, list) else (),
    )


def sole_model(offered: tuple[ModelInfo, ...], preferred: str, host: str) -> str:
    """Return the name of the only model that is ``offered``, or ``preferred`` if that is one of several.

    Raises:
        ConfigurationError: there is none, or there are several.
    """
    names = [model.name for model in offered]
    if preferred in names:
        return preferred
    if len(names) == 1:
        return names[0]
    if not names:
        msg = f"{host} lists no model: name one with -m, or %config DeepSeek.model = '…'"
        raise ConfigurationError(msg)
    few = ", ".join(one_line(name, 60) for name in names[:_LISTED])
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    msg = f"{host} has {len(names)} models ({few}{more}): choose one with -m, or %config DeepSeek.model = '…'"
    raise ConfigurationError(msg)


def balance(answer: Any, host: str) -> Balance:
    """Return the balance in the JSON ``answer`` of ``/user/balance``. Its amounts are strings, or else ``None``.

    Raises:
        UnexpectedResponse: it is not a balance.
    """
    if not isinstance(answer, dict) or not isinstance(answer.get("is_available"), bool):
        msg = f"{host} reports no balance; only DeepSeek's own endpoint does: ask its provider"
        raise UnexpectedResponse(msg)
    infos = answer.get("balance_infos")
    if isinstance(infos, list) and len(infos) > _MOST_AMOUNTS:
        msg = f"{host} reports {len(infos):,} amounts, which is not a balance; check the base URL with %deepseek_doctor"
        raise UnexpectedResponse(msg)
    amounts = tuple(_amount(info) for info in infos if isinstance(info, dict)) if isinstance(infos, list) else ()
    return Balance(answer["is_available"], amounts)


def _amount(info: dict[str, Any]) -> Amount:
    total, granted, topped_up = (_money(info.get(f"{name}_balance")) for name in ("total", "granted", "topped_up"))
    return Amount(_text(info.get("currency")), total, granted, topped_up)


def _money(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)) or len(str(value)) > 40:
        return None
    try:
        amount = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and abs(amount.adjusted()) <= _MOST_DIGITS else None


def _text(value: Any) -> str:
    return one_line(value, 120) if isinstance(value, str) else ""


def _count(*values: Any) -> int:
    return next((v for v in values if isinstance(v, int) and not isinstance(v, bool) and v > 0), 0)
