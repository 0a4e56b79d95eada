"""Citations lead to the list below the reply, in prose alone; whatever a source is called is text."""

from __future__ import annotations

import re

import pytest

from deepseek_magic.api.events import Called, TextDelta, WebSource
from deepseek_magic.render import safe_html
from deepseek_magic.render.back_ends.display import DisplayRenderer
from deepseek_magic.render.back_ends.widget import WidgetRenderer
from deepseek_magic.render.bundle import bundle, whole
from deepseek_magic.render.citations import numbers_in
from deepseek_magic.render.ledger import in_lines
from deepseek_magic.render.page import Page
from deepseek_magic.render.renderer import Ending
from deepseek_magic.render.stage import Stage
from tests.each import each
from tests.render.hostile import CORPUS
from tests.render.test_safety import check

SOURCES = tuple(WebSource(n, f"Title {n}", f"https://example.org/{n}", "Example", "2026-05-01") for n in (1, 2, 3))


def html(text: str, sources: tuple[WebSource, ...] = SOURCES) -> str:
    return bundle(Ending(text, sources=sources))["text/html"]


def links(made: str) -> list[str]:
    """The numbers that are links into the list, in order."""
    return re.findall(r'<a href="#deepseek-[0-9a-f]{10}-(\d+)"', made)


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        ("It is [1].", ["1"]),
        ("It is [1][2] and [3].", ["1", "2", "3"]),
        ("**Both** [1, 2] *and [3]*", ["1", "2", "3"]),
        ("- one [2]\n- two\n\n| a |\n|---|\n| [1] |", ["2", "1"]),
        ("None: [4], [0], [1, 9], [x], [ 1 ], \\[1\\], 1], [1", []),
        ("`a[1]` and\n\n```\nb[1]\n```\n\nand $x[1]$", []),
        ("[go [1]](https://example.net) [1](https://example.net)", []),
        ("[1]: https://example.net\n\nIts own [1].", ["1"]),
        ("[9]: https://example.net\n\nNo source's [9].", []),
        ("[2] begins, and ends [1]", ["2", "1"]),
    ],
)
def test_what_is_a_citation(text: str, cited: list[str]) -> None:
    """Numbers of sources in prose, wherever the reply says they lead; not in code, formulas or links."""
    made = html(text)
    assert links(made) == cited
    assert bundle(Ending(text, sources=SOURCES))["text/plain"] == text


def test_text_and_tails_stay_where_they_were() -> None:
    plain = re.sub(r"<[^>]+>", "", html("a [1] b **c [2] d** e [3]f", SOURCES)).partition("Sources")[0]
    assert plain == "a [1] b c [2] d e [3]f"
    assert numbers_in("a [1] b [2, 3] c [x]") == {1, 2, 3}


@each("text", dict(CORPUS))
def test_hostile_sources(text: str) -> None:
    """Titles, sites, dates and addresses of any kind: text, or a link to the web."""
    source = WebSource(1, text, text, text, text)
    check(whole(Ending(f"It is [1]. {text}", sources=(source,))))
    assert in_lines(Ending("It is [1].", sources=(source,)))


def test_a_terminal_lists_what_is_cited() -> None:
    assert in_lines(Ending("It is [2].", sources=SOURCES)) == ["[2] Title 2: https://example.org/2"]
    assert len(in_lines(Ending("It is so.", sources=SOURCES))) == 3


def live(text: str, sources: tuple[WebSource, ...] = SOURCES, size: int = 1) -> safe_html.SafeHtml:
    """Return what is shown of ``text`` in the end of the live view, where it came in pieces of ``size``."""
    page = Page()
    page.cite(sources)
    groups = []
    for place in range(0, len(text), size):
        page.feed(text[place : place + size])
        page.tail()
        groups += filter(None, [page.take_group()])
    return safe_html.joined([*groups, page.tail()])


def test_while_it_comes_a_citation_leads_to_its_page() -> None:
    """As soon as the source is known and the citation is whole; the same at all cuts; in prose alone."""
    text = "It is [1, 3] so.\n\n" + "Words. " * 80 + "\n\n- and **so [2]**, `x[1]`, [4], [1"
    made = live(text)
    assert re.findall(r'<a href="([^"]*)" target="_blank" title="([^"]*)" rel="noopener noreferrer"', made) == [
        ("https://example.org/1", "Title 1"),
        ("https://example.org/3", "Title 3"),
        ("https://example.org/2", "Title 2"),
    ]
    assert made.count("<a ") == 3
    for size in (2, 7, 10_000):
        assert live(text, size=size).count("<a ") == 3
    page = Page()
    page.feed("Before [1].\n\n")
    assert "<a " not in page.tail()
    page.cite(SOURCES)
    page.feed("After [1].")
    assert page.tail().count("<a ") == 2  # the paragraph before may still have gone on
    assert live("[1]: https://example.net\n\nIts own [1].").count('href="https://example.org/1"') == 1


@pytest.mark.thorough
def test_hostile_sources_while_they_come() -> None:
    for _, text in CORPUS:
        for address in (text, f"https://example.org/{text}\ud800"):
            check(live(f"It is [1]. {text}", (WebSource(1, text, address),), size=10_000))


def test_both_live_views_have_the_links(published) -> None:
    called = Called("web_search()", "found", 0.1, sources=SOURCES)
    for renderer in (DisplayRenderer(interval=0), WidgetRenderer(Stage())):
        renderer.open()
        renderer.show([called, TextDelta("It is [2].")])
        renderer._pacer.stop()
        renderer._catch_up() if isinstance(renderer, WidgetRenderer) else renderer._paint()
        texts = [one["data"].get("text/html", "") for one in published]
        if isinstance(renderer, WidgetRenderer):
            texts = [widget.value for widget in renderer._answer.parts if hasattr(widget, "value")]
        assert 'href="https://example.org/2" target="_blank"' in texts[-1]
        renderer.close(Ending("It is [2].", sources=SOURCES))
