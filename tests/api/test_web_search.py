"""Search and fetch over real HTTP: the exact requests, retries, hostile answers, and which addresses are public."""

from __future__ import annotations

import json

import pytest

from deepseek_magic.api.caller import RETRIES
from deepseek_magic.api.web_search import MOST_URL, WebClient, WebResult, check_url
from deepseek_magic.errors import (
    AuthenticationFailed,
    DeepSeekError,
    NotFound,
    QuestionError,
    RateLimited,
    UnexpectedResponse,
)
from deepseek_magic.settings.keys import checked_key
from tests.faults import Close, api_error, document, error, redirect, stream

KEY = "sk-of-the-web-0123456789abcdef"
RESULT = {
    "title": "A title",
    "url": "https://example.org/a",
    "snippet": "short",
    "summary": "longer",
    "content": "",
    "site_name": "Example",
    "site_icon": "",
    "date": "2026-05-01",
    "rerank_score": 2.1,
    "authority": 3,
}
FOUND = WebResult("A title", "https://example.org/a", "short", "longer", "Example", "2026-05-01")


@pytest.fixture
def slept():
    return []


@pytest.fixture
def web(server, slept):
    client = WebClient(server.url, checked_key(KEY, server.url, "the test"), sleep=slept.append)
    yield client
    client.close()


@pytest.mark.parametrize("base", ["", "/v1", "/beta"])
def test_the_exact_requests(server, base):
    """One path, whatever the base URL ends with; the key of the client, and JSON."""
    server.enqueue(document({"results": [RESULT]}), document({"title": "A page", "content": "# It"}))
    client = WebClient(server.url + base, checked_key(KEY, server.url, "the test"))
    assert client.search("what is it", 8, 5) == (FOUND,)
    page = client.fetch("https://example.org/a?b=c#d", 5)
    client.close()
    assert (page.title, page.url, page.content) == ("A page", "https://example.org/a?b=c#d", "# It")
    search, fetch = server.requests
    assert (search.method, search.path, search.json) == (
        "POST",
        "/v1/tools/search",
        {"query": "what is it", "count": 8},
    )
    assert (fetch.method, fetch.path, fetch.json) == ("POST", "/v1/tools/fetch", {"url": "https://example.org/a?b=c#d"})
    for request in server.requests:
        assert request.headers["authorization"] == f"Bearer {KEY}"
        assert request.headers["accept"] == request.headers["content-type"] == "application/json"


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 529])
def test_what_may_pass_is_tried_again(server, web, slept, status):
    server.enqueue(error(status, api_error("later")), document({"results": [RESULT]}))
    assert web.search("it", 8, 5) == (FOUND,)
    assert len(slept) == 1


def test_a_server_that_never_recovers_ends_in_one_line(server, web, slept):
    server.repeat(error(429, api_error("slow down")))
    with pytest.raises(RateLimited, match=rf"tried {RETRIES + 1} times") as caught:
        web.search("it", 8, 5)
    assert len(server.requests) == RETRIES + 1
    assert "\n" not in str(caught.value)


def test_a_connection_that_breaks_is_tried_again(server, web, slept):
    server.enqueue(stream(Close()), document({"title": "", "content": "x"}))
    assert web.fetch("https://example.org/", 5).content == "x"
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        (error(401, api_error(f"Your api key {KEY} is invalid")), AuthenticationFailed, "401"),
        (error(404, {"detail": "Not Found"}), NotFound, "has no /v1/tools/search"),
        (redirect("http://127.0.0.1:1/v1/tools/search", 307), UnexpectedResponse, "redirects"),
        (document([]), UnexpectedResponse, "no results in a form"),
        (document({"results": "all"}), UnexpectedResponse, "no results in a form"),
        (document(b"<html>", content_type="text/html"), UnexpectedResponse, "web page"),
        (document(b"{" * 5_000), UnexpectedResponse, "not JSON"),
        (document(b'"' + b"x" * 3_000_000 + b'"'), UnexpectedResponse, "more than 2 MB"),
    ],
    ids=["key", "absent", "redirect", "list", "text", "portal", "nonsense", "large"],
)
def test_a_server_that_misbehaves(server, web, fault, kind, words):
    """One line, the key in none, no second request, and no redirect followed."""
    server.enqueue(fault)
    with pytest.raises(kind, match=words) as caught:
        web.search("it", 8, 5)
    assert KEY not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(server.requests) == 1


def test_fields_of_other_kinds_are_read_as_nothing(server, web):
    """Nothing of an answer is trusted to have its type; a result without an address is none."""
    odd = {**RESULT, "title": 3, "snippet": None, "summary": ["x"], "site_name": {}, "date": 2026}
    server.enqueue(document({"results": [odd, {**RESULT, "url": 5}, "text", None]}))
    assert web.search("it", 8, 5) == (WebResult("", "https://example.org/a"),)


def test_the_key_that_a_server_echoes_is_masked(server, web):
    server.enqueue(document({"title": KEY, "content": f"your key is {KEY}"}))
    page = web.fetch("https://example.org/", 5)
    assert KEY not in f"{page.title} {page.content}"


