"""The client against the server that misbehaves: every oddity of the catalogue, retries, closes, the key."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import threading
from itertools import chain

import pytest

from deepseek_magic import __version__
from deepseek_magic.api.api_errors import retry_after
from deepseek_magic.api.client import RETRIES, Client
from deepseek_magic.api.dialects import DEEPSEEK
from deepseek_magic.api.events import (
    Finished,
    KeepAlive,
    Opened,
    ReasoningDelta,
    Retrying,
    TextDelta,
    ToolCallDelta,
    UsageReport,
    Waiting,
)
from deepseek_magic.api.http_errors import LONGEST_DELAY
from deepseek_magic.api.messages import Message
from deepseek_magic.errors import (
    AuthenticationFailed,
    BadRequest,
    ConfigurationError,
    ConnectionFailed,
    ConnectionTimedOut,
    DeepSeekError,
    InsufficientBalance,
    NotFound,
    RateLimited,
    ServerError,
    StreamBroken,
    StreamError,
    StreamStalled,
    UnexpectedResponse,
)
from deepseek_magic.render.pacing import gather
from deepseek_magic.settings.keys import checked_key
from tests.faults import (
    BEGUN,
    CATALOGUE,
    DONE,
    KEEP_ALIVE,
    NORMAL_TEXT,
    PATIENCE,
    TEXT,
    TRACE,
    Close,
    Fault,
    FaultServer,
    Hang,
    Pause,
    Reset,
    api_error,
    chunk,
    deltas,
    error,
    finish,
    named,
    redirect,
    refused,
    stream,
)
from tests.requesting import chat

ASKED = chat("deepseek-flash", (Message("user", "hello"),))
ALWAYS = error(503, api_error("busy"))


class Asked:
    """What came of one question: the events, the error that ended it, and the waits between tries."""

    def __init__(self, url: str, key: str = "", timeout: float = PATIENCE) -> None:
        self.events: list[object] = []
        self.waits: list[float] = []
        self.error: DeepSeekError | None = None
        client = Client(url, checked_key(key, url, "a test") if key else None, DEEPSEEK, sleep=self.waits.append)
        try:
            for batch in client.stream(ASKED, timeout):
                self.events += batch
        except DeepSeekError as failed:
            self.error = failed
        finally:
            client.close()

    def of(self, kind: type) -> list[object]:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def text(self) -> str:
        return "".join(event.text for event in self.of(TextDelta))

    @property
    def reasoning(self) -> str:
        return "".join(event.text for event in self.of(ReasoningDelta))


STREAMS = [entry.name for entry in CATALOGUE.values() if entry.number not in (37, 38) and entry.finish is not None]
ENDLESS = ("keep-alives-without-end",)
UNFINISHED = {
    "close-in-mid-text": StreamBroken,
    "close-in-mid-text-unframed": StreamBroken,
    "tidy-end-in-mid-text": StreamBroken,
    "error-event": StreamError,
    "error-event-then-done": StreamError,
    "error-event-first": StreamError,
    "empty-body": UnexpectedResponse,
    "empty-stream": UnexpectedResponse,
    "blank-lines-only": UnexpectedResponse,
    "blank-lines-instead-of-json": UnexpectedResponse,
    "empty-200": UnexpectedResponse,
    "bytes-stop": StreamStalled,
    "silence-before-the-first-byte": ConnectionTimedOut,
    "silence-after-the-headers": ConnectionTimedOut,
    "reset-in-mid-text": StreamBroken,
    "garbage-instead-of-http": ConnectionFailed,
    "content-length-too-short": StreamBroken,
    "html-instead-of-a-stream": UnexpectedResponse,
    "redirect-to-itself": UnexpectedResponse,
    "line-of-20-megabytes": StreamBroken,
    "malformed-event": StreamBroken,
    "event-is-no-object": StreamBroken,
}
REFUSED = {
    "old-model-name": BadRequest,
    "old-model-name-summer": BadRequest,
    "old-model-name-2025": BadRequest,
    "reasoning-must-come-back": BadRequest,
    "context-overflow": BadRequest,
    "wrong-key": AuthenticationFailed,
    "no-money": InsufficientBalance,
    "not-deserialised": BadRequest,
    "json-as-octet-stream": BadRequest,
    "plain-text-400": BadRequest,
    "flat-error-integer-code": NotFound,
    "error-with-trace-id": BadRequest,
    "escape-sequences-in-error": BadRequest,
}
AGAIN = ("500-html", "error-is-a-text", "504-html", "502-empty", "endless-comments-then-close")
ELSEWHERE = ("escape-sequences-in-error-event", "detail-not-found", "done-without-finish")  # the last: test_shapes


def test_every_oddity_of_the_catalogue_is_tried_here():
    tried = {*STREAMS, *ENDLESS, *UNFINISHED, *REFUSED, *AGAIN, *ELSEWHERE}
    assert {name for name, entry in CATALOGUE.items() if entry.number not in (37, 38)} <= tried


def by_patience(names):
    """Return ``names`` for `parametrize`; those that wait for seconds are thorough."""
    waits = ("silence-before-the-first-byte", "silence-after-the-headers", "bytes-stop", "endless-comments-then-close")
    return [pytest.param(name, marks=pytest.mark.thorough) if name in waits else name for name in names]


@pytest.mark.parametrize("name", [name for name in STREAMS if name not in ELSEWHERE])
def test_a_reply_that_is_whole(server, name):
    entry = CATALOGUE[name]
    server.enqueue(*entry.faults)
    asked = Asked(server.url)
    assert asked.error is None
    assert (asked.text, asked.reasoning) == (entry.text, entry.reasoning)
    assert asked.of(Finished) == [Finished(entry.finish)]
    assert len(server.requests) == len(entry.faults)
    assert len(asked.waits) == len(entry.faults) - 1


@pytest.mark.parametrize("name", by_patience(UNFINISHED))
def test_a_reply_that_is_not_whole(server, name):
    entry = CATALOGUE[name]
    server.enqueue(*entry.faults)
    server.repeat(entry.faults[0])
    asked = Asked(server.url, timeout=2 if UNFINISHED[name] in (StreamStalled, ConnectionTimedOut) else PATIENCE)
    assert type(asked.error) is UNFINISHED[name]
    assert (asked.text, asked.reasoning) == (entry.text, entry.reasoning)
    assert f"127.0.0.1:{server.port}" in str(asked.error) or isinstance(asked.error, (StreamError, StreamBroken))
    assert "\n" not in str(asked.error)
    if name != "garbage-instead-of-http":
        assert len(server.requests) == 1


@pytest.mark.parametrize("name", REFUSED)
def test_a_refusal_is_not_tried_again(server, name):
    server.enqueue(*CATALOGUE[name].faults)
    asked = Asked(server.url)
    assert type(asked.error) is REFUSED[name]
    assert asked.error.status == CATALOGUE[name].status
    assert asked.error.request_id == TRACE
    assert len(server.requests) == 1
    assert asked.waits == []


@pytest.mark.parametrize("name", by_patience(AGAIN))
def test_a_failure_that_may_pass_is_tried_five_times(server, name):
    server.repeat(CATALOGUE[name].faults[0])
    asked = Asked(server.url)
    assert isinstance(asked.error, ServerError if name != AGAIN[-1] else ConnectionFailed)
    assert "(tried 5 times)" in str(asked.error)
    assert len(server.requests) == RETRIES + 1
    assert asked.of(Waiting) == [Waiting(n) for n in range(2, RETRIES + 2)]
    assert [event.attempt for event in asked.of(Retrying)] == [2, 3, 4, 5]
    assert [event.delay for event in asked.of(Retrying)] == asked.waits


def test_waits_double_with_jitter_up_to_a_limit(server):
    server.repeat(ALWAYS)
    for _ in range(5):
        for number, wait in enumerate(Asked(server.url).waits):
            ceiling = min(LONGEST_DELAY, 0.5 * 2**number)
            assert ceiling / 2 <= wait <= ceiling
    assert Asked(server.url).waits != Asked(server.url).waits


def test_nothing_listens():
    with refused() as url:
        asked = Asked(url)
    assert isinstance(asked.error, ConnectionFailed)
    assert "nothing listens there" in str(asked.error)
    assert len(asked.waits) == RETRIES


@pytest.mark.slow
def test_no_connection_within_the_limit():
    """A full queue of connections answers nothing at all."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, contextlib.ExitStack() as held:
        for _ in range(4):
            waiting = held.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        asked = Asked(f"http://127.0.0.1:{full.getsockname()[1]}", timeout=0.4)
    assert isinstance(asked.error, ConnectionTimedOut)
    assert "no connection within the time limit" in str(asked.error)


