"""Where the value of an expression is from."""

from __future__ import annotations

import ast

import pytest

from deepseek_magic.notebook.slice.origins import elements, names_of, origins


def of_name(name):
    return frozenset({(name, "same")})


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("a", {("a", "same")}),
        ("a.b[0]", {("a", "part")}),
        ("[a, b.c]", {("a", "holds"), ("b", "holds")}),
        ("{'k': a}", {("a", "holds")}),
        ("[*a]", {("a", "copy")}),
        ("[a][0]", {("a", "same")}),
        ("a if b else c", {("a", "same"), ("c", "same")}),
        ("a or b()", {("a", "same")}),
        ("list(a)", {("a", "copy")}),
        ("a.get('k')", {("a", "part")}),
        ("a.fit(b)", {("a", "same")}),
        ("a.mean()", set()),
        ("a + b", set()),
    ],
)
def test_where_a_value_is_from(source, found):
    assert origins(ast.parse(source, mode="eval").body, of_name) == found


@pytest.mark.parametrize(
    ("target", "iterable", "found"),
    [
        ("x", "(a, b)", {"x": {("a", "same"), ("b", "same")}}),
        ("x", "a", {"x": {("a", "part")}}),
        ("i, x", "enumerate(a)", {"x": {("a", "part")}}),
        ("x, y", "zip(a, b)", {"x": {("a", "part")}, "y": {("b", "part")}}),
        ("k, (v, *w)", "a.items()", {"v": {("a", "part")}, "w": {("a", "part")}}),
    ],
)
def test_what_a_loop_binds(target, iterable, found):
    loop = ast.parse(f"for {target} in {iterable}: pass").body[0]
    assert isinstance(loop, ast.For)
    assert dict(elements(loop.target, loop.iter, of_name)) == found
    assert set(found) <= set(names_of(loop.target))
