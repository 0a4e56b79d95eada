"""The server itself: loopback, foreign pages, records, connections, stopping."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from typing import Any

import pytest

from deepseek_magic.demo import EmbeddedEndpoint
from tests.demo.speak import KEY, OFF, chat, send, user

ASK = {"model": "deepseek-flash", "messages": user("Hello there"), "stream": True, **OFF}


def port(endpoint: EmbeddedEndpoint) -> int:
    return int(endpoint.url.rpartition(":")[2])


def opened(endpoint: EmbeddedEndpoint) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", port(endpoint), timeout=60)


def ask(connection: http.client.HTTPConnection, body: Any = ASK) -> http.client.HTTPResponse:
    connection.request("POST", "/chat/completions", json.dumps(body), {"Authorization": f"Bearer {KEY}"})
    return connection.getresponse()


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost.evil", "[::", ""]
)
def test_a_foreign_host_is_refused(endpoint: Any, host: str) -> None:
    """A name that was rebound to loopback still says what it is."""
    said = send(endpoint, "GET", "/models", headers={"Host": host})
    assert said.status == 403


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:1", "[::1]:80", "LOCALHOST:9"])
def test_names_of_this_machine_are_accepted(endpoint: Any, host: str) -> None:
    """With any port: a tunnel may change it."""
    assert send(endpoint, "GET", "/models", headers={"Host": host}).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://localhost:8888"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_web_page_is_refused(endpoint: Any, headers: dict[str, str]) -> None:
    """Also one on another port of this machine; nothing is recorded, and the connection goes on."""
    connection = opened(endpoint)
    connection.request("POST", "/chat/completions", json.dumps(ASK), {"Authorization": f"Bearer {KEY}", **headers})
    response = connection.getresponse()
    assert response.status == 403
    assert response.read()
    assert endpoint.requests == []
    assert ask(connection).status == 200
    connection.close()


def test_its_own_origin_is_accepted(endpoint: Any) -> None:
    """Same host, same port."""
    assert send(endpoint, "GET", "/models", headers={"Origin": endpoint.url}).status == 200


def test_a_connection_carries_many_requests(endpoint: Any) -> None:
    """Streams, documents and refusals leave it in order."""
    connection = opened(endpoint)
    for body, status in ((ASK, 200), ({}, 422), ({**ASK, "stream": False}, 200), (ASK, 200)):
        response = ask(connection, body)
        assert response.status == status
        assert response.read()
    assert not response.will_close
    connection.close()


def test_each_event_is_one_chunk_sent_at_once() -> None:
    """The first token is readable while the rest is still to come."""
    with EmbeddedEndpoint(pace=3600) as endpoint:
        response = ask(opened(endpoint))
        assert response.read1(65536) == b": keep-alive\n\n"


def test_an_old_client_gets_the_stream_bare(endpoint: Any) -> None:
    """HTTP/1.0 has no chunks: the end of the connection is the end of the stream."""
    body = json.dumps(ASK).encode()
    head = (
        f"POST /chat/completions HTTP/1.0\r\nHost: localhost\r\nAuthorization: Bearer x\r\nContent-Length: {len(body)}"
    )
    with socket.create_connection(("127.0.0.1", port(endpoint)), timeout=60) as bare:
        bare.sendall(head.encode() + b"\r\n\r\n" + body)
        answer = b"".join(iter(lambda: bare.recv(65536), b""))
    assert b"Transfer-Encoding" not in answer
    assert b"\r\n\r\n: keep-alive\n\ndata: {" in answer
    assert answer.endswith(b"data: [DONE]\n\n")


def test_a_head_request_has_no_body(endpoint: Any) -> None:
    """Else the next answer on the connection would be misread."""
    head = b"HEAD /models HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer x\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port(endpoint)), timeout=60) as bare:
        bare.sendall(head)
        answer = b"".join(iter(lambda: bare.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 404 ")
    assert answer.endswith(b"\r\n\r\n")


def test_a_body_without_a_length_or_too_long_is_refused(endpoint: Any) -> None:
    """411 and 413, and the connection is closed."""
    for header, status in ((b"Transfer-Encoding: chunked", b"411"), (b"Content-Length: x", b"411")):
        with socket.create_connection(("127.0.0.1", port(endpoint)), timeout=60) as bare:
            bare.sendall(b"POST /chat/completions HTTP/1.1\r\nHost: localhost\r\n" + header + b"\r\n\r\n")
            answer = b"".join(iter(lambda: bare.recv(65536), b""))
            assert answer.startswith(b"HTTP/1.1 " + status)
    said = send(endpoint, "POST", "/chat/completions", b"x" * (48 * 1024 * 1024 + 1))
    assert said.status == 413
    assert endpoint.requests == []


def test_a_client_that_leaves_is_no_event(endpoint: Any, capfd: pytest.CaptureFixture[str]) -> None:
    """In the middle of a stream, of a request, or after a reset: nothing is printed, and the next one is served."""
    slow = {**ASK, "messages": user("word " * 3000)}
    for _ in range(5):
        connection = opened(endpoint)
        ask(connection, slow).read1(10)
        assert connection.sock is not None
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        connection.sock.close()
        with socket.create_connection(("127.0.0.1", port(endpoint)), timeout=60) as bare:
            bare.sendall(b"POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n\r\nhalf")
    assert chat(endpoint, "Hello there").status == 200
    endpoint.stop()
    assert capfd.readouterr() == ("", "")


def test_stopping_ends_streams_and_connections() -> None:
    """A pace of an hour does not hold it; the port is free again; threads are gone; twice is harmless."""
    before = threading.active_count()
    endpoint = EmbeddedEndpoint(pace=3600).start()
    at = port(endpoint)
    streaming, idle = opened(endpoint), opened(endpoint)
    response = ask(streaming)
    assert response.read1(65536)
    idle.request("GET", "/models", headers={"Authorization": f"Bearer {KEY}"})
    idle.getresponse().read()
    endpoint.stop()
    endpoint.stop()
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        response.read()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", at), timeout=60)
    assert threading.active_count() == before
    streaming.close()
    idle.close()
    with EmbeddedEndpoint(port=at) as again:
        assert port(again) == at


def test_starting(endpoint: Any) -> None:
    """Twice is once; the URL is known from then on; a stopped one does not start again; a taken port is an error."""
    assert endpoint.start() is endpoint
    with pytest.raises(OSError, match="in use"):
        EmbeddedEndpoint(port=port(endpoint)).start()
    fresh = EmbeddedEndpoint()
    with pytest.raises(RuntimeError, match="not been started"):
        _ = fresh.url
    fresh.stop()
    with pytest.raises(RuntimeError, match="has been stopped"):
        fresh.start()


def test_many_clients_at_once_get_their_own_replies(endpoint: Any) -> None:
    """Twenty conversations, streamed in parallel."""
    seen: dict[int, str] = {}

    def converse(number: int) -> None:
        seen[number] = chat(endpoint, f"Question {number} of many", stream=True).joined("content")

    threads = [threading.Thread(target=converse, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(seen) == 20
    assert all(f"Question {number} of many\n```" in text for number, text in seen.items())
    assert len(endpoint.requests) == 20
