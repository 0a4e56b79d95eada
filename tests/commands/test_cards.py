"""What the magics show beside replies: safe HTML, and the same as plain text."""

from __future__ import annotations

from deepseek_magic.commands import cards
from deepseek_magic.render.choose import FrontEnd
from deepseek_magic.render.columns import Columns
from deepseek_magic.render.front_ends import Needs
from deepseek_magic.render.renderer import Ending

ENDING = Ending("```python\nx = 1\n```\x1b", notices=("Said\x1b.",), metadata={"deepseek_magic": {"turn": 1}})
KERNEL = FrontEnd(in_kernel=True)


def test_a_table_and_a_card_are_aligned_in_text_and_escaped_in_html():
    made = cards.table(("a", "b"), [("<i>", "1"), ("long one", "2")], "What")
    assert made.data["text/plain"] == "What\na         b\n<i>       1\nlong one  2"
    assert "&lt;i&gt;" in made.data["text/html"]
    made = cards.card("Title", [("name", "<b>"), ("n", "2")])
    assert made.data["text/plain"] == "Title\n  name  <b>\n  n     2"
    assert "<b>" not in made.data["text/html"]


def test_a_reply_is_shown_with_its_source_and_its_metadata():
    made = cards.shown(ENDING, KERNEL)
    assert made.data["text/plain"] == ENDING.text
    assert made.metadata == ENDING.metadata
    assert "\x1b" not in made.data["text/html"]
    assert "Said" in made.data["text/html"]


def test_a_terminal_gets_text_whose_controls_are_seen():
    columns = Columns(("a", "b"), (ENDING, ENDING))
    for made in (cards.shown(ENDING, FrontEnd()), cards.side_by_side(columns, FrontEnd())):
        assert "\x1b" not in made.data["text/plain"]
        assert "x = 1" in made.data["text/plain"]
    assert "Said" in cards.shown(ENDING, FrontEnd()).data["text/plain"]


def test_replies_side_by_side_are_shown_as_the_front_end_needs_them():
    columns = Columns(("a", "b"), (ENDING, Ending("Two.")), "below", {"deepseek_magic": {"columns": []}})
    made = cards.side_by_side(columns, KERNEL)
    assert made.metadata == columns.metadata
    assert made.data["text/html"].count('class="deepseek-column"') == 2
    assert 'style="color:var(--jp-mirror' not in made.data["text/html"]
    inline = cards.side_by_side(columns, FrontEnd(in_kernel=True, needs=Needs(colours=True)))
    assert 'style="color:var(--jp-mirror' in inline.data["text/html"]
