"""The last error in words: what was raised, where it passed through, and the values there."""

from __future__ import annotations

import linecache
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from deepseek_magic.context.sources.error import error_item
from deepseek_magic.errors import Interrupted, MissingKey, QuestionError
from deepseek_magic.guard import Guard, Redactor
from deepseek_magic.notebook.cells import ExecutedCell
from deepseek_magic.notebook.error.failure import Failure, exception_text, is_ours
from deepseek_magic.notebook.saved_file import SavedCell, SavedNotebook
from deepseek_magic.settings.keys import Secret

NONE = "there is no error to send: run the failing cell first"


class Notebook:
    """Runs cells as IPython does: each under a file name of its own, all in one namespace."""

    def __init__(self, folder: Path = Path("/nowhere")) -> None:
        self.folder = folder
        self.namespace = {"__name__": "__main__"}
        self.cells: list[ExecutedCell] = []
        self.failure: Failure | None = None
        self.described: list[str] = []

    def run(self, source: str, ran: str | None = None) -> Notebook:
        """Run ``source``; ``ran`` is what IPython made of it."""
        count = len(self.cells) + 1
        name = f"/tmp/ipykernel_1/{count}.py"
        code = source if ran is None else ran
        linecache.cache[name] = (len(code), None, [f"{line}\n" for line in code.split("\n")], name)
        ignored = "deepseek: ignore" in source
        try:
            exec(compile(code, name, "exec"), self.namespace)
        except BaseException as error:  # noqa: BLE001
            error.__traceback__ = error.__traceback__.tb_next  # without this very frame
            self.failure = Failure(error, source, count, f"id-{count}", ignored)
        self.cells.append(ExecutedCell(count, source, failed=self.failure is not None, ignored=ignored))
        return self

    def cell_of(self, file: str) -> int | None:
        stem = file.removeprefix("/tmp/ipykernel_1/").removesuffix(".py")
        return int(stem) if stem.isdigit() else None

    def describe(self, value: object, name: str, tokens: int) -> str:
        assert 0 < tokens <= 150
        self.described.append(name)
        return repr(value)[: tokens * 3]

    @property
    def text(self) -> str:
        return error_item(
            self.failure, self.cells, describe=self.describe, cell_of=self.cell_of, folder=self.folder
        ).text


def test_an_error_in_a_cell():
    notebook = Notebook().run("rates = {'a': 1}\nkey = 'b'\nprint(rates[key])\ndone = 1")
    item = error_item(
        notebook.failure, notebook.cells, describe=notebook.describe, cell_of=notebook.cell_of, folder=notebook.folder
    )
    assert (item.kind, item.title) == ("error", "last error")
    assert item.text == (
        "KeyError: 'b'\n\n"
        "Failed in cell [1], line 3:\n"
        "     1 rates = {'a': 1}\n     2 key = 'b'\n->   3 print(rates[key])\n     4 done = 1\n\n"
        "Where it passed through, from the outside in:\n"
        "- cell [1], line 3\n  rates now: {'a': 1}\n  key now: 'b'"
    )


def test_functions_across_cells_nested_and_methods():
    notebook = Notebook().run("def inner(v):\n    w = v\n    return [][w]")
    notebook.run("class Box:\n    def get(self, at):\n        return inner(at)\n    def other(self):\n        pass")
    assert notebook.run("def outer():\n    def deep():\n        Box().get(7)\n    deep()\nouter()").text.endswith(
        "- cell [3], line 5\n"
        "- cell [3], line 4, in outer\n"
        "     1 def outer():\n     2     def deep():\n     3         Box().get(7)\n->   4     deep()\n"
        "- cell [3], line 3, in deep\n"
        "     2     def deep():\n->   3         Box().get(7)\n"
        "- cell [2], line 3, in get\n"
        "     2     def get(self, at):\n->   3         return inner(at)\n"
        "  at: 7\n"
        f"  self: {notebook.failure.error.__traceback__.tb_next.tb_next.tb_next.tb_frame.f_locals['self']!r}\n"
        "- cell [1], line 3, in inner\n"
        "     1 def inner(v):\n     2     w = v\n->   3     return [][w]\n"
        "  w: 7\n  v: 7"
    )


def test_libraries_are_one_line_and_the_users_files_have_source(tmp_path):
    (tmp_path / "mine.py").write_text(
        "import json\n\n\ndef load(text):\n    '''Load.'''\n    return json.loads(text)\n"
    )
    sys.path.insert(0, str(tmp_path))
    try:
        text = Notebook(tmp_path).run("import mine\nmine.load('{')").text
    finally:
        sys.path.remove(str(tmp_path))
        sys.modules.pop("mine", None)
    assert "- mine.py, line 6, in load\n     4 def load(text):\n" in text
    assert "->   6     return json.loads(text)\n  text: '{'\n" in text
    assert "/json/__init__.py, line " in text
    assert ", in loads (library)\n" in text
    assert "def loads" not in text
    assert text.startswith("json.decoder.JSONDecodeError: Expecting property name")


