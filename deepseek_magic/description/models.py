"""Models of pydantic and estimators of scikit-learn."""

from __future__ import annotations

from typing import Any

from .brief import asked_repr
from .classes import instance_dict, plain, type_name
from .containers import tell_fields
from .registry import known
from .task import Telling


@known("pydantic.main.BaseModel", foreign=True)
def tell_model(value: Any, telling: Telling) -> str:
    """Tell a pydantic model by its fields; those that its repr hides stay hidden."""
    declared = getattr(type(value), "model_fields", None) or getattr(type(value), "__pydantic_fields__", {})
    held = instance_dict(value)
    hidden = {name for name, field in declared.items() if getattr(field, "repr", True) is not True}
    fields = [(plain(name), item) for name, item in held.items() if name not in hidden]
    return tell_fields(f"{type_name(value)} (pydantic model) with fields", fields, telling)


@known("sklearn.base.BaseEstimator", foreign=True)
def tell_estimator(value: Any, telling: Telling) -> str:
    """Tell an estimator by its repr, and by what it learned where it is fitted."""
    held = instance_dict(value)
    learned = [(plain(name), item) for name, item in held.items() if name.endswith("_") and not name.startswith("_")]
    told = asked_repr(value, min(1_000, telling.room // 2), telling)
    head = f"{told}\n" + ("fitted" if learned else "not fitted")
    return tell_fields(head, learned, telling) if learned else head
