"""Pieces of code in a shell: what they print and show is kept, what they leave, and how their errors are told."""

from __future__ import annotations

import base64
import sys

import pytest
from IPython.display import Image, display, update_display

from deepseek_magic.guard import NOTHING_MASKED
from deepseek_magic.notebook.pieces import MOST_IMAGES, Pieces, pieces_of
from deepseek_magic.tools.returned import awaited
from tests import shells

PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture
def shell(tmp_path):
    with shells.shell(tmp_path, displays=True) as made:
        yield made


@pytest.fixture
def run(shell):
    pieces = Pieces(shell)
    return lambda source: pieces.run(pieces.next_number(), source, awaited)


def test_output_comes_in_order_and_only_the_last_value_is_shown(shell, run):
    outcome = run("print('one')\n1\nimport sys\nprint('two', file=sys.stderr)\n{'a': 3}")
    assert (outcome.text, outcome.error, outcome.lines) == ("one\ntwo\n{'a': 3}", None, 5)
    assert run("x = 4").text == ""
    assert run("x;").text == ""
    assert run("%%capture\nprint(1)").text == ""
    assert run("async def f(): return 7\nawait f()").text == "7"
    assert shell.user_ns["x"] == 4


def test_displays_and_their_updates(shell, run):
    shell.push({"display": display, "update": update_display, "Image": Image, "PICTURE": PICTURE})
    outcome = run("display('old', display_id='d')\nupdate('new', display_id='d')\nImage(PICTURE)")
    assert outcome.text.splitlines()[0] == "'new'"
    assert outcome.images == (PICTURE,)
    many = run(f"for _ in range({MOST_IMAGES + 2}): display(Image(PICTURE))")
    assert len(many.images) == MOST_IMAGES
    assert many.text.endswith("[2 more pictures, or too large ones, are left out]")


@pytest.mark.parametrize(
    ("source", "kind", "lines"),
    [
        ("a = 1\nb = (\n 2)\n1 / 0\nc = 3", ZeroDivisionError, 3),
        ("a = 1\nraise SystemExit", SystemExit, 1),
        ("raise KeyboardInterrupt", KeyboardInterrupt, 0),
        ("a = = 1", SyntaxError, 0),
        ("import asyncio\nawait asyncio.wait_for(asyncio.sleep(9), 0.01)", TimeoutError, 1),
    ],
)
def test_what_is_raised_and_how_far_it_came(shell, run, source, kind, lines):
    before = sys.stdout, sys.stderr, sys.displayhook, shell.display_pub
    outcome = run(source)
    assert isinstance(outcome.error, (kind, __import__("asyncio").TimeoutError))
    assert outcome.lines == lines
    assert (sys.stdout, sys.stderr, sys.displayhook, shell.display_pub) == before


def test_an_error_is_told_with_the_pieces_that_it_passed_through(shell):
    pieces = pieces_of(shell)
    assert pieces_of(shell) is pieces
    pieces.run(pieces.next_number(), "def half(value):\n    part = value / 0\n    return part", awaited)
    number = pieces.next_number()
    outcome = pieces.run(number, "size = 12\nhalf(size)", awaited)
    said = pieces.report(outcome.error, lambda value, _name, _tokens: repr(value), NOTHING_MASKED)
    assert said.startswith("ZeroDivisionError: division by zero")
    assert f"- piece {number}, line 2" in said
    assert f"- piece {number - 1}, line 2, in half" in said
    assert "->   2     part = value / 0" in said
    assert "value: 12" in said


def test_the_namespace_is_the_users_own(shell, run):
    shell.user_ns["kept"] = [1]
    run("kept.append(2)\nimport inspect\ndef twice(x): return 2 * x")
    assert shell.user_ns["kept"] == [1, 2]
    assert run("print(inspect.getsource(twice))").text == "def twice(x): return 2 * x"
    assert shell.user_ns["In"][-1:] in ([], [""])