def test_a_failed_assertion_in_a_library_shows_the_users_line():
    text = Notebook().run("from unittest import TestCase\nTestCase().assertEqual(1, 2)").text
    assert "->   2 TestCase().assertEqual(1, 2)" in text
    assert text.count("(library)") >= 2


def test_causes_and_contexts():
    source = "try:\n    {}['a']\nexcept KeyError as error:\n    raise ValueError('bad') from error"
    text = Notebook().run(source).text
    assert text.endswith("It was raised because of:\nKeyError: 'a'\n  at cell [1], line 2: {}['a']")
    text = Notebook().run("try:\n    1 / 0\nexcept ZeroDivisionError:\n    unknown").text
    assert text.endswith(
        "It came up while this was being handled:\nZeroDivisionError: division by zero\n  at cell [1], line 2: 1 / 0"
    )
    text = Notebook().run("try:\n    1 / 0\nexcept ZeroDivisionError:\n    raise ValueError('x') from None").text
    assert "ZeroDivisionError:" not in text.replace("except ZeroDivisionError:", "")


def test_a_ring_of_contexts_ends():
    first, second = ValueError("a"), ValueError("b")
    first.__context__, second.__context__ = second, first
    notebook = Notebook()
    notebook.failure = Failure(first)
    assert notebook.text == "ValueError: a\n\nIt came up while this was being handled:\nValueError: b"


def test_notes_are_told():
    if sys.version_info < (3, 11):
        notebook = Notebook().run("error = ValueError('x')\nerror.__notes__ = ['row 3']\nraise error")
    else:
        notebook = Notebook().run("error = ValueError('x')\nerror.add_note('row 3')\nraise error")
    assert notebook.text.startswith("ValueError: x\nnote: row 3\n\n")


GROUP = """
class BaseExceptionGroup(Exception):
    def __init__(self, text, members):
        super().__init__(text)
        self.exceptions = tuple(members)
"""


def test_exception_groups_are_trees():
    notebook = Notebook()
    if sys.version_info < (3, 11):
        notebook.run(GROUP + "ExceptionGroup = BaseExceptionGroup")
    else:
        notebook.run("x = 1")
    notebook.run(
        "def fail(error):\n    try:\n        raise error\n    except Exception as raised:\n        return raised\n"
        "inner = ExceptionGroup('inner', [fail(KeyError('k'))])\n"
        "raise ExceptionGroup('outer', [fail(ValueError('v')), inner] + [OSError(n) for n in range(20)])"
    )
    text = notebook.text
    assert "The exceptions in it:\n- ValueError: v\n  at cell [2], line 3, in fail: raise error\n" in text
    assert "\n  - KeyError: 'k'\n    at cell [2], line 3, in fail: raise error\n" in text
    assert text.endswith("- OSError: 5\n- and 14 more")


def test_syntax_errors():
    notebook = Notebook().run("a = 1\nb = = 2")
    assert notebook.text == (
        "SyntaxError: invalid syntax\n\n"
        "Not Python, in cell [1]:\nb = = 2\n    ^\n\n"
        "Failed in cell [1], line 2:\n     1 a = 1\n->   2 b = = 2"
    )
    # IPython drops empty lines at the top: what ran has other numbers
    assert "->   3 b = = 2" in Notebook().run("\na = 1\nb = = 2", "a = 1\nb = = 2").text


def test_imports_that_fail():
    assert "Not imported: no_such_module" in Notebook().run("import no_such_module.inner").text
    assert "Not imported: math" in Notebook().run("from math import no_such_name").text


def test_a_timed_cell_is_marked_where_its_body_failed():
    notebook = Notebook().run("%%time\nx = 0\ny = 1 / x", "pass")
    try:
        exec(compile("x = 0\ny = 1 / x", "<timed exec>", "exec"), {"__name__": "__main__"})
    except ZeroDivisionError as error:
        notebook.failure = Failure(error, notebook.cells[0].source, 1)
        notebook.failure.error.__traceback__ = error.__traceback__.tb_next
    assert "Failed in cell [1], line 3:\n     1 %%time\n     2 x = 0\n->   3 y = 1 / x" in notebook.text
    assert "- cell [1], line 3\n  x now: 0\n" in notebook.text + "\n"


def test_a_deep_recursion_is_short():
    notebook = Notebook().run("def f(n):\n    return f(n + 1)").run("f(0)")
    assert "frames left out …]" in notebook.text
    assert notebook.text.count("- cell [1]") == 10
    assert notebook.text.count("return f(n + 1)") == 1
    assert len(notebook.text) < 4_000


