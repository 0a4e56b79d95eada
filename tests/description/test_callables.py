"""Functions, classes and modules: signature, docstring and source; none of them runs."""

from __future__ import annotations

import functools
import json
import subprocess
import sys
import types
from collections.abc import Callable
from typing import Any

import pytest

from deepseek_magic.description import describe


def area(width: float, height: float = 1.0, /, *sides: int, unit: str = "m", **more: object) -> float:
    """Return the area.

    Nothing else.
    """
    return width * height


class Shop:
    """A shop."""

    rate = 0.2

    def __init__(self, name: str, open_at: int = 9) -> None:
        self.name = name

    def price(self, item: str) -> float:
        """Look a price up."""
        return self.rate * len(item)


def logged(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def inner(*args: Any, **named: Any) -> Any:
        return function(*args, **named)

    return inner


@logged
def decorated(x: int) -> int:
    return x + 1


def test_a_function_is_told_by_its_source() -> None:
    text = describe(area)
    assert text.startswith("function area of module ")
    assert text.endswith('    """\n    return width * height')
    assert "\ndef area(width: float, height: float = 1.0, /, *sides: int, unit" in text


def test_a_function_whose_source_does_not_fit_is_told_by_signature_and_docstring_first() -> None:
    text = describe(json.dumps, tokens=150)
    assert "\ndef dumps(obj, *, skipkeys=False, ensure_ascii=True" in text
    assert '\n"""Serialize ``obj`` to a JSON formatted ``str``."""\nsource:\n' in text
    assert text.rpartition("\n")[2].endswith("more lines")


def test_a_function_without_source_is_told_by_its_signature() -> None:
    bare = types.FunctionType(area.__code__.replace(co_filename="<string>"), {}, "area", (1.0,))
    bare.__kwdefaults__ = {"unit": "m"}
    bare.__doc__ = "Say.\n\nMore."
    assert describe(bare).splitlines()[1:] == [
        "def area(width, height=1.0, /, *sides, unit='m', **more)",
        '"""Say."""',
    ]


def test_a_decorated_function_is_told_by_what_it_wraps() -> None:
    text = describe(decorated)
    assert "@logged\ndef decorated(x: int) -> int:\n    return x + 1" in text


def test_methods_partials_and_caches_are_told_by_their_function() -> None:
    assert describe(Shop("x").price).startswith("bound method of one Shop: function Shop.price of module ")
    assert "functools.partial of <function area> with 2, unit='cm'\nfunction area" in describe(
        functools.partial(area, 2, unit="cm")
    )
    assert describe(functools.lru_cache(area)).startswith("cached function: function area")


def test_a_class_is_told_by_its_source_or_by_what_it_defines() -> None:
    assert describe(Shop).endswith("class Shop:\n" + _source_of_shop())
    short = describe(Shop, tokens=75)
    assert '\n"""A shop."""\n__init__(self, name, open_at=9)\ndefines: price(self, item)\nsource:\nclass Shop:' in short


def _source_of_shop() -> str:
    return (
        '    """A shop."""\n\n    rate = 0.2\n\n    def __init__(self, name: str, open_at: int = 9) -> None:\n'
        "        self.name = name\n\n    def price(self, item: str) -> float:\n"
        '        """Look a price up."""\n        return self.rate * len(item)'
    )


def test_code_written_in_c_is_told_by_its_signature_text() -> None:
    assert describe(len) == 'built-in len(obj, /)\n"""Return the number of items in a container."""'
    assert describe(str.join).startswith("built-in str.join(iterable, /)")


def test_a_module_is_told_by_version_first_line_and_public_names() -> None:
    module = types.ModuleType("tools", "What tools do.\n\nAt length.")
    module.__dict__.update({"__version__": "1.2", "hammer": 1, "_own": 2, "saw": 3})
    assert describe(module) == "module tools 1.2: What tools do.\npublic names: hammer, saw"
    module.__dict__["__all__"] = ["saw"]
    assert describe(module).endswith("public names: saw")


def test_of_a_large_module_the_names_that_are_left_out_are_counted() -> None:
    module = types.ModuleType("large")
    module.__dict__.update({f"name_{number:04}": number for number in range(2_000)})
    text = describe(module, tokens=100)
    left_out = int(text.rpartition("… ")[2].removesuffix(" more").replace(",", ""))
    assert left_out == 2_000 - text.count("name_")


def test_a_generator_says_where_it_is() -> None:
    def count() -> Any:
        yield 1

    generator = count()
    assert describe(generator).endswith("count, not started; not consumed")
    next(generator)
    assert ", paused at line " in describe(generator)
    assert list(generator) == []
    assert describe(generator).endswith("count, finished; not consumed")


def test_a_generator_that_runs_says_so() -> None:
    said = []

    def itself() -> Any:
        said.append(describe(generator))
        yield 1

    generator = itself()
    next(generator)
    assert ", running at line " in said[0]


@types.coroutine
def _waits() -> Any:
    yield


def test_what_is_asynchronous_says_where_it_is() -> None:
    async def coroutine() -> None:
        await _waits()

    async def generator() -> Any:
        await _waits()
        yield 1

    for made, step in ((coroutine(), lambda one: one), (generator(), lambda one: one.__anext__())):
        assert describe(made).endswith(", not started; not consumed")
        step(made).send(None)
        assert ", paused at line " in describe(made) or ", running at line " in describe(made)


CELLS = """
from IPython.core.interactiveshell import InteractiveShell
from deepseek_magic.description import describe
shell = InteractiveShell.instance()
shell.run_cell("def twice(x):\\n    # the cell's comment\\n    return 2 * x", store_history=True)
shell.run_cell("class Point:\\n    x: int = 0", store_history=True)
shell.run_cell("class Point:\\n    y: int = 1", store_history=True)
shell.run_cell("class Line:\\n    def end(self):\\n        return 7", store_history=True)
for name in ("twice", "Point", "Line"):
    print(describe(shell.user_ns[name]))
"""


@pytest.fixture(scope="module")
def told_cells() -> str:
    """What is told of the functions and classes of three notebook cells."""
    run = subprocess.run([sys.executable, "-c", CELLS], capture_output=True, text=True, check=True)
    return run.stdout


@pytest.mark.kernel
def test_source_of_notebook_cells_is_found(told_cells: str) -> None:
    assert "def twice(x):\n    # the cell's comment\n    return 2 * x" in told_cells
    assert "class Line:\n    def end(self):\n        return 7" in told_cells


def test_a_class_without_methods_is_that_of_the_newest_cell(told_cells: str) -> None:
    assert "class Point:\n    y: int = 1" in told_cells
    assert "x: int = 0" not in told_cells
