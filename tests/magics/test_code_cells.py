"""Code of a reply into the next cell: blocks by CommonMark's rules, never prose, never run."""

from __future__ import annotations

import pytest

from tests.faults import reply
from tests.kernel import Cell

#: Each test goes on in the session of the one before.
FRESH_SESSION = False


def next_cell(cell: Cell) -> str | None:
    """What the front end is told to put into the next cell."""
    inserted = [payload for payload in cell.reply["payload"] if payload["source"] == "set_next_input"]
    assert all(payload["replace"] is False for payload in inserted)
    return inserted[-1]["text"] if inserted else None


ANSWER = """Do this:

```python
import math
x = !echo hi
```

- or, in a list:

  ~~~py
  print(math.pi)
  ~~~

and in a shell

```bash
ls -l
```
"""


def test_all_python_blocks_are_joined(kernel, server):
    server.enqueue(reply(ANSWER))
    kernel.run("%deepseek how?")
    cell = kernel.run("%deepseek_code")
    assert next_cell(cell) == "import math\nx = !echo hi\n\nprint(math.pi)"
    assert "Not taken: 3 (bash)" in cell.printed
    assert kernel.value("'math' in dir()") is False


def test_one_block_by_its_number(kernel, server):
    server.enqueue(reply(ANSWER))
    kernel.run("%deepseek how?")
    assert next_cell(kernel.run("%deepseek_code 2")) == "print(math.pi)"
    assert next_cell(kernel.run("%deepseek_code 3")) == "ls -l"


def test_code_that_does_not_compile_is_inserted_with_a_note(kernel, server):
    server.enqueue(reply("```python\nx = (1\n```\n"))
    kernel.run("%deepseek how?")
    cell = kernel.run("%deepseek_code")
    inserted = next_cell(cell)
    assert inserted is not None
    assert inserted.startswith("# Note: this does not compile (")
    assert inserted.endswith("\nx = (1")
    assert "does not compile" in cell.printed


