"""Python's rules of scope: which names of the namespace a statement means, and when it reads them."""

from __future__ import annotations

import ast

import pytest

from deepseek_magic.notebook.slice.statements import Statements


def walked(source: str) -> Statements:
    reader = Statements()
    for statement in ast.parse(source).body:
        reader.walk(statement)
    return reader


def read(source: str) -> tuple[set[str], set[str]]:
    """What ``source`` reads at once, and what it reads when it is called."""
    effects = walked(source).effects
    return {name for name in effects.reads if ":" not in name}, {name for name in effects.later if ":" not in name}


@pytest.mark.parametrize(
    ("source", "at_once", "later"),
    [
        ("f(a)", "f a", ""),
        ("def f(a, b=c, *d, e=g, **h) -> i:\n    return a + b + j", "c g i", "j"),
        ("def f():\n    a = b\n    def g():\n        return a + c\n    return g", "", "b c"),
        ("@a\ndef f(): pass", "a", ""),
        ("class A(b, metaclass=c):\n    d = e\n    def f(self):\n        return d", "b c e", "d"),
        ("x = lambda a, b=c: a + b + d", "c", "d"),
        ("sorted(a, key=lambda b: b + c)", "sorted a c", ""),
        ("[a for a in b if a > c for d in a]", "b c", ""),
        ("{a: b for a, b in c}", "c", ""),
        ("[a for a in a]", "a", ""),
        ("def f():\n    global a\n    return a", "", "a"),
        ("async def f():\n    await a\n    async for b in c: b", "", "a c"),
        ("def f():\n    for a in b: pass\n    with c as d: d\n    return a", "", "b c"),
        ("def f():\n    import a\n    from b import c as d\n    return a, d, e", "", "e"),
        ("a.b.c[d]", "a d", ""),
        ("f'{a!r:>{b}}'", "a b", ""),
        ("", "", ""),
    ],
)
def test_names_that_are_read(source: str, at_once: str, later: str) -> None:
    assert read(source) == (set(at_once.split()), set(later.split()))


def test_a_walrus_in_a_comprehension_binds_outside() -> None:
    reader = walked("[a := b for b in c]")
    assert (reader.bound, reader.effects.reads) == ({"a"}, {"c"})


def test_what_was_bound_before_is_not_read() -> None:
    reader = walked("a = b\nc = a")
    assert (reader.bound, reader.effects.reads) == ({"a", "c"}, {"b"})


@pytest.mark.parametrize(
    ("source", "changes"),
    [("a.b = 1", "a"), ("a[0].c = 1", "a"), ("del a[0]", "a"), ("f().b = 1", ""), ("[a.append(b) for b in c]", ""),
     ("a += 1", "a"), ("class A:\n    b.c = 1", "b")],
)  # fmt: skip
def test_values_that_are_changed_in_place(source: str, changes: str) -> None:
    assert {change.name for change in walked(source).effects.changes} == set(changes.split())


def test_what_a_function_changes_is_known_by_its_name() -> None:
    effects = walked(
        "def f(a, *b, c):\n    a.d = 1\n    c[0] = 1\n    e.g = 1\n    x = []\n    x[0] = 1\n"
        "    def inner():\n        global h\n        h = 1\n"
    ).effects
    assert effects.functions.keys() == {"f"}
    function = effects.functions["f"]
    assert function.parameters == ("a", "c", "b")
    assert {change.name for change in function.changes} == {"a", "c", "e", "h"}
    assert effects.changes == set()


def test_a_method_is_known_by_its_class() -> None:
    assert walked("class A:\n    def f(self): pass\ndef g():\n    def h(): pass").effects.functions.keys() == {
        "A.f",
        "g",
    }
