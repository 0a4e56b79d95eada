"""The misbehaving server does what its scripts say, byte for byte, and records what came in and what went out."""

from __future__ import annotations

import codecs
import http.client
import json
import re
import socket
import threading
import zlib
from contextlib import nullcontext

import pytest

from tests.faults import (
    ABSENT,
    BEGUN,
    CATALOGUE,
    DONE,
    HOSTILE,
    KEEP_ALIVE,
    NORMAL_TEXT,
    TEXT,
    THOUGHT,
    Close,
    Entry,
    Fault,
    FaultServer,
    Hang,
    Pause,
    Reset,
    chunk,
    completion,
    document,
    error,
    named,
    numbered,
    redirect,
    refused,
    reply,
    stream,
)

QUESTION = {"model": "deepseek-flash", "stream": True, "messages": [{"role": "user", "content": "Hi"}]}
ASK = json.dumps(QUESTION).encode()
# Those that a reader can only leave, because nothing ends them.
ENDLESS = {"bytes-stop", "silence-before-the-first-byte", "silence-after-the-headers", "keep-alives-without-end"}


def connect(server: FaultServer) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)


def ask(server: FaultServer, path: str = "/v1/chat/completions") -> tuple[int, bytes]:
    """One request on a fresh connection: the status and whatever could be read of the body."""
    connection = connect(server)
    try:
        connection.request("POST", path, ASK, {"Authorization": "Bearer sk-secret"})
        response = connection.getresponse()
        parts = []
        try:
            while part := response.read1(65536):
                parts.append(part)
        except (ConnectionError, http.client.HTTPException) as broken:
            parts.append(getattr(broken, "partial", b""))
        body = b"".join(parts)
        if response.headers.get("Content-Encoding") == "gzip":
            body = zlib.decompress(body, wbits=31)
        return response.status, body
    finally:
        connection.close()