# What models write around code, and what hostile text makes of it; the cell that comes out.
SHAPES = {
    "tildes, and backticks inside": ("~~~python\nx = '```'\n~~~\n", "x = '```'"),
    "a longer fence": (
        '````python\ns = """\n```\nnot the end\n```\n"""\n````\n',
        's = """\n```\nnot the end\n```\n"""',
    ),
    "a closing fence with words is none": ("```python\nx = 1\n``` no\n```\n", "# Note: this does not compile"),
    "backticks after the opening": ("``` a`b\nprose\n\n```python\nx = 1\n```\n", "x = 1"),
    "in a list in a quote": ("> - do\n>\n>   ```python\n>   if x:\n>       y\n>   ```\n", "if x:\n    y"),
    "a list ends the fence": ("- ```python\n  x = 1\n\nprose\n", "x = 1"),
    "indented": ("Do:\n\n    x = 1\n    y = 2\n\nprose\n", "x = 1\ny = 2"),
    "indented, and a fence": ("```python\nx = 1\n```\n\nSo:\n\n    y = 2\n", "x = 1"),
    "indented code and indented prose": (
        "So:\n\n    as it is said here\n\n---\n\n    !ls\n    y: int = 2\n\n---\n\n    or not\n",
        "!ls\ny: int = 2",
    ),
    "indented with a prompt": ("Do:\n\n    >>> x = 1\n    >>> f(x)\n", ">>> x = 1\n>>> f(x)"),
    "indented class": ("Do:\n\n    class A:\n        pass\n", "class A:\n    pass"),
    "indented fence": ("   ```python\n   x = 1\n     y\n   ```\n", "# Note: this does not compile"),
    "unclosed": ("```python\nx = 1\n\ny = 2\n\n", "x = 1\n\ny = 2"),
    "unclosed in a quote": ("> ```python\n> x = 1\n\nprose\n", "x = 1"),
    "prose between": ("```python\nx = 1\n```\nThen `y`:\n```python\ny = 2\n```\n", "x = 1\n\ny = 2"),
    "what it prints": ("```python\nprint(1)\n```\n\n```\n1\n```\n", "print(1)"),
    "an empty block": ("```python\n```\n\n```python\nx = 1\n```\n", "x = 1"),
    "a document": ("````markdown\nDo\n```python\nx = 1\n```\nand run it.\n````\n", "x = 1"),
    "no language at all": ("```\nx = 1\n```\n", "x = 1"),
    "another language first": ("```bash\npip install x\n```\n```Python\nimport x\n```\n", "import x"),
    "more than a language": (
        "```python:main.py\nx = 1\n```\n```{python}\ny = 2\n```\n```js\nz\n```\n",
        "x = 1\n\ny = 2",
    ),
    "only another language": ("```sql\nSELECT 1;\n```\n", "SELECT 1;"),
    "magics and a shell line": (
        "```python\n%matplotlib inline\nls = !ls\nhelp?\n```\n",
        "%matplotlib inline\nls = !ls\nhelp?",
    ),
    "a cell magic": ("```python\n%%timeit\nx ='\n```\n", "%%timeit\nx ='"),
    "awaiting": ("```python\nawait f()\n```\n", "await f()"),
    "an unusual escape": ("```python\nx = '\\d' is 'a'\n```\n", "x = '\\d' is 'a'"),
    "a return": ("```python\nreturn 1\n```\n", "# Note: this does not compile"),
    "a null": ("```python\nx = '\\0'\n```\n", "x = '\\0'"),
    "a call of the next cell": (
        "```python\nget_ipython().set_next_input('evil')\n```\n",
        "get_ipython().set_next_input('evil')",
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_code_and_nothing_else_is_taken(kernel, server, shape):
    answer, expected = SHAPES[shape]
    server.enqueue(reply(answer))
    kernel.run("%deepseek how?")
    cell = kernel.run("%deepseek_code")
    inserted = next_cell(cell)
    assert inserted is not None
    assert inserted.startswith(expected) if expected.startswith("# Note") else inserted == expected
    assert ("does not compile" in cell.printed) == expected.startswith("# Note")
    assert [output.output_type for output in cell.outputs] == ["stream"]
    assert "Warning" not in cell.printed


@pytest.mark.parametrize("character", ["\u202e", "\u2066", "\x1b", "\x00"])
def test_code_that_looks_like_other_code_is_inserted_with_a_note(kernel, server, character):
    server.enqueue(reply(f"```python\nx = 1\ny = 'a{character}b' # c\n```\n"))
    kernel.run("%deepseek how?")
    cell = kernel.run("%deepseek_code")
    note, _, inserted = next_cell(cell).partition("\n")
    assert f"U+{ord(character):04X} in line 2" in note
    assert f"U+{ord(character):04X}" in cell.printed
    assert inserted.startswith("x = 1\n")


def test_a_cell_magic_stays_first(kernel, server):
    """A note above it would make it an error."""
    server.enqueue(reply("```python\n%%time\nx = '\u202e'\n```\n"))
    kernel.run("%deepseek how?")
    cell = kernel.run("%deepseek_code")
    assert next_cell(cell).startswith("%%time\n")
    assert "U+202E" in cell.printed


def test_the_name_of_a_language_is_harmless(kernel, server):
    server.enqueue(reply("```python\nx = 1\n```\n```\x1b]0;owned\x07\ny\n```\n"))
    kernel.run("%deepseek how?")
    cell = kernel.run("%deepseek_code")
    assert "Not taken: 2 (" in cell.printed
    assert "\x1b" not in cell.printed


def test_the_name_of_a_language_is_no_link(kernel, server):
    """The lab makes links of addresses in printed text."""
    server.enqueue(reply("```python\nx = 1\n```\n```javascript://%0aa=1\ny\n```\n"))
    kernel.run("%deepseek how?")
    assert "Not taken: 2 (javascript\u200b://" in kernel.run("%deepseek_code").printed


def test_nothing_is_run_by_it(kernel, server):
    server.enqueue(reply("```python\nran = True\n!touch ran\n%config DeepSeek.model = 'ran'\n```\n"))
    kernel.run("%deepseek how?")
    assert next_cell(kernel.run("%deepseek_code")) is not None
    assert kernel.value("'ran' in globals() or __import__('os').path.exists('ran')") is False


def test_code_of_a_reply_that_was_cut(kernel, server):
    server.enqueue(reply("```python\nx = 1\n", finish="length"))
    kernel.run("%deepseek how?")
    assert next_cell(kernel.run("%deepseek_code")) == "x = 1"


@pytest.mark.parametrize(("text", "line"), [("no code here", ""), ("```\nx\n```\n", "2"), ("```\nx\n```\n", "all")])
def test_what_is_not_there_is_said_in_one_line(kernel, server, text, line):
    server.enqueue(reply(text))
    kernel.run("%deepseek how?")
    cell = kernel.run(f"%deepseek_code {line}")
    assert cell.failed
    assert "code block" in cell.error
    assert next_cell(cell) is None


@pytest.mark.parametrize(
    "prose",
    [
        "I am indented prose, not code.",
        "yes or no",
        "Note: careful",
        "if so: go",
        "What is this?",
        "Note (below)",
        "this is it",
        ", or that",
        "# only a remark",
        "x = (1",
        "return x",
        "42",
    ],
)
def test_indented_text_that_is_no_code_is_not_taken(kernel, server, prose):
    server.enqueue(reply(f"So:\n\n    {prose}\n"))
    kernel.run("%deepseek how?")
    cell = kernel.run("%deepseek_code")
    assert "has no code block" in cell.error
    assert next_cell(cell) is None


def test_without_a_reply(kernel, server):
    assert "no code block" in kernel.run("%deepseek_code").error


def test_the_conversation_that_was_asked_last_gives_the_code(kernel, server):
    server.enqueue(reply("```python\none = 1\n```"), reply("```python\ntwo = 2\n```"))
    kernel.run("%deepseek how?")
    kernel.run("%deepseek --chat other how?")
    assert next_cell(kernel.run("%deepseek_code")) == "two = 2"
    kernel.run("%deepseek_chat third")
    assert "the last reply of conversation third has no code block" in kernel.run("%deepseek_code").error
    kernel.run("%deepseek_chat main")
    assert next_cell(kernel.run("%deepseek_code")) == "one = 1"
