"""A reply in Python: its text, its code, its JSON, and where it shows itself."""

from __future__ import annotations

import pickle

import pytest

from deepseek_magic.chat.reply import Reply
from deepseek_magic.errors import DeepSeekError
from deepseek_magic.render.renderer import Ending

TWO_BLOCKS = "One:\n\n```python\nx = 1\n\n```\n\nand\n\n~~~\ny = 2\n~~~\n"


def test_the_text_is_exact():
    """``str`` is the source of the answer, with its blank space and its control characters."""
    assert str(Reply(" a\r\n\x1b[31m ")) == " a\r\n\x1b[31m "


def test_the_code_is_that_of_all_blocks():
    """Blocks are joined by one blank line, and prose is none of it."""
    assert Reply(TWO_BLOCKS).code == "x = 1\n\ny = 2"
    assert Reply("no `code` here").code == ""


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (' {"a": [1]}\n', {"a": [1]}),
        ("null", None),
        ("Here:\n\n```json\n[1, 2]\n```\n", [1, 2]),
        ("```\nnot JSON\n```\n\n```\n7\n```\n", 7),
    ],
)
def test_the_json_is_the_text_or_the_first_block_that_is_some(text, value):
    """Text that is JSON wins; else the blocks are tried in order."""
    assert Reply(text).json == value


def test_a_reply_without_json_says_where_to_look():
    """The error names the way out, and a value that was read while it streamed needs no text."""
    with pytest.raises(DeepSeekError, match=r"^the reply is not JSON: ask for JSON"):
        _ = Reply(TWO_BLOCKS).json
    assert Reply("cut {", _json={"a": 1}).json == {"a": 1}


def test_it_shows_itself_except_where_it_was_streamed():
    """In the execution that showed it nothing is shown again; a pickled reply is shown everywhere."""
    reply = Reply("text", _shown_here=lambda: True)
    reply._ipython_display_()
    for other in (Reply("text"), Reply("text", _shown_here=lambda: False), pickle.loads(pickle.dumps(reply))):
        assert other == reply
        with pytest.raises(NotImplementedError):
            other._ipython_display_()


def test_what_is_shown_is_safe():
    """The plain text shows control characters instead of sending them, and markup in the answer is text."""
    text = "\x1b[31m<script>alert(1)</script>"
    bundle = Reply(text, _ending=Ending(text))._repr_mimebundle_()
    assert "\x1b" not in bundle["text/plain"]
    assert "<script" not in bundle["text/html"]
    assert bundle["text/html"] == Reply(text, _ending=Ending(text))._repr_html_()