def wire(server: FaultServer) -> bytes:
    """Every byte of one response, read off the bare socket until the server closes it."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as bare:
        bare.sendall(b"GET /models HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        return b"".join(iter(lambda: bare.recv(65536), b""))


def folded(body: bytes) -> tuple[str, str, str | None]:
    """Text, reasoning and finish reason of a stream or document: the simplest right reading there is."""
    text, reasoning, finish = [], [], None
    decoded = codecs.decode(body, "utf-8", "replace")
    if decoded.lstrip().startswith("{"):
        found = [json.loads(decoded)]
    else:
        lines = [line for line in re.split("\r\n|\n|\r", decoded) if line.startswith("data:")]
        found = []
        for line in lines:
            data = line[5:].strip()
            if data == "[DONE]":
                break
            try:
                value = json.loads(data)
            except ValueError:
                break
            if not isinstance(value, dict) or "error" in value:
                break
            found.append(value)
    for value in found:
        for choice in value.get("choices") or ():
            delta = choice.get("delta") or choice.get("message") or {}
            text.append(delta.get("content") or "")
            reasoning.append(delta.get("reasoning_content") or delta.get("reasoning") or "")
            finish = choice.get("finish_reason") or finish
    joined = "".join(text).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return joined, "".join(reasoning), finish


@pytest.mark.parametrize("entry", [e for e in CATALOGUE.values() if e.name not in ENDLESS], ids=lambda e: e.name)
def test_each_entry_carries_what_it_says(server: FaultServer, entry: Entry) -> None:
    """A right reader, asking as often as the entry has responses, ends with the text that the entry names."""
    server.enqueue(*entry.faults)
    outcomes = []
    for _ in entry.faults:
        try:
            outcomes.append(ask(server))
        except (ConnectionError, http.client.HTTPException):
            outcomes.append((0, b""))
    status, body = outcomes[-1]
    if entry.text or entry.reasoning or entry.finish:
        assert status == 200
        assert folded(body) == (entry.text, entry.reasoning, entry.finish)
    elif entry.name == "garbage-instead-of-http":
        assert outcomes == [(0, b"")]
    else:
        assert status == entry.status


@pytest.mark.parametrize("name", sorted(ENDLESS))
def test_what_never_ends_ends_when_the_client_leaves(server: FaultServer, name: str) -> None:
    """A hanging reply holds the connection; leaving it is seen and counted."""
    server.enqueue(*named(name))
    connection = connect(server)
    connection.request("POST", "/chat/completions", ASK)
    assert server.wait_requests(1)
    assert server.open_connections == 1
    assert server.abandoned == 0
    connection.close()
    assert server.wait_disconnect()
    assert server.abandoned == 1


def test_every_number_of_the_list_has_an_entry() -> None:
    """Items 1 to 38 are all there."""
    assert [number for number in range(1, 39) if not numbered(number)] == []


def test_every_stream_that_ends_early_says_no_reason() -> None:
    """An entry without a finish reason carries none anywhere, so that a reader can only call it incomplete."""
    for entry in CATALOGUE.values():
        if entry.text.startswith(BEGUN) and entry.finish is None and isinstance(entry.faults[0], Fault):
            sent = [step for step in entry.faults[0].script() if isinstance(step, bytes)]
            before = b"".join(sent).partition(b'"error"')[0]
            assert folded(before)[2] is None or entry.name == "content-length-too-short", entry.name


def test_the_frames_are_exact(server: FaultServer) -> None:
    """One chunk per step with the chunked framing, the bare bytes with the others."""
    steps = (b"ab", b"cde" * 6)
    for framing in ("chunked", "close-delimited", "content-length", "raw"):
        server.enqueue(Fault(steps, content_type=None, framing=framing))
    head = b"HTTP/1.1 200 OK\r\nx-ds-trace-id: trace-of-the-fault-server\r\n"
    bare = b"ab" + b"cde" * 6
    chunks = b"2\r\nab\r\n12\r\n" + b"cde" * 6 + b"\r\n0\r\n\r\n"
    assert wire(server) == head + b"Transfer-Encoding: chunked\r\n\r\n" + chunks
    assert wire(server) == head + b"Connection: close\r\n\r\n" + bare
    assert wire(server) == head + b"Content-Length: 20\r\n\r\n" + bare
    assert wire(server) == bare


def test_a_length_can_be_a_lie(server: FaultServer) -> None:
    """The header says what it was told to say."""
    server.enqueue(Fault((b"ab",), framing="content-length", content_length=7))
    answer = wire(server)
    assert b"Content-Length: 7\r\n" in answer
    assert answer.endswith(b"\r\n\r\nab")


def test_status_and_headers_are_sent_as_given(server: FaultServer) -> None:
    """Also a status without a name, and the same header twice."""
    server.enqueue(error(599, "no", "text/odd", headers=(("X-One", "1"), ("X-One", "2"))))
    answer = wire(server)
    assert answer.startswith(b"HTTP/1.1 599 Unknown\r\n")
    assert b"X-One: 1\r\nX-One: 2\r\nContent-Type: text/odd\r\n" in answer


def test_close_and_reset_differ(server: FaultServer) -> None:
    """A close leaves the framing unfinished; a reset is an error of the connection."""
    server.enqueue(stream(b"x", Close()), stream(b"x", Pause(0.05), Reset()))
    connection = connect(server)
    connection.request("POST", "/", ASK)
    with pytest.raises(http.client.IncompleteRead):
        connection.getresponse().read()
    connection = connect(server)
    connection.request("POST", "/", ASK)
    with pytest.raises(ConnectionResetError):
        connection.getresponse().read()


def test_requests_are_recorded_with_everything(server: FaultServer) -> None:
    """Method, path, headers with the key, body and JSON."""
    assert ask(server, "/chat/completions?x=1")[0] == 404
    (received,) = server.requests
    assert (received.method, received.path) == ("POST", "/chat/completions?x=1")
    assert received.headers["authorization"] == "Bearer sk-secret"
    assert ("Authorization", "Bearer sk-secret") in received.raw_headers
    assert received.body == ASK
    assert received.json["stream"] is True


def test_a_body_that_comes_in_two_parts_is_whole(server: FaultServer) -> None:
    """Headers and body may arrive cut anywhere."""
    whole = b'POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 7\r\nConnection: close\r\n\r\n{"a":1}'
    for cut in (5, len(whole) - 9, len(whole) - 2):
        with socket.create_connection(("127.0.0.1", server.port), timeout=60) as bare:
            bare.sendall(whole[:cut])
            bare.sendall(whole[cut:])
            assert b"404" in bare.recv(65536)
    assert [received.json for received in server.requests] == [{"a": 1}] * 3


def test_the_instants_of_sending_are_recorded(server: FaultServer) -> None:
    """One record per step of bytes, in order, with its size."""
    server.enqueue(stream(b"one", Pause(0.01), b"three", b"x"))
    ask(server)
    assert [size for _, size in server.sent] == [3, 5, 1]
    instants = [instant for instant, _ in server.sent]
    assert instants == sorted(instants)
    assert instants[1] > instants[0]


def test_a_step_is_on_the_wire_before_the_next_one_is_due(server: FaultServer) -> None:
    """The first bytes can be read while the script hangs: nothing is held back."""
    server.enqueue(stream(b"first", Hang()))
    connection = connect(server)
    connection.request("POST", "/", ASK)
    assert connection.getresponse().read1(100) == b"first"
    assert server.wait_sent(1)
    assert len(server.sent) == 1
    connection.close()


def test_scripts_are_served_in_order_then_the_repeated_one(server: FaultServer) -> None:
    """Queue first, then `repeat`, and without it a normal reply."""
    assert folded(ask(server)[1]) == (NORMAL_TEXT, "", "stop")
    server.enqueue(error(500, "a"), error(502, "b"))
    server.repeat(error(503, "c"))
    assert [ask(server) for _ in range(4)] == [(500, b"a"), (502, b"b"), (503, b"c"), (503, b"c")]


def test_a_rule_sees_the_request(server: FaultServer) -> None:
    """A function as a script: the paths under /v1 alone are known."""
    server.repeat(*named("detail-not-found"))
    assert ask(server, "/chat/completions") == (404, b'{"detail": "Not Found"}')
    assert folded(ask(server, "/v1/chat/completions")[1])[0] == TEXT


def test_normal_replies_fit_the_path(server: FaultServer) -> None:
    """Models, balance, a reply that is not streamed, and an unknown path."""
    connection = connect(server)
    for path, field in (("/models", "data"), ("/v1/models", "data"), ("/user/balance", "balance_infos")):
        connection.request("GET", path)
        assert field in json.loads(connection.getresponse().read())
    connection.request("POST", "/chat/completions", b'{"stream": false}')
    assert folded(connection.getresponse().read()) == (NORMAL_TEXT, "", "stop")
    connection.request("GET", "/elsewhere")
    assert connection.getresponse().status == 404
    connection.close()


def test_a_connection_carries_request_after_request(server: FaultServer) -> None:
    """After a whole reply the connection stays open, and leaving it then abandons nothing."""
    connection = connect(server)
    for _ in range(3):
        connection.request("POST", "/chat/completions", ASK)
        assert folded(connection.getresponse().read())[0] == NORMAL_TEXT
    assert server.open_connections == 1
    connection.close()
    assert server.wait_disconnect()
    assert (server.abandoned, server.open_connections) == (0, 0)


def test_a_disconnect_is_not_reported_before_it_happens(server: FaultServer) -> None:
    """Neither an open connection nor one that the server itself closed counts."""
    server.enqueue(stream(b"x", Close()), stream(b"x", Hang()))
    ask(server)
    connection = connect(server)
    connection.request("POST", "/", ASK)
    assert connection.getresponse().read1(10) == b"x"
    assert not server.wait_disconnect(0.05)
    connection.close()
    assert server.wait_disconnect()


def test_leaving_during_a_pause_is_seen_at_once(server: FaultServer) -> None:
    """A pause of an hour does not outlive its client."""
    server.enqueue(stream(b"x", Pause(3600), b"y"))
    connection = connect(server)
    connection.request("POST", "/", ASK)
    assert connection.getresponse().read1(10) == b"x"
    connection.close()
    assert server.wait_disconnect()
    assert [size for _, size in server.sent] == [1]


def test_stopping_ends_everything() -> None:
    """Hanging connections are closed, threads are joined, and stopping twice is harmless."""
    before = threading.active_count()
    with FaultServer() as server:
        server.repeat(stream(Hang()))
        connections = [connect(server) for _ in range(3)]
        for connection in connections:
            connection.request("POST", "/", ASK)
        assert server.wait_requests(3)
    server.stop()
    assert server.open_connections == 0
    assert server.abandoned == 0
    assert threading.active_count() == before
    for connection in connections:
        with pytest.raises((http.client.HTTPException, ConnectionError)):
            connection.getresponse().read()
        connection.close()


def test_concurrent_requests_get_one_script_each(server: FaultServer) -> None:
    """No script is given twice or lost."""
    server.enqueue(*(error(400 + number, str(number)) for number in range(20)))
    seen: list[tuple[int, bytes]] = []
    threads = [threading.Thread(target=lambda: seen.append(ask(server))) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(seen) == sorted((400 + number, str(number).encode()) for number in range(20))


@pytest.mark.parametrize(
    ("path", "model", "refused_by_deepseek"),
    [("/", "deepseek-flash", True), ("/v1/", "deepseek-flash", False), ("/", "some-other", False)],
)
def test_a_request_that_deepseek_would_refuse_fails_its_test(path: str, model: str, refused_by_deepseek: bool) -> None:
    """It is answered as scripted all the same; other kinds of server have other rules."""
    fails = pytest.raises(AssertionError, match="Invalid temperature") if refused_by_deepseek else nullcontext()
    with fails, FaultServer() as server:
        connection = connect(server)
        body = json.dumps({**QUESTION, "model": model, "temperature": 9})
        connection.request("POST", f"{path}chat/completions", body)
        assert folded(connection.getresponse().read())[0] == NORMAL_TEXT
        connection.close()


def test_nobody_listens_on_a_refused_port() -> None:
    """Connecting fails at once."""
    with refused() as url, pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=60)


def test_a_redirect_names_the_place_given(server: FaultServer) -> None:
    """To another server, or to itself."""
    with FaultServer() as other:
        server.enqueue(redirect(f"{other.url}/chat/completions", 307), *named("redirect-to-itself"))
        assert f"Location: {other.url}/chat/completions\r\n".encode() in wire(server)
        assert b"Location: /chat/completions\r\n" in wire(server)
        assert other.requests == []


@pytest.mark.thorough
@pytest.mark.parametrize("burst", [1, 7, 10_000])
def test_a_reply_of_8000_tokens_is_whole_however_it_is_written(server: FaultServer, burst: int) -> None:
    """Pieces, bursts and reasoning change the writes, never the text."""
    text = "".join(f"{number % 1000:03} " for number in range(8000))
    server.enqueue(reply(text, THOUGHT, pieces=4, burst=burst))
    assert folded(ask(server)[1]) == (text, THOUGHT, "stop")
    events = 8000 + -(-len(THOUGHT) // 4) + 3
    assert len(server.sent) == -(-events // burst)


def test_a_delay_stands_before_each_token() -> None:
    """The script of a slow reply has a pause before every write; one without delay has none."""
    slow, fast = reply("abcdefgh", delay=0.005), reply("abcdefgh")
    assert [step for step in slow.script() if isinstance(step, bytes)] == list(fast.script())
    assert [step for step in slow.script() if isinstance(step, Pause)] == [Pause(0.005)] * 5


def test_pieces_must_join_to_the_text() -> None:
    """A wrong list is refused, so that a test cannot compare with a text that was not sent."""
    with pytest.raises(ValueError, match="do not join"):
        reply("abc", pieces=["a", "c"])
    assert list(reply("abc", pieces=["a", "bc"]).script())[2] == chunk({"content": "bc", "reasoning_content": None})


def test_a_field_can_be_null_or_absent() -> None:
    """Both occur on real wires and mean different things to a careless reader."""
    assert b'"usage":null' in chunk({"content": "a"})
    assert b'"usage"' not in chunk({"content": "a"}, usage=ABSENT)
    assert b'"finish_reason"' not in chunk({"content": "a"}, ABSENT)
    assert b'"choices":[]' in chunk(None)
    assert b'"choices":null' in chunk({}, choices=None)


def test_gzip_can_be_read_event_by_event() -> None:
    """Each write of the compressed stream holds its whole event: nothing waits for the next one."""
    (fault,) = named("gzip-flushed-per-event")
    assert isinstance(fault, Fault)
    unzip = zlib.decompressobj(wbits=31)
    events = [unzip.decompress(step) for step in fault.script() if isinstance(step, bytes)]
    assert events[-2:] == [DONE, b""]
    assert all(event.endswith(b"\n\n") for event in events[:-1])


def test_cuts_fall_inside_characters_and_objects() -> None:
    """The entry that is named so really cuts there."""
    (fault,) = named("cut-in-character-and-json")
    assert isinstance(fault, Fault)
    writes = [step for step in fault.script() if isinstance(step, bytes)]
    broken = 0
    for write in writes:
        try:
            write.decode()
        except UnicodeDecodeError:
            broken += 1
    assert broken >= 6
    assert not any(write.endswith(b"}\n\n") and write.startswith(b"data:") for write in writes)


def test_the_hostile_text_holds_what_it_should() -> None:
    """C0, C1, an operating system command and bidi controls, in text, reasoning, model name and both errors."""
    assert {"\x1b", "\x07", "\x08", "\x85", "\x9b", "\u202e", "\u2066"} <= set(HOSTILE)
    for name in ("escape-sequences", "escape-sequences-in-model", "escape-sequences-in-error-event"):
        (fault,) = named(name)
        assert isinstance(fault, Fault)
        assert "\u202e" in b"".join(step for step in fault.script() if isinstance(step, bytes)).decode()


def test_documents_are_text_bytes_or_json() -> None:
    """What goes in as a value comes out as JSON."""
    assert document({"a": "ü"}).steps == ('{"a": "ü"}'.encode(),)
    assert document("plain").steps == (b"plain",)
    assert document(b"\xff").steps == (b"\xff",)
    assert document("").steps == ()
    assert completion("a", finish="length")["choices"][0]["finish_reason"] == "length"
    assert KEEP_ALIVE.startswith(b":")
