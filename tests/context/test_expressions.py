"""The ``{expression}`` of a question: which are meant, what they read, what they become."""

from __future__ import annotations

import datetime
import decimal

import numpy as np
import pytest

from deepseek_magic.context.expressions import FUNCTIONS, parse
from deepseek_magic.errors import QuestionError
from deepseek_magic.guard import Guard, Redactor

REDACTOR = Redactor(Guard("mask", {}), "the question")


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("a", {"a"}),
        ("a.b[c]", {"a", "c"}),
        ("f(x, y=z)", {"f", "x", "z"}),
        ("-a", {"a"}),
        ("a + 1", {"a"}),
        ("a if b else c", {"a", "b", "c"}),
        ("sum(i for i in a)", {"sum", "a"}),
        ("(lambda b: a + b)(1)", {"a"}),
    ],
)
def test_expressions_that_are_meant(source: str, names: set[str]) -> None:
    found = parse(source)
    assert (found.source, found.names, str(found)) == (source, names, source)


@pytest.mark.parametrize(
    "source",
    ["", " a", "a ", "a b", "1", "'a'", "a, b", "[a]", "{a}", "a: b", "a:10", "a == b", "a and b", "not a", "a := 1",
     "(a := 1).b", "f(await a)", "f((yield))", "a # b", "lambda: a", "*a", "a!x", "a!", "(" * 500, "\0", "a|b"],
)  # fmt: skip
def test_braces_that_mean_something_else(source: str) -> None:
    assert parse(source) is None


@pytest.mark.parametrize(
    ("source", "conversion", "form"),
    [
        ("a!r", "r", ""),
        ("a:.2f", "", ".2f"),
        ("a!s:>10", "s", ">10"),
        ("a['b:c']:,", "", ","),
        ("d:%Y-%m", "", "%Y-%m"),
    ],
)
def test_conversions_and_formats(source: str, conversion: str, form: str) -> None:
    found = parse(source)
    assert (found.conversion, found.format, str(found)) == (conversion, form, source)


@pytest.mark.parametrize(
    ("source", "value", "text"),
    [
        ("a:.2f", 1 / 3, "0.33"),
        ("a!r", "b'c", '"b\'c"'),
        ("a:,", np.int64(12345), "12,345"),
        ("a:.1%", decimal.Decimal("0.256"), "25.6%"),
        ("a:%d.%m.", datetime.date(2026, 11, 29), "29.11."),
        ("a:.2f", "text", None),
        ("a:.2f", [1], None),
        ("a!r", object(), None),
    ],
)
def test_a_value_is_formatted_by_its_base_type(source: str, value: object, text: str | None) -> None:
    assert parse(source).formatted(value) == text


def test_a_format_never_runs_code_of_the_users_class() -> None:
    class Loud(str):
        def __format__(self, form: str) -> str:
            raise AssertionError(form)

    assert parse("a:>3").formatted(Loud("b")) == "  b"


def test_the_value_is_that_of_the_users_names_first() -> None:
    assert parse("len(a) + b").value({"a": "xyz", "b": 1}, REDACTOR) == 4
    assert parse("len(a)").value({"a": 2, "len": lambda a: a * 21}, REDACTOR) == 42
    assert not FUNCTIONS & {"open", "exec", "eval", "input", "__import__", "print", "compile", "globals", "vars"}


@pytest.mark.parametrize("source", ["a['b']", "1 / a", "f(2)", "a.nothing"])
def test_what_it_raises_is_one_line_that_says_what_to_do(source: str) -> None:
    def f(count: int) -> None:
        raise RuntimeError("one\ntwo " * 500)

    with pytest.raises(QuestionError) as caught:
        (parse(source) or parse(f"({source}).x")).value({"a": 0, "f": f}, REDACTOR)
    said = str(caught.value)
    assert said.startswith(f"{{{source}")
    assert said.endswith("Nothing was sent: correct it, or send the braces as typed with --raw")
    assert said.isprintable()
    assert len(said) < 400


def test_a_secret_in_what_it_raises_is_masked() -> None:
    secret = "".join(("ghp", "_", "Zq7Wm3Rt9Lx5Vb1Nc8Hd4Jf6Gs2Kp0Ty3Ua"))
    with pytest.raises(QuestionError) as caught:
        parse(f"a['{secret}']").value({"a": {}}, REDACTOR)
    assert secret not in str(caught.value)
    assert "KeyError" in str(caught.value)
