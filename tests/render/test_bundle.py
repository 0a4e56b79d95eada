"""The static form of a reply: its citations lead to the list of sources below it, which is the same each time."""

from __future__ import annotations

import re

from deepseek_magic.render.bundle import bundle
from deepseek_magic.render.renderer import Ending
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
