"""The session over real HTTP: the key reaches its own host, no object holds it, and nothing is followed or kept."""

from __future__ import annotations

import socket
import subprocess
import sys
from contextlib import closing
from threading import Thread

import pytest
import requests

from deepseek_magic.api.http_connection import Connection
from deepseek_magic.api.limits import read_whole
from deepseek_magic.api.transport import HttpSession
from deepseek_magic.settings.keys import checked_key
from tests.faults import PATIENCE, FaultServer, document, redirect
from tests.requesting import got

VALUE = "sk-of-the-transport-5d1e"
HOW = {"headers": {"Content-Type": "text/plain"}, "timeout": (60, 60)}


def shown(held):
    """What a view of the objects in ``held``, and of what they hold, shows."""
    return "".join(f"{one!r}{vars(one) if hasattr(one, '__dict__') else ''}" for one in held)


def test_the_key_goes_to_its_host_and_shows_nowhere_else(server):
    """The server gets the header; neither the session nor the answer holds the value."""
    with closing(HttpSession(checked_key(VALUE, server.url, "a test"))) as asking:
        for _ in range(2):
            answer, _ = got(asking, f"{server.url}/models")
            held = [asking, asking._adapter, answer._original_response, answer._pool]
            assert VALUE not in shown(held)
    assert [request.headers["authorization"] for request in server.requests] == [f"Bearer {VALUE}"] * 2


def test_another_host_gets_no_key(server):
    """A key that was given for one port of this machine is not sent to another one."""
    with FaultServer() as other, closing(HttpSession(checked_key(VALUE, other.url, "a test"))) as asking:
        got(asking, f"{server.url}/models")
    assert "authorization" not in server.requests[0].headers


def test_a_login_of_netrc_is_not_sent(server, tmp_path, monkeypatch):
    """Without a key there is no header, also where the user has a login for the host."""
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password secret\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with closing(HttpSession(None)) as asking:
        got(asking, f"{server.url}/models")
        requests.get(f"{server.url}/models", timeout=60)
    assert ["authorization" in request.headers for request in server.requests] == [False, True]


def test_a_redirect_is_not_followed_and_a_cookie_is_not_kept(server):
    """The redirect itself is the answer, and the next request has no cookie."""
    server.enqueue(redirect("/models"), document({}, headers=(("Set-Cookie", "a=b"),)))
    with closing(HttpSession(None)) as asking:
        assert got(asking, f"{server.url}/a")[0].status == 302
        got(asking, f"{server.url}/b")
        got(asking, f"{server.url}/c")
    assert [request.path for request in server.requests] == ["/a", "/b", "/c"]
    assert not any("cookie" in request.headers for request in server.requests)


def test_what_is_sent_again_is_whole_each_time_and_follows_the_environment(server, monkeypatch):
    """The key, the headers and the body are those of each request; a proxy that is set meanwhile is used."""
    how = {"headers": {"Content-Type": "text/plain"}, "timeout": (5, 5)}
    with closing(HttpSession(checked_key(VALUE, server.url, "a test"))) as asking:
        for body in (b"one", b"", b"three", None):
            answer = asking.sent("GET" if body is None else "POST", f"{server.url}/models", body, **how)
            assert (answer.status, bool(answer.headers["content-type"])) == (200, True)
            read_whole(answer, 1_000_000, 60)
            answer.close()
    assert [request.body for request in server.requests] == [b"one", b"", b"three", b""]
    assert [request.headers["authorization"] for request in server.requests] == [f"Bearer {VALUE}"] * 4
    assert [request.headers.get("content-length") for request in server.requests] == ["3", "0", "5", None]
    with closing(HttpSession(None)) as asking:
        monkeypatch.setenv("http_proxy", server.url)
        assert [asked(asking, "http://endpoint.example/models", body) for body in (b"four", b"five")] == [200, 200]
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
        with pytest.raises(requests.ConnectionError, match="proxy"):
            asking.sent("POST", "http://endpoint.example/models", b"six", **how)


def asked(asking, url, body):
    """The status of an answer that is read to its end."""
    answer = asking.sent("POST", url, body, **HOW)
    read_whole(answer, 1_000_000, 60)
    answer.close()
    return answer.status


def test_a_stop_while_the_headers_are_put_together_leaves_nothing_for_the_next_request(server, monkeypatch):
    """The connection that they were for would send them before the next ones."""
    url = f"{server.url}/models"
    with closing(HttpSession(checked_key(VALUE, server.url, "a test"))) as asking:
        assert [asked(asking, url, body) for body in (b"one", b"two")] == [200, 200]
        for place in ("_authorize", "getresponse"):
            with monkeypatch.context() as patched:
                patched.setattr(Connection, place, stopped)
                with pytest.raises(KeyboardInterrupt):
                    asked(asking, url, b"stopped")
            assert [asked(asking, url, body) for body in (b"after", b"later")] == [200, 200]
    after = [request for request in server.requests if request.body in (b"after", b"later")]
    assert len(after) == 4
    assert {len(request.headers) for request in server.requests} == {len(server.requests[0].headers)}


def stopped(_):
    raise KeyboardInterrupt


STOPPED_IN_THE_POOL = """
import sys
from deepseek_magic.api.transport import HttpSession
from tests.requesting import got
from tests.stops import stopped_everywhere

def ask():
    answer, body = got(asking, sys.argv[1])
    assert (answer.status, bool(body)) == (200, True)

asking = HttpSession(None)
ask()
print(stopped_everywhere(ask, ("_get_conn", "_put_conn"), ask))
asking.close()
"""


def test_a_stop_while_a_connection_is_taken_or_put_back_holds_up_no_later_request(server):
    """The standard library's queue stays locked after some of these stops; a process of its own can wait for ever."""
    command = [sys.executable, "-c", STOPPED_IN_THE_POOL, f"{server.url}/models"]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert ran.returncode == 0, ran.stderr
    assert int(ran.stdout) > 10


def answered_early(listener):
    """Answer small requests on one connection, and a large one before its body is read, which ends the connection."""
    served, _ = listener.accept()
    with served, served.makefile("rb") as stream:
        while stream.readline():
            fields = dict(line.strip().lower().split(b": ", 1) for line in iter(stream.readline, b"\r\n"))
            if (length := int(fields[b"content-length"])) > 1_000_000:
                served.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig")
                served.shutdown(socket.SHUT_WR)
                return
            stream.read(length)
            served.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


@pytest.mark.parametrize("before", [0, 2], ids=["on a new connection", "on one that was used before"])
def test_an_answer_that_comes_before_the_whole_body_was_sent_is_read(before):
    """It says what is wrong with the request; that the connection ended says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener, closing(HttpSession(None)) as asking:
        serving = Thread(target=answered_early, args=(listener,), daemon=True)
        serving.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/chat"
        assert [asked(asking, url, b"small") for _ in range(before)] == [200] * before
        assert asked(asking, url, bytes(20_000_000)) == 413
        serving.join(60)


def test_the_login_of_a_proxy_is_not_shown(server, monkeypatch):
    """It stands in the URL of the proxy, and in a header of each request; a frame's objects are shown by their repr."""
    monkeypatch.setenv("http_proxy", server.url.replace("://", "://anna:of-the-proxy@"))
    with closing(HttpSession(None)) as asking:
        assert [asked(asking, "http://endpoint.example/models", b"hi") for _ in range(2)] == [200, 200]
        roads = [*asking._roads.values()]
        assert "endpoint.example" in repr(roads)
        assert "of-the-proxy" not in repr([asking, asking._adapter, asking._roads, roads[0].pool])
    assert all("proxy-authorization" in request.headers for request in server.requests)
