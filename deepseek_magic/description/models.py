"""Models of pydantic and estimators of scikit-learn."""

from __future__ import annotations

from typing import Any

from .brief import asked_repr
from .classes import instance_dict, plain, type_name
from .containers import describe_fields
from .registry import describes
from .task import Task


@describes("pydantic.main.BaseModel", foreign=True)
def describe_model(value: Any, task: Task) -> str:
    """Describe a pydantic model by its fields; those that its repr hides stay hidden."""
    declared = getattr(type(value), "model_fields", None) or getattr(type(value), "__pydantic_fields__", {})
    held = instance_dict(value)
    hidden = {name for name, field in declared.items() if getattr(field, "repr", True) is not True}
    fields = [(plain(name), item) for name, item in held.items() if name not in hidden]
    return describe_fields(f"{type_name(value)} (pydantic model) with fields", fields, task)


@describes("sklearn.base.BaseEstimator", foreign=True)
def describe_estimator(value: Any, task: Task) -> str:
    """Describe an estimator by its repr, and by what it learned where it is fitted."""
    held = instance_dict(value)
    learned = [(plain(name), item) for name, item in held.items() if name.endswith("_") and not name.startswith("_")]
    described = asked_repr(value, min(1_000, task.room // 2), task)
    head = f"{described}\n" + ("fitted" if learned else "not fitted")
    return describe_fields(head, learned, task) if learned else head
