"""``%deepseek_fix``: what is asked, the repaired cell as the next one, and how it differs from the one that failed."""

from __future__ import annotations

import html
import re
from random import Random

import pytest

from deepseek_magic.context.sentences import FIX
from tests.faults import reply
from tests.guard.made import FORMED
from tests.kernel import Cell
from tests.magics.contexts import assert_refused, sent, told


def next_cell(cell: Cell) -> str | None:
    """What the front end is told to put into the next cell."""
    inserted = [payload for payload in cell.reply["payload"] if payload["source"] == "set_next_input"]
    assert all(payload["replace"] is False for payload in inserted)
    return inserted[-1]["text"] if inserted else None


def answer(*blocks: str, language: str = "python") -> str:
    return "It divides by zero.\n\n" + "\n\nOr:\n\n".join(f"```{language}\n{block}\n```" for block in blocks)


def difference(cell: Cell) -> str:
    """The text of the difference that is shown below the reply, and that its HTML says the same."""
    shown = cell.displays[1].data
    text = html.unescape(re.sub(r"<[^>]*>", "", str(shown["text/html"])))
    assert str(shown["text/plain"]).strip() in text
    return str(shown["text/plain"])


FAILED = "values = [1, 2]\ntotal = sum(values) / count\nprint(total)"
REPAIRED = "values = [1, 2]\ntotal = sum(values) / len(values)\nprint(total)"
DIFFERENCE = """--- failed cell
+++ repaired cell
@@ -1,3 +1,3 @@
 values = [1, 2]
-total = sum(values) / count
+total = sum(values) / len(values)
 print(total)"""


def test_the_error_and_what_it_builds_on_are_asked_and_the_repaired_cell_is_the_next_one(kernel, server):
    kernel.run("count = 0")
    kernel.run("unrelated = 1")
    kernel.run(FAILED)
    server.enqueue(reply(answer(REPAIRED)))
    cell = kernel.run("%deepseek_fix")
    error = """ZeroDivisionError: division by zero

Failed in cell [3], line 2:
     1 values = [1, 2]
->   2 total = sum(values) / count
     3 print(total)

Where it passed through, from the outside in:
- cell [3], line 2
  values now: values = [1, 2]
  count now: count = 0"""
    assert sent(server) == told(("cell [1]", "count = 0"), ("last error", error), question=FIX)
    assert next_cell(cell) == REPAIRED
    assert difference(cell) == DIFFERENCE
    assert cell.printed == "The repaired cell is the next one; look at it before you run it.\n"
    assert "sent: cell [1], last error" in html.unescape(str(cell.displays[0].data["text/html"]))
    assert kernel.value("'total' in dir()") is False


def test_ones_own_words_options_and_context_go_along(kernel, server):
    kernel.run("count = 0\nlimit = 9")
    kernel.run(FAILED)
    server.enqueue(reply(answer(REPAIRED)))
    kernel.run("%deepseek_fix -t 0.5 -v limit use {limit}, please")
    assert server.requests[-1].json["temperature"] == 0.5
    assert sent(server).endswith(f"\n\n{FIX}\n\nuse {{limit}}, please")
    titles = re.findall(r"<<<context MARKER (.*)", sent(server))
    assert titles == ["cell [1]", "limit (int)", "last error"]
    server.enqueue(reply(answer(REPAIRED)))
    (kernel.home / "data.csv").write_text("a,b\n1,2\n")
    kernel.run("%deepseek_fix --no-memory -c file:data.csv")
    assert re.findall(r"<<<context MARKER (.*)", sent(server)) == ["file data.csv", "cell [1]", "last error"]


def test_a_dry_run_shows_it_and_changes_nothing(kernel, server):
    kernel.run("1 / 0")
    cell = kernel.run("%deepseek_fix --dry-run")
    assert not server.requests
    assert next_cell(cell) is None
    assert FIX in cell.text


def test_code_that_does_not_compile_is_noted(kernel, server):
    kernel.run(FAILED)
    server.enqueue(reply(answer("values = [1, 2\nprint(values)")))
    cell = kernel.run("%deepseek_fix")
    first, rest = next_cell(cell).split("\n", 1)
    assert re.fullmatch(r"# Note: this does not compile \(.+ in line 1\)", first)
    assert rest == "values = [1, 2\nprint(values)"
    assert f" Note: {first.removeprefix('# Note: ')}." in cell.printed


@pytest.mark.parametrize(
    "blocks",
    [
        (FAILED, REPAIRED),
        ("count = len(values)", REPAIRED),
        (FAILED, "total = sum(values) / count", REPAIRED),
        (REPAIRED, FAILED),
        (REPAIRED, FAILED + "\n"),
        (REPAIRED, ""),
    ],
)
def test_of_several_blocks_the_last_is_taken_and_the_failed_cell_only_where_there_is_no_other(kernel, server, blocks):
    kernel.run(FAILED)
    server.enqueue(reply(answer(*blocks)))
    assert next_cell(kernel.run("%deepseek_fix")) == REPAIRED


def test_what_it_prints_is_not_the_repaired_cell(kernel, server):
    kernel.run(FAILED)
    server.enqueue(reply(f"{answer(REPAIRED)}\n\nIt prints\n\n```\n1.5\n```\n"))
    assert next_cell(kernel.run("%deepseek_fix")) == REPAIRED


@pytest.mark.parametrize("language", ["", "py", "Python", "python3", "ipython", "{python}"])
def test_blocks_of_python_by_any_name(kernel, server, language):
    kernel.run(FAILED)
    server.enqueue(reply(answer(REPAIRED, language=language)))
    assert next_cell(kernel.run("%deepseek_fix")) == REPAIRED


