"""The input transformer on its own: it touches our magics where they are calls, and nothing else.

IPython itself is the judge of what a cell means: what follows runs through its own transformer manager.
"""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from IPython.core.inputtransformer2 import TransformerManager

from deepseek_magic.magics.transform import MagicCalls
from tests.growth import is_linear

OURS = MagicCalls(("deepseek", "deepseek_chat"), ("deepseek",))


def transformed(source: str) -> str:
    return "".join(OURS.lines(OURS.cells(source.splitlines(keepends=True))))


def calls(source: str) -> list[tuple[str, ...]]:
    """The arguments of each call that IPython would make of our magics in ``source``."""
    manager = TransformerManager()
    manager.cleanup_transforms[:0] = [OURS.cells, OURS.lines]
    tree = ast.parse(manager.transform_cell(source))
    return [
        tuple(argument.value for argument in node.args)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr.startswith("run_")
    ]


@pytest.mark.fast
@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("%deepseek why?", [("deepseek", "why?")]),
        ("%deepseek", [("deepseek", "")]),
        ("%deepseek ", [("deepseek", "")]),
        ("%deepseek  two  spaces ", [("deepseek", " two  spaces ")]),
        ("x = %deepseek why?", [("deepseek", "why?")]),
        ("x.y = %deepseek why?", [("deepseek", "why?")]),
        ("x[len('a = b')] = %deepseek why?", [("deepseek", "why?")]),
        ("x: str = %deepseek why?", [("deepseek", "why?")]),
        ("x = y = %deepseek why?", [("deepseek", "why?")]),
        ("x=%deepseek why?", [("deepseek", "why?")]),
        ("if a:\n    %deepseek why?", [("deepseek", "why?")]),
        ("if a:\n\tx = %deepseek why?\n\ty = 1", [("deepseek", "why?")]),
        ("x = (1,\n 2)\n%deepseek why?", [("deepseek", "why?")]),
        ("x = 1 + \\\n  2\n%deepseek why?", [("deepseek", "why?")]),
        ("x = '%deepseek a'\n%deepseek b?", [("deepseek", "b?")]),
        ("x = '''\n%deepseek a?\n'''\n%deepseek b?", [("deepseek", "b?")]),
        ('x = f"""\n%deepseek a?\n{y}"""', []),
        ("# it's %deepseek a?\n%deepseek b?", [("deepseek", "b?")]),
        ("x = 'it\\'s'\n%deepseek b?", [("deepseek", "b?")]),
        ("!echo it's (\n%deepseek b?", [("echo it's (",), ("deepseek", "b?")]),
        ("%deepseek --think off \\\nWhat's x?", [("deepseek", "--think off \nWhat's x?")]),
        ("%deepseek -m x \\\r\n  -t 0 \\\r\n  why?\r\n", [("deepseek", "-m x \n  -t 0 \n  why?")]),
        ("x = %deepseek -m y \\\nit's?\n%deepseek b?", [("deepseek", "-m y \nit's?"), ("deepseek", "b?")]),
        ("if a:\n    %deepseek -m y \\\n    why?\nb = 1", [("deepseek", "-m y \n    why?")]),
        ("%deepseek what is \\", [("deepseek", "what is \\")]),
        ("%deepseek what is \\\n%deepseek b?", [("deepseek", "what is \\"), ("deepseek", "b?")]),
        ("%deepseek what is \\\n\n%deepseek b?", [("deepseek", "what is \\"), ("deepseek", "b?")]),
        ("%%deepseek --think off \\\n-m x\nWhy?", [("deepseek", "--think off \n-m x", "Why?\n")]),
        ("%%deepseek what is \\\nthis?", [("deepseek", "what is \\", "this?\n")]),
        ("x = !echo it's (\n%deepseek b?", [("deepseek", "b?")]),
        ("%time 'open\n%deepseek b?", [("time", "'open"), ("deepseek", "b?")]),
        ("%deepseek it's (\n%deepseek b?", [("deepseek", "it's ("), ("deepseek", "b?")]),
        ("%deepseek_chat list", [("deepseek_chat", "list")]),
        ("x %deepseek", None),
        ("x % deepseek", []),
        ("f(a=1)\nx = 5 %deepseek\n", None),
        ("%%deepseek why?", [("deepseek", "why?")]),
        ("%%deepseek a\nb?\n>>> c", [("deepseek", "a", "b?\n>>> c\n")]),
        ("\n  \n%%deepseek a\nb", [("deepseek", "a", "b\n")]),
        ("%%deepseek a\n\n\nb\n\n", [("deepseek", "a", "\n\nb\n\n")]),
        ("# a\n\n  # b\n%%deepseek a\nb?\n# c", [("deepseek", "a", "b?\n# c\n")]),
        ("\t#a\r\n%%deepseek why?", [("deepseek", "why?")]),
        ("# a\n%deepseek b?", [("deepseek", "b?")]),
        ("%%timeit\n%deepseek a?", None),
        ("# a\n%%timeit\n%deepseek a?", None),
        ("# a\n%%writefile f\n%%deepseek a?", None),
    ],
)
def test_what_a_cell_becomes(source, expected):
    if expected is None:
        assert transformed(source) == source
        return
    manager_calls = calls(source) if "!" not in source else None
    if manager_calls is not None:
        assert manager_calls == expected
    else:
        ours = [call for call in expected if call[0] == "deepseek"]
        assert [call for call in calls(source) if call and call[0] == "deepseek"] == ours