@pytest.mark.parametrize(("value", "wait"), [("0", 0), ("7", 7), ("60", 60), ("1.5", 1.5)])
def test_retry_after_is_kept(server, value, wait):
    server.enqueue(error(429, api_error("slow"), headers=(("Retry-After", value),)))
    asked = Asked(server.url)
    assert asked.waits == [wait]
    assert asked.text == NORMAL_TEXT


def test_retry_after_of_an_hour_is_not_waited_for(server):
    server.enqueue(error(429, api_error("slow"), headers=(("Retry-After", "3600"),)))
    asked = Asked(server.url)
    assert isinstance(asked.error, RateLimited)
    assert asked.error.retry_after == 3600
    assert "3600 s" in str(asked.error)
    assert asked.waits == []


@pytest.mark.parametrize("value", ["", "soon", "nan", "-5", "Mon, 99 Foo", "inf"])
def test_retry_after_that_says_nothing(value):
    assert retry_after({"Retry-After": value}) in (None, 0.0, float("inf"))


@pytest.mark.parametrize("value", ["soon", "inf", "1e400", "9" * 400, "-1"])
def test_no_retry_after_costs_the_one_line(server, value):
    server.enqueue(error(429, api_error("slow"), headers=(("Retry-After", value),)))
    asked = Asked(server.url)
    assert asked.text == NORMAL_TEXT or isinstance(asked.error, RateLimited)


