"""Code of a reply into the next cell: which blocks, with what note, and never run."""

from __future__ import annotations

from functools import partial

import pytest

from deepseek_magic.api.dialects import COMPATIBLE
from deepseek_magic.api.events import Finished, TextDelta
from deepseek_magic.api.messages import Message
from deepseek_magic.app.ask import Ask, ask
from deepseek_magic.app.code_cells import blocks_of, compile_note, problem_of, source_of
from deepseek_magic.chat.code_only import CodeOnly
from deepseek_magic.chat.turn import Turn
from deepseek_magic.commands import code_command
from deepseek_magic.commands.call import Call
from deepseek_magic.errors import OptionError, QuestionError
from deepseek_magic.notebook.kernel import Kernel
from tests.faults import reply
from tests.requesting import chat

SEVERAL = """Text.

```python
x = 1
```

```
printed
```

```js
let y
```

```py
z = x
```
"""


@pytest.fixture
def code(session, server, shell):
    """Takes code from a reply: returns the next cell, and what was said."""

    def code(text, line=""):
        server.enqueue(reply(text))
        ask(session, Ask("code?", {"quiet": True, "no_memory": False}))
        shell.rl_next_input = None
        (said,) = code_command.command(Call(session, {}, Kernel(shell), line)).show
        return shell.rl_next_input, said

    return code


@pytest.mark.parametrize(
    ("line", "cell"),
    [("", "x = 1\n\nz = x"), ("1", "x = 1"), ("2", "printed"), ("3", "let y"), (" 4 ", "z = x")],
)
def test_blocks_that_are_taken(code, line, cell):
    source, said = code(SEVERAL, line)
    assert source == cell
    assert "of 4" in said
    assert ("Not taken: 2 (no language), 3 (js)." in said) == (line == "")


def test_without_python_it_is_what_names_no_language_and_then_all(code):
    assert code("```js\na\n```\n\n```\nb\n```\n")[0] == "b"
    assert code("```js\na\n```\n\n```r\nb\n```\n")[0] == "a\n\nb"


@pytest.mark.parametrize(
    ("block", "note"),
    [
        ("x = = 1", "this does not compile"),
        ("%time x = 1\n!ls\nawait f()", ""),
        ("x = '\u202e'", "characters that cannot be seen (the first is U+202E in line 1)"),
        ("x = 1", ""),
    ],
)
def test_a_note_stands_above_what_is_wrong(code, block, note):
    source, said = code(f"```python\n{block}\n```\n")
    assert source.endswith(block)
    assert source.startswith("# Note: ") is bool(note)
    assert note in source
    assert note in said


def test_a_cell_magic_stays_first(code, shell):
    source, said = code("```python\n%%timeit\nx = '\u202e'\n```\n")
    assert source.startswith("%%timeit")
    assert "Note: this holds characters that cannot be seen" in said
    assert compile_note(shell, source) == ""


def test_without_code_there_is_nothing_to_take(code):
    with pytest.raises(QuestionError, match="has no code block"):
        code("Only words.")


@pytest.mark.parametrize("line", ["0", "5", "-1", "x", "1 2", "²", "1" * 30])
def test_a_number_that_is_none_is_refused(code, line):
    with pytest.raises(OptionError, match="expected a number from 1 to 4"):
        code(SEVERAL, line)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("    x = 1\n", 1),
        ("    print(x)\n", 1),
        ("    as said (below)\n", 0),
        ("    yes or no\n", 0),
        ("    Note: careful\n", 0),
        ("    why?\n", 0),
        ("    x = 1\n\n```\ny\n```\n", 1),
        ("", 0),
    ],
)
def test_indented_text_is_code_only_where_it_plainly_is(shell, text, count):
    assert len(blocks_of(shell, text)) == count


def test_nothing_is_run(code, shell):
    code("```python\nran_by_code_cells = 1\n```\n")
    assert "ran_by_code_cells" not in shell.user_ns


@pytest.mark.parametrize(
    ("text", "source"),
    [
        (SEVERAL, "x = 1\n\nz = x"),
        ("Here:\n\n```\nx = 1\n```\n\nIt prints:\n\n```text\n1\n```", "x = 1"),
        ("```bash\nls\n```", "ls"),
        ("import math\n\nprint(math.pi)", "import math\n\nprint(math.pi)"),
        ("def f(x):\n    return x\n", "def f(x):\n    return x"),
        ("%timeit f(1)\nx = 1", "%timeit f(1)\nx = 1"),
        ("I cannot do that.", ""),
        ("yes or no", ""),
        ("```python\n\n```\n\nx = 1", ""),
    ],
)
def test_an_answer_that_is_to_be_code_is_chosen_as_the_magic_chooses_and_needs_no_fence(shell, text, source):
    assert source_of(shell, text) == source
    plan, turn = CodeOnly(COMPATIBLE, partial(problem_of, shell), partial(source_of, shell)), Turn(1, "?")
    turn.fold(plan.filter([TextDelta(text), Finished("stop")]))
    assert plan.outcome(turn, chat("m", (Message("user", "code?"),))).code == source


def test_the_source_is_the_code_of_the_reply_and_needs_no_shell(session, server):
    server.repeat(reply("import math\n\nprint(math.pi)"))
    answer = ask(session, Ask("code?", {"form": "code", "quiet": True}))
    assert answer.code == "import math\n\nprint(math.pi)"
    assert source_of(None, "import math") == "import math"


PROSE = [
    "Which one do you mean?",
    "Which one do you mean? ",
    "Which one do you mean?\r",
    "Should I use pandas or polars?",
    "Do you mean df.head?",
    "50% of it?",
    "Could you say more:\n\nwhich column?",
    "Which file?\nWhich column?",
    "Why?",
]


@pytest.mark.parametrize("prose", PROSE)
@pytest.mark.parametrize("fence", ["{}", "```python\n{}\n```\n", "```\n{}\n```\n", "    {}"])
def test_a_question_of_the_models_is_not_code(shell, prose, fence):
    text = fence.format(prose)
    assert source_of(shell, text) == "" or problem_of(shell, text) != ""
    assert source_of(None, text) == "" or problem_of(None, text) != ""


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("x = 1\nShould I go on?", "not code in line 2"),
        ("% of the users", "not code in line 1"),
        ("? what is this", "not code in line 1"),
        ("x = 1\ndf.head?\n?df\n%timeit?\nx[0]??", ""),
        ("!ls -l\nfiles = !ls\n%pip install x\nhere = %pwd\n%%time\n", ""),
        ("%%bash\nwhy?\nfor x in *; do", ""),
        ("# why?\ns = '''\nWhat is it?\n, or that\n'''", ""),
        ("f(a,\n  b\n  / c,\n)", ""),
        (">>> x = 1\n>>> x?", ""),
    ],
)
def test_what_ipython_makes_code_of_is_code_where_a_model_meant_it_so(shell, code, problem):
    assert problem_of(shell, f"```python\n{code}\n```\n") == problem


@pytest.mark.parametrize("language", ["bash", "sql", "js", "{r}", "text"])
def test_what_is_not_python_is_not_judged_as_python(shell, language):
    text = f"```{language}\necho a | grep (\n```\n"
    assert source_of(shell, text) == "echo a | grep ("
    assert problem_of(shell, text) == ""
    assert problem_of(shell, text.replace(language, "python")) != ""