@pytest.mark.fast
@pytest.mark.parametrize(
    "source",
    [
        "%deepseek?",
        "%%deepseek?",
        "%deepseek??",
        "?%deepseek",
        "%deepseeker why?",
        "%deepseek_other why?",
        "%%writefile f\n%deepseek why?\nx = %deepseek what?\n",
        "%%bash\n%deepseek why?\n",
        "%%deepseek_chat list\nx",
        "x = '''\n%deepseek why?\n",
        "x = [\n%deepseek,\n]",
        "y = 5\ny %deepseek",
        "print('%deepseek?')",
        "len?",
        "# %deepseek why?",
        "# %%deepseek why?\n",
        "# a\n%%deepseek?",
        "f(x= %deepseek)",
        "",
    ],
)
def test_what_is_left_as_it_is(source):
    assert transformed(source) == source


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n\r"))
# IPython cuts a cell into lines at these too, before any transformer sees it.
BREAKS = "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"


@given(TEXT)
def test_any_text_reaches_the_line_magic(text):
    source = f"%deepseek x{text}"
    (call,) = [node for node in ast.walk(ast.parse(transformed(source))) if isinstance(node, ast.Call)][:1]
    assert [argument.value for argument in call.args] == ["deepseek", f"x{text}"]


BODY = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r")).filter(str.strip)


@given(TEXT.filter(lambda text: not set(text) & set(BREAKS)), BODY)
def test_any_text_reaches_the_cell_magic(line, body):
    assert_reaches_the_cell_magic(line, body)


@given(TEXT, BODY)
def test_any_line_break_of_python_reaches_the_cell_magic(line, body):
    assert_reaches_the_cell_magic(line, body)


def assert_reaches_the_cell_magic(line, body):
    source = f"%%deepseek x{line}\n{body}"
    (call,) = [node for node in ast.walk(ast.parse(transformed(source))) if isinstance(node, ast.Call)][:1]
    assert [argument.value for argument in call.args] == ["deepseek", f"x{line}", body]


QUOTES = ["'", '"', "'''", '"""']
SIGNS = [*"()[]{}#\\=%!?x ", "==", ">>> ", "    ", "\n", "\n", "%%time"]
PIECES = st.lists(st.sampled_from(["%deepseek why?", "x = %deepseek a'b", *QUOTES, *SIGNS]))


