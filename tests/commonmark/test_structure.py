"""The tree of blocks: what stands where, what is still open, and what a deep or cut text cannot do."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from deepseek_magic.commonmark.blocks import BlockParser, read
from deepseek_magic.commonmark.links import Target
from deepseek_magic.commonmark.structure import MAX_DEPTH
from deepseek_magic.commonmark.tree import Node
from tests.commonmark.documents import documents


def outline(node: Node) -> object:
    """A block as its kind, with the text of a leaf or what a container holds."""
    if node.kind in ("quote", "list", "item"):
        return [node.kind, *map(outline, node.children)]
    return f"{node.kind}: {node.text}"


@pytest.mark.parametrize(
    ("source", "outlines"),
    [
        ("", []),
        (" \n\t\n", []),
        ("a\nb\n\nc", ["paragraph: a\nb", "paragraph: c"]),
        ("a\n> b\nc", ["paragraph: a", ["quote", "paragraph: b\nc"]]),
        ("a\n===\nb\n--", ["heading: a", "heading: b"]),
        ("[a]: b\n===\n", ["paragraph: ==="]),
        ("- a\n\n  b\n-\tc", [["list", ["item", "paragraph: a", "paragraph: b"], ["item", "paragraph: c"]]]),
        ("- a\n* b", [["list", ["item", "paragraph: a"]], ["list", ["item", "paragraph: b"]]]),
        ("a\n2. b", ["paragraph: a\n2. b"]),
        ("```\n- a\n> b", ["fence: - a\n> b"]),
        ("> ```\n> a\nb", [["quote", "fence: a"], "paragraph: b"]),
        ("|a|\n|-|\n|b|", ["table: |a|\n|b|"]),
        ("$$\n=\n- a\n$$", ["paragraph: $$\n=\n- a\n$$"]),
        ("    a\n\n\tb\n\n", ["code: a\n\nb"]),
    ],
)
def test_blocks_of_a_text(source: str, outlines: list[object]) -> None:
    assert list(map(outline, read(source).finish())) == outlines


@pytest.mark.parametrize("marker", ["> ", "- ", "1. "])
def test_nesting_stops_at_a_limit_and_the_rest_is_text(marker: str) -> None:
    (top,) = read(marker * 1_000 + "a").finish()
    containers = [node for node in _all(top) if node.kind != "list" and node.children]
    assert len(containers) == MAX_DEPTH
    (leaf,) = top.leaves()
    assert leaf.text == (marker * (1_000 - MAX_DEPTH)) + "a"


def _all(node: Node) -> list[Node]:
    return [node, *(found for child in node.children for found in _all(child))]


def test_a_block_starts_where_its_first_line_starts() -> None:
    source = "# a\r\n\r\n- b\r  - c\n\n```\nd\n```\ne"
    starts = {node.text: node.start for top in read(source).finish() for node in top.leaves()}
    assert {text: source[start:].splitlines()[0] for text, start in starts.items()} == {
        "a": "# a", "b": "- b", "c": "  - c", "d": "```", "e": "e",
    }  # fmt: skip


def test_the_first_definition_of_a_label_is_kept() -> None:
    parser = read("[A  b]: /one 'x'\n[a B]: /two\n\n> [c]: <d e>\n")
    parser.finish()
    assert parser.definitions == {"a b": Target("/one", "x"), "c": Target("d e", "")}


@settings(max_examples=60, deadline=None)
@given(documents)
def test_a_copy_goes_on_alone(source: str) -> None:
    """After each line a copy is read to an end of its own; the parser it was taken from does not notice."""
    parser = BlockParser()
    for line in source.splitlines(keepends=True):
        parser.read(line)
        twin = parser.copy()
        twin.read("\n- x\n")
        twin.finish()
    assert parser.finish() == read("".join(source.splitlines(keepends=True))).finish()


@pytest.mark.parametrize(
    ("source", "line", "over"),
    [
        ("a\n", "b", False),
        ("# a\n", "b", True),
        ("- a\n", "- b", False),
        ("- a\n\n", "b", True),
        ("- a\n\n", "  b", False),
        ("1. a\n\n", "2", False),
        ("> a\n\n", "> b", True),
        ("    a\n", "b", True),
        ("```\na\n", "b", False),
    ],
)
def test_whether_a_block_can_go_on(source: str, line: str, over: bool) -> None:
    assert read(source).is_over(line) is over


def test_the_line_ahead_is_looked_at_and_not_taken() -> None:
    parser = read("> - a\n")
    assert parser.ahead(">   b ") == ("b", True)
    assert parser.ahead("> b") == ("b", False)
    assert [outline(node) for node in parser.finish()] == [["quote", ["list", ["item", "paragraph: a"]]]]
