"""Sections that fold: which raw tags make one, where it ends, and that no text is lost or hidden by half a tag."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepseek_magic.commonmark.blocks import read
from deepseek_magic.commonmark.code_blocks import code_blocks
from deepseek_magic.commonmark.structure import MAX_DEPTH
from deepseek_magic.commonmark.tree import Node
from deepseek_magic.render import safe_html
from deepseek_magic.render.page import Page
from tests.commonmark.test_splitter import calls, one_by_one
from tests.commonmark.trees import grown, split

CONTAINERS = ("quote", "list", "item", "details")


def outline(node: Node) -> object:
    if node.kind in CONTAINERS:
        return [node.kind + (f" {node.marker}" if node.kind == "details" and node.marker else ""),
                *map(outline, node.children)]  # fmt: skip
    return f"{node.kind}: {node.text}"


SECTIONS: dict[str, tuple[str, list[object]]] = {
    "as models write it": (
        "<details>\n<summary>A</summary>\n\nb\n\n- c\n\n</details>\n\nd",
        [["details", "summary: A", "paragraph: b", ["list", ["item", "paragraph: c"]]], "paragraph: d"],
    ),
    "on one line": ("<details><summary>A</summary>b</details>", [["details", "summary: A", "paragraph: b"]]),
    "text after the end": ("<details>\na</details> b", [["details", "paragraph: a"], "paragraph: b"]),
    "right after text": ("a\n<details>\nb\n</details>\nc",
                         ["paragraph: a", ["details", "paragraph: b"], "paragraph: c"]),
    "open, in capitals": ("<DETAILS open=\"\" markdown='1'>\na\n</Details >", [["details open", "paragraph: a"]]),
    "heading on lines of its own": (
        "<details>\n  <summary>\n    A\n    b\n  </summary>\n\nc\n</details>",
        [["details", "summary: A\nb", "paragraph: c"]],
    ),
    "heading that does not end": ("<details><summary>A\n\nb\n</details>\nc", [
        ["details", "summary: A", "paragraph: b"], "paragraph: c"]),
    "heading that ends with the section": ("<details><summary>A\nb</details>c", [["details", "summary: A\nb"],
                                           "paragraph: c"]),
    "one in another": (
        "<details>\n<summary>A</summary>\n<details>\n<summary>B</summary>\nc\n</details>\nd\n</details>\ne",
        [["details", "summary: A", ["details", "summary: B", "paragraph: c"], "paragraph: d"], "paragraph: e"],
    ),
    "two on one line": ("<details>a</details><details>b</details>c",
                        [["details", "paragraph: a"], ["details", "paragraph: b"], "paragraph: c"]),
    "both ends on one line": ("<details>\n<details>\na\n</details></details>\nb",
                              [["details", ["details", "paragraph: a"]], "paragraph: b"]),
    "in an item": (
        "- a\n  <details>\n  <summary>B</summary>\n\n  c\n  </details>\n- d",
        [["list", ["item", "paragraph: a", ["details", "summary: B", "paragraph: c"]], ["item", "paragraph: d"]]],
    ),
    "at the start of an item": ("- <details>a</details>", [["list", ["item", ["details", "paragraph: a"]]]]),
    "in a quote": ("> <details>\n> a\n> </details>\n> b", [["quote", ["details", "paragraph: a"], "paragraph: b"]]),
    "ends with the item it is in": ("- <details>\n  a\n\nb", [["list", ["item", ["details", "paragraph: a"]]],
                                                            "paragraph: b"]),
    "the end ends lists and tables": (
        "<details>\n- a\n</details>\n<details>\n|a|\n|-|\n|b|\n</details>",
        [["details", ["list", ["item", "paragraph: a"]]], ["details", "table: |a|\n|b|"]],
    ),
    "the end ends a formula": ("<details>\n$$\na\n</details>\nb", [["details", "paragraph: $$\na"], "paragraph: b"]),
    "tags in code are code": (
        "<details>\n```html\n</details>\n```\n`</details>` a\n</details>",
        [["details", "fence: </details>", "paragraph: `</details>` a"]],
    ),
    "never closed": ("<details>\n<summary>A</summary>\n\nb", [["details", "summary: A", "paragraph: b"]]),
    "a second heading is text": ("<details><summary>A</summary>\n<summary>B</summary>\n</details>",
                                 [["details", "summary: A", "paragraph: <summary>B</summary>"]]),
}  # fmt: skip


@pytest.mark.parametrize(("source", "outlines"), SECTIONS.values(), ids=list(SECTIONS))
def test_sections(source: str, outlines: list[object]) -> None:
    assert list(map(outline, read(source).finish())) == outlines
    assert one_by_one(source) == split(source)


@pytest.mark.parametrize(
    "source",
    [
        "<details class='x'>",
        '<details open onclick="x">',
        "<details",
        "see <details>",
        "</details>",
        "<summary>a</summary>",
        "    <details>",
        "`<details>`",
        "< details>",
        "<detailsopen>",
    ],
)
def test_other_tags_are_text(source: str) -> None:
    (node,) = read(source).finish()
    assert node.kind in {"paragraph", "code"}
    assert node.text == source.strip()


def test_nesting_stops_at_a_limit() -> None:
    count = MAX_DEPTH + 20
    source = "<details>\n" * count + "a\n" + "</details>\n" * count
    top, *_ = read(source).finish()
    depth, node = 0, top
    while node.kind == "details":
        depth, node = depth + 1, node.children[-1]
    assert depth == MAX_DEPTH
    html = safe_html.answer(source)
    assert html.count("<details") == html.count("</details>") == MAX_DEPTH
    assert html.count("&lt;details&gt;") == html.count("&lt;/details&gt;") == 20


_PIECES = ["<details>", "<details open>", "<summary>", "</summary>", "</details>", "\n", "\n\n", "a ", "`", "- ", "> ",
           "```\n", "| a |\n|---|\n", "$$\n", "  ", "<", "</", "\r\n"]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(_PIECES), max_size=30).map("".join), st.data())
def test_cuts_change_nothing(source: str, data: st.DataObject) -> None:
    """However it came, the blocks and the page are those of the whole, and all tags balance at any point."""
    cuts = sorted(data.draw(st.lists(st.integers(0, len(source)), max_size=6)))
    assert split(source, *cuts) == split(source) == one_by_one(source)
    page = Page()
    for start, end in zip((0, *cuts), (*cuts, len(source)), strict=True):
        page.feed(source[start:end])
        page.tail()
    assert page.finish() == safe_html.answer(source)
    for end in cuts:
        html = grown(source[:end])
        assert html.count("<details") == html.count("</details>")


def test_what_is_seen_while_it_grows() -> None:
    """Never half a tag; the heading as soon as it has a letter."""
    source = "<details>\n<summary>Ab</summary>\n\nc\n</details>\n"
    views = [re.sub(r"<[^>]*>", "|", grown(source[:end])).strip("|") for end in range(1, len(source) + 1)]
    assert list(dict.fromkeys(views)) == ["", "A", "Ab", "Ab||c"]
    code = "```\n<det"
    assert "&lt;det" in grown(code)


def test_the_page_shows_a_section_closed_with_its_heading() -> None:
    html = safe_html.answer("<details>\n<summary><b>A</b> <strong>*b*</strong> $5</summary>\n\nc\n\n</details>")
    assert re.sub(r' (?:style|dir|class)="[^"]*"', "", html) == (
        "<details><summary><b>A</b> <em>b</em> <span>$</span>5</summary><p>c</p></details>"
    )
    assert "<summary" in safe_html.answer("<details>\na\n</details>")
    assert "<details" not in safe_html.answer("<details>\n</details>")
    assert ' open="" ' in safe_html.answer("<details open>\na\n</details>")


def test_code_in_a_section_is_code_of_the_reply() -> None:
    (block,) = code_blocks("<details>\n<summary>x</summary>\n\n```python\nx = 1\n```\n\n</details>\n")
    assert (block.source, block.name) == ("x = 1", "python")


@pytest.mark.thorough
@pytest.mark.parametrize(
    "unit",
    ["<details>", "</details>", "<details></details>", "<details>`a`</details>", "<summary>", "<details>a", "`<details",
     "<details>\n", "<details>\na\n</details>\n", "<details><summary>a\n", "<"],
)  # fmt: skip
def test_work_is_linear(unit: str) -> None:
    def work(size: int) -> int:
        return calls(lambda: one_by_one((unit * size)[:size]))

    assert work(6000) <= 2.3 * work(3000)
