"""A reply that is stopped from another thread: at once, wherever it is, and its connection is ended."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from deepseek_magic.api.client import Client
from deepseek_magic.api.dialects import dialect_of
from deepseek_magic.api.events import Finished, Retrying, TextDelta
from deepseek_magic.api.messages import Message, Request
from deepseek_magic.chat.stopping import Stop, Stoppable
from deepseek_magic.errors import AuthenticationFailed, StreamBroken
from deepseek_magic.settings.parameters import Settings
from tests.faults import (
    NORMAL_TEXT,
    PATIENCE,
    Close,
    Fault,
    FaultServer,
    Hang,
    api_error,
    deltas,
    error,
    finish,
    reply,
    stream,
)


@pytest.fixture
def client(server: FaultServer) -> Iterator[Client]:
    settings = Settings(base_url=server.url)
    made = Client(server.url, None, dialect_of(settings))
    yield made
    made.close()


def asked(server: FaultServer) -> Request:
    return Request(Settings(base_url=server.url), (Message("user", "hello"),))


def heard(stream, until=lambda event: False, act=lambda: None):
    """The events, and whether they ended by a stop; ``act`` is called after the first that is as ``until`` wants it."""
    events, stopped = [], False
    try:
        for batch in stream:
            events += batch
            if any(map(until, batch)):
                act()
    except KeyboardInterrupt:
        stopped = True
    return events, stopped


def text_of(events) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def test_what_is_made_meanwhile_is_not_waited_for_after_a_stop() -> None:
    """By the one who waits, at once; afterwards nothing is begun."""
    begun, go_on, ended = threading.Event(), threading.Event(), threading.Event()

    def make() -> int:
        begun.set()
        assert go_on.wait(PATIENCE)
        ended.set()
        return 1

    def fails() -> int:
        raise ZeroDivisionError

    stop = Stop()
    assert stop.attempt(lambda: 1) == 1
    with pytest.raises(ZeroDivisionError):
        stop.attempt(fails)
    threading.Thread(target=lambda: begun.wait(PATIENCE) and stop(), daemon=True).start()
    assert stop.attempt(make) is None
    assert not ended.is_set()
    go_on.set()
    assert ended.wait(PATIENCE)
    assert stop.attempt(fails) is None


def test_what_nobody_stops_comes_as_it_is(server: FaultServer, client: Client) -> None:
    events, stopped = heard(Stoppable(client, Stop()).stream(asked(server), 60))
    assert (text_of(events), stopped) == (NORMAL_TEXT, False)


def test_in_the_middle(server: FaultServer, client: Client) -> None:
    """What has come is there, the server is left at once, and nothing is left of the thread that read."""
    server.enqueue(stream(*deltas("It begins"), Hang()))
    stop = Stop()
    events, stopped = heard(
        Stoppable(client, stop).stream(asked(server), 60), lambda one: isinstance(one, TextDelta), stop
    )
    assert stopped
    assert "It begins".startswith(text_of(events))
    assert server.wait_disconnect()
    assert not [
        one for one in threading.enumerate() if one.name == "deepseek-reader" and (one.join(60) or one.is_alive())
    ]


def test_before_anything_has_come(server: FaultServer, client: Client) -> None:
    """The request is sent, and the endpoint is silent."""
    server.enqueue(Fault((Hang(),), framing="raw"))
    stop = Stop()
    threading.Thread(target=lambda: server.wait_requests(1) and stop()).start()
    _, stopped = heard(Stoppable(client, stop).stream(asked(server), 60))
    assert stopped
    assert server.wait_disconnect()


def test_in_a_pause_before_another_try(server: FaultServer, client: Client) -> None:
    """The pause is not waited for, and the try is never made."""
    server.enqueue(error(503, api_error("busy"), headers=(("Retry-After", "30"),)))
    stop = Stop()
    events, stopped = heard(
        Stoppable(client, stop).stream(asked(server), 60), lambda one: isinstance(one, Retrying), stop
    )
    assert stopped
    assert events
    assert len(server.requests) == 1


def test_a_stop_before_it_is_asked(server: FaultServer, client: Client) -> None:
    stop = Stop()
    stop()
    _, stopped = heard(Stoppable(client, stop).stream(asked(server), 60))
    assert stopped


def test_a_stop_after_the_end_touches_nothing(server: FaultServer, client: Client) -> None:
    """The connection serves another question, which a late stop must not end."""
    stop = Stop()
    heard(Stoppable(client, stop).stream(asked(server), 60))
    server.enqueue(stream(*deltas("Another", pieces=1), *deltas(" one"), *finish()))
    other, stopped = heard(client.stream(asked(server), 60), lambda one: isinstance(one, TextDelta), stop)
    assert (text_of(other), stopped) == ("Another one", False)
    assert not server.wait_disconnect(0)


def test_a_reply_that_is_whole_is_whole(server: FaultServer, client: Client) -> None:
    """Where the stop comes with the last of it, the reply has its end all the same."""
    server.enqueue(reply("All of it"))
    stop = Stop()
    events, _ = heard(Stoppable(client, stop).stream(asked(server), 60), lambda one: isinstance(one, Finished), stop)
    assert text_of(events) == "All of it"
    assert any(isinstance(event, Finished) for event in events)


def test_one_who_leaves_ends_the_connection(server: FaultServer, client: Client) -> None:
    """As with the client itself: a limit on the cost, for one, leaves in the middle."""
    server.enqueue(stream(*deltas("It begins"), Hang()))
    batches = Stoppable(client, Stop()).stream(asked(server), 60)
    next(batches)
    next(batches)
    batches.close()
    assert server.wait_disconnect()


def test_errors_come_through(server: FaultServer, client: Client) -> None:
    server.enqueue(error(401, api_error("no")), stream(*deltas("It begins"), Close()))
    with pytest.raises(AuthenticationFailed):
        list(Stoppable(client, Stop()).stream(asked(server), 60))
    with pytest.raises(StreamBroken):
        list(Stoppable(client, Stop()).stream(asked(server), 60))


def test_what_a_stop_calls_is_called_once() -> None:
    stop, called = Stop(), []
    stop.then(lambda: called.append(1))
    stop()
    stop()
    stop.then(lambda: called.append(2))
    assert called == [1, 2]
