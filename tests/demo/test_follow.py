"""What a followed notebook writes to the terminal: each text once, as it grows; `test_run` has the kernel."""

from __future__ import annotations

from typing import Any

import nbformat
import pytest

from deepseek_magic.chat.footer import opening
from deepseek_magic.demo.follow import FollowedClient
from deepseek_magic.render.back_ends.plain import Paper, PlainRenderer
from deepseek_magic.render.places import UNFINISHED

THINKING = '<details class="deepseek-reasoning"><summary>{}</summary></details>'
NOTICE = '<div class="deepseek-notice">{}</div>'


class Followed:
    """A client without a kernel that is given messages as a kernel sends them, and what it has written."""

    def __init__(self) -> None:
        self.cell = nbformat.v4.new_code_cell("1")
        self.written: list[str] = []
        self._client = FollowedClient(nbformat.v4.new_notebook(cells=[self.cell]), self.written.append)
        self._client.reset_execution_trackers()
        self._client.clear_before_next_output = False  # as it is when a cell begins

    def display(self, kind: str, text: str, html: str = "", *, display_id: str = "", ended: bool = False) -> str:
        """Take one output, and return what it adds."""
        data = {"text/plain": text, "text/html": html}
        metadata = {"deepseek_magic": {"state": "complete"}} if ended else opening("main", "")
        transient = {"display_id": display_id} if display_id else {}
        return self.take(kind, {"data": data, "metadata": metadata, "transient": transient})

    def take(self, kind: str, content: dict[str, Any]) -> str:
        """Take one message, and return what it adds."""
        before = len(self.written)
        message = {"msg_type": kind, "header": {"msg_type": kind}, "parent_header": {}, "content": content}
        self._client.process_message(message, self.cell, 0)
        return "".join(self.written[before:])


@pytest.fixture
def followed() -> Followed:
    return Followed()


def test_printed_text_is_written_without_control_characters(followed: Followed) -> None:
    said = followed.take("stream", {"name": "stdout", "text": "one\x1b[2J\n"})
    assert said.startswith("one")
    assert said.endswith("\n")
    assert "\x1b" not in said
    assert followed.cell.outputs[0]["text"] == "one\x1b[2J\n"


def test_of_a_display_that_grows_only_the_new_is_written(followed: Followed) -> None:
    assert followed.display("display_data", "On", display_id="d") == "On"
    assert followed.display("update_display_data", "One two", display_id="d") == "e two"
    assert followed.display("update_display_data", "One two", display_id="d") == ""
    assert followed.display("update_display_data", "Else", display_id="d") == "\nElse"


def test_the_sentence_of_one_that_has_not_begun_is_not_written(followed: Followed) -> None:
    """It is for whoever opens a file that was saved by then."""
    assert followed.display("display_data", UNFINISHED, display_id="d") == ""
    assert followed.display("update_display_data", "On", display_id="d") == "On"
    assert followed.display("update_display_data", "One", display_id="d", ended=True) == "e"


def test_two_displays_are_told_apart(followed: Followed) -> None:
    followed.display("display_data", "One", display_id="d")
    assert followed.display("display_data", "One", display_id="e") == "One"
    assert followed.display("display_data", "One") == "One"


def test_thinking_is_one_line_that_ends_with_its_figures(followed: Followed) -> None:
    assert followed.display("display_data", "", THINKING.format("Thinking"), display_id="d") == "Thinking"
    said = followed.display("update_display_data", "So", THINKING.format("Thinking · 1 s"), display_id="d")
    assert said == " · 1 s\n\nSo"
    assert followed.display("update_display_data", "So", THINKING.format("Thinking · 1 s"), display_id="d") == ""


def test_notices_are_written_once_when_the_reply_has_ended(followed: Followed) -> None:
    html = NOTICE.format("Incomplete")
    assert followed.display("display_data", "So", html, display_id="d") == "So"
    assert followed.display("update_display_data", "So", html, display_id="d", ended=True) == "\n[Incomplete]\n"


def test_without_rich_a_reply_is_broken_at_words_and_its_thinking_has_a_bar() -> None:
    written: list[str] = []
    on = Paper(lambda: 20)
    cell = nbformat.v4.new_code_cell("%%deepseek\nWhat is a rather long question?")
    client = FollowedClient(
        nbformat.v4.new_notebook(cells=[cell]),
        written.append,
        lambda: PlainRenderer(written.append, written.append, on),
        on,
    )
    client.reset_execution_trackers()
    client.clear_before_next_output = False
    html = (
        '<div class="deepseek "><details class="deepseek-reasoning"><summary>Thinking · 1 s</summary></details></div>'
    )
    for kind, text, metadata in (
        ("display_data", "", {}),
        ("update_display_data", "A **rather** lo", {}),
        ("update_display_data", "A **rather** long reply.", {"deepseek_magic": {}}),
    ):
        content = {
            "data": {"text/plain": text, "text/html": html},
            "metadata": metadata,
            "transient": {"display_id": "d"},
        }
        message = {"msg_type": kind, "header": {"msg_type": kind}, "parent_header": {}, "content": content}
        client.process_message(message, cell, 0)
    assert "".join(written) == "│ Thinking: 1 s\n\nA **rather** long\nreply.\n"
    assert cell.outputs[0]["data"]["text/plain"] == "A **rather** long reply."


def test_a_cell_is_shown_as_it_is_typed_at_a_prompt() -> None:
    """Questions and remarks are broken at words, code is not."""
    client = FollowedClient(nbformat.v4.new_notebook(), print, None, Paper(lambda: 20))
    assert client._echo("%%deepseek\nWhat is a long question?") == ">>> %%deepseek\n... What is a long\n... question?"
    assert client._echo("print('one two three', 4)") == ">>> print('one two three', 4)"
