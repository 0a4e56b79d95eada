"""The web without a model: what is sent, what is shown and returned, what is counted, and what is refused."""

from __future__ import annotations

import json

import pytest

from deepseek_magic.app.session import Session
from deepseek_magic.commands.call import Call
from deepseek_magic.commands.web_command import fetch, search
from deepseek_magic.errors import ConfigurationError, MissingKey, OptionError, QuestionError
from deepseek_magic.notebook.kernel import Kernel
from tests.faults import document

SECRET = "ghp" + "_Zq7Wm3Rt9Lx5Vb1Nc8Hd4Jf6Gs2Kp0Ty3Ua"
FOUND = {
    "results": [{"title": "A <b>title</b>", "url": "https://example.org/a", "snippet": "<img src=x>", "date": "2026"}]
}


def call(line, session=None, **config):
    session = session or Session({"DEEPSEEK_API_KEY": "sk-of-deepseek", **config.pop("environ", {})})
    return Call(session, config, Kernel(None), line)


def at(server, line, session=None, **config):
    return call(line, session, search_url=server.url, **config)


def test_a_search_is_shown_returned_and_counted(server, tmp_path):
    prices = tmp_path / "prices.json"
    prices.write_text(json.dumps({"as_of": "2026-11-01", "web": {server.url.partition("://")[2]: 0.001}}))
    server.enqueue(document(FOUND))
    asked = at(server, "-n 3 what is it", prices=str(prices))
    result = search(asked)
    assert [one.json for one in server.requests] == [{"query": "what is it", "count": 3}]
    assert [(one.title, one.url, one.date) for one in result.value] == [
        ("A <b>title</b>", "https://example.org/a", "2026")
    ]
    (card,) = result.show
    assert "1 result for 'what is it' · 1 web request ($0.001)" in card.data["text/plain"]
    assert "https://example.org/a" in card.data["text/plain"]
    assert "<img" not in card.data["text/html"]
    assert 'href="https://example.org/a"' in card.data["text/html"]
    assert (asked.session.tallies.web_requests, asked.session.tallies.web_dollars) == (1, 0.001)


@pytest.mark.parametrize(
    ("line", "sent"),
    [
        ("-nasa moon", {"query": "-nasa moon", "count": 10}),
        ("-n5 moon", {"query": "moon", "count": 5}),
        ("-n=5 -nasa", {"query": "-nasa", "count": 5}),
        ("-n5x moon", {"query": "-n5x moon", "count": 10}),
    ],
)
def test_a_word_that_is_not_to_be_found_is_no_number(server, line, sent):
    server.enqueue(document(FOUND))
    search(at(server, line))
    assert [one.json for one in server.requests] == [sent]


def test_a_page_is_shown_as_text(server):
    """Nothing of it is rendered; a long one is cut on the page, and whole in the value."""
    server.enqueue(document({"title": "A page", "content": "# <script>x</script>\x1b[2J\n" + "word " * 10_000}))
    result = fetch(at(server, "https://example.org/a"))
    (card,) = result.show
    assert server.requests[0].json == {"url": "https://example.org/a"}
    assert str(result.value) == result.value.content
    assert len(result.value.content) > 50_000
    assert "characters are not shown" in card.data["text/html"]
    assert "<script" not in card.data["text/html"]
    assert "\x1b" not in card.data["text/plain"]


def test_the_key_of_deepseek_never_goes_to_another_server(server):
    """It has its own, from a variable of its own."""
    server.enqueue(document(FOUND), document(FOUND))
    search(at(server, "it"))
    search(at(server, "it", environ={"DEEPSEEK_SEARCH_KEY": "key-of-the-search"}))
    first, second = server.requests
    assert "authorization" not in first.headers
    assert second.headers["authorization"] == "Bearer key-of-the-search"


def test_a_key_does_not_travel_unencrypted():
    asked = call("it", search_url="http://search.example", environ={"DEEPSEEK_SEARCH_KEY": "key-of-the-search"})
    with pytest.raises(ConfigurationError, match="unencrypted"):
        search(asked)


def test_secrets_are_masked_in_a_search_and_refused_in_an_address(server):
    server.enqueue(document(FOUND))
    (card,) = search(at(server, f"who has {SECRET}")).show
    assert SECRET not in str(server.requests[0].json) + card.data["text/plain"]
    assert "masked in what was sent" in card.data["text/plain"]
    with pytest.raises(
        QuestionError, match=r"looks like a secret \(.*\): give the address without it; %config DeepSeek"
    ):
        fetch(at(server, f"https://example.org/?token={SECRET}"))
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("command", "line", "kind", "words"),
    [
        (search, "", QuestionError, "needs words"),
        (search, "-n 0 it", OptionError, "from 1 to 50"),
        (search, "-n x it", OptionError, "from 1 to 50"),
        (search, "x" * 129, QuestionError, "1 to 128"),
        (fetch, "", QuestionError, "needs the address"),
        (fetch, "http://127.0.0.1/", QuestionError, "public web"),
        (fetch, "example.org", QuestionError, "address of a web page"),
    ],
)
def test_what_is_refused_is_not_sent(server, command, line, kind, words):
    with pytest.raises(kind, match=words):
        command(at(server, line))
    assert server.requests == []


def test_only_where_there_is_a_web(server):
    """DeepSeek's own, or one that is named; nothing found costs nothing."""
    with pytest.raises(OptionError, match="has no web search"):
        search(call("it", base_url="http://localhost:11434/v1"))
    with pytest.raises(MissingKey):
        search(call("it", Session({})))
    server.enqueue(document({"results": []}))
    asked = at(server, "it")
    (card,) = search(asked).show
    assert "nothing found, nothing billed" in card.data["text/plain"]
    assert asked.session.tallies.web_requests == 0