def test_deep_inside_a_library_the_users_own_line_stays():
    notebook = Notebook().run("f = lambda: {}['k']\nsource = 'def g(n):\\n    return h() if n == 0 else g(n - 1)'")
    notebook.run("library = {'__name__': 'lib', 'h': f}\nexec(compile(source, '/usr/lib/lib.py', 'exec'), library)")
    notebook.run("def call():\n    import functools\n    return library['g'](40)\n1\n2\n3\ncall()")
    assert "- cell [3], line 3, in call" in notebook.text
    assert "- cell [1], line 1, in <lambda>" in notebook.text


def test_values_cost_a_bounded_amount():
    source = "def f():\n" + "".join(f"    v{n} = 'word ' * 300 + '{n}'\n" for n in range(50)) + "    1 / 0\nf()"
    notebook = Notebook().run(source)
    assert "(more values are left out)" in notebook.text
    assert 5 < len(notebook.described) < 30


def test_a_large_value_is_described_once():
    source = "def f(a):\n    g(a)\ndef g(b):\n    1 / 0\nrow = list(range(100))\nf(row)"
    text = Notebook().run(source).text
    assert text.count("[0, 1, 2") == 1
    assert "  b: the same as row above" in text


def test_modules_functions_and_classes_are_no_values():
    notebook = Notebook().run("import math\ndef f(value, kind, call):\n    math.sqrt(value)\nf(-1, int, len)")
    assert notebook.text
    assert notebook.described == ["value"]


def test_values_are_touched_by_describe_alone():
    touched = []

    class Spy:
        def __getattribute__(self, name):
            touched.append(name)
            return object.__getattribute__(self, name)

        def __repr__(self):
            touched.append("repr")
            return "spy"

    notebook = Notebook()
    notebook.namespace["spy"] = Spy()
    notebook.run("def f(v):\n    [][v is None]\nf(spy)")
    touched.clear()
    item = error_item(
        notebook.failure, notebook.cells, describe=lambda *_: "told", cell_of=notebook.cell_of, folder=Path("/nowhere")
    )
    assert "  v: told" in item.text
    assert touched == []


def test_a_message_that_cannot_be_made_is_said_so():
    notebook = Notebook().run("class Bad(Exception):\n    def __str__(self): return 1\nraise Bad")
    assert notebook.text.startswith("Bad: (its message cannot be shown: TypeError)\n")
    assert len(Notebook().run("raise ValueError('x' * 1_000_000)").text) < 5_000


def test_marked_cells_are_never_told(tmp_path):
    notebook = Notebook().run("# deepseek: ignore\ndef f(secret):\n    key = secret\n    1 / 0").run("f('s3cret')")
    assert "- cell [1], line 4, in f, which is never sent\n" in notebook.text + "\n"
    assert "key" not in notebook.text
    with pytest.raises(QuestionError, match=r"its cell \[1\] is marked `deepseek: ignore`"):
        _ = Notebook().run("# deepseek: ignore\n1 / 0").text
    notebook = Notebook().run("password = 1 / 0")
    saved = SavedNotebook(tmp_path / "a.ipynb", (SavedCell("code", "password = 1 / 0", ignored=True),), 0)
    notebook.cells = list(saved.mark_ignored(notebook.cells))
    notebook.failure = replace(notebook.failure, ignored=notebook.cells[0].ignored)
    with pytest.raises(QuestionError, match="marked"):
        _ = notebook.text


def test_secrets_are_masked_before_anything_is_cut():
    notebook = Notebook().run("raise ValueError('a ' * 999 + 'SECRET-0123456789 ' + 'b' * 5_000)")
    item = error_item(
        notebook.failure,
        notebook.cells,
        describe=notebook.describe,
        cell_of=notebook.cell_of,
        folder=notebook.folder,
        redactor=Redactor(Guard("mask", {}, [Secret("SECRET-0123456789")])),
    )
    assert "SECRET" not in item.text
    assert "SEC" not in item.text


def test_without_an_error():
    with pytest.raises(QuestionError, match=NONE):
        _ = Notebook().text


def test_an_error_without_its_cell():
    notebook = Notebook()
    notebook.failure = Failure(ValueError("old"))
    assert notebook.text == "ValueError: old"


def test_what_a_failure_tells_for_the_fix():
    failure = Notebook().run("import os\ny = f(x)").failure
    assert (failure.source, failure.count, failure.cell_id) == ("import os\ny = f(x)", 1, "id-1")
    assert (failure.text, failure.names()) == ("NameError: name 'f' is not defined", ("f", "x"))


def test_which_errors_are_ours():
    assert is_ours(MissingKey("no key"))
    assert is_ours(Interrupted("stopped"))
    assert not is_ours(KeyboardInterrupt())
    assert not is_ours(ValueError())


def test_the_names_of_foreign_errors_have_their_module():
    assert exception_text(subprocess.TimeoutExpired("ls", 3)).startswith("subprocess.TimeoutExpired: ")
    assert exception_text(SystemExit()) == "SystemExit"
