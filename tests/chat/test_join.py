"""The seam of a reply in two parts: nothing is repeated and nothing is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepseek_magic.chat.join import end_of, joined

LONG = (
    "The method of least squares fits a line to the points. It makes the sum of the squared distances "
    "as small as it can be, and that sum has one lowest"
)
TAIL = end_of(LONG)
CODE = "Here it is:\n\n```python\ndef mean(values):\n    total = sum(values)"
TABLE = "| year | count |\n|---|---|\n| 2021 | 17 |\n| 2022 |"
ZEROS = "| a | b |\n|---|---|\n" + "| 0 | 0 |\n" * 12 + "| 0 | 0 |"
CJK = "最小二乘法是一种数学优化技术。它通过最小化误差的平方和寻找数据的最佳函数"

# The beginning, what the model sent, and what goes behind the beginning.
SEAMS = {
    "the end, word for word": (LONG, f"{TAIL} point.", " point."),
    "the end after blank lines": (LONG, f"\n\n{TAIL} point.", " point."),
    "prose before the end": (LONG, f"Sure, here is the rest:\n\n{TAIL} point.", " point."),
    "more than the end": (LONG, f"squares fits a line to the points. {LONG[55:]} point.", " point."),
    "everything anew": (LONG, f"{LONG} point.", " point."),
    "the last words only": (LONG, "has one lowest point.", " point."),
    "the last word only": (LONG, "lowest point.", " point."),
    "the last words after a blank": (LONG, " one lowest point.", " point."),
    "the last words after prose": (LONG, "Of course! Continuing:\n\none lowest point.", " point."),
    "the end, wrapped otherwise": (LONG, f"{TAIL.replace(' ', chr(10), 3)} point.", " point."),
    "the end in an ellipsis": (LONG, f"…{TAIL} point.", " point."),
    "the end in quotes": (LONG, f"> {TAIL} point.", " point."),
    "nothing repeated": (LONG, " point. It is found by calculus.", " point. It is found by calculus."),
    "nothing repeated, no blank": (LONG, "point.", " point."),
    "nothing repeated, after prose": (LONG, "Here is the rest of the answer:\n\nvalley.", " valley."),
    "a comma": (LONG, ", and it is found", ", and it is found"),
    "a new paragraph": (LONG, "\n\nThat is all.", "\n\nThat is all."),
    "nothing at all": (LONG, "", ""),
    "only the end": (LONG, TAIL, ""),
    "the end occurs twice": (LONG, f"{TAIL} point. Again: {TAIL} point.", f" point. Again: {TAIL} point."),
    "a word that was cut": ("The sum has a minim", "minimum there.", "um there."),
    "a word that was cut, its end": ("They are in the cont", "continent's north.", "inent's north."),
    "a short word that was cut": ("It is an", "answer.", " answer."),
    "the end is one word": ("Yes", "Yes, it is.", ", it is."),
    "the end is one letter": ("I", "I am here.", " am here."),
    "a repeated word of the language": ("He said that", "that was all.", " was all."),
    "chance letters": ("It was so", "old that it broke.", " old that it broke."),
    "inside a fence, its line": (CODE, "    total = sum(values)\n    return total\n```", "\n    return total\n```"),
    "inside a fence, opened anew": (
        CODE,
        "```python\n    total = sum(values)\n    return total\n```\n",
        "\n    return total\n```\n",
    ),
    "inside a fence, opened anew, nothing repeated": (
        CODE,
        "```python\n\n    return 1\n```\n",
        "\n    return 1\n```\n",
    ),
    "inside a fence, all of it anew": (CODE, f"{CODE[13:]}\n    return 1\n```", "\n    return 1\n```"),
    "inside a fence, prose and a fence": (
        CODE,
        "Sure, here is the rest of the code:\n\n```python\n    total = sum(values)\n    return 1\n```",
        "\n    return 1\n```",
    ),
    "inside a fence, goes on": (CODE, "\n    return total\n```\n", "\n    return total\n```\n"),
    "inside a fence, in mid-word": (f"{CODE}\n    ret", "    return total\n```", "urn total\n```"),
    "a fence that follows prose stays": ("See:", "```python\nx = 1\n```\n", "```python\nx = 1\n```\n"),
    "a closed fence": ("```\nx\n```", "\n```\ny\n```", "\n```\ny\n```"),
    "inside a table, its row": (TABLE, "| 2022 | 19 |\n| 2023 | 23 |", " 19 |\n| 2023 | 23 |"),
    "inside a table, its end": (TABLE, " 19 |\n", " 19 |\n"),
    "inside a table, all of it": (TABLE, f"{TABLE} 19 |\n", " 19 |\n"),
    "a table of equal rows": (ZEROS, f"{end_of(ZEROS)}\n| 0 | 0 |\n| 1 | 1 |", "\n| 0 | 0 |\n| 1 | 1 |"),
    "a table of equal rows, all of it": (ZEROS, f"{ZEROS}\n| 0 | 0 |\nEnd.", "\n| 0 | 0 |\nEnd."),
    "a list, its item": ("- one\n- two\n- thr", "- three\n- four", "ee\n- four"),
    "a list, its next item": ("- one\n- two", "\n- three", "\n- three"),
    "Chinese": (CJK, f"{CJK[-20:]}匹配。", "匹配。"),
    "Chinese, nothing repeated": (CJK, "匹配。", "匹配。"),
    "Japanese, the last characters": ("これは最小二乗法", "最小二乗法です。", "です。"),
    "Thai, nothing repeated": ("สวัสดี", "ครับ", "ครับ"),
    "an emoji": ("Well done 🚀", "🚀 indeed", "🚀 indeed"),
    "maths": (r"Then $\sum_i (y_i - \hat y_i)^2", r"\sum_i (y_i - \hat y_i)^2$ is least.", "$ is least."),
    "signs of a pattern": ("f(x) = a*x + (b", "f(x) = a*x + (b + c)", " + c)"),
    "no beginning": ("", "All of it.", "All of it."),
}


@pytest.mark.parametrize("name", SEAMS)
def test_the_seam(name):
    text, more, rest = SEAMS[name]
    assert joined(text, more) == rest


@pytest.mark.parametrize(
    ("blank", "more", "rest"),
    [
        ("\n", "- three\n", "\n- three\n"),
        ("\n\n", "That is all.", "\n\nThat is all."),
        (" ", "point", " point"),
        ("\n", "\n- three\n", "\n- three\n"),
        ("\n", "- two\n- three\n", "\n- three\n"),
    ],
)
def test_blank_space_at_the_end_of_the_beginning_is_put_back_where_the_rest_brings_none(blank, more, rest):
    assert joined("- one\n- two", more, blank) == rest


SENTENCES = st.lists(st.text("abcdefg .,\n|`#-", min_size=1, max_size=12), min_size=14, max_size=40).map(" ".join)


@given(SENTENCES, st.integers(20, 200))
def test_what_a_model_does_as_it_was_told_joins_to_the_whole(whole, cut):
    """Wherever it was cut: the end is repeated, and the rest follows."""
    text = whole[:cut].rstrip()
    end = end_of(text)
    if len(end) < 12:
        assert joined(text, whole[: len(text)] + whole[len(text) :]) in (whole[len(text) :], whole)
        return
    assert text + joined(text, end + whole[len(text) :]) == whole
