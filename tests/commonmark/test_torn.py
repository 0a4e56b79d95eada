"""Display formulas that blank lines tear apart: put together again where they are formulas, and nothing else is."""

from __future__ import annotations

import random

import pytest

from deepseek_magic.commonmark.blocks import read
from deepseek_magic.commonmark.open_markup import open_end
from deepseek_magic.commonmark.splitter import BlockSplitter, wholes
from tests.commonmark.test_structure import outline

TORN = {
    "dollars": ("$$\na = b\n\n+ c\n$$\n", "$$\na = b\n+ c\n$$"),
    "brackets": ("\\[\na\n\n\n= b\n\n\\]\n", "\\[\na\n= b\n\\]"),
    "environment": (
        "\\begin{align}\na &= b \\\\\n\nc &= \\text{if so}\n\\end{align}\n",
        "\\begin{align}\na &= b \\\\\nc &= \\text{if so}\n\\end{align}",
    ),
    "in a sentence": ("so \\[\nx\n\n\\] and\n", "so \\[\nx\n\\] and"),
}
WHOLE = {
    "money at the end": "It costs $$\n\nThat is much.\n\n$$\n",
    "prose": "$$\nx\n\nHence the sum is one.\n\n$$\ny\n$$\n",
    "a word": "$$\nx\n\nThen\n\n$$\n",
    "another formula": "$$\nx\n\n$$ y $$\n",
    "a heading": "$$\nx\n\n# y\n\n$$\n",
    "a fence": "$$\nx\n\n```\ny\n```\n\n$$\n",
    "no end": "$$\nx\n\n- y\n- z\n",
    "an end far off": "$$\nx\n" + "\n- y\n" * 30 + "\n$$\n",
    "outside of the quote": "> $$\n> x\n\n- y\n\n$$\n",
}


def plain(source: str) -> list[object]:
    """The blocks of ``source`` for a reader that knows no formulas."""
    found = read(source.replace("$$", "€€")).finish()
    return [outline(node) for node in found]


@pytest.mark.parametrize("name", TORN)
def test_a_torn_formula_is_one_paragraph(name: str) -> None:
    source, text = TORN[name]
    assert [node.text for node in read(f"{source}\nEnd.").finish()] == [text, "End."]


def test_a_torn_formula_in_an_item_is_one_paragraph() -> None:
    (found,) = read("- so\n  $$\n  a\n\n  = b\n  $$\n").finish()
    assert outline(found) == ["list", ["item", "paragraph: so\n$$\na\n= b\n$$"]]


@pytest.mark.parametrize("name", WHOLE)
def test_what_is_no_formula_is_what_it_was(name: str) -> None:
    found = [outline(node) for node in read(WHOLE[name]).finish()]
    assert str(found).replace("$$", "€€") == str(plain(WHOLE[name]))


@pytest.mark.parametrize("source", [*(source for source, _ in TORN.values()), *WHOLE.values()])
def test_blocks_do_not_depend_on_the_cuts(source: str) -> None:
    source = f"Before.\n\n{source}\nAfter.\n"
    expected = [outline(node) for node in read(source).finish()]
    chance = random.Random(source)
    for cuts in ([*range(len(source))], sorted(chance.sample(range(len(source)), 6)), []):
        splitter = BlockSplitter()
        blocks = []
        for start, end in zip([0, *cuts], [*cuts, len(source)], strict=True):
            blocks += splitter.feed(source[start:end])
            assert "".join(block.source for block in blocks) + splitter.tail.source == source[:end]
        blocks += splitter.finish()
        assert "".join(block.source for block in blocks) == source
        assert [outline(node) for node in wholes(blocks)] == expected


def test_places_are_those_of_the_source() -> None:
    source = "$$\na\n\n  b\n$$\n"
    (found,) = read(source).finish()
    assert [source[place] for place in found.places] == ["$", "a", "b", "$"]


def test_while_it_grows_it_is_one_formula() -> None:
    (found,) = open_end(read("$$\na\n\n= b\n"), "+ c")
    assert (found.kind, found.text) == ("paragraph", "$$\na\n= b\n+ c")


def test_lines_that_are_held_are_read_a_bounded_number_of_times() -> None:
    counted: list[str] = []

    class Counting(type(read(""))):  # type: ignore[misc]
        def _continued(self, cursor: object) -> int:
            counted.append("")
            return int(super()._continued(cursor))

    def work(lines: int) -> int:
        counted.clear()
        parser = Counting()
        for line in "$$\nx\n\n".splitlines(keepends=True) * lines:
            parser.read(line)
        parser.finish()
        return len(counted)

    assert work(400) < 2.2 * work(200)
