"""What stands beside replies: lists of calls, receipts, sent messages, tables, cards, help; all of it plain text."""

from __future__ import annotations

from deepseek_magic.commands.table import MAGICS
from deepseek_magic.render import panels, safe_html

HELP = """Ask the model.

    %deepseek [options] question   one line
    %%deepseek

Options come first:

    -m, --model NAME  the model <b>that</b> answers
"""


def test_help_is_a_table_for_each_list_of_what_can_be_typed() -> None:
    html = str(panels.manual(HELP))
    assert html.count("<table") == html.count("overflow-x:auto") == 2
    assert html.count('<th scope="row"') == 3
    assert '<code style="white-space:nowrap">-m, --model NAME</code></th>' in html
    assert "the model &lt;b&gt;that&lt;/b&gt; answers</td>" in html
    assert html.count("<p>") == 2


def test_the_help_of_every_magic_keeps_all_its_words() -> None:
    for magic in MAGICS:
        html = str(panels.manual(magic.help))
        for word in ("&", "<"):
            assert html.count(str(safe_html.words(word))) >= magic.help.count(word)
        assert html.count("<code") == sum(line.startswith("    ") for line in magic.help.splitlines()), magic.name


def test_a_table_names_its_heads_and_a_card_its_rows() -> None:
    assert str(panels.table(["a"], [["b"]])).count('scope="col"') == 1
    models = str(panels.table(["model", "note"], [["deepseek-v4-pro", "as of 2026-11-30"]]))
    assert models.count("white-space:nowrap") == 1  # names are not broken at their hyphens
    assert str(panels.card("title", [("a", "b"), ("c", "d")])).count('scope="row"') == 2


def test_what_was_read_out_is_not_again_and_a_text_that_holds_the_tag_stays():
    html = safe_html.status('<div aria-live="polite">', heard=True)
    part = panels.heard(safe_html.joined([safe_html.text('<div aria-live="polite">x'), html]), follows=True)
    again = panels.unheard(part)
    assert part.count(' aria-live="polite"') == 2 + 2
    assert again.count(' aria-live="polite"') == again.count("&lt;div aria-live=") == 2
    assert again.count('aria-live="off"') == 1
