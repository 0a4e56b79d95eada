"""Which methods change their object: decided by its type where it is alive, by the method's name where it is gone."""

from __future__ import annotations

from .bindings import words
from .effects import Change

#: Methods that leave their object as it is: all of those of immutable types, and the everyday ones of others.
_EVERYDAY_READERS = """
abs agg aggregate all any apply applymap argmax argmin argsort assign astype at_time between clip collect columns
compare corr count cov cummax cummin cumprod cumsum dot describe diff drop drop_duplicates dropna dtypes duplicated
eval ewm exists expanding explode fillna filter first flatten get get_group groupby head hist idxmax idxmin info
interpolate isin isna isnull isoformat items iterdir iterrows itertuples join keys kurt last lazy loc map max mean
median melt memory_usage merge min mode mul nlargest notna notnull nsmallest numpy nunique pct_change pipe pivot
pivot_table plot predict predict_proba prod quantile query rank ravel read_bytes read_text reindex rename
replace resample reset_index reshape rolling round sample score select select_dtypes sem set_index shift show skew
sort_index sort_values squeeze stack std strftime sub sum summary swapaxes tail timestamp to_csv to_dict to_excel
to_frame to_json to_list to_markdown to_numpy to_parquet to_string tolist trace transform transpose unique unstack
value_counts values var where with_columns
"""
_READERS = frozenset(_EVERYDAY_READERS.split()) | frozenset(
    name for kind in (str, bytes, int, float, complex, tuple, frozenset, range) for name in dir(kind)
)
_UNCHANGING = words(
    """str bytes int float complex bool NoneType tuple frozenset range slice type function method module Pattern Match
    builtin_function_or_method"""
)
#: Modules whose types have no methods that change their object, but for a few.
_VALUES = words(
    """pandas polars xarray numpy geopandas dask modin cudf pyspark pyarrow datetime decimal fractions uuid pathlib re
    sympy altair shapely statsmodels scipy networkx PIL bs4 requests zoneinfo dateutil ibis pint astropy ipaddress
    string types functools operator enum"""
)
#: Those few, by module; of geopandas, dask and others they are those of pandas.
_EXCEPT = {
    "numpy": "sort fill put resize partition itemset setflags setfield",
    "polars": "insert_column replace_column drop_in_place append extend",
    "xarray": "update",
    "networkx": """add_node add_nodes_from add_edge add_edges_from add_weighted_edges_from remove_node
    remove_nodes_from remove_edge remove_edges_from add_path add_cycle update clear clear_edges""",
    "PIL": "paste thumbnail putpixel putdata putalpha putpalette alpha_composite close seek",
    "bs4": "append extend insert insert_before insert_after decompose extract replace_with unwrap wrap clear smooth",
    "requests": "close",
    "statsmodels": "remove_data",
    "": "insert pop update",
}
#: Methods of the built-in containers that change them.
_IN_PLACE = words(
    """insert pop update extend append sort clear remove add discard setdefault popitem reverse appendleft extendleft
    popleft rotate move_to_end subtract intersection_update difference_update symmetric_difference_update frombytes
    fromlist byteswap __setitem__ __delitem__"""
)
_CONTAINERS = words("list dict set bytearray deque OrderedDict defaultdict Counter ChainMap array UserDict UserList")
_ESTIMATORS = words("sklearn xgboost lightgbm catboost keras tensorflow prophet imblearn umap hdbscan pmdarima")
_TRAINS = ("fit", "partial_fit", "set_", "load_", "train", "compile", "add", "warm", "build")
_TORCH = words(
    """to train eval cuda cpu half float double zero_grad load_state_dict apply register_buffer register_parameter
    add_module append extend insert backward step share_memory"""
)
_DRAWN = ("matplotlib", "mpl_toolkits", "seaborn", "plotly", "bokeh")
#: Types of the modules above that change all the same.
_CHANGE = ("Generator", "RandomState", "Styler", "ExcelWriter", "BitGenerator", "Figure", "Axes")


def lineage(kind: type) -> tuple[tuple[str, str], ...]:
    """Return module and name of ``kind`` and its bases, as they were defined; no code of theirs runs."""
    found = []
    for one in type.__dict__["__mro__"].__get__(kind):
        module = type.__dict__["__module__"].__get__(one)
        found.append((module if isinstance(module, str) else "", type.__dict__["__name__"].__get__(one)))
    return tuple(found)


def never_changes(kind: type) -> bool:
    """Return whether values of ``kind`` cannot change, so that sharing one has no consequence."""
    return type.__dict__["__name__"].__get__(kind) in _UNCHANGING


def is_value(kind: type) -> bool:
    """Return whether what was made of others has nothing in common with them: tables, arrays, numbers."""
    module, name = lineage(kind)[0]
    return never_changes(kind) or (module.partition(".")[0] in _VALUES and name not in _CHANGE)


def is_container(kind: type) -> bool:
    """Return whether ``kind`` is a container of Python's, whose own methods leave its elements as they are."""
    return type.__dict__["__name__"].__get__(kind) in _CONTAINERS


def is_estimator(kind: type) -> bool:
    """Return whether ``kind`` is an estimator, which copies what it is given unless it is a pipeline."""
    return any(module.partition(".")[0] in _ESTIMATORS for module, _ in lineage(kind))


def changes_by_type(kind: type, change: Change) -> bool | None:
    """Return whether the method of ``change`` changes an object of ``kind``; ``None`` if the type does not say."""
    for module, name in lineage(kind):
        if name in _UNCHANGING and not change.deep:
            return False
        if change.in_place:
            return True
        if name in _CONTAINERS:
            return None if change.deep else change.method == "+=" or change.method in _IN_PLACE
        if name == "ndarray" and change.deep:
            return None  # it may hold objects, axes for example
        known = _by_module(module, name, change.method)
        if known is not None:
            return known
    return None


def _by_module(module: str, name: str, method: str) -> bool | None:
    room = module.partition(".")[0]
    if room == "torch" and (".optim" in module or method == "+="):
        return not method.startswith(("state_dict", "get_"))
    if room == "torch":
        return method in _TORCH or (method.endswith("_") and not method.endswith("__"))
    if room in _ESTIMATORS:
        return method.startswith(_TRAINS) or method == "+="
    if room in _DRAWN:
        return not method.startswith(("get", "savefig", "show", "has_", "to_", "write_", "contains"))
    if room in _VALUES and name not in _CHANGE:
        kept = _EXCEPT.get(room, _EXCEPT[""]).split()
        return method in kept or (method == "+=" and room in ("numpy", "pandas", "xarray"))
    return True if name in _CHANGE else None


def changes_by_name(change: Change) -> bool:
    """Return whether a method of this name changes most objects."""
    return change.in_place or not (
        change.method in _READERS or change.method.startswith(("get_", "is_", "has_", "to_"))
    )