@pytest.mark.parametrize("rest", ["```bash\nls\n```", "    It is not defined there.\n"])
def test_a_reply_without_code_is_said(kernel, server, rest):
    kernel.run(FAILED)
    server.enqueue(reply(f"Define `count` first.\n\n{rest}"))
    cell = kernel.run("%deepseek_fix")
    assert next_cell(cell) is None
    assert cell.printed == "The reply contains no code, so nothing was put into the next cell.\n"


def test_a_cell_that_came_back_unchanged_is_said(kernel, server):
    kernel.run(FAILED)
    server.enqueue(reply(answer(FAILED)))
    cell = kernel.run("%deepseek_fix")
    assert next_cell(cell) == FAILED
    assert len(cell.displays) == 1
    assert cell.printed.startswith("The cell in the reply is the one that failed, unchanged;")


def test_a_syntax_error(kernel, server):
    kernel.run("for n in range(3)\n    print(n)")
    server.enqueue(reply(answer("for n in range(3):\n    print(n)")))
    cell = kernel.run("%deepseek_fix")
    error = """SyntaxError: expected ':'

Not Python, in cell [1]:
for n in range(3)
                 ^

Failed in cell [1], line 1:
->   1 for n in range(3)
     2     print(n)"""
    assert sent(server) == told(("last error", error), question=FIX)
    assert "-for n in range(3)\n+for n in range(3):\n" in difference(cell)


def test_what_a_cell_that_is_no_python_builds_on_goes_along(kernel, server):
    kernel.run("n1 = 1\nimport math")
    kernel.run("unrelated = 'n1'")
    kernel.run("val = n1 + math.sqrt(4  # unrelated")
    server.enqueue(reply(answer("val = n1 + math.sqrt(4)")))
    kernel.run("%deepseek_fix")
    assert re.findall(r"<<<context MARKER (.*)", sent(server)) == ["cell [1]", "last error"]


@pytest.mark.parametrize("words", ["", " `nothing` that a cell defined"])
def test_an_error_that_builds_on_no_cell_is_asked_without_a_notice(kernel, server, words):
    kernel.run("1 / 0")
    cell = kernel.run(f"%deepseek_fix{words}")
    assert re.findall(r"<<<context MARKER (.*)", sent(server)) == ["last error"]
    assert cell.notices == []


def test_an_error_in_a_function_of_another_cell(kernel, server):
    kernel.run("def ratio(a, b):\n    return a / b")
    kernel.run("base = 0")
    kernel.run("result = ratio(1, base)")
    server.enqueue(reply(answer("result = ratio(1, base or 1)")))
    cell = kernel.run("%deepseek_fix")
    assert re.findall(r"<<<context MARKER (.*)", sent(server)) == ["cell [1]", "cell [2]", "last error"]
    assert (
        "- cell [1], line 2, in ratio\n     1 def ratio(a, b):\n->   2     return a / b\n  a: a = 1\n  b: b = 0"
        in sent(server)
    )
    assert next_cell(cell) == "result = ratio(1, base or 1)"


def test_magics_in_the_failed_cell(kernel, server):
    kernel.run("%%time\nx = 1\nx / 0")
    server.enqueue(reply(answer("%%time\nx = 1\nx / 1")))
    cell = kernel.run("%deepseek_fix")
    assert "->   3 x / 0" in sent(server)
    assert next_cell(cell) == "%%time\nx = 1\nx / 1"
    assert "compile" not in cell.printed


def test_a_masked_secret_in_the_repaired_cell_is_noted(kernel, server):
    token = FORMED["GitHub token"](Random(1))
    kernel.run(f"token = '{token}'\n1 / 0")
    server.enqueue(reply(answer("token = '[masked: token]'\n1 / 1")))
    cell = kernel.run("%deepseek_fix")
    assert token not in sent(server)
    assert "token = '[masked: token]'" in sent(server)
    assert difference(cell).endswith("\n token = '[masked: token]'\n-1 / 0\n+1 / 1")
    assert next_cell(cell) == "# Note: put the masked values back in\ntoken = '[masked: token]'\n1 / 1"
    assert cell.printed.endswith(" Note: put the masked values back in.\n")


def test_nothing_to_repair(kernel, server):
    kernel.run("1 + 1")
    line = "QuestionError: there is no error to repair: run the failing cell first"
    assert_refused(kernel.run("%deepseek_fix"), server, line)


def test_a_repair_that_fails_as_well_is_repaired_in_its_turn(kernel, server):
    kernel.run(FAILED)
    server.enqueue(reply(answer("total = missing")))
    kernel.run("%deepseek_fix", "first")
    kernel.run("total = missing")
    server.enqueue(reply(answer("total = 0")))
    cell = kernel.run("%deepseek_fix", "second")
    assert "NameError: name 'missing' is not defined" in sent(server)
    assert "-total = missing\n+total = 0" in difference(cell)
    assert "1 earlier turn" in html.unescape(str(cell.displays[0].data["text/html"]))


def test_characters_that_cannot_be_seen_are_told(kernel, server):
    kernel.run("1 / 0")
    server.enqueue(reply(answer("x = 'user\u202e'")))
    cell = kernel.run("%deepseek_fix")
    note = "this holds characters that cannot be seen (the first is U+202E in line 1)"
    assert next_cell(cell) == f"# Note: {note}\nx = 'user\u202e'"
    assert note in cell.printed
