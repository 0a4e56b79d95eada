"""What statements bind for certain, what they may bind, and what they import."""

from __future__ import annotations

import ast

import pytest

from deepseek_magic.notebook.slice.statements import Statements


def walked(source: str) -> Statements:
    reader = Statements()
    for statement in ast.parse(source).body:
        reader.walk(statement)
    return reader


@pytest.mark.parametrize(
    ("source", "bound", "may_bind"),
    [
        ("a, (b, *c) = d", "a b c", ""),
        ("a: int", "", ""),
        ("a: int = 1", "a", ""),
        ("(a := 1)", "a", ""),
        ("del a", "a", ""),
        ("with f() as a, g() as (b, c): d = 1", "a b c d", ""),
        ("import a.b, c as d", "a d", ""),
        ("from a import b, c as d", "b d", ""),
        ("from __future__ import annotations", "", ""),
        ("if x: a = 1", "", "a"),
        ("if x: a = 1\nelse: a = b = 2", "a", "a b"),
        ("if x: a = 1\nelif y: a = 2\nelse: a = 3", "a", "a"),
        ("for a in x: b = 1\nelse: c = 1", "", "a b c"),
        ("while x: a = 1", "", "a"),
        ("try: a = 1\nexcept E as e: a = 2\nfinally: b = 3", "a b", "a e"),
        ("try: a = 1\nexcept E: raise", "a", "a"),
        ("try: a = 1\nexcept E: pass", "", "a"),
        (
            "match x:\n    case [a, *b]: c = 1\n    case {'k': d, **e}: pass\n    case A(f) as g if h: pass",
            "",
            "a b c d e f g",
        ),
        ("def f(): a = 1", "f", ""),
        ("class A: b = 1", "A", ""),
    ],
)
def test_names_that_are_bound(source: str, bound: str, may_bind: str) -> None:
    reader = walked(source)
    assert reader.bound == set(bound.split())
    assert reader.effects.may_bind == set(may_bind.split())


@pytest.mark.parametrize(
    ("source", "reads"),
    [
        ("a += b", "a b"),
        ("a[b] += c", "a b c"),
        ("a: b = c", "b c"),
        ("if a: b = 1\nelse: b = 2\nc = b", "a"),
        ("if a: b = 1\nc = b", "a b"),
        ("for a in b: c = a\nc", "b c"),
        ("try: a = f()\nexcept e: a = g\na", "f e g"),
        ("match a:\n    case b.C(): pass\n    case _ if c: pass", "a b c"),
        ("with a as b: b", "a"),
        ("raise a from b", "a b"),
        ("assert a, b", "a b"),
    ],
)
def test_names_that_are_read(source: str, reads: str) -> None:
    assert walked(source).effects.reads == set(reads.split())


def test_imports_are_known_as_such_only_in_the_cell_itself() -> None:
    assert walked("import a.b\nfrom c import d\ne = 1\ndef f():\n    import g").effects.imports == {"a", "d"}


def test_a_star_binds_what_nobody_names() -> None:
    assert walked("from a import *").effects.binds_unknown
    assert not walked("from a import b").effects.binds_unknown


def test_python_that_only_newer_versions_read_is_walked() -> None:
    source = "try: a = 1\nexcept* E: a = 2"
    try:
        ast.parse(source)
    except SyntaxError:
        pytest.skip("this Python has no except*")
    assert walked(source).bound == {"a"}
