"""A JSON value as markdown while it grows: rows and branches as soon as they are whole, and no markup in them."""

from __future__ import annotations

import json
import re
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepseek_magic.render.safe_html import answer as answer_html
from deepseek_magic.structured.instructions import wrapping_key
from deepseek_magic.structured.live_view import JsonMarkdown, markdown_of
from tests.each import each
from tests.render.hostile import CORPUS
from tests.structured.schemas import schema_of
from tests.structured.shapes import CASES

PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12)
VALUE = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4)
)
ROWS = st.lists(st.dictionaries(st.sampled_from(["a", "b", "c|d", "e f"]), PLAIN, min_size=1, max_size=4), max_size=6)


def seen(text: str, schema=None, size: int = 3) -> list[str]:
    """What each piece of ``text`` adds."""
    markdown = JsonMarkdown(schema)
    return [markdown.feed(text[place : place + size]) for place in range(0, len(text), size)]


TABLES_AND_TREES = {"div", "table", "thead", "tbody", "tr", "th", "td", "ul", "li", "strong", "p"}


def tags(html: str) -> set[str]:
    """The elements in ``html``; what keeps MathJax from a text does not count."""
    return set(re.findall(r'<(?!span class="tex2jax_ignore mathjax_ignore">)([a-z0-9]+)', html))


def cells(text: str) -> list[list[str]]:
    """The cells of the table that the reader sees, row by row."""
    html = str(answer_html(text))
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", html, re.DOTALL)
    return [
        [re.sub(r"<[^>]*>", "", one).strip() for one in re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.DOTALL)]
        for row in rows
    ]


@settings(deadline=None)
@given(st.dictionaries(st.text(max_size=6), VALUE, max_size=6) | ROWS, st.integers(1, 40))
def test_the_pieces_join_to_the_whole(value, size):
    text = json.dumps(value)
    assert "".join(seen(text, size=size)) == markdown_of(value)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_the_pieces_of_each_shape_join_to_the_whole(case, size):
    schema = schema_of(case.spec)
    key = wrapping_key(schema)
    value = case.right[key] if key and isinstance(case.right, dict) and case.right.keys() == {key} else case.right
    joined = "".join(seen(json.dumps({key: value} if key else value), schema, size))
    if isinstance(value, (list, dict)):
        assert joined == markdown_of(value, schema)
    else:
        assert joined == ""  # one word: it is shown when it is whole
        assert markdown_of(value, schema)


def test_rows_are_shown_as_they_are_whole():
    rows = [{"city": "Oslo", "degrees": 3}, {"city": "Rome", "degrees": 19.5}]
    markdown = JsonMarkdown(schema_of(list[dict]))
    assert markdown.feed('{"items": [{"city": "Oslo", "degr') == ""
    assert markdown.feed('ees": 3}') == ""
    assert markdown.feed(", {") == "| city | degrees |\n|---|---|\n| Oslo | 3 |\n"
    assert markdown.feed('"city": "Rome", "degrees": 19.5') == ""
    assert markdown.feed("}]") == ""
    assert markdown.feed("}") == "| Rome | 19&#46;5 |\n"
    assert cells(markdown_of(rows)) == [["city", "degrees"], ["Oslo", "3"], ["Rome", "19.5"]]


def test_branches_are_shown_as_they_are_whole():
    markdown = JsonMarkdown(None)
    assert markdown.feed('{"name": "Os') == ""
    assert markdown.feed('lo", "parts": ') == "- **name**: Oslo\n"
    assert markdown.feed("[") == ""
    assert markdown.feed("[], {") == "- **parts**\n  - **1**: &#91;&#93;\n"
    assert markdown.feed('"n": 1, "empty": {}') == "  - **2**\n    - **n**: 1\n"
    assert markdown.feed("}") == ""
    assert markdown.feed(", 3") == ""
    assert markdown.feed("]}") == "    - **empty**: &#123;&#125;\n  - **3**: 3\n"


