"""How an answer begins: forms that are read, and those that are refused, over real HTTP."""

from __future__ import annotations

import http.client
from contextlib import closing

import pytest
import requests

from deepseek_magic.api.http_errors import FOREIGN
from deepseek_magic.api.transport import HttpSession
from tests.faults import Fault, Pause, document
from tests.requesting import got

HEADS = {
    "of the usual form": (b"HTTP/1.1 200 OK\r\nDate: today\r\nContent-Length: 2\r\n\r\nok",),
    "without a reason": (b"HTTP/1.1 200\r\ndate:today \r\ncontent-length:2\r\n\r\nok",),
    "in chunks": (b"HTTP/1.1 200 OK\r\nDate: today\r\nTransfer-Encoding: CHUNKED\r\n\r\n2\r\nok\r\n0\r\n\r\n",),
    "of two parts": (b"HTTP/1.1 200 OK\r\nDa", Pause(0.1), b"te: today\r\nContent-Length: 2\r\n\r\nok"),
    "of line feeds": (b"HTTP/1.1 200 OK\nDate: today\nContent-Length: 2\n\nok",),
    "with a folded line": (b"HTTP/1.1 200 OK\r\nDate:\r\n today\r\nContent-Length: 2\r\n\r\nok",),
    "with one length twice": (b"HTTP/1.1 200 OK\r\nDate: today\r\n" + b"Content-Length: 2\r\n" * 2 + b"\r\nok",),
    "after another": (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nDate: today\r\nContent-Length: 2\r\n\r\nok",),
    "of HTTP/1.0": (b"HTTP/1.0 200 OK\r\nDate: today\r\n\r\nok",),
    "with many headers": (b"HTTP/1.1 200 OK\r\nDate: today\r\n" + b"X: y\r\n" * 97 + b"Content-Length: 2\r\n\r\nok",),
    # a pattern in which these blanks belong to either of two parts would try every way to divide them
    "that has almost the usual form": (
        b"HTTP/1.1 200 OK\r\nDate: today\r\nContent-Length: 2\r\n" + (b"X:" + b" " * 70 + b"\r\n") * 50,
        b"no colon\r\n\r\nok",
    ),
}


@pytest.mark.parametrize("head", HEADS)
def test_a_beginning_of_every_form_is_read(server, head):
    """In one piece or not, ended by this or that, folded, repeated: what is read is the same."""
    server.enqueue(Fault(HEADS[head], framing="raw"))
    with closing(HttpSession(None)) as asking:
        answer, body = got(asking, f"{server.url}/a")
    assert (answer.status, answer.headers["Date"], body) == (200, "today", b"ok")


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\n" + b"".join(b"X%d: y\r\n" % number for number in range(100)) + b"\r\n",
        b"HTTP/1.1 20 OK\r\n\r\n",
        b"HTP/1.1 200 OK\r\n\r\n",
    ],
)
def test_a_beginning_that_is_none_is_an_error(server, head):
    """Two lengths, more headers than are read, and what is no status line: none is taken for an answer."""
    server.enqueue(document({}), Fault((head,), framing="raw"), Fault((head,), framing="raw"))
    with closing(HttpSession(None)) as asking:
        got(asking, f"{server.url}/a")
        for _ in range(2):  # over the connection that is open, and over a new one
            with pytest.raises(FOREIGN):
                got(asking, f"{server.url}/a")


def test_an_answer_that_never_begins_is_an_error(server):
    """Seven interim answers are read, and no more than eight: the next one ends it."""
    interim, answer = b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    server.enqueue(Fault((interim * 7, answer), framing="raw"), Fault((interim * 8, answer), framing="raw"))
    with closing(HttpSession(None)) as asking:
        assert got(asking, f"{server.url}/a")[1] == b"ok"
    with (
        closing(HttpSession(None)) as asking,
        pytest.raises((requests.ConnectionError, http.client.HTTPException)) as caught,
    ):
        got(asking, f"{server.url}/b")
    assert "the answer does not begin" in str(caught.value)
