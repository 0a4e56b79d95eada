"""What the model is told so that its reply is the value, and what it is told where it was not."""

from __future__ import annotations

import pytest

from deepseek_magic.structured.instructions import correction
from deepseek_magic.structured.problem import Problem


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (Problem("empty", "a JSON value", "an empty reply"), "The reply was empty. "),
        (Problem("cut", "the rest", "the end", ("items", 3)), "The reply was cut off at items[3]. "),
        (Problem("syntax", "valid JSON", '"x" at line 1, column 2'), "The reply is not valid JSON. At the reply: "),
        (Problem("several", "one JSON value", "two values"), "The reply holds more than one JSON value. "),
        (Problem("shape", "a number", '"n/a"', ("rows", 3, "a b")), 'schema:\n- rows[3]["a b"]: expected a number, '),
    ],
)
def test_the_second_question_says_what_was_wrong(problem, said):
    asked = correction(problem)
    assert said in asked
    assert "JSON object and nothing else" in asked


def test_a_long_list_of_misfits_is_told_in_part():
    problems = [Problem("shape", "a number", '"x"', ("items", number)) for number in range(9)]
    asked = correction(problems)
    assert asked.count("\n- items[") == 5
    assert "- and 4 more of the kind" in asked
