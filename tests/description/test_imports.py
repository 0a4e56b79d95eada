"""Nothing is imported for a value, and libraries that are too large to install are met as stand-ins."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.kernel


NOTHING_IMPORTED = """
import sys, collections, decimal, pathlib
{imports}
from deepseek_magic.description import describe, title_of
values = [3, "text", [1], {{"a": 1}}, object(), ValueError("x"), sys, len, collections.Counter("ab"),
          decimal.Decimal(1), pathlib.Path("/"), int, {values}]
class pretended:
    pass
pretended.__module__, pretended.__qualname__ = "pandas.core.frame", "DataFrame"
before = {{name.partition(".")[0] for name in sys.modules}}
for value in [*values, pretended(), values]:
    for tokens in (20, 400, 4000):
        assert describe(value, tokens=tokens)
    title_of(value, "name")
after = {{name.partition(".")[0] for name in sys.modules}}
print(sorted(after - before - set(sys.stdlib_module_names)))
"""

TORCH = '''
import sys, types
torch = types.ModuleType("torch")
class Device:
    def __str__(self): return self.type
class Tensor:
    """A stand-in with the attributes of torch 2 that are read; the others raise."""
    layout = "torch.strided"
    def __init__(self, rows, dtype="torch.float32", device="cpu", grad=False):
        self.rows, self.dtype, self.requires_grad = rows, dtype, grad
        self.device = Device()
        self.device.type = device
    def _flat(self, rows=None):
        rows = self.rows if rows is None else rows
        return [x for row in rows for x in self._flat(row)] if isinstance(rows, list) else [rows]
    @property
    def shape(self):
        rows, shape = self.rows, []
        while isinstance(rows, list):
            shape.append(len(rows))
            rows = rows[0] if rows else 0
        return tuple(shape)
    def detach(self):
        return Tensor(self.rows, self.dtype, self.device.type)
    def numel(self):
        return len(self._flat())
    def __getitem__(self, key):
        rows = self.rows
        for place in key if isinstance(key, tuple) else (key,):
            rows = rows[place]
        return Tensor(rows, self.dtype, self.device.type)
    def tolist(self):
        return self.rows
    def item(self):
        assert not isinstance(self.rows, list)
        return self.rows
    def _only_on_the_processor(self, value):
        assert self.device.type == "cpu" and not self.requires_grad
        return Tensor(value, self.dtype)
    def min(self): return self._only_on_the_processor(min(self._flat()))
    def max(self): return self._only_on_the_processor(max(self._flat()))
    def mean(self): return self._only_on_the_processor(sum(self._flat()) / self.numel())
    def double(self): return self
    def __repr__(self): raise AssertionError("repr")
    def __len__(self): raise AssertionError("len")
Tensor.__module__ = "torch"
torch.Tensor = Tensor
sys.modules["torch"] = torch
from deepseek_magic.description import describe, title_of
print(describe(Tensor([[1.0, 2.0], [3.0, 6.0]], grad=True), name="w"))
print(title_of(Tensor([[1.0, 2.0], [3.0, 6.0]]), "w"))
print(describe(Tensor([1, 2, 3], "torch.int64", "cuda")))
print(describe(Tensor(7, "torch.int64")))
print(describe([Tensor([1.0])]))
meta = Tensor([1.0]); meta.device.type = "meta"
print(describe(meta))
'''

SKLEARN = '''
import sys, types
sklearn, base = types.ModuleType("sklearn"), types.ModuleType("sklearn.base")
validation = types.ModuleType("sklearn.utils.validation")
class NotFittedError(ValueError): pass
def check_is_fitted(estimator):
    if hasattr(estimator, "__sklearn_is_fitted__"):
        fitted = estimator.__sklearn_is_fitted__()
    else:
        fitted = [name for name in vars(estimator) if name.endswith("_") and not name.startswith("__")]
    if not fitted:
        raise NotFittedError
class BaseEstimator:
    """A stand-in for the class that all estimators are derived from."""
    def __repr__(self):
        return f"{type(self).__name__}(C=2)"
BaseEstimator.__module__ = "sklearn.base"
base.BaseEstimator = BaseEstimator
sys.modules.update({"sklearn": sklearn, "sklearn.base": base, "sklearn.utils.validation": validation})
class Model(BaseEstimator):
    def __init__(self):
        self.C = 2
from deepseek_magic.description import describe
model = Model()
print(describe(model))
validation.check_is_fitted = check_is_fitted
print(describe(model))
model.coef_, model.n_features_in_, model._private_ = [0.5], 1, 3
print(describe(model, name="m"))
class Pipeline(Model):
    """It learns nothing itself."""
    state = True
    def __sklearn_is_fitted__(self):
        return self.state
print(describe(Pipeline()))
class Broken(Pipeline):
    @property
    def state(self): raise RuntimeError
print(describe(Broken()))
'''


def output_of(code: str) -> str:
    """What a fresh interpreter prints."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(
    ("imports", "values"),
    [
        ("", ""),
        ("import numpy", "numpy.arange(3.0), numpy.array([None, 'a'], object), numpy.float64(1)"),
        ("import polars", "polars.DataFrame({'a': [1, None], 'b': ['x', 'y']}), polars.Series([1.5])"),
        ("import pandas", "pandas.DataFrame({'a': [1.5, None], 'b': ['x', 'y']}), pandas.Index([1]), pandas.NaT"),
    ],
)
def test_no_library_is_imported(imports: str, values: str) -> None:
    assert output_of(NOTHING_IMPORTED.format(imports=imports, values=values)) == "[]\n"


def test_a_tensor_is_told_without_its_graph() -> None:
    """On a stand-in for torch, which is too large to install for a test: it shows what is read, not torch itself."""
    assert output_of(TORCH).splitlines() == [
        "w: torch Tensor, shape (2, 2), torch.float32, device cpu, requires_grad",
        "values: 1 to 6, mean 3",
        "starts: [1.0, 2.0]",
        "w (Tensor, shape (2, 2), torch.float32)",
        "torch Tensor, shape (3,), torch.int64, device cuda",
        "starts: [1, 2, 3]",
        "torch Tensor, shape (), torch.int64, device cpu",
        "values: always 7",
        "starts: 7",
        "[<Tensor, shape (1,), torch.float32>]",
        "torch Tensor, shape (1,), torch.float32, device meta, layout torch.strided; values not looked at",
    ]


def test_an_estimator_is_told_by_its_repr_and_by_what_it_learned() -> None:
    """On a stand-in for scikit-learn."""
    assert output_of(SKLEARN).splitlines() == [
        "Model(C=2)",  # by no test of the library's: nothing is said
        *("Model(C=2)", "not fitted"),
        "m: Model(C=2)",
        "fitted:",
        "- coef_: [0.5]",
        "- n_features_in_: 1",
        *("Pipeline(C=2)", "fitted"),
        "Broken(C=2)",
    ]
