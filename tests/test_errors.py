"""The exceptions: the tree that its docstring draws, one line each in a cell, and texts that are safe to print."""

from __future__ import annotations

import inspect
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepseek_magic import errors
from deepseek_magic.errors import DeepSeekError, EndpointError, IncompleteReply, Interrupted
from deepseek_magic.text import one_line, visible
from tests.error_words import STEP, messages

KINDS = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if kind.__module__ == errors.__name__ and kind.__name__[0] != "_"
]


def drawn() -> dict[str, str]:
    """The base of each class as the docstring draws it."""
    bases: dict[str, str] = {}
    above: list[tuple[int, str]] = []
    for line in (errors.__doc__ or "").splitlines():
        found = re.match(r"    ([│ ├└─]*)([A-Z]\w+)", line)
        if not found or "(a KeyboardInterrupt)" in line:
            continue
        depth = len(found[1])
        above = [(d, name) for d, name in above if d < depth]
        if above:
            bases[found[2]] = above[-1][1]
        above.append((depth, found[2]))
    return bases


def test_the_tree_is_as_it_is_drawn():
    bases = drawn()
    assert len(bases) > 15
    for kind in KINDS:
        if kind not in (DeepSeekError, Interrupted):
            assert bases.pop(kind.__name__) == kind.__bases__[0].__name__
    assert not bases


def test_an_interrupt_is_not_swallowed_by_except_exception():
    assert issubclass(Interrupted, KeyboardInterrupt)
    assert not issubclass(Interrupted, Exception)
    assert not issubclass(Interrupted, DeepSeekError)


@pytest.mark.parametrize("kind", KINDS)
def test_each_is_one_line_in_a_cell(kind):
    (line,) = kind("two\nlines \x1b[2J and more")._render_traceback_()
    assert line == f"{kind.__name__}: two lines \\x1b[2J and more"
    assert kind("x").reply is None
    assert kind.__doc__


def test_every_message_says_what_to_do_next():
    """But for those of an interrupt, which is the user's own doing, of a broken reply, whose notice says it, and of
    those that end with what another error, or a table of reasons, says.
    """
    said = [one for one in messages() if not issubclass(getattr(errors, one[1]), (Interrupted, IncompleteReply))]
    written = [(place, message) for place, _, message in said if re.search(r"[a-z]{3}", message)]
    written = [one for one in written if not one[1].startswith(("stopped, because ", "--compare does not go with"))]
    assert len(written) > 200
    assert [f"{place}: {message}" for place, message in written if not STEP.search(message)] == []


@pytest.mark.parametrize(
    ("message", "is_said"),
    [
        ("the stream is not JSON", False),
        ("the file has 9 MB, and at most 5 MB are read", False),
        ("the set of tools is empty; the text is kept", False),
        ("a line to use is missing", False),
        ("--chat: expected a name", True),
        ("the key was refused: check it with %deepseek_doctor", True),
        ("it is too long; shorten it", True),
        ("there is none (write one)", True),
    ],
)
def test_what_counts_as_a_step(message, is_said):
    assert bool(STEP.search(message)) == is_said


def test_an_endpoint_error_carries_what_the_endpoint_said():
    error = EndpointError("m", status=429, server_message="slow", request_id="i", retry_after=2.0)
    assert (error.status, error.server_message, error.request_id, error.retry_after) == (429, "slow", "i", 2.0)


@given(st.text())
def test_what_is_visible_holds_no_control(text):
    shown = visible(text)
    for character in shown:
        code = ord(character)
        assert character in "\t\n" or not (code < 32 or 127 <= code < 160)
        assert code not in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x61C, 0x200E, 0x200F, 0x2028, 0x2029)
    shown.encode()


@pytest.mark.parametrize("text", ["plain", "tab\tand\nline", "Grüße 世界 🚀", "عربي עברית", "a\u200db"])
def test_what_is_harmless_stays(text):
    assert visible(text) == text


def test_a_line_end_of_windows_is_one():
    assert visible("a\r\nb\rc") == "a\nb\\x0dc"


@given(st.text(), st.integers(2, 400))
def test_one_line_is_one_line(text, limit):
    line = one_line(text, limit)
    assert len(line) <= limit
    assert "\n" not in line
    assert "\x1b" not in line


def test_an_error_line_is_no_place_for_links_that_run_script() -> None:
    """JupyterLab makes a link of every ``scheme://`` in an error; only web addresses stay as they are."""
    (line,) = DeepSeekError(
        "see https://a.example and javascript://b.example/%0aalert(1) or VBScript://x"
    )._render_traceback_()
    assert "https://a.example" in line
    assert "javascript://" not in line
    assert "VBScript://" not in line