@pytest.mark.parametrize("query", ["", "  \n", "x" * 129])
def test_a_query_that_is_none_is_not_sent(server, web, query):
    with pytest.raises(QuestionError, match="1 to 128"):
        web.search(query, 8, 5)
    assert server.requests == []


PUBLIC = [
    "https://example.org/a?b=c#d",
    "http://8.8.8.8/",
    "https://a.b.co.uk:8443/x_(y)",
    "https://bücher.example/ä",
    "http://[2606:4700::1111]/",
    *(
        f"http://{host}/"
        for host in (
            *("EXAMPLE.ORG", "example.org.", "example.org:8080", "nip.io", "x.mysnip.io", "☕\ufe0f.example"),
            *("1.8.8.8.8.wild.example", "v1-2-3-4.docs.example", "10-minutes.example", "12-10-2024.example"),
            *("0x7f.example", "7f000001.example", "2130706433.example", "a.1.2.3.example"),
        )
    ),
]
# Hosts that lead inside, in each spelling that some reader takes: numbers, names of wildcard services, IDNA, logins.
INSIDE = [
    *("1.127.0.0.1.nip.io", "a.1.127.0.0.1.nip.io", "1.10.0.0.1.nip.io", "7f000001.nip.io", "7F000001.NIP.IO"),
    *("app-0a000001.nip.io.", "--1.sslip.io", "127.0.0.1.xip.io", "7f000001.c0a80001.rbndr.us", "x.fuf.me", "lvh.me"),
    *("1.127.0.0.1.wild.example", "9-127-0-0-1.wild.example", "1-10.0-0-1.wild.example"),
    *("017700000001", "0x7f000001", "127.0.1", "127.0x", "0177.1", "127.0.0.1..", "1.2.3.4.5", "a.127"),
    *("127.0.0.1。", "a.127。0。0。1", "foo.bar。localhost", "foo.bar｡internal"),
    *("１２７．０．０．１", "２１３０７０６４３３", "①②⑦.1"),
    *("LOCALHOST", "X.LOCAL.", "x.local\ufe0f", "127.0.0\ufe0f.1", "a.loca\u034fl", "localhost6.localdomain6"),
    *("127%2e0%2e0%2e1", "example.org%2elocalhost", "example.org%00.internal", "[2606:4700::1111%eth0]"),
    *("[::FFFF:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[::ffff:0:127.0.0.1]", "[64:ff9b:1::7f00:1]"),
    *("[2001:0:4136:e378:8000:63bf:f5ff:fffe]", "[::]", "[ff02::1]", "[2001:db8::1]", "0.0.0.0", "240.0.0.1"),
    *("u@example.org", "@example.org", ":@example.org", "example.org@127.0.0.1", "127.0.0.1#@example.org"),
]
NOT_PUBLIC = [
    *("http://localhost/", "http://foo.localhost./", "http://printer/", "https://x.internal/", "http://nas.local"),
    *("http://127.0.0.1", "http://127.1/", "http://2130706433/", "http://0x7f.1/", "http://0177.0.0.1", "http://0/"),
    *(
        "http://127.0.0.1.nip.io/",
        "http://10-0-0-1.sslip.io/",
        "http://x.localtest.me/",
        "http://nas.home.arpa/",
        "http://[fec0::1]/",
    ),
    *("http://10.1.2.3", "http://172.16.0.1", "http://192.168.1.1", "http://100.64.0.1", "http://224.0.0.1/"),
    *("http://169.254.169.254/latest/meta-data", "http://[fe80::1%25eth0]/", "http://[fd00::1]/", "http://[::1]/"),
    *("http://[::ffff:10.0.0.1]/", "http://[64:ff9b::7f00:1]/", "http://[::7f00:1]", "http://[2002:7f00:1::]/"),
    *("http://１２７.0.0.1/", "http://127。0。0。1/", "http://ⓛocalhost/"),
    *("ftp://a.example/", "file:///etc/passwd", "javascript:alert(1)", "//a.example/", "a.example", "", "http://"),
    *("http://u:p@a.example/", "http://a.example:99999/", "http://[::1", "https:\\\\a.example", "http://a b.example/"),
    *(f"http://{host}/" for host in INSIDE),
    *("http://a.example/\n", "http://a.example/\x00", "http://a.example/\u202e", "https://a.example/" + "x" * MOST_URL),
]


@pytest.mark.parametrize("url", PUBLIC)
def test_addresses_of_the_public_web(url):
    check_url(url)


@pytest.mark.parametrize("url", NOT_PUBLIC, ids=[ascii(url)[:40] for url in NOT_PUBLIC])
def test_other_addresses_are_never_sent(server, web, url):
    with pytest.raises(QuestionError) as caught:
        web.fetch(url, 5)
    assert server.requests == []
    assert str(caught.value).isprintable()


def test_an_answer_of_any_shape_is_an_error_of_ours_or_a_page(server, web):
    for content in (None, True, 3, "x", [], {}, {"content": 3}, {"content": None}, {"title": "only"}):
        server.enqueue(document(json.dumps(content).encode()))
        with pytest.raises(DeepSeekError):
            web.fetch("https://example.org/", 5)
