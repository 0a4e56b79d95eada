"""The connections over real HTTP: what is said of them, and what is left of the key where a request cannot be sent."""

from __future__ import annotations

from contextlib import closing

import pytest
import requests

from deepseek_magic.api.transport import HttpSession
from deepseek_magic.api.under_way import on_connect, on_sent
from deepseek_magic.settings.keys import Key, Secret, checked_key
from tests.faults import document
from tests.requesting import got

VALUE = "sk-of-the-connection-5d1e"


def test_it_is_said_when_a_connection_is_made_and_when_a_request_is_sent(server):
    """Each request is said once, a connection only where there is none yet, and nothing outside of the block."""
    said = []
    token = on_connect.set(lambda: said.append("connect"))
    try:
        with closing(HttpSession(None)) as asking:
            sent = on_sent.set(lambda: said.append("sent"))
            got(asking, f"{server.url}/models")
            got(asking, f"{server.url}/models")
            on_sent.reset(sent)
            got(asking, f"{server.url}/models")
    finally:
        on_connect.reset(token)
    assert said == ["connect", "sent", "sent"]


def test_a_key_that_no_header_can_hold_is_not_in_the_error(server):
    """The error of the standard library would hold the header; ours does not, and nothing is sent."""
    key = Key(Secret(f"{VALUE}\r\nX: y"), server.url.removeprefix("http://"), "a test")
    with (
        closing(HttpSession(key)) as asking,
        pytest.raises(requests.RequestException, match="the key cannot stand") as caught,
    ):
        got(asking, f"{server.url}/models")
    assert VALUE not in f"{caught.value!r}{caught.value.__cause__!r}{caught.value.__context__!r}"
    assert server.requests == []


def test_a_request_that_cannot_be_written_leaves_no_key_in_its_frames(server):
    """The headers wait for the body, and what fails when both are sent holds neither."""
    with closing(HttpSession(checked_key(VALUE, "http://127.0.0.1:9", "a test"))) as asking:
        with pytest.raises(requests.ConnectionError) as caught:
            asking.sent("POST", "http://127.0.0.1:9/models", b"one", headers={}, timeout=(5, 5))
        frame, found = caught.value.__traceback__, []
        while frame:
            found.append(repr(frame.tb_frame.f_locals))
            frame = frame.tb_next
        assert VALUE not in "".join(found)


def test_a_connection_is_used_again_once_the_body_was_read_and_not_before(server):
    """What is given up half read is closed: its rest would be the beginning of the next answer."""
    url = f"{server.url}/a"
    how = {"headers": {}, "timeout": (60, 60)}
    said = []
    token = on_connect.set(lambda: said.append("connect"))
    try:
        with closing(HttpSession(None)) as asking:
            for _ in range(3):
                server.enqueue(document({"id": 1}))
                assert got(asking, url)[1]
            assert said == ["connect"]
            server.enqueue(document({"id": "x" * 1_000_000}))
            asking.sent("GET", url, None, **how).close()
            server.enqueue(document({"id": 2}))
            assert got(asking, url)[1] == b'{"id": 2}'
            assert said == ["connect"] * 2
    finally:
        on_connect.reset(token)


def test_headers_are_found_however_they_are_spelled(server):
    """Each name once, in any case; the values of one that stands twice are joined."""
    server.enqueue(document({}, headers=(("X-Trace", "a"), ("x-trace", "b"))))
    with closing(HttpSession(None)) as asking:
        headers = got(asking, f"{server.url}/a")[0].headers
    assert (headers["X-TRACE"], headers.get("x-nothing", ""), "x-trace" in headers) == ("a, b", "", True)
    assert len(headers) == len(list(headers)) == len(dict(headers))
