"""The session over real HTTP: the key reaches its own host, no object holds it, and nothing is followed or kept."""

from __future__ import annotations

import http.client

import pytest
import requests

from deepseek_magic.api.transport import session
from deepseek_magic.api.under_way import on_connect, telling
from deepseek_magic.settings.keys import Key, Secret, checked_key
from tests.faults import Fault, FaultServer, document, redirect

VALUE = "sk-of-the-transport-5d1e"


def test_the_key_goes_to_its_host_and_shows_nowhere_else(server):
    """The server gets the header; neither the request nor the session that made it holds the value."""
    with session(checked_key(VALUE, server.url, "a test")) as asking:
        answer = asking.get(f"{server.url}/models", timeout=60)
    assert server.requests[0].headers["authorization"] == f"Bearer {VALUE}"
    assert "Authorization" not in answer.request.headers
    assert VALUE not in f"{vars(answer.request)}{vars(asking)}"


def test_another_host_gets_no_key(server):
    """A key that was given for one port of this machine is not sent to another one."""
    with FaultServer() as other, session(checked_key(VALUE, other.url, "a test")) as asking:
        asking.get(f"{server.url}/models", timeout=60)
    assert "authorization" not in server.requests[0].headers


def test_a_login_of_netrc_is_not_sent(server, tmp_path, monkeypatch):
    """Without a key there is no header, also where the user has a login for the host."""
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password secret\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with session(None) as asking:
        asking.get(f"{server.url}/models", timeout=60)
        requests.get(f"{server.url}/models", timeout=60)
    assert ["authorization" in request.headers for request in server.requests] == [False, True]


def test_a_redirect_is_not_followed_and_a_cookie_is_not_kept(server):
    """The redirect itself is the answer, and the next request has no cookie."""
    server.enqueue(redirect("/models"), document({}, headers=(("Set-Cookie", "a=b"),)))
    with session(None) as asking:
        assert asking.get(f"{server.url}/a", timeout=60).status_code == 302
        asking.get(f"{server.url}/b", timeout=60)
        asking.get(f"{server.url}/c", timeout=60)
    assert [request.path for request in server.requests] == ["/a", "/b", "/c"]
    assert not any("cookie" in request.headers for request in server.requests)


def test_it_is_said_when_a_connection_is_made_and_when_a_request_is_sent(server):
    """Each request is said once, a connection only where there is none yet, and nothing outside of the block."""
    said = []
    token = on_connect.set(lambda: said.append("connect"))
    try:
        with session(None) as asking:
            with telling(lambda: said.append("sent")):
                asking.get(f"{server.url}/models", timeout=60)
                asking.get(f"{server.url}/models", timeout=60)
            asking.get(f"{server.url}/models", timeout=60)
    finally:
        on_connect.reset(token)
    assert said == ["connect", "sent", "sent"]


def test_a_key_that_no_header_can_hold_is_not_in_the_error(server):
    """The error of the standard library would hold the header; ours does not, and nothing is sent."""
    key = Key(Secret(f"{VALUE}\r\nX: y"), server.url.removeprefix("http://"), "a test")
    with (
        session(key) as asking,
        pytest.raises(requests.RequestException, match="the key cannot stand") as caught,
    ):
        asking.get(f"{server.url}/models", timeout=60)
    assert VALUE not in f"{caught.value!r}{caught.value.__cause__!r}{caught.value.__context__!r}"
    assert server.requests == []


def test_an_answer_that_never_begins_is_an_error(server):
    """Seven interim answers are read, and no more than eight: the next one ends it."""
    interim, answer = b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    server.enqueue(Fault((interim * 7, answer), framing="raw"), Fault((interim * 8, answer), framing="raw"))
    with session(None) as asking:
        assert asking.get(f"{server.url}/a", timeout=60).text == "ok"
    with session(None) as asking, pytest.raises((requests.ConnectionError, http.client.HTTPException)) as caught:
        asking.get(f"{server.url}/b", timeout=60)
    assert "the answer does not begin" in str(caught.value)


def test_what_is_sent_again_is_whole_each_time_and_follows_the_environment(server, monkeypatch):
    """The key, the headers and the body are those of each request; a proxy that is set meanwhile is used."""
    how = {"headers": {"Content-Type": "text/plain"}, "timeout": (5, 5), "proxies": None}
    with session(checked_key(VALUE, server.url, "a test")) as asking:
        for body in (b"one", b"", b"three", None):
            answer = asking.sent("GET" if body is None else "POST", f"{server.url}/models", body, **how)
            assert (answer.status_code, bool(answer.headers["content-type"])) == (200, True)
            answer.raw.read()
            answer.close()
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
        with pytest.raises(requests.ConnectionError, match="proxy"):
            asking.sent("POST", f"{server.url}/models", b"four", **how)
    assert [request.body for request in server.requests] == [b"one", b"", b"three", b""]
    assert [request.headers["authorization"] for request in server.requests] == [f"Bearer {VALUE}"] * 4
    assert [request.headers.get("content-length") for request in server.requests] == ["3", "0", "5", None]


def test_a_request_that_cannot_be_written_leaves_no_key_in_its_frames(server):
    """The headers wait for the body, and what fails when both are sent holds neither."""
    with session(checked_key(VALUE, "http://127.0.0.1:9", "a test")) as asking:
        with pytest.raises(requests.ConnectionError) as caught:
            asking.sent("POST", "http://127.0.0.1:9/models", b"one", headers={}, timeout=(5, 5), proxies=None)
        frame, found = caught.value.__traceback__, []
        while frame:
            found.append(repr(frame.tb_frame.f_locals))
            frame = frame.tb_next
        assert VALUE not in "".join(found)