def test_an_old_date_asks_for_no_wait():
    assert retry_after({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0.0


def test_no_other_try_after_the_first_token(server):
    server.repeat(stream(*deltas(BEGUN), Pause(0.1), Reset()))
    asked = Asked(server.url)
    assert asked.text == BEGUN
    assert len(server.requests) == 1


def test_no_other_try_after_the_first_thought(server):
    server.repeat(stream(*deltas("", "thinking"), Close()))
    asked = Asked(server.url)
    assert isinstance(asked.error, StreamBroken)
    assert asked.reasoning == "thinking"
    assert len(server.requests) == 1


def test_a_request_is_sent_again_byte_for_byte(server):
    server.enqueue(ALWAYS, ALWAYS)
    Asked(server.url)
    assert len({request.body for request in server.requests}) == 1


def test_abandoning_the_events_closes_the_connection(server):
    server.enqueue(stream(*deltas(BEGUN), Hang()))
    batches = Client(server.url, None, DEEPSEEK).stream(ASKED, PATIENCE)
    for batch in batches:
        if any(isinstance(event, TextDelta) for event in batch):
            break
    batches.close()
    assert server.wait_disconnect()
    assert server.abandoned == 1


def test_whole_replies_share_one_connection(server):
    client = Client(server.url, None, DEEPSEEK)
    for _ in range(3):
        assert [event for event in chain.from_iterable(client.stream(ASKED, PATIENCE)) if isinstance(event, Finished)]
    assert server.open_connections == 1
    client.close()
    assert server.wait_disconnect()


def test_a_connection_that_the_server_closed_meanwhile_is_made_anew(server):
    client = Client(server.url, None, DEEPSEEK)
    server.enqueue(stream(*deltas(TEXT), *finish(), Close()))
    for _ in range(2):
        assert [event for event in chain.from_iterable(client.stream(ASKED, PATIENCE)) if isinstance(event, Finished)]
    client.close()


def test_text_is_handed_on_the_moment_it_is_there(server):
    """The server goes on only when the client has what was sent before."""
    seen = threading.Semaphore(0)

    def steps():
        for event in (*deltas(TEXT), *finish()):
            yield event
            if b'"content":"' in event and b'"content":""' not in event:
                assert seen.acquire(timeout=60)

    server.enqueue(Fault(steps))
    found = []
    for event in chain.from_iterable(Client(server.url, None, DEEPSEEK).stream(ASKED, 120)):
        if isinstance(event, TextDelta):
            found.append(event.text)
            seen.release()
    assert "".join(found) == TEXT
    assert found == [TEXT[n : n + 4] for n in range(0, len(TEXT), 4)]


def test_usage_after_the_finish_is_not_lost(server):
    server.enqueue(*named("usage-in-extra-chunk"))
    asked = Asked(server.url)
    assert asked.of(UsageReport)[-1].usage.prompt == 10
    assert asked.events.index(asked.of(Finished)[0]) < asked.events.index(asked.of(UsageReport)[0])


def test_a_server_that_hangs_after_the_closing_mark_holds_nobody_up(server):
    server.enqueue(stream(*deltas(TEXT), *finish(), Hang()))
    assert Asked(server.url).text == TEXT


def test_a_server_that_breaks_after_the_finish_costs_nothing(server):
    server.enqueue(stream(*deltas(TEXT), chunk({}, "stop"), Pause(0.05), Reset()))
    asked = Asked(server.url)
    assert asked.error is None
    assert asked.text == TEXT


def test_the_first_events(server):
    server.enqueue(stream(KEEP_ALIVE, *deltas(TEXT), *finish()))
    asked = Asked(server.url)
    assert asked.events[:2] == [Opened(TRACE), KeepAlive()]


def test_a_slow_answer_gathers_and_a_batch_is_what_has_come(server):
    """The thinking and the first text are read the moment they come."""
    read, sent = threading.Semaphore(0), threading.Event()

    def steps():
        for event in (*[chunk({"reasoning_content": "hm "})] * 10, chunk({"content": "0 "})):
            yield event
            assert read.acquire(timeout=PATIENCE)
        for number in range(1, 40):
            yield chunk({"content": f"{number} "})
            yield Pause(0.001)
        sent.set()
        yield from finish()

    def gathered(events: int, seconds: float) -> float:
        assert sent.wait(PATIENCE)
        return gather(events, seconds)

    server.enqueue(Fault(steps))
    batches = []
    for batch in Client(server.url, None, DEEPSEEK).stream(ASKED, PATIENCE, gather=gathered):
        if found := [event for event in batch if isinstance(event, ReasoningDelta | TextDelta)]:
            batches.append(found)
            read.release()
    assert batches[:11] == [[ReasoningDelta("hm ")]] * 10 + [[TextDelta("0 ")]]
    (rest,) = batches[11:]
    assert "".join(event.text for event in rest) == "".join(f"{number} " for number in range(1, 40))


def test_a_batch_ends_where_the_next_byte_is_not_there_yet(server):
    """However the bytes are cut; the server goes on only when the batch has come."""
    seen = threading.Semaphore(0)

    def steps():
        for event in deltas(TEXT):
            half = len(event) // 2
            yield event[:half]
            yield event[half:] + event[:half]
            yield event[half:]
            if b'"content":"' in event and b'"content":""' not in event:
                assert seen.acquire(timeout=60)
        yield from finish()

    for framing in ("chunked", "close-delimited"):
        server.enqueue(Fault(steps, framing=framing))
        found = []
        for batch in Client(server.url, None, DEEPSEEK).stream(ASKED, 120):
            before = len(found) // 2
            found += [event.text for event in batch if isinstance(event, TextDelta)]
            for _ in range(len(found) // 2 - before):
                seen.release()
        assert "".join(found) == "".join(2 * TEXT[n : n + 4] for n in range(0, len(TEXT), 4))


def test_a_stop_while_the_stream_gathers_costs_nothing_that_has_come(server):
    """What the reader has not seen yet has arrived all the same."""
    gathering = threading.Event()

    def steps():
        yield from deltas("first")
        assert gathering.wait(PATIENCE)
        yield from deltas(" second")
        yield from deltas(TEXT)
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()  # all of it is in the socket
        yield Hang()

    server.enqueue(Fault(steps))
    texts: list[str] = []

    def waiting(events: int, seconds: float) -> float:
        gathering.set()
        return 20

    def read() -> None:
        for batch in Client(server.url, None, DEEPSEEK).stream(ASKED, PATIENCE, gather=waiting):
            texts.extend(event.text for event in batch if isinstance(event, TextDelta))

    with pytest.raises(KeyboardInterrupt):
        read()
    assert "".join(texts) == f"first second{TEXT}"


def test_blank_lines_before_a_reply_that_is_not_streamed_are_signs_of_life(server):
    server.enqueue(*named("blank-lines-before-json"))
    assert len(Asked(server.url).of(KeepAlive)) >= 2


def test_tool_calls_are_handed_on(server):
    server.enqueue(*named("tool-calls"))
    calls = Asked(server.url).of(ToolCallDelta)
    assert {call.name for call in calls} == {"get_weather", "get_time", ""}


def test_the_headers_of_a_request(server):
    Asked(server.url, "sk-key")
    headers = server.requests[0].headers
    assert headers["authorization"] == "Bearer sk-key"
    assert headers["accept"] == "text/event-stream"
    assert headers["accept-encoding"] == "identity"
    assert headers["content-type"] == "application/json"
    assert headers["user-agent"] == f"deepseek-magic/{__version__}"


def test_a_key_for_another_host_is_not_sent(server):
    with FaultServer() as other:
        client = Client(server.url, checked_key("sk-key", other.url, "a test"), DEEPSEEK)
        list(client.stream(ASKED, PATIENCE))
    assert "authorization" not in server.requests[0].headers


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(server, status):
    with FaultServer() as trap:
        server.enqueue(redirect(f"http://me:pw@127.0.0.1:{trap.port}/x", status))
        asked = Asked(server.url, "sk-key")
        assert isinstance(asked.error, UnexpectedResponse)
        assert f"127.0.0.1:{trap.port}" in str(asked.error)
        assert "pw" not in str(asked.error)
        assert not trap.requests
    assert len(server.requests) == 1


def test_a_redirect_to_nowhere(server):
    server.enqueue(Fault((), 302, framing="content-length"))
    assert isinstance(Asked(server.url).error, UnexpectedResponse)


@pytest.mark.parametrize("name", ["wrong-key", "error-event", "escape-sequences-in-error"])
def test_an_error_is_safe_to_print(server, name):
    server.enqueue(*named(name))
    message = str(Asked(server.url).error)
    assert message.isprintable()


def test_the_key_is_in_no_error_and_in_none_of_its_causes(server):
    key = "sk-a-key-that-is-looked-for"
    for fault in (
        error(401, api_error(f"no {key}")),
        error(400, key, "text/plain"),
        stream(*deltas(BEGUN), b"data: " + key.encode() + b"\n\n"),
    ):
        server.enqueue(fault)
        failed: BaseException | None = Asked(server.url, key).error
        assert failed is not None
        while failed is not None:
            assert key not in f"{failed}{failed!r}{failed.args}{vars(failed)}"
            failed = failed.__cause__


@pytest.mark.parametrize(
    "url",
    [
        "http://a..b",
        "http://" + "a" * 64 + ".example",
        "http://does-not-exist.invalid",
        "http://ex\u00e4mple.invalid",
        "http://*",
        "http://.",
        "http://127.0.0.1:0",
    ],
)
def test_a_host_that_cannot_be_asked_is_one_line(url):
    asked = Asked(url)
    assert isinstance(asked.error, (ConnectionFailed, ConfigurationError))
    assert "\n" not in str(asked.error)


def test_a_proxy_of_a_kind_that_is_not_known_is_one_line(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "gopher://127.0.0.1:9")
    asked = Asked("http://host.invalid")
    assert isinstance(asked.error, DeepSeekError)


def test_a_status_line_without_end_is_one_line(server):
    server.repeat(Fault((b"HTTP/1.1 200 " + b"x" * 100_000,), framing="raw"))
    assert isinstance(Asked(server.url).error, ConnectionFailed)


def test_headers_without_end_are_one_line(server):
    many = b"".join(b"X-%d: y\r\n" % n for n in range(http.client._MAXHEADERS + 10))
    server.repeat(Fault((b"HTTP/1.1 200 OK\r\n" + many + b"\r\n",), framing="raw"))
    assert isinstance(Asked(server.url).error, ConnectionFailed)


@pytest.mark.parametrize("junk", [b"zz\r\n", b"-5\r\nhello\r\n", b"\x00"])
def test_broken_framing_is_one_line(server, junk):
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    server.repeat(Fault((head + junk, Close()), framing="raw"))
    assert isinstance(Asked(server.url).error, DeepSeekError)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_a_body_that_is_not_what_its_coding_says_is_one_line(server, coding):
    server.repeat(stream(*deltas(TEXT), *finish(), headers=(("Content-Encoding", coding),)))
    asked = Asked(server.url)
    assert asked.error is None or isinstance(asked.error, DeepSeekError)


def test_the_closing_mark_alone_is_no_reply(server):
    server.enqueue(stream(DONE))
    assert isinstance(Asked(server.url).error, UnexpectedResponse)
