"""The JSON Schema of a type, as the tests of this room need it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from deepseek_magic.structured.shape import Shape


def schema_of(spec: Any, names: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The JSON Schema of ``spec``, which is not ``None``; see `Shape.of`."""
    return Shape.of(spec, names).schema or {}
