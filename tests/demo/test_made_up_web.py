"""The made-up web of the embedded endpoint: it says so, answers in DeepSeek's form, and refuses what DeepSeek would."""

from __future__ import annotations

import json
import re

import pytest

import deepseek_magic
from deepseek_magic.api.web_search import check_url, page, results
from deepseek_magic.demo.documented_errors import Refused
from deepseek_magic.demo.made_up_web import NOTICE, fetch, pages, search
from tests.strict_endpoint import StrictEndpoint


def sent(**fields: object) -> bytes:
    return json.dumps(fields).encode()


def test_every_page_says_what_it_is() -> None:
    """Its site, its text, and the text of a page that is not there; addresses are those kept for examples."""
    for one in pages():
        check_url(one["url"])
        assert one["url"].split("/")[2] in ("example.org", "example.com", "example.net")
        assert one["site_name"].endswith("(made up)")
        assert page(fetch(sent(url=one["url"])), one["url"], "host").content.startswith(NOTICE)
    assert fetch(sent(url="https://example.org/none"))["content"].startswith(NOTICE)


def test_a_search_ranks_by_words_and_finds_something_for_nonsense() -> None:
    found = results(search(sent(query="tea cakes recipe -harbour", count=3)), "host")
    assert (len(found), found[0].url) == (3, "https://example.net/kitchen/tea-cakes")
    assert all(one.snippet and one.summary and one.site and one.date for one in found)
    assert results(search(sent(query="qwxz")), "host")


@pytest.mark.parametrize(
    "body",
    [b"{", b"[]", sent(), sent(query=" "), sent(query="x" * 129), sent(query="x", count=0), sent(query="x", count=51)],
)
def test_what_a_search_refuses(body: bytes) -> None:
    with pytest.raises(Refused):
        search(body)


@pytest.mark.parametrize("body", [b"{", sent(), sent(url=3), sent(url="ftp://a"), sent(url="https://" + "x" * 8192)])
def test_what_a_fetch_refuses(body: bytes) -> None:
    with pytest.raises(Refused):
        fetch(body)


def test_an_answer_cites_its_own_sources(endpoint: StrictEndpoint) -> None:
    """In a conversation that asks twice the second has other numbers than the first: those that it was told."""
    question = "Why is the bicycle station at the harbour of Lindenhof closed, and when does it open again?"
    talk = deepseek_magic.Conversation(base_url=endpoint.url, web=True)
    first, second = talk.ask(question), talk.ask(question)
    for reply, numbers in ((first, (1, 2)), (second, (9, 10))):
        assert reply.sources[0].number == numbers[0]
        assert {int(number) for number in re.findall(r"\[(\d+)\]", reply.text)} == {*numbers}
    assert first.text != second.text
