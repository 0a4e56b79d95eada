"""Words wrapped while they come: at every width, however the text is cut, changing only spaces of prose."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepseek_magic.render.word_wrap import Wrapping, breaks, columns, hanging, narrowest
from tests.commonmark.documents import documents, soups
from tests.commonmark.shapes import SHAPES

SAMPLE = """# A heading that is rather long, and goes on until it is wider than the terminal

A **p-value** is the probability of data at least as extreme as yours, *if the null hypothesis is true*.

- It is **not** the probability that the null hypothesis is true, whatever you have read.
  - nested items keep their own indent, so that they stay below their own text and not at the edge
10. ten is wide, and this line is long enough to be broken at the width of this terminal

> A quotation that is long enough to be broken; its lines carry the sign of the quotation.

See https://example.org/a/very/long/address/that/fits/no/line/of/this/terminal?query=which&goes=on and go on.

```python
x = "a line of code that is much longer than the terminal is wide, and that stays as it was typed"
```

    indented code that is much longer than the terminal is wide, and that stays as it was typed

| a table | with cells that are long enough to be wider than the terminal | as typed |
|---|---|---|

$$
a + b + c + d + e + f + g + h + i + j + k + l + m + n + o + p + q + r + s + t + u + v
$$

中文段落：运行平均值只需要一个数字和一个计数器，不需要保存全部数据。这句话很长，所以在「标点」处换行；English 也可以。
한국어 문단도 있습니다. 이 문장은 아주 길어서 줄바꿈이 필요합니다. 그리고 계속됩니다.
The end."""
TYPED = [line for line in SAMPLE.splitlines() if line.startswith(("x = ", "    ind", "|", "a + b", "```"))]


def wrapped(text: str, width: int, bar: str = "", cuts: random.Random | None = None) -> str:
    wrapping, out = Wrapping(lambda: width, bar), ""
    while text:
        size = cuts.choice((1, 2, 3, 5, 8, 40)) if cuts else len(text)
        out += wrapping.feed(text[:size])
        text = text[size:]
    return out + wrapping.flush()


@pytest.mark.parametrize("bar", ["", "│ "])
@pytest.mark.parametrize("width", [20, 40, 60, 80, 120])
def test_it_is_the_same_however_it_comes(width: int, bar: str) -> None:
    whole = wrapped(SAMPLE, width, bar)
    wrapping = Wrapping(lambda: width, bar)
    assert "".join(map(wrapping.feed, SAMPLE)) + wrapping.flush() == whole
    assert {wrapped(SAMPLE, width, bar, random.Random(seed)) for seed in range(30)} == {whole}


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_no_line_of_prose_is_wider_than_the_terminal_and_no_word_is_broken(width: int) -> None:
    lines = wrapped(SAMPLE, width).splitlines()
    assert all(line in lines for line in TYPED)
    assert all(columns(line) <= width for line in lines if line not in TYPED and "https" not in line)
    assert re.findall(r"[!-~가-힣]+", "\n".join(lines).replace("\n> ", " ")) == re.findall(
        r"[!-~가-힣]+", SAMPLE.replace("\n> ", " ")
    )
    assert not any(line[:1] in "，。；」" for line in lines if line)


def test_a_broken_line_goes_on_below_its_text() -> None:
    lines = wrapped(SAMPLE, 40).splitlines()
    for text, indent in (("- It is", "  "), ("  - nested", "    "), ("10. ten", "    "), ("> A quo", "> ")):
        place = next(number for number, line in enumerate(lines) if line.startswith(text))
        assert re.match(rf"{indent}\S", lines[place + 1])


@settings(deadline=None, max_examples=60)
@given(st.one_of(documents, soups, st.sampled_from(list(SHAPES.values()))), st.integers(8, 100), st.randoms())
def test_only_spaces_become_line_ends(text: str, width: int, cuts: random.Random) -> None:
    """And the signs of a quotation are repeated; where there is nothing to break, all stays as it is."""
    out = wrapped(text, width)
    assert wrapped(text, width, cuts=cuts) == out
    assert re.sub(r"[ \t\n>]+", "", out) == re.sub(r"[ \t\n>]+", "", text)
    assert wrapped(text, 10_000) == text


def test_only_the_last_word_is_held_back() -> None:
    wrapping = Wrapping(lambda: 80)
    assert wrapping.feed("One two thr") == "One two"
    assert wrapping.feed("ee") == ""
    assert wrapping.feed(" ") == " three"
    assert wrapping.feed("\n中文段落：运行平均值只需要一个数字") != ""
    assert wrapping.flush()


def test_a_word_that_fits_no_line_is_not_held_back() -> None:
    wrapping = Wrapping(lambda: 20)
    out = wrapping.feed("See " + "x" * 21)
    assert out == "See\n" + "x" * 21
    assert wrapping.feed("y") == "y"


def test_a_terminal_that_changes_its_width() -> None:
    widths = iter([12] * 30 + [200] * 200)
    wrapping = Wrapping(lambda: next(widths))
    lines = (wrapping.feed("word " * 40) + wrapping.flush()).splitlines()
    assert len(lines[0]) <= 12
    assert len(lines[-1]) > 12


@pytest.mark.parametrize(
    ("text", "width"), [("abc", 3), ("中文", 4), ("e\u0301", 1), ("한", 2), ("\ta", 9), ("a\u200bb", 2), ("🎉", 2)]
)
def test_columns(text: str, width: int) -> None:
    assert columns(text) == width


def test_what_is_named_by_a_label_goes_on_in_its_column() -> None:
    text = "Status\n  endpoint  the one on this machine\n  key  none"
    shown = "Status\n  endpoint  the one on\n            this machine\n  key  none"
    assert hanging(text, lambda: 24) == shown
    assert hanging("a label of some width  value and more", lambda: 20) == "a label of some\nwidth  value and\nmore"


def test_where_a_line_is_broken() -> None:
    assert list(breaks("one two  three", 7)) == [9]
    assert list(breaks("中文。中文", 5)) == [1, 3]
    assert list(breaks("https://example.org/long and", 10)) == [25]
    assert (narrowest("one three"), narrowest("中文。"), narrowest("")) == (5, 4, 0)
