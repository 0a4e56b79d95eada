"""The shape of requests: where and why a value does not have it, and what is common to all requests."""

from __future__ import annotations

from typing import Any

import pytest

from deepseek_magic.demo.documented_errors import Refused
from deepseek_magic.demo.request_shape import COMMON, NUMBER, BaseRequest, misfit, read


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        ("a", str),
        (1, NUMBER),
        (1.5, NUMBER),
        ("b", ("a", "b")),
        (["x", "y"], (str, [str])),
        ({"a": 1, "other": object}, {"a!": int, "b": str}),
        ({"b": None, "a": 1}, {"a!": int, "b": str}),
    ],
)
def test_what_fits(value: Any, shape: Any) -> None:
    assert misfit(value, shape) == ""


@pytest.mark.parametrize(
    ("value", "shape", "problem"),
    [
        (True, int, "invalid type: boolean `true`, expected u32"),
        (1, bool, "invalid type: integer `1`, expected a boolean"),
        ([], {"a": str}, "invalid type: sequence `[]`, expected a map"),
        ("c", ("a", "b"), "unknown variant `c`, expected one of `a`, `b`"),
        (3, (str, [str]), "invalid type: integer `3`, expected a sequence"),
        ({}, {"a!": str}, "missing field `a`"),
        ({"a": None}, {"a!": str}, "missing field `a`"),
        ({"a": [{"b": 1}, {}]}, {"a": [{"b!": int}]}, "a[1]: missing field `b`"),
        ({"a": {"b": ["x", 2]}}, {"a": {"b": [str]}}, "a.b[1]: invalid type: integer `2`, expected a string"),
    ],
)
def test_a_misfit_says_where_and_why(value: Any, shape: Any, problem: str) -> None:
    assert misfit(value, shape) == problem


def test_the_model_of_an_alias_is_the_one_that_answers() -> None:
    body, name = read(b'{"model": "deepseek-v4-flash"}', COMMON)
    assert (body, name) == ({"model": "deepseek-v4-flash"}, "deepseek-flash")


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"{", 400),
        (b'{"model": "deepseek-flash", "top_p": NaN}', 400),
        (b"[" * 100_000, 400),
        (b'{"model": 3}', 422),
        (b'{"model": "gpt"}', 400),
    ],
)
def test_any_other_body_is_refused(raw: bytes, status: int) -> None:
    with pytest.raises(Refused) as refused:
        read(raw, COMMON)
    assert refused.value.status == status


def test_one_stop_string_is_a_list_of_one() -> None:
    assert [BaseRequest(body, "", 1).stop for body in ({}, {"stop": "x"}, {"stop": ["x", "y"]})] == [
        [],
        ["x"],
        ["x", "y"],
    ]


def test_a_stream_and_its_usage_are_off_unless_asked_for() -> None:
    asked = BaseRequest({"stream": True, "stream_options": {"include_usage": True}}, "", 1)
    plain = BaseRequest({"stream_options": None}, "", 1)
    assert (asked.stream, asked.include_usage, plain.stream, plain.include_usage) == (True, True, False, False)
