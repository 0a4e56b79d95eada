"""The splitter: the same blocks however a reply is cut, nothing lost, nothing closed too early, linear work."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepseek_magic.commonmark.blocks import read
from deepseek_magic.commonmark.splitter import PIECE, SMALL_PIECE, Block, BlockSplitter, wholes
from deepseek_magic.commonmark.tree import Node
from tests.commonmark.documents import documents, soups
from tests.commonmark.shapes import SHAPES
from tests.commonmark.trees import split
from tests.each import each

LONG = {
    "fence": "```python\n" + "x = 1  # a line of code\n" * 200 + "```\n",
    "open fence": "~~~\n" + "y\n" * 2000,
    "table": "| a | b |\n|---|---|\n" + "| 1 | two |\n" * 300 + "\nend\n",
    "bullets": "".join(f"- item {n}\n  - nested\n" for n in range(200)),
    "numbers": "".join(f"{n}. item\n" for n in range(1, 300)),
    "loose ones": "1. item\n\n" * 300,
    "indented bullets": "   - item\n" * 300,
}


def one_by_one(source: str) -> tuple[Block, ...]:
    return split(source, *range(1, len(source)))


@each("source", SHAPES | LONG)
def test_one_character_at_a_time_gives_the_same_blocks(source: str) -> None:
    blocks = split(source)
    assert one_by_one(source) == blocks
    assert "".join(block.source for block in blocks) == source
    assert not blocks or blocks[-1].last


@settings(max_examples=150, deadline=None)
@given(st.one_of(documents, soups), st.data())
def test_random_cuts_give_the_same_blocks(source: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(source)), max_size=6)))
    blocks = split(source)
    assert split(source, *cuts) == blocks
    assert one_by_one(source) == blocks
    assert "".join(block.source for block in blocks) == source


@settings(max_examples=120, deadline=None)
@given(st.one_of(documents, soups), st.data())
def test_what_was_closed_stays_closed(source: str, data: st.DataObject) -> None:
    prefix = source[: data.draw(st.integers(0, len(source)))]
    splitter = BlockSplitter()
    closed = splitter.feed(prefix)
    assert "".join(block.source for block in closed) + splitter.tail.source == prefix
    assert split(source)[: len(closed)] == closed


def test_finish_leaves_nothing_and_the_splitter_can_start_again() -> None:
    splitter = BlockSplitter()
    splitter.feed("```\na")
    assert splitter.tail.source == "```\na"
    assert splitter.finish() == split("```\na")
    assert splitter.tail.source == ""
    assert splitter.finish() == ()
    assert splitter.feed("b\n\nc") == split("b\n\n")


@pytest.mark.parametrize(
    ("source", "sources"),
    [
        ("a\n\n\nb\n", ["a\n\n\n", "b\n"]),
        ("\n\na\n", ["\n\na\n"]),
        ("\n \n", ["\n \n"]),
        ("# a\nb\n# c\n", ["# a\n", "b\n", "# c\n"]),
        ("a\n- b\n\n- c\n\nd\n", ["a\n", "- b\n\n- c\n\n", "d\n"]),
        ("a\nb\n---\nc", ["a\nb\n---\n", "c"]),
        ("a\n| h |\n|---|\n| 1 |\n", ["a\n", "| h |\n|---|\n| 1 |\n"]),
        ("| h |\n|---|\n| $$ |\n- a\n", ["| h |\n|---|\n| $$ |\n", "- a\n"]),
        ("> a\nb\n\n> c\n", ["> a\nb\n\n", "> c\n"]),
        ("```\n\na\n```\n\nb", ["```\n\na\n```\n\n", "b"]),
        ("    a\n\n    b\n\nc", ["    a\n\n    b\n\n", "c"]),
        ("a\r\n\r\nb\r", ["a\r\n\r\n", "b\r"]),
        ("a\u2028b\x0cc\x85d\n", ["a\u2028b\x0cc\x85d\n"]),
        ("[a]: b\n\nc\n", ["[a]: b\n\n", "c\n"]),
        ("a\n$$\nx\n=\ny\n$$\nb\n\nc", ["a\n$$\nx\n=\ny\n$$\nb\n\n", "c"]),
    ],
)
def test_blank_lines_belong_to_the_block_before(source: str, sources: list[str]) -> None:
    assert [block.source for block in split(source)] == sources


@pytest.mark.parametrize(
    ("before", "ahead", "closes"),
    [
        ("a\n\n", "b", True),
        ("# a\n", "b", True),
        ("```\na\n```\n", "b", True),
        ("- a\n\n", "b", True),
        ("- a\n\n", "- ", False),
        ("- a\n\n", "  b", False),
        ("1. a\n\n", "2", False),
        ("1. a\n\n", "   b", False),
        ("1. a\n\n", "x", True),
        ("> a\n\n", "b", True),
        ("> a\n", "b", False),
        ("a\n", "b", False),
        ("a\n\n", "   ", False),
        ("    a\n\n", "    b", False),
        ("    a\n\n", "b", True),
        ("| a |\n|---|\n", "b", False),
        ("| a |\n|---|\n\n", "b", True),
        ("- ```\n  a\n", "b", True),
    ],
)
def test_a_block_closes_with_the_first_word_that_is_not_its_own(before: str, ahead: str, closes: bool) -> None:
    splitter = BlockSplitter()
    assert splitter.feed(before) == ()
    assert (splitter.feed(ahead) != ()) is closes


@pytest.mark.parametrize("name", LONG)
def test_long_blocks_are_cut_into_pieces(name: str) -> None:
    blocks = split(LONG[name])
    pieces = [block for block in blocks if not block.last]
    assert len(pieces) >= 2
    sizes = [SMALL_PIECE if "fence" in name or (name == "table" and piece.resumed) else PIECE for piece in pieces]
    assert all(size <= len(piece.source) <= size + 100 for size, piece in zip(sizes, pieces, strict=True))
    assert [after.resumed for _, after in itertools.pairwise(blocks)] == [not before.last for before in blocks[:-1]]


def test_pieces_say_what_they_resume() -> None:
    assert split(LONG["fence"])[1].nodes[0].language == "python"
    table = split(LONG["table"])[1].nodes[0]
    assert (table.lines[0], table.columns) == ("| a | b |", ("", ""))
    assert split(LONG["bullets"])[1].nodes[0].marker == "-"
    numbers = split(LONG["numbers"])
    assert numbers[1].nodes[0].number == int(numbers[1].source.split(".")[0])
    first, second = split(LONG["loose ones"])[:2]
    assert second.nodes[0].number == 1 + first.source.count("1.")
    assert second.nodes[0].loose


def test_the_tail_resumes_too() -> None:
    splitter = BlockSplitter()
    splitter.feed(LONG["table"].removesuffix("\nend\n"))
    assert splitter.tail.resumed
    assert splitter.tail.nodes[0].lines[0] == "| a | b |"
    assert 0 < len(splitter.tail.source) <= PIECE + 100


@each("source", SHAPES | LONG)
def test_the_trees_of_the_blocks_are_the_tree_of_the_whole(source: str) -> None:
    assert list(map(shape, wholes(split(source)))) == list(map(shape, read(source).finish()))


def shape(node: Node) -> object:
    """What of a tree is shown."""
    return (
        node.kind,
        node.number,
        node.loose,
        node.info,
        node.text,
        node.columns,
        [shape(one) for one in node.children],
    )


@pytest.mark.parametrize("text", ["word " * 1000, "> word\n" * 1000, "- " + "word\n  " * 1000])
def test_paragraphs_quotes_and_single_items_are_never_cut(text: str) -> None:
    assert len(split(text)) == 1


@pytest.mark.parametrize(
    "source",
    [
        ">" * 20_000,
        "- " * 20_000,
        "1. " * 20_000,
        "> - " * 10_000,
        "- a\n" + "".join(f"{'  ' * n}- b\n" for n in range(300)),
    ],
    ids=["quotes", "bullets", "numbers", "both", "staircase"],
)
def test_deep_nesting_is_bounded(source: str) -> None:
    assert "".join(block.source for block in split(source)) == source


def calls(work: Callable[[], object]) -> int:
    """How many functions, Python's own included, ``work`` calls."""
    count = 0

    def tick(frame: object, event: str, arg: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(tick)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


ENDLESS = {
    "line": "word ",
    "paragraph": "word\n",
    "list": "- item\n",
    "item": "- a\n" + "  b\n" * 20,
    "nested list": "- a\n  - b\n    - c\n",
    "table": "| a |\n|---|\n| b |\n" * 3,
    "fence": "```\n" + "x\n" * 50,
    "quote": "> a\n",
    "blank lines": "\n",
    "blank": " ",
    "tabs": "\t",
    "returns": "\r",
    "definitions": "[a]: b\n",
    "setext": "a\n=\n",
    "formula": "$$\na\n",
    "half tables": "| a\n",
}


@pytest.mark.thorough
@pytest.mark.parametrize("unit", ENDLESS.values(), ids=list(ENDLESS))
def test_work_is_linear_for_one_character_feeds(unit: str) -> None:
    def work(size: int) -> int:
        return calls(lambda: one_by_one((unit * size)[:size]))

    assert work(6000) <= 2.3 * work(3000)


def test_memory_of_an_endless_fence_is_one_piece() -> None:
    splitter = BlockSplitter()
    splitter.feed("```\n")
    for _ in range(2000):
        splitter.feed("x = 1\n")
        assert len(splitter.tail.source) <= PIECE + 10


@pytest.mark.kernel
def test_loading_is_light() -> None:
    code = (
        "import sys, deepseek_magic.commonmark.splitter, deepseek_magic.commonmark.code_blocks\n"
        "print({'markdown', 'nh3', 'pygments', 'IPython', 'ipywidgets'} & set(sys.modules))"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "set()"
