"""Calls of an endpoint that are no question: asked once, read within limits, or one line."""

from __future__ import annotations

import pytest

from deepseek_magic.api.caller import Caller
from deepseek_magic.errors import ConnectionFailed, ServerError, UnexpectedResponse
from tests.faults import Fault, Reset, api_error, document, error, named

ALWAYS = error(503, api_error("busy"))


@pytest.mark.parametrize("body", [b"\xff\xfe", b"", b"<html>", b"[" * 100_000])
def test_an_answer_to_get_that_is_no_json(server, body):
    server.enqueue(document(body))
    client = Caller(server.url, None)
    with pytest.raises(UnexpectedResponse):
        client.get("/models", 5)
    client.close()


@pytest.mark.parametrize(
    ("fault", "kind"), [(ALWAYS, ServerError), (Fault((Reset(),), framing="raw"), ConnectionFailed)]
)
def test_a_get_is_asked_once(server, fault, kind):
    server.repeat(fault)
    client = Caller(server.url, None)
    with pytest.raises(kind):
        client.get("/models", 5)
    assert len(server.requests) == 1
    client.close()


def test_a_get_in_every_documented_shape(server):
    for name in ("models-plain", "models-rich", "balance-two-currencies", "balance-none", "balance-not-available"):
        server.enqueue(*named(name))
        client = Caller(server.url, None)
        assert isinstance(client.get("/models", 5), dict)
        client.close()
