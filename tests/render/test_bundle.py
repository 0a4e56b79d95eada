"""The static form of a reply: its citations lead to the list of sources below it, which is the same each time."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from deepseek_magic.api.events import Called
from deepseek_magic.render import bundle as bundle_module
from deepseek_magic.render.back_ends.widget import WidgetRenderer
from deepseek_magic.render.bundle import bundle
from deepseek_magic.render.front_ends import Needs
from deepseek_magic.render.renderer import Ending
from deepseek_magic.render.stage import Stage
from tests.render.test_citations import html


def test_a_link_leads_to_its_place_in_the_list() -> None:
    made = html("It is [2].")
    (place,) = re.findall(r'<a href="#([^"]+)"', made)
    assert made.count(f'id="{place}"') == 1
    below = made.partition("deepseek-sources")[2]
    assert 'href="https://example.org/2" target="_blank"' in below
    assert "2 more found, not cited" in below
    assert html("It is [2].") == made
    other = html("It was [2].")
    assert place not in other


def test_without_sources_nothing_is_cited() -> None:
    assert html("It is [1].", ()) == bundle(Ending("It is [1]."))["text/html"]
    assert "deepseek-sources" not in html("It is [1].", ())


MOST = 20_000
TOO_MUCH = {
    "text": Ending("# Long\n\n" + "word & word " * 4000, footer="a footer", needs=Needs(most=MOST)),
    "letters of more than a byte": Ending("\N{GRINNING FACE}" * 4000, footer="a footer", needs=Needs(most=MOST)),
    "results": Ending("Short.", calls=(Called("f()", "x" * 30_000, 0.1),), footer="a footer", needs=Needs(most=MOST)),
    "drawing": Ending("| a | b |\n|---|---|\n" + "| 1 | 2 |\n" * 400, footer="a footer", needs=Needs(most=MOST)),
}


def test_what_is_cut_names_the_result_that_stays() -> None:
    """`_` is another one after the next cell."""
    made = bundle(replace(TOO_MUCH["text"], execution=12))
    assert "All of it is in Out[12].text and in %deepseek_chat export FILE." in made["text/html"]
    assert "_.text" not in made["text/html"]


@pytest.mark.parametrize("ending", TOO_MUCH.values(), ids=TOO_MUCH)
def test_what_a_front_end_would_cut_is_cut_with_a_word(published, ending: Ending) -> None:
    """And what stands below the text stays, such as the figures."""
    made = bundle(ending)
    assert sum(len(one.encode()) for one in made.values()) <= MOST
    assert "_.text" in made["text/html"]
    assert "a footer" in made["text/html"]
    assert ending.text.startswith(made["text/plain"])
    assert made["text/plain"] == ending.text or len(ending.text.encode()) > MOST * 0.4
    renderer = WidgetRenderer(Stage())
    renderer.open()
    renderer.close(ending)
    assert published[-1]["data"] == made


def test_what_fits_is_whole() -> None:
    short = Ending("x" * 4000, footer="f", needs=Needs(most=MOST))
    assert bundle(short) == bundle(Ending("x" * 4000, footer="f"))


PLAIN = {
    "paragraphs": "\u4e2d\u6587\uff0c\u6587\u3002\n\n",
    "words": "Plain words, *some* of them __strong__.\n",
    "signs": "&",
    "entities": "&copy;",
    "links": "[a](https://b.c)\n",
    "definitions": "[a]: https://b.c 'title'\n",
    "tables": "| a |\n|---|\n| b | dropped | dropped |\n",
    "code": "```some words of which nothing is shown\n```\n",
    "tasks": "- [x] done\n",
    "formulas": "$x$ and \\(y\\)\n",
    "numbers": "1. one\n",
    "elements": "<b>bold</b> <!-- said -->\n",
    "rules": "# A title\n\nA title\n===\n> a\n",
}


@pytest.mark.parametrize("unit", PLAIN.values(), ids=PLAIN)
def test_what_is_not_drawn_because_it_is_too_long_would_not_have_fitted(unit: str) -> None:
    text = unit * 40
    size = sum(len(one.encode()) for one in bundle(Ending(text)).values())
    assert bundle_module._least(text) <= size - len(text.encode())


@pytest.mark.parametrize("unit", ["paragraphs", "words", "signs"])
def test_a_text_that_is_too_long_for_the_front_end_is_not_drawn(monkeypatch, unit: str) -> None:
    ending = Ending(PLAIN[unit] * 8_000, footer="a footer", needs=Needs(most=MOST))
    monkeypatch.setattr(bundle_module.safe_html, "answer", lambda _: pytest.fail("it is drawn"))
    made = bundle(ending)
    assert "_.text" in made["text/html"]
    assert "a footer" in made["text/html"]
    assert ending.text.startswith(made["text/plain"])