def test_rows_of_other_keys_than_the_first_lose_nothing():
    text = markdown_of([{"a": 1}, {"b": 2}, {"a": 3, "b": {"c": 4}}, 5])
    assert cells(text) == [["a"], ["1"], ['{"b": 2}'], ['3 {"b": {"c": 4}}'], ["5"]]


def test_columns_stand_in_the_order_of_the_schema():
    schema = {"type": "array", "items": {"type": "object", "properties": {"b": {}, "a": {}, "c": {}}}}
    assert cells(markdown_of([{"a": 1, "b": 2}], schema)) == [["b", "a", "c"], ["2", "1", ""]]


def test_a_list_of_plain_values_is_a_list():
    html = str(answer_html(markdown_of(["a", 1, None, "1. b", "- c", "# d"])))
    assert html.count("<li") == 6
    assert html.count("<ol") == html.count("<h1") == 0


@pytest.mark.parametrize(
    "text",
    [
        "a | b \\| c",
        "<script>alert(1)</script>",
        "**bold** _em_ `code` ~~gone~~",
        "[link](javascript:alert(1)) https://example.org www.example.org a@example.org",
        "![image](https://example.org/x.png)",
        "$$\\alpha$$ and \\(x\\) and $y$",
        "&lt;b&gt; &amp; &#60;",
        "# heading",
        "1. one",
        "> quote",
        "```\nfence",
        "line\nbreak\r\nand\ttab",
        "שלום עולם",
        "مرحبا بالعالم",
        "\x1b[31mred\x00 \u202egnp",
        "x" * 5_000,
    ],
)
def test_what_a_cell_holds_is_no_markup(text):
    shown = " ".join(text.split())
    if len(shown) > 400:
        shown = shown[:399] + "…"
    shown = shown.replace("\x1b", "\\x1b").replace("\x00", "\\x00").replace("\u202e", "\\u202e")
    for value in ([{"a": text, "b": 1}], {"a": text}, [text]):
        html = str(answer_html(markdown_of(value)))
        assert tags(html) <= TABLES_AND_TREES
        plain = re.sub(r"<[^>]*>", "", html)
        plain = (
            plain.replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", '"')
            .replace("&#x27;", "'")
            .replace("&amp;", "&")
        )
        assert shown in " ".join(plain.split())
    key = str(answer_html(markdown_of({text: 1}))) + str(answer_html(markdown_of([{text: 1}])))
    assert tags(key) <= TABLES_AND_TREES


@each("text", dict(CORPUS))
def test_hostile_texts_in_cells(text):
    for value in ([{"a": text, text: "b"}], {"a": {text: text}}, [text]):
        html = str(answer_html(markdown_of(value)))
        assert tags(html) <= TABLES_AND_TREES
        assert len(html) < 20_000


def test_directions_of_writing_are_the_cells_own():
    html = str(answer_html(markdown_of([{"a": "שלום", "b": "hello"}])))
    assert html.count('dir="auto"') >= 2


@pytest.mark.thorough
@pytest.mark.parametrize(
    "value",
    [
        [{"a": number, "b": "x" * 50} for number in range(500)],
        {f"k{number}": number for number in range(1_000)},
        {"a": {"b": [{"c": number} for number in range(1_000)]}},
        {"a": "x" * 40_000},
        {"a": [[[]] * 1_000, {}]},
    ],
    ids=["rows", "keys", "nested", "a long text", "empty lists"],
)
def test_the_work_grows_with_the_reply_alone(value):
    text = json.dumps(value)

    def calls(size: int) -> int:
        counted = 0

        def count(*_: object) -> None:
            nonlocal counted
            counted += 1

        sys.setprofile(count)
        try:
            seen(text[:size], size=4)
        finally:
            sys.setprofile(None)
        return counted

    assert calls(len(text)) < 2.5 * calls(len(text) // 2) + 100
