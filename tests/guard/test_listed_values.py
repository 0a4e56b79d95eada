"""Values in the order of names that are given once: statements of SQL and structured arrays."""

from __future__ import annotations

import numpy as np
import pytest

from deepseek_magic.guard.listed_values import by_listing


def found(text: str) -> list[str]:
    return [text[start:end] for start, end, _ in by_listing(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("INSERT INTO u (name, password) VALUES ('bob', 'tiger')", ["tiger"]),
        ("insert into u (`password`, n) values ('tiger', 1), ('wolf99', 2);", ["tiger", "wolf99"]),
        ('INSERT INTO u ("a", "pwd", "b") VALUES (1, \'it\'\'s me 7\', NULL)', ["it''s me 7"]),
        ("INSERT INTO u (name, n) VALUES ('tiger', 1)", []),
        ("INSERT INTO u (name, password) VALUES ('bob', %s)", []),
        ("INSERT INTO u (name, password) VALUES ('bob', '')", []),
        ("INSERT INTO u (name, password) VALUES ('a', 'b', 'tiger')", []),
        ("INSERT INTO u (name, password) VALUES (?, ?); f('bob', 'tiger')", []),
        ("for value in d.values(): f(password)('a', 'b')", []),
    ],
)
def test_sql(text, expected):
    assert found(text) == expected


@pytest.mark.parametrize("kind", [np.array, np.rec.array])
def test_structured_arrays(kind):
    rows = [("bob", "tiger", 3), ("ann", "wolf", 4)]
    array = kind(rows, dtype=[("user", "U10"), ("password", "U40"), ("n", "i8")])
    assert found(repr(array)) == ["tiger", "wolf"]
    assert found(f"{array[0]!r} and {array[1]!r}") == (["tiger", "wolf"] if kind is np.array else [])
    assert found(repr(array[["user", "n"]])) == []


def test_each_row_is_read_once():
    assert found("array([('a', 'tiger')], dtype=[('n', 'U1'), ('password', 'U9')])" * 3) == ["tiger"] * 3
