"""Code of a reply into the next cell: blocks by CommonMark's rules, never prose, never run."""

from __future__ import annotations

import pytest

from tests.faults import FaultServer, reply
from tests.kernel import Cell, Kernel


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    with Kernel(tmp_path_factory.mktemp("home")) as kernel:
        yield kernel


@pytest.fixture
def server(kernel):
    with FaultServer() as server:
        kernel.fresh(server.url)
        yield server


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


def test_without_a_reply(kernel, server):
    assert "no code block" in kernel.run("%deepseek_code").error
