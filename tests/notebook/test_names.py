"""Which names a cell reads, binds and may change, magics and code that does not parse included."""

from __future__ import annotations

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from deepseek_magic.notebook.slice.effects import Effects
from deepseek_magic.notebook.slice.names import effects_of, names_read

transform = TransformerManager().transform_cell


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("y = f(x)\nz = y", "f x"),
        ("x = 1\nprint(x)", ""),
        ("def f():\n    return g(h)\nf()", "g h"),
        ("%%time\ntotal = sum(values)", "values"),
        ("[i for i in data if i > low]", "data low"),
        ("x ==", "x"),
        ("val = n1 + math.sqrt(4", "math n1"),
        ("val = val + df.head(n=rows, k = 2", "df rows val"),
        ("if flag = 3:\n    pass", "flag"),
        ("print('left open, it has no names\ntotal(", "total"),
        ("x = 'it is' + y  # not this\n'''nor\nthis''' z(", "y z"),
        ('text = """never closed\nname', ""),
        ("print(f'{total:>9} of {{this}} {rates[key]!r} {\\'s\\'}' + b'{low}'", "key rates total"),
        ('print(f"{data["key"}"', "data key"),
        ('print"to whom" + name', "name"),
        ("%%time\n!ls files\ntotal = sum(values", "values"),
        ("größe = 1e5 * 0x1f + höhe..", "höhe"),
        ("import os\nos.getcwd()", ""),
    ],
)
def test_names_that_a_cell_reads(source, names):
    assert names_read(source, transform) == tuple(names.split())


def test_what_one_statement_does():
    (effects,) = effects_of("total += rates[key]") or [Effects()]
    assert (effects.reads, effects.augmented, effects.binds) == ({"total", "rates", "key"}, {"total"}, set())
    assert effects_of("not code at all") is None
