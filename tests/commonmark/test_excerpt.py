"""Markdown on one line of a list, in words."""

from __future__ import annotations

import pytest

from deepseek_magic.commonmark.excerpt import excerpt


@pytest.mark.parametrize(
    ("markdown", "words"),
    [
        (
            "Here is a **short** lesson.\n\n# Joins in `pandas`\n\nA join",
            "Here is a short lesson. Joins in pandas A join",
        ),
        ("First read it:\n\n```python\nimport csv\n```\n", "First read it: import csv"),
        ("- one\n- *two*\n  1. three\n", "one two three"),
        ("| a | b |\n|---|---|\n| 1 | ~~2~~ |\n", "a b 1 2"),
        ("See [the page](https://example.org/x) and ![a picture](y.png)\\\nnow", "See the page and a picture now"),
        ("> so `a_b_c` = 2 * 3 * 4 costs $x^2$ and \\*stars\\*", "so a_b_c = 2 * 3 * 4 costs $x^2$ and *stars*"),
        ("un**believ**able", "unbelievable"),
        ('{"a": "*b*"}', '{"a": "*b*"}'),
        ("---", "---"),
        ("", ""),
    ],
)
def test_signs_are_left_out_and_words_stay_apart(markdown, words):
    assert excerpt(markdown, 80) == words


def test_only_the_beginning_is_read():
    assert excerpt("**word** " * 100_000, 20) == "word word word word…"
    assert excerpt("```\n" + "x" * 100_000, 20) == "x" * 19 + "…"
