"""Summarise a column (or an index) of pandas. Only code of pandas and of its extension types is run."""

from __future__ import annotations

import math
import sys
from typing import Any

from .brief import brief, column_value
from .ranges import nulls, numbers, span
from .table_layout import TEXT_CELLS, Column, look_at, short_type
from .tally import most_common, summary, tally
from .task import Task

# Up to this many distinct whole numbers are listed, because they may be ratings or codes.
_FEW = 8
_PROBE = 2_000


def pandas() -> Any:
    """Return pandas, which is loaded because a value is one of its objects."""
    return sys.modules["pandas"]


def dtype_name(dtype: Any) -> str:
    """Return the name of a column's ``dtype``, as code writes it."""
    name = str(dtype)
    return f"{name} (ordered)" if name == "category" and dtype.ordered else short_type(name)


def label(name: Any, task: Task) -> str:
    """Return the name of a column as code writes it."""
    return brief(name, 60, task)


def column_name(values: Any, task: Task) -> object:
    """Return the name of a series or an index, or that of the variable."""
    return task.name if values.name is None else values.name


def column_of(series: Any, columns: int, task: Task) -> Column:
    """Return a summary of ``series``, one of ``columns`` columns."""

    def look(step: int) -> tuple[str, str, str]:
        looked = series.iloc[::step] if step > 1 else series
        return _fast(looked, task) if is_fast else _slow(looked, task)

    is_fast = _is_fast(series.dtype)
    size = len(series), columns
    return look_at(label(series.name, task), dtype_name(series.dtype), size, look, task, slow=not is_fast)


def _is_fast(dtype: Any) -> bool:
    types = pandas().api.types
    return bool(
        types.is_numeric_dtype(dtype)
        or dtype.kind in "mM"
        or type(dtype).__name__ in ("CategoricalDtype", "PeriodDtype")
    )


def _fast(series: Any, task: Task) -> tuple[str, str, str]:
    types = pandas().api.types
    total = len(series)
    present = series.dropna()
    missing = nulls(total - len(present), total)
    if not len(present):
        return missing, "", ""
    if type(series.dtype).__name__ == "CategoricalDtype":
        return missing, *_categories(present, task)
    if types.is_bool_dtype(series.dtype):
        true = int(present.sum())
        text = f"True ({true:,}), False ({len(present) - true:,})"
        return missing, text, text
    if types.is_integer_dtype(series.dtype):
        return missing, *_integers(present, task)
    if types.is_float_dtype(series.dtype):
        return missing, *_floats(present)
    if types.is_complex_dtype(series.dtype):
        return missing, "", ""
    if str(series.dtype).startswith(("decimal", "Sparse")):
        return missing, *numbers(present.min(), present.max(), float(present.mean()))
    text = span(present.min(), present.max())
    return missing, text, text


def _integers(present: Any, task: Task) -> tuple[str, str]:
    if present.iloc[:_PROBE].nunique() <= _FEW:
        counts = present.value_counts()
        if len(counts) <= _FEW:
            pairs = sorted((int(value), int(count)) for value, count in zip(counts.index, counts, strict=True))
            texts = [(column_value(value, 24, task, column_name(present, task)), count) for value, count in pairs]
            return ", ".join(f"{text} ({count:,})" for text, count in texts), f"{texts[0][0]} to {texts[-1][0]}"
    full, short = numbers(present.min(), present.max(), float(present.mean()))
    is_key = len(present) <= TEXT_CELLS and present.is_unique
    return f"{full}{', all distinct' if is_key else ''}", short


def _floats(present: Any) -> tuple[str, str]:
    low, high = float(present.min()), float(present.max())
    if math.isfinite(low) and math.isfinite(high):
        return numbers(low, high, float(present.mean()))
    infinite = present.isin([math.inf, -math.inf])
    finite, count = present[~infinite], int(infinite.sum())
    if not len(finite):
        return f"all {count:,} infinite", "infinite"
    return numbers(float(finite.min()), float(finite.max()), float(finite.mean()), count)


def _categories(present: Any, task: Task) -> tuple[str, str]:
    """Count categories by their codes: a category may be any object, with its own ``__eq__``."""
    categories, name = present.cat.categories, column_name(present, task)
    codes = present.cat.codes.value_counts()
    counts = {int(code): int(count) for code, count in zip(codes.index, codes, strict=True)}
    chosen = sorted(counts, key=lambda code: (-counts[code], code))[:20]
    pairs = [(column_value(categories[code], 32, task, name), counts[code]) for code in chosen]
    pairs += [("", 0)] * (len(counts) - len(pairs))
    order = ""
    if present.dtype.ordered and len(categories) <= 12:
        order = f"; order {' < '.join(column_value(each, 24, task, name) for each in categories)}"
    unused = len(categories) - len(counts)
    empty = f"; {unused:,} of {len(categories):,} categories unused" if unused else ""
    return f"{most_common(pairs, -1)}{order}{empty}", most_common(pairs, -1, 2)


def _slow(series: Any, task: Task) -> tuple[str, str, str]:
    total = len(series)
    is_object = str(series.dtype) == "object"
    if not is_object and not pandas().api.types.is_string_dtype(series.dtype):
        return nulls(int(series.isna().sum()), total), "", ""
    found = tally(series.tolist(), {id(pandas().NaT), id(pandas().NA)})
    return nulls(found.nulls, total), *summary(found, task, column_name(series, task), kinds=is_object)
