"""A case that fails is named, whatever it raises, and keeps none from being tried."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.each import each


def test_each_case_that_fails_is_named_and_all_are_tried() -> None:
    tried = []

    @each("number", {"one": 1, "two": 2, "none": 0, "three": 3})
    def check(number: int, least: int) -> None:
        tried.append(number)
        assert 6 / number < 6 / least

    with pytest.raises(pytest.fail.Exception) as failed:
        check(least=2)
    assert tried == [1, 2, 0, 3]
    lines = str(failed.value).splitlines()
    assert lines[0] == "3 of 4 cases failed: one, two, none"
    assert [line for line in lines if line.startswith("[")] == ["[one]", "[two]", "[none]"]
    assert "ZeroDivisionError: division by zero" in lines
    assert any("assert (6 / 1) < (6 / 2)" in line for line in lines)


@each("number", {"one": 1, "two": 2})
def test_fixtures_are_those_of_the_test(tmp_path: Path, number: int) -> None:
    (tmp_path / str(number)).touch()
    assert len(list(tmp_path.iterdir())) == number


def test_no_case_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="no case"):
        each("number", {})
