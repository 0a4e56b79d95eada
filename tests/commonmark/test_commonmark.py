"""The examples of the CommonMark specification, compared with markdown-it-py tree by tree."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from tests.commonmark.trees import expected, ours
from tests.each import each

EXAMPLES = json.loads(Path(__file__).with_name("commonmark.json").read_text("utf-8"))["examples"]
BLOCK_SECTIONS = {
    "Tabs", "Precedence", "Thematic breaks", "ATX headings", "Setext headings", "Indented code blocks",
    "Fenced code blocks", "Link reference definitions", "Paragraphs", "Blank lines", "Block quotes", "List items",
    "Lists",
}  # fmt: skip
DIFFERENT = {
    12: r"every ASCII character escaped in a row holds `\[\\\]`, which is a formula to us",
}


@each("example", {f"{example['number']}-{example['section']}": example for example in EXAMPLES})
def test_example(example: dict[str, str | int]) -> None:
    same = ours(str(example["markdown"])) == expected(str(example["markdown"]))
    assert same == (example["number"] not in DIFFERENT)


def test_figures_of_the_issue() -> None:
    total = Counter(example["section"] in BLOCK_SECTIONS for example in EXAMPLES)
    different = Counter(example["section"] in BLOCK_SECTIONS for example in EXAMPLES if example["number"] in DIFFERENT)
    assert total[True] >= 249
    assert different[True] / total[True] <= 0.05
    assert different.total() / total.total() <= 0.15
