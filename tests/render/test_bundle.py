"""The static form of a reply: its citations lead to the list of sources below it, which is the same each time."""

from __future__ import annotations

import re

import pytest

from deepseek_magic.api.events import Called
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
