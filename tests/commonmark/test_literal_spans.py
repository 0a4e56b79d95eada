"""What of a text is literal: the same lines are code as in CommonMark's reference tree, spans where they stand."""

from __future__ import annotations

from itertools import pairwise
from xml.etree.ElementTree import Element

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from deepseek_magic.commonmark.inline import Inline
from deepseek_magic.commonmark.literal_spans import prose
from tests.commonmark.documents import documents, soups

REFERENCE = MarkdownIt("commonmark").disable(["html_block", "reference"])
PIECES = ["x", "y", "\n", "\n\n", "    ", "  ", " ", "- ", "> ", "1. ", "2) ", "```", "~~~", "````", "# ", "***"]


class Unread(Inline):
    """A paragraph in which nothing is looked for."""

    def into(self, parent: Element) -> None:
        pass


def code_lines(text: str) -> set[int]:
    """The numbers of the lines with an ``x`` that are in blocks of code."""
    kept = list(prose(text, lambda part: Unread(part, {})))
    lines, start = set(), 0
    for number, line in enumerate(text.split("\n")):
        place = start + line.find("x")
        if "x" in line and not any(span.start <= place < span.end for span in kept):
            lines.add(number)
        start += len(line) + 1
    return lines


@settings(max_examples=300, derandomize=True)  # the reference errs on about one document in 75,000
@given(st.lists(st.sampled_from([*PIECES, *PIECES[:3], "---", "==="]), max_size=30).map("".join))
@example("- \n\n    x")
def test_code_is_where_the_reference_has_it(text: str) -> None:
    assume("    >" not in text)  # the reference goes on with a quote whose marker is indented as code
    lines = text.split("\n")
    blocks = [token for token in REFERENCE.parse(text) if token.type in ("fence", "code_block")]
    numbers = {number for token in blocks for number in range(*(token.map or (0, 0)))}
    assert code_lines(text) == {number for number in numbers if number < len(lines) and "x" in lines[number]}


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a `b` c", ["a ", " c"]),
        ("$x$ costs $5", [" costs $5"]),
        ("- a\n  `b\n  c` d", ["a\n", " d"]),
        ("> a\r\n> `b` c\r\n", ["a\r", " c"]),
        ("\ta\n\n1.  b\n\tc `d`", ["b\n\tc "]),
        ("# `a` b #", [" b"]),
        ("a\n===\n`b", ["a", "`b"]),
        ("| `a` | b |\n|--|--|\n| `c | d` |", [" ", " ", " b ", " `c ", " d` "]),
        ("[a]: b\n[c]: d\ne `f`", ["[a]: b\n[c]: d\ne "]),
        ("[a]: b\n===\n`c`", ["[a]: b\n===\n"]),
        ("```{x}\na\n```\nb", ["b"]),
        ("$$\na\n= b\n- c\n$$ d", [" d"]),
        ("\\`a` b\x00`c`", ["\\`a", "c`"]),
    ],
)
def test_what_is_not_literal(text: str, parts: list[str]) -> None:
    assert [text[span.start : span.end] for span in prose(text, lambda part: Inline(part, {}))] == parts


@settings(max_examples=200, deadline=None)
@given(st.one_of(documents, soups))
def test_spans_are_in_order(text: str) -> None:
    spans = list(prose(text, lambda part: Inline(part, {})))
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert all(before.end <= after.start for before, after in pairwise(spans))
