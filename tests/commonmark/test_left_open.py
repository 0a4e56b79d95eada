"""What a text leaves open is ended before something is written below it."""

from __future__ import annotations

import pytest

from deepseek_magic.commonmark.blocks import read
from deepseek_magic.commonmark.left_open import ending

OPEN = {
    "code": "Here:\n\n```python\nx = 1",
    "code at a line end": "```python\nx = 1\n",
    "no code yet": "```python",
    "tildes": "~~~~\nx",
    "a fence in code": "`````\n```\nx",
    "a formula": "so\n\n$$\nx = 1",
    "a section": "<details>\n<summary>a</summary>\n\nx",
    "code in a section in another": "<details>\n\n<details>\n\n```\ny",
    "a list in a section": "<details>\n\n- a\n  - b",
}
CLOSED = (
    "",
    "so",
    "so\n",
    "```\nx\n```",
    "a `b",
    "so $x",
    "- a\n  ```\n  x",
    "> ```\n> x",
    "| a |\n|---|\n| 1",
    "<pre>",
    "    x",
)


@pytest.mark.parametrize("text", [*OPEN.values(), *CLOSED])
def test_what_follows_stands_alone(text: str) -> None:
    """Below a rule, and outside of what was left open, whose own text is not changed; the rest of a formula is none."""
    below = "\n\n---\n\nAnd *more* $$ text."
    *_, rule, more = read(f"{text}{ending(text)}{below}").finish()
    assert (rule.kind, more.kind, more.text) == ("rule", "paragraph", "And *more* $$ text.")
    before = read(f"{text}{below}").finish()
    assert (text in CLOSED) == ([one.kind for one in before[-2:]] == ["rule", "paragraph"]), "it ends by itself"
    assert bool(ending(text)) == (text not in CLOSED)


@pytest.mark.parametrize("text", OPEN.values(), ids=OPEN)
def test_the_code_stays_as_it_is(text: str) -> None:
    def code(source: str) -> list[list[str]]:
        return [leaf.lines for one in read(source).finish() for leaf in one.leaves() if leaf.kind == "fence"]

    assert code(text + ending(text)) == code(text)
