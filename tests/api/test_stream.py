"""What has come is handed on, however the bytes behind it were cut: nothing waits for a line end or a half chunk."""

from __future__ import annotations

import threading

import pytest

from deepseek_magic.api.client import Client
from deepseek_magic.api.dialects import DEEPSEEK
from deepseek_magic.api.events import TextDelta
from deepseek_magic.api.messages import Message
from tests.faults import Fault, chunk, finish
from tests.requesting import chat

ASKED = chat("deepseek-flash", (Message("user", "hello"),))
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.fixture
def client(server):
    client = Client(server.url, None, DEEPSEEK, sleep=id)
    yield client
    client.close()


def framed(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


@pytest.mark.parametrize("gathers", [False, True])
@pytest.mark.parametrize("text", ["first", "first" * 2_000], ids=["short", "longer than a buffer"])
def test_text_does_not_wait_for_the_bytes_behind_it(server, client, text, gathers):
    """The server stops at each place from the end of the first event on, until its text was handed on."""
    first, second = framed(chunk({"content": text})), framed(chunk({"content": " second"}))
    rest = b"".join(map(framed, finish())) + b"0\r\n\r\n"
    for cut in range(len(first) - 2, len(first) + 12):
        gate, seen = threading.Event(), []

        def steps(cut=cut, gate=gate, seen=seen):
            yield HEAD
            yield (first + second)[:cut]
            seen.append(gate.wait(10))
            yield (first + second)[cut:] + rest

        server.enqueue(Fault(steps, framing="raw"))
        options = {"gather": lambda events, seconds: 0.01} if gathers else {}
        said = ""
        for batch in client.stream(ASKED, 20, None, **options):
            said += "".join(event.text for event in batch if isinstance(event, TextDelta))
            if text in said:
                gate.set()
        assert said == f"{text} second"
        assert seen == [True], f"the text waited for what comes after byte {cut - len(first)} behind it"
