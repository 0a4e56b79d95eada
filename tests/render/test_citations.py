"""Citations lead to the list below the reply, in prose alone; whatever a source is called is text."""

from __future__ import annotations

import re

import pytest

from deepseek_magic.api.events import Source
from deepseek_magic.render.bundle import bundle, whole
from deepseek_magic.render.citations import numbers_in
from deepseek_magic.render.ledger import in_lines
from deepseek_magic.render.renderer import Ending
from tests.render.hostile import CORPUS
from tests.render.test_safety import check

SOURCES = tuple(Source(n, f"Title {n}", f"https://example.org/{n}", "Example", "2026-05-01") for n in (1, 2, 3))


def html(text: str, sources: tuple[Source, ...] = SOURCES) -> str:
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
        ("[1]: https://example.net\n\nIts own [1].", []),
        ("[2] begins, and ends [1]", ["2", "1"]),
    ],
)
def test_what_is_a_citation(text: str, cited: list[str]) -> None:
    """Numbers of sources in prose; not in code, formulas, links, or where the reply says itself where they lead."""
    made = html(text)
    assert links(made) == cited
    assert bundle(Ending(text, sources=SOURCES))["text/plain"] == text


def test_text_and_tails_stay_where_they_were() -> None:
    plain = re.sub(r"<[^>]+>", "", html("a [1] b **c [2] d** e [3]f", SOURCES)).partition("Sources")[0]
    assert plain == "a [1] b c [2] d e [3]f"
    assert numbers_in("a [1] b [2, 3] c [x]") == {1, 2, 3}


@pytest.mark.parametrize("text", [text for _, text in CORPUS], ids=[name for name, _ in CORPUS])
def test_hostile_sources(text: str) -> None:
    """Titles, sites, dates and addresses of any kind: text, or a link to the web."""
    source = Source(1, text, text, text, text)
    check(whole(Ending(f"It is [1]. {text}", sources=(source,))))
    assert in_lines(Ending("It is [1].", sources=(source,)))


def test_a_terminal_lists_what_is_cited() -> None:
    assert in_lines(Ending("It is [2].", sources=SOURCES)) == ["[2] Title 2: https://example.org/2"]
    assert len(in_lines(Ending("It is so.", sources=SOURCES))) == 3
