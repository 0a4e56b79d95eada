"""Generated replies: documents that nest lists, quotes, fences and tables, and soups of markdown tokens."""

from __future__ import annotations

from hypothesis import strategies as st

_WORDS = st.sampled_from(
    ["alpha", "**bold**", "*it*", "`x = 1`", "[a](https://b.example/c)", "snake_case", "2 * 3", "~~gone~~", "&amp;",
     "a < b", "你好", "**重要**", "🚀", "https://d.example/e.", "(f)", "\\*g\\*", "$5"]
)  # fmt: skip
_line = st.lists(_WORDS, min_size=1, max_size=6).map(" ".join)
_paragraph = st.lists(_line, min_size=1, max_size=3)
_heading = st.tuples(st.integers(1, 6), _line).map(lambda pair: [f"{'#' * pair[0]} {pair[1]}"])
_code = st.lists(st.sampled_from(["x = 1", "", "  if y:", "- no list", "# no heading", "| a |", "> b"]), max_size=5)
_fence = st.tuples(st.sampled_from(["```", "```python", "~~~", "````js"]), _code).map(
    lambda pair: [pair[0], *pair[1], pair[0].rstrip("pythonjs")]
)
_cell = st.sampled_from(["a", "**b**", "`c`", "", "1.5", "d e", "x \\| y"])


def _table_of(width: int) -> st.SearchStrategy[list[str]]:
    row = st.lists(_cell, min_size=width, max_size=width).map(lambda cells: f"| {' | '.join(cells)} |")
    marks = st.lists(st.sampled_from(["---", ":--", ":-:", "--:"]), min_size=width, max_size=width)
    head = st.lists(st.sampled_from(["H", "`k`", "**n**"]), min_size=width, max_size=width)
    return st.tuples(head, marks, st.lists(row, max_size=4)).map(
        lambda parts: [f"| {' | '.join(parts[0])} |", f"|{'|'.join(parts[1])}|", *parts[2]]
    )


_table = st.integers(1, 4).flatmap(_table_of)
_leaf = st.one_of(_paragraph, _heading, _fence, _table, st.just(["***"]))


def _quote(blocks: list[list[str]]) -> list[str]:
    return [f"> {line}" if line else ">" for line in _join(blocks, blank=True)]


def _list(kind: str, indent: int, blank: bool, items: list[list[list[str]]]) -> list[str]:
    lines: list[str] = []
    for number, blocks in enumerate(items, start=1):
        marker = f"{number}. " if kind == "1" else f"{kind} "
        width = max(len(marker), indent)
        marker = marker if width - len(marker) < 4 else marker.ljust(4)
        content = _join(blocks, blank)
        lines.append(marker + content[0])
        lines.extend(" " * width + line if line else "" for line in content[1:])
        if blank:
            lines.append("")
    while lines and not lines[-1]:
        lines.pop()
    return lines


def _join(blocks: list[list[str]], blank: bool) -> list[str]:
    lines: list[str] = []
    for block in blocks:
        # another table's rows would be rows of this one, with cells beyond its columns: shown by us, not by the oracle
        if lines and (blank or all(line.lstrip("> ").startswith("|") for line in (lines[-1], block[0]))):
            lines.append("")
        lines.extend(block)
    return lines


def _containers(blocks: st.SearchStrategy[list[str]]) -> st.SearchStrategy[list[str]]:
    children = st.lists(blocks, min_size=1, max_size=3)
    # An item starts with a line of text: a table or fence after the marker is right too, but nobody writes it.
    item = st.tuples(_paragraph, st.lists(blocks, max_size=2)).map(lambda pair: [pair[0], *pair[1]])
    lists = st.builds(
        _list,
        st.sampled_from(["-", "*", "+", "1"]),
        st.integers(2, 4),
        st.booleans(),
        st.lists(item, min_size=1, max_size=3),
    )
    return st.one_of(children.map(_quote), lists)


_block = st.recursive(_leaf, _containers, max_leaves=8)

documents = st.tuples(st.lists(_block, min_size=1, max_size=5), st.booleans()).map(
    lambda pair: "\n".join(_join(pair[0], pair[1])) + "\n"
)
"""Replies as a model might write them, with and without blank lines between blocks."""

_TOKENS = [
    "- ", "* ", "1. ", "12) ", "> ", "  ", "    ", "\t", "# ", "```\n", "```py\n", "~~~\n", "---\n", "===\n", "\n",
    "\r\n", "\r", "\n\n", "a", "b c", "| a | b |\n", "|---|---|\n", "[x] ", "`", "``", "**", "*", "_", "~~", "[a]",
    "(b)", "![", "\\", "&amp;", "<", "<b>", "</b>", "$", "$$", "\\(", "\\]", "  \n", "[a]: http://x.y\n", "http://a.b",
    "@", "'t'", "\x00", "\ud800", "\u2028", "\x02", "\x1a", "é", "字", "🚀",
    "<details>", "<details open>\n", "<summary>", "</summary>", "</details>",
]  # fmt: skip
soups = st.lists(st.sampled_from(_TOKENS), max_size=40).map("".join)
"""Anything at all, made of what means something to markdown, to HTML or to us."""