@given(PIECES)
def test_no_cell_breaks_it_and_other_lines_stay(pieces):
    source = "".join(pieces)
    result = transformed(source)
    if source.lstrip().startswith("%%"):
        return
    kept = [line for line in source.splitlines() if "%deepseek" not in line]
    rest = iter(result.splitlines())
    assert all(line in rest for line in kept)


@pytest.mark.fast
def test_lines_after_a_joined_one_keep_their_numbers():
    assert transformed("%deepseek -m x \\\nwhy?\ny = 1").split("\n")[2] == "y = 1"


@pytest.mark.fast
def test_a_second_pass_changes_nothing():
    source = "x = %deepseek why?\nif a:\n    %deepseek it's (\n"
    assert transformed(transformed(source)) == transformed(source)


@pytest.mark.slow
@pytest.mark.parametrize(
    "unit", ["x = (\n", "'''a", "%deepseek why?\n", "a = 'b' # c\n", "=  ", "\\\n", "x=\t", "# a\n"]
)
def test_work_is_linear_in_the_cell(unit):
    assert is_linear(lambda size: transformed("%deepseek a\n" + unit * size), 8_000)


@pytest.mark.fast
@pytest.mark.parametrize(
    ("typed", "state"),
    [
        ("%%deepseek", "incomplete"),
        ("%%deepseek --think high", "incomplete"),
        ("%%deepseek --think high\nWhat's (", "incomplete"),
        ("%%deepseek --think high\nWhat's (\n\n", "complete"),
        ("# c\n%%deepseek hi", "incomplete"),
        ("# c\n%%deepseek hi\n\n", "complete"),
        ("# c\n\n  # d\n%%deepseek hi\nWhat's this (?", "incomplete"),
        ("# c\n\n  # d\n%%deepseek hi\nWhat's this (?\n\n", "complete"),
        ("# c\n%%deepseek hi\nWhat's this (?\n\n\n\n", "complete"),
        ("# c\n%%deepseek hi\ndef f(x): return x)\nis that right?", "incomplete"),
        ("# c\n%%deepseek hi\ndef f(x): return x)\nis that right?\n\n", "complete"),
        ("\n \n%%deepseek hi\nWhat's this (?\n\n", "complete"),
        ("%deepseek What's (", "complete"),
        ("x = %deepseek why?", "complete"),
        ("if x:\n    %deepseek why?", "incomplete"),
    ],
)
def test_a_terminal_waits_for_the_lines_below_a_cell_magic(typed: str, state: str) -> None:
    """As below any other, up to a blank line; a line is complete whatever is open in it."""
    manager = TransformerManager()
    manager.cleanup_transforms[:0] = [OURS.cells, OURS.lines]
    assert manager.check_complete(typed)[0] == state


@pytest.mark.fast
@pytest.mark.parametrize(
    ("source", "asked"),
    [
        ("deepseek why?", "why?"),
        ("deepseek what is {df}?\n", "what is {df}?"),
        ("deepseek_chat new?", "new?"),
        ("deepseek?", None),
        ("deepseek.ask?", None),
        ("deepseek = why?", None),
        ("deepseek why?\nx = 1", None),
        ("deepseek why", None),  # IPython's own automagic
        ("deepseeker why?", None),
    ],
)
def test_a_question_without_its_per_cent_sign_is_asked_where_others_are(source: str, asked: str | None) -> None:
    """IPython would look for the help of its last word."""
    lines = source.splitlines(keepends=True)
    for automagic in (True, False):
        calls_of = MagicCalls(("deepseek", "deepseek_chat"), ("deepseek",), bare=lambda _, on=automagic: on)
        found = calls_of.lines(list(lines))
        assert (found == lines) == (asked is None or not automagic)
        if found != lines:
            assert asked is not None
            assert found[0].endswith(f", {asked!r})\n")
