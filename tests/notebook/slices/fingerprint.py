"""A value as a text that is equal where two values are equal to whoever works with them."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure


def fingerprint(value: Any, inside: tuple[int, ...] = ()) -> str:
    """Return ``value`` as a text; ``inside`` are the ids of the values around it."""
    if id(value) in inside:
        return "<around it>"
    inside = (*inside, id(value))
    match value:
        case pd.DataFrame():
            return f"{dict(value.dtypes.astype(str))}\n{value.index.name}\n{value.to_csv()}"
        case pd.Series() | pd.Index():
            return f"{value.name} {value.dtype}\n{value.to_frame().to_csv()}"
        case pl.DataFrame():
            return f"{value.schema}\n{value.to_dicts()}"
        case pl.Series():
            return f"{value.name} {value.to_list()}"
        case pl.LazyFrame():
            return fingerprint(value.collect())
        case xr.Dataset() | xr.DataArray():
            return repr(value.to_dict())
        case np.ndarray():
            return f"{value.dtype} {value.shape} {[fingerprint(one, inside) for one in value.ravel().tolist()]}"
        case Figure():
            axes = [fingerprint(one, inside) for one in value.axes]
            texts = [text.get_text() for text in value.texts]
            return f"{value.get_size_inches().tolist()} {value.get_suptitle()} {texts} {axes}"
        case Axes():
            return _axes(value)
        case dict():
            items = [(fingerprint(key, inside), fingerprint(one, inside)) for key, one in value.items()]
            return f"{type(value).__name__} {items}"
        case set() | frozenset():
            return f"{sorted(fingerprint(one, inside) for one in value)}"
        case str() | bytes() | int() | float() | None:
            return repr(value)
        case list() | tuple():
            return f"{type(value).__name__} {[fingerprint(one, inside) for one in value]}"
        case type():
            return f"class {value.__name__} {sorted(vars(value))}"
        case _ if hasattr(value, "__dict__") and not callable(value):
            return f"{type(value).__name__} {fingerprint(vars(value), inside)}"
        case _:
            return re.sub(r" at 0x\w+", "", repr(value))


def _axes(axes: Axes) -> str:
    legend = axes.get_legend()
    parts = [
        axes.get_title(),
        axes.get_xlabel(),
        axes.get_ylabel(),
        axes.get_xscale(),
        axes.get_yscale(),
        axes.get_xlim(),
        axes.get_ylim(),
        [(np.asarray(line.get_xydata()).tolist(), line.get_label(), line.get_color()) for line in axes.lines],
        [(patch.get_path().vertices.tolist(), patch.get_facecolor()) for patch in axes.patches],
        [np.asarray(one.get_offsets()).tolist() for one in axes.collections],
        [text.get_text() for text in axes.texts],
        [text.get_text() for text in legend.get_texts()] if legend else None,
        [text.get_rotation() for text in axes.get_xticklabels()],
        axes.xaxis.get_gridlines()[0].get_visible() if axes.xaxis.get_gridlines() else None,
    ]
    return repr(parts)
