"""Convert a JSON value to a pandas DataFrame, with its columns in the order of the schema."""

from __future__ import annotations

import importlib.util
from decimal import Decimal, InvalidOperation
from typing import Any

from deepseek_magic.errors import ConfigurationError

from .schema import Schema, resolve

_DEEP = 8
# Below these, a float holds every whole number exactly, and a signed integer of 64 bits holds it.
_EXACT = 2**53
_MOST = 2**63


def to_frame(value: Any, schema: Schema | None = None) -> Any:
    """Return ``value`` as a ``pandas.DataFrame``.

    Args:
        value: a JSON value. A list of objects becomes a row for each; objects inside them become columns with dotted
            names (like ``pandas.json_normalize``), and lists inside them stay lists. An object that holds only a list
            of objects is read as that list; an object of equally long lists of plain values is read by columns; any
            other object is one row. A list of lists is read as rows, and plain values as one column ``value``.
        schema: its schema. It gives the order of the columns, columns that no row has, and which of them are dates or
            whole numbers.

    Raises:
        ConfigurationError: pandas is not installed.
    """
    if importlib.util.find_spec("pandas") is None:
        msg = "a DataFrame needs pandas, which is not installed: %pip install pandas, or ask with --as json"
        raise ConfigurationError(msg)
    import pandas  # optional, and slow to load: only if a frame is asked for

    rows, part = _rows(value, resolve(schema, schema) if schema else {}, schema or {})
    if isinstance(rows, dict):
        return pandas.DataFrame(rows)
    columns = _columns(part, schema or {})
    if rows and not all(isinstance(row, dict) for row in rows):
        if all(isinstance(row, list) for row in rows):
            return pandas.DataFrame(rows)
        return pandas.DataFrame({"value": rows})
    frame = _whole(pandas.json_normalize(_with_decimals(rows)), pandas) if rows else pandas.DataFrame()
    names = [*columns, *(name for name in frame.columns if name not in columns)]
    parents = {name[:end] for name in map(str, names) for end, one in enumerate(name) if one == "."}
    # An object whose parts are columns is not a column itself, even if a row has a null in its place.
    empty = {name for name in parents if name not in frame.columns or frame[name].isna().all()}
    frame = frame.reindex(columns=[name for name in names if name not in empty])
    return _typed(frame, columns, pandas)


def _rows(value: Any, schema: Any, root: Schema) -> tuple[Any, Any]:
    """Return the rows in ``value`` (or its columns, as a ``dict`` of lists) and the schema of one row."""
    schema = schema if isinstance(schema, dict) else {}
    if isinstance(value, dict):
        (key, inner), *others = value.items() or [("", None)]
        if not others and isinstance(inner, list) and all(isinstance(one, dict) for one in inner):
            part = resolve(schema.get("properties", {}).get(key, {}), root)
            return inner, resolve(part.get("items", {}), root) if isinstance(part, dict) else {}
        if _by_columns(value):
            return value, {}
        return [value], schema
    if isinstance(value, list):
        return value, resolve(schema.get("items", {}), root)
    return [value], {}


def _by_columns(value: dict[str, Any]) -> bool:
    lists = [one for one in value.values() if isinstance(one, list)]
    alike = len(lists) == len(value) > 0 and len({len(one) for one in lists}) == 1
    return alike and not any(isinstance(inner, (dict, list)) for one in lists for inner in one)


def _columns(schema: Any, root: Schema, prefix: str = "", depth: int = 0) -> dict[str, Any]:
    """Return the columns of rows of this schema, each with its schema. Columns of inner objects have dotted names."""
    found: dict[str, Any] = {}
    properties = schema.get("properties", {}) if isinstance(schema, dict) else {}
    for name, described in properties.items():
        part = _without_null(resolve(described, root), root)
        inner = _columns(part, root, f"{prefix}{name}.", depth + 1) if depth < _DEEP else {}
        found.update(inner or {f"{prefix}{name}": part})
    return found


def _without_null(schema: Any, root: Schema) -> Any:
    """Return the other branch of ``schema`` if it is a union of one type and null; else ``schema``."""
    if isinstance(schema, dict) and isinstance(schema.get("anyOf"), list):
        branches = [resolve(one, root) for one in schema["anyOf"]]
        rest = [one for one in branches if isinstance(one, dict) and one.get("type") != "null"]
        return rest[0] if len(rest) == 1 else schema
    return schema


def _is_large(value: Any) -> bool:
    """Return whether ``value`` is a whole number that a float would round."""
    return isinstance(value, int) and abs(value) > _EXACT


def _with_decimals(value: Any) -> Any:
    """Return ``value`` with large whole numbers as decimals: pandas makes floats of integers beside a null."""
    if isinstance(value, dict):
        return {key: _with_decimals(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_with_decimals(one) for one in value]
    return Decimal(value) if _is_large(value) else value


def _with_ints(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_ints(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_with_ints(one) for one in value]
    return int(value) if isinstance(value, Decimal) else value


def _whole(frame: Any, pandas: Any) -> Any:
    """Return ``frame`` with the decimals as integers again; a column of whole numbers and nulls becomes ``Int64``."""
    for name in [name for name in frame.columns if str(frame[name].dtype) == "object"]:
        values = [_with_ints(one) for one in frame[name]]
        missing = [not isinstance(one, (dict, list)) and bool(pandas.isna(one)) for one in values]
        filled = [one for one, left in zip(values, missing, strict=True) if not left]
        if any(map(_is_large, filled)) and all(type(one) is int or _is_whole(one) for one in filled):
            within = all(abs(one) < _MOST for one in filled)
            whole = [None if left else int(one) for one, left in zip(values, missing, strict=True)]
            frame[name] = pandas.array(whole, dtype="Int64" if any(missing) else "int64") if within else whole
        elif any(one is not other for one, other in zip(values, frame[name], strict=True)):
            frame[name] = pandas.Series(values, index=frame.index, dtype=object)
    return frame


def _is_whole(value: Any) -> bool:
    return isinstance(value, float) and value.is_integer() and abs(value) <= _EXACT


def _decimal(value: Any) -> Any:
    return Decimal(value) if isinstance(value, str) else value


def _typed(frame: Any, columns: dict[str, Any], pandas: Any) -> Any:
    for name, schema in columns.items():
        if name not in frame.columns or not isinstance(schema, dict) or frame[name].empty:
            continue
        try:
            if schema.get("format") in ("date", "date-time"):
                frame[name] = pandas.to_datetime(frame[name], format="ISO8601")
            elif schema.get("type") == "integer":
                kind = "Int64" if frame[name].isna().any() else "int64"
                frame[name] = frame[name].astype(kind)
            elif schema.get("type") == "number" and not any(map(_is_large, frame[name])):
                frame[name] = frame[name].astype("float64")
            elif schema.get("format") == "decimal":
                frame[name] = frame[name].map(_decimal)
            elif frame[name].isna().all():
                frame[name] = frame[name].astype("object")
        except (ValueError, TypeError, OverflowError, InvalidOperation):
            continue  # the column stays as read: it has mixed offsets, or whole numbers beyond 64 bits
    return frame
