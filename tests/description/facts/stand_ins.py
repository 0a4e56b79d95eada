"""Stand-ins for libraries that are too large to install for a test: they have the names and attributes that are read.

`install` puts them where the real libraries would be. Real objects of networkx 3, SQLAlchemy 2, statsmodels 0.14,
geopandas 1, h5py 3 and pyarrow were described in the same words when this was written.
"""

from __future__ import annotations

import sys
import types
from typing import Any

import numpy as np
import pandas as pd

from . import Values

_made: dict[str, types.ModuleType] = {}  # never the library itself, which is in use where pandas has loaded it


def _library(dotted: str, *classes: type) -> None:
    parts = dotted.split(".")
    for count in range(1, len(parts) + 1):
        name = ".".join(parts[:count])
        sys.modules[name] = _made.setdefault(name, types.ModuleType(name))
    for cls in classes:
        cls.__module__, cls.__qualname__ = dotted, cls.__name__
        setattr(_made[dotted], cls.__name__, cls)


class Graph:
    def __init__(self) -> None:
        self.graph = {"name": "club"}
        self._node = {number: {"club": "Hi"} for number in range(34)}
        self._adj = {number: {} for number in range(34)}

    def __str__(self) -> str:
        return "Graph named 'club' with 34 nodes and 78 edges"

    def add_node(self, node: object) -> None: ...


class Select:
    def __repr__(self) -> str:
        return object.__repr__(self)

    def __str__(self) -> str:
        return "SELECT users.id \nFROM users \nWHERE users.name = :name_1"


class Results:
    def __init__(self) -> None:
        names = ["const", "x"]
        self.model = type("OLS", (), {"endog_names": "y", "exog_names": names})()
        self.nobs, self.rsquared, self.aic = 5.0, 0.96, 12.5
        self.params = pd.Series([-0.6, 2.2], names)
        self.bse = pd.Series([0.83, 0.25], names)
        self.pvalues = pd.Series([0.52, 0.003], names)


class ResultsWrapper:
    def __init__(self) -> None:
        self._results = Results()

    def __getattribute__(self, name: str) -> Any:
        held = object.__getattribute__(self, "__dict__")
        return getattr(held["_results"], name) if name != "__dict__" else held


class GeoDataFrame(pd.DataFrame):
    _metadata = ["crs", "_geometry_column_name"]  # noqa: RUF012 - as pandas has it

    @property
    def active_geometry_name(self) -> str | None:
        return "shape"


class HardLink:
    pass


class ExternalLink:
    filename, path = "other.h5", "/x"


class Dataset:
    shape, dtype, chunks, compression = (10, 3), np.dtype("f8"), None, None
    name, attrs = "/temps", {"unit": "K"}


class Group:
    name = "/"

    def __init__(self, **members: Any) -> None:
        self._members, self.attrs = members, {"station": "Zugspitze"}

    def __len__(self) -> int:
        return len(self._members)

    def __bool__(self) -> bool:
        return True

    def __iter__(self) -> Any:
        return iter(self._members)

    def get(self, name: str, getlink: bool = False) -> Any:
        if isinstance(self._members[name], ExternalLink):
            assert getlink, "the other file is not to be opened"
            return self._members[name]
        return HardLink() if getlink else self._members[name]


class File(Group):
    filename, mode = "weather.h5", "r"


class Table:
    num_rows, num_columns, nbytes = 3, 2, 40
    column_names = ["a", "b"]  # noqa: RUF012 - as it is there

    def __repr__(self) -> str:
        return "pyarrow.Table\na: int64\nb: string\n----\na: [[1,2,null]]\nb: [['x','y','z']]"

    @property
    def schema(self) -> Any:
        return [types.SimpleNamespace(name=name, type=kind) for name, kind in (("a", "int64"), ("b", "string"))]

    def column(self, place: int) -> Any:
        return types.SimpleNamespace(null_count=1 - place)

    def slice(self, start: int, length: int) -> Any:
        assert length <= 5
        rows = [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}, {"a": None, "b": "z"}]
        return types.SimpleNamespace(to_pylist=lambda: rows[start : start + length])


def install() -> None:
    """Put the stand-ins where the real libraries would be."""
    _library("networkx.classes.graph", Graph)
    _library("sqlalchemy.sql.selectable", Select)
    _library("statsmodels.base.wrapper", ResultsWrapper)
    _library("statsmodels.base.model", Results)
    _library("geopandas.geodataframe", GeoDataFrame)
    _library("h5py._hl.group", Group, HardLink, ExternalLink)
    _library("h5py._hl.files", File)
    _library("h5py._hl.dataset", Dataset)
    _library("pyarrow.lib", Table)


def geo(crs: object = None) -> Any:
    made = GeoDataFrame({"name": ["a", "b"], "shape": ["POINT (0 0)", "POINT (1 2)"]})
    made.crs = crs
    return made


def weather() -> Any:
    return File(temps=Dataset(), stations=Group(names=Dataset()), linked=ExternalLink())


VALUES: Values = {
    "graph": (Graph, ("Graph", "34 nodes", "78 edges", "'club'", "add_node")),
    "list of graphs": (lambda: [Graph()], ("34 nodes",)),
    "select": (Select, ("Select", "SELECT users.id", "FROM users", "users.name = :name_1")),
    "results": (ResultsWrapper, ("OLS", "'y'", "5", "rsquared", "0.96", "const", "-0.6", "2.2", "0.003")),
    "plain results": (Results, ("OLS", "'y'", "0.96", "'x'", "0.25")),
    "geo frame": (
        lambda: geo("EPSG:4326"),
        ("GeoDataFrame", "2 rows × 2 columns", "CRS EPSG:4326", "'shape'", "'name'"),
    ),
    "geo frame without CRS": (geo, ("GeoDataFrame", "no CRS", "'shape'")),
    "HDF5 file": (
        weather,
        ("File", "weather.h5", "temps", "(10, 3)", "float64", "stations", "names", "linked", "other.h5", "Zugspitze"),
    ),
    "HDF5 group": (lambda: Group(x=Dataset()), ("Group", "x", "(10, 3)")),
    "HDF5 data set": (Dataset, ("Dataset", "(10, 3)", "float64", "unit", "K")),
    "arrow table": (Table, ("Table", "3 rows × 2 columns", "'a' int64, 1 null", "'b' string", "1,x")),
}
