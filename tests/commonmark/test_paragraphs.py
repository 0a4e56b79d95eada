"""The paragraphs of a question: the same lines are code as in CommonMark's reference tree."""

from __future__ import annotations

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from deepseek_magic.commonmark.paragraphs import paragraphs

REFERENCE = MarkdownIt("commonmark").disable(["html_block", "reference"])
PIECES = ["x", "y", "\n", "\n\n", "    ", "  ", " ", "- ", "> ", "1. ", "2) ", "```", "~~~", "````", "# ", "***"]


def code_lines(text: str) -> set[int]:
    """The numbers of the lines with an ``x`` that the paragraphs leave out."""
    kept = paragraphs(text)
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
def test_code_is_where_the_reference_has_it(text):
    assume("    >" not in text)  # the reference goes on with a quote whose marker is indented as code
    lines = text.split("\n")
    blocks = [token for token in REFERENCE.parse(text) if token.type in ("fence", "code_block")]
    numbers = {number for token in blocks for number in range(*(token.map or (0, 0)))}
    assert code_lines(text) == {number for number in numbers if number < len(lines) and "x" in lines[number]}


def test_a_display_formula_goes_on_whatever_its_lines_look_like():
    text = "$$\na\n= {n}\n- {x}\n$$\n- b"
    first = paragraphs(text)[0]
    assert text[first.start : first.end] == "$$\na\n= {n}\n- {x}\n$$"
