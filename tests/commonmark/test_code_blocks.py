"""The code blocks of a reply, and which of them are Python."""

from __future__ import annotations

import pytest

from deepseek_magic.commonmark.code_blocks import code_blocks, python_places

PYTHON = (
    *("python", "Python", "py", "py3", "python3", "python3.11", "ipython", "{python}", "{.python}", "{ .python }"),
    *("python:main.py", "python,linenos", "python title='a'", "Python 3", "{code-cell} ipython3", "language-python"),
    *("{python3 echo=true}", "{python, fig.width=4}"),
)
OTHERS = ("pycon", "python-repl", "bash", "{r}", "output", "py.txt.json"[2:], "cython", "text")


@pytest.mark.parametrize("info", PYTHON)
def test_a_block_that_is_marked_as_python_is_python(info):
    blocks = code_blocks(f"```\n1\n```\n\n```{info}\nx = 1\n```\n\n```sql\nSELECT\n```\n")
    assert [blocks[place].source for place in python_places(blocks)] == ["x = 1"]


@pytest.mark.parametrize("info", OTHERS)
def test_a_block_of_another_language_is_not(info):
    blocks = code_blocks(f"```{info}\nx = 1\n```\n")
    assert python_places(blocks) == []


@pytest.mark.parametrize(
    "markdown",
    [
        "```python\n```\n\n```python\nx = 1\n```\n",
        "```python\n\n  \n```\n\n```\nx = 1\n```\n",
        "```python\nx = 1\n```\n\n```python\n",
    ],
)
def test_a_blank_block_is_never_taken(markdown):
    blocks = code_blocks(markdown)
    assert [blocks[place].source for place in python_places(blocks)] == ["x = 1"]
    assert python_places(code_blocks("```python\n```\n")) == []


@pytest.mark.parametrize(
    "markdown",
    [
        "````markdown\n# Title\n\n```python\nx = 1\n```\n\nMore.\n````\n",
        "~~~md\n```python\nx = 1\n```\n~~~\n",
        "```markdown\n# Title\n\n```python\nx = 1\n```\n\nThe end.\n```\n",
        "`````markdown\n````markdown\n```python\nx = 1\n```\n````\n`````\n",
        "- ````markdown\n  ```python\n  x = 1\n  ```\n  ````\n",
    ],
)
def test_of_a_document_the_code_in_it_is_taken(markdown):
    blocks = code_blocks(markdown)
    assert [blocks[place].source for place in python_places(blocks)] == ["x = 1"]


def test_a_document_without_code_is_itself_a_block():
    (block,) = code_blocks("```markdown\n# Title\n\n    indented\n```\n")
    assert block.source == "# Title\n\n    indented"


def test_code_that_holds_a_fence_stays_whole():
    source = 's = """\n```python\nx = 1\n```\n"""'
    (block,) = code_blocks(f"````python\n{source}\n````\n")
    assert block.source == source


def test_documents_in_documents_end():
    text = "x"
    for level in range(3, 60):
        text = f"{'`' * level}markdown\n{text}\n{'`' * level}"
    assert len(code_blocks(text)) == 1
