"""The key is in no frame of an error, however a traceback is shown: with locals, attributes, causes and contexts."""

from __future__ import annotations

import base64
import http.client
import io
import os
import reprlib
import signal
import threading
import traceback
from collections.abc import Callable, Iterator
from urllib.parse import quote

import pytest
from IPython.core.ultratb import VerboseTB
from rich.console import Console
from rich.traceback import Traceback

from deepseek_magic.api.client import Client
from deepseek_magic.api.dialects import DEEPSEEK
from deepseek_magic.api.events import TextDelta
from deepseek_magic.api.messages import Message
from deepseek_magic.app.session import Session
from deepseek_magic.credentials import keyring
from deepseek_magic.errors import ConfigurationError
from deepseek_magic.guard import Guard
from deepseek_magic.settings.keys import Environment, Key, Secret, checked_key, environment_key
from tests.faults import (
    BEGUN,
    PATIENCE,
    Fault,
    Hang,
    Pause,
    Reset,
    api_error,
    deltas,
    document,
    error,
    refused,
    stream,
)
from tests.requesting import chat

KEY = "+".join(("sk", "Zq7/Wm3Rt9", "Lx5Vb1Nc8", "Hd4Jf6Gs2"))
HALF = len(KEY) // 2
FORMS = (KEY[:HALF], KEY[-HALF:], quote(KEY, safe=""), base64.b64encode(KEY.encode()).decode()[:-4])
ASKED = chat("deepseek-flash", (Message("user", "hello"),))


def chain(error: BaseException) -> Iterator[BaseException]:
    """The error and all that hangs on it, shown or not."""
    waiting, seen = [error], set()
    while waiting:
        one = waiting.pop()
        if id(one) not in seen:
            seen.add(id(one))
            yield one
            waiting += [link for link in (one.__cause__, one.__context__) if link is not None]
            waiting += [value for value in (*one.args, *vars(one).values()) if isinstance(value, BaseException)]


def insides(value: object) -> Iterator[str]:
    """What is printed of a local, and of the attributes of an object of ours or of the HTTP libraries."""
    yield repr(value)
    yield str(value)
    for part in vars(value).values() if hasattr(value, "__dict__") else ():
        yield repr(part)


def renderings(error: BaseException) -> Iterator[str]:
    """What the tools print that show locals."""
    yield "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    out = io.StringIO()
    shown = Traceback.from_exception(type(error), error, error.__traceback__, show_locals=True, locals_max_string=None)
    Console(file=out, width=4000).print(shown)
    yield out.getvalue()
    verbose = (
        VerboseTB(theme_name="nocolor") if "theme_name" in VerboseTB.__init__.__code__.co_varnames else VerboseTB()
    )
    yield "\n".join(verbose.structured_traceback(type(error), error, error.__traceback__, 5))


def assert_no_key(error: BaseException) -> None:
    """Whatever hangs on ``error``, and however it is shown."""
    for link in chain(error):
        texts = [str(link), repr(link), repr(vars(link)), *getattr(link, "__notes__", ())]
        for frame, _ in traceback.walk_tb(link.__traceback__):
            texts += [text for value in frame.f_locals.values() for text in insides(value)]
        for text in texts:
            assert not [form for form in FORMS if form in text], reprlib.repr(text)
    for text in renderings(error):
        assert not [form for form in FORMS if form in text]


def raised(action: Callable[[], object]) -> BaseException:
    """What ``action`` raises, without the frames of this file: these hold the key themselves."""
    try:
        action()
    except BaseException as error:  # noqa: BLE001  # stops too
        for link in chain(error):
            while link.__traceback__ is not None and link.__traceback__.tb_frame.f_code.co_filename == __file__:
                link.__traceback__ = link.__traceback__.tb_next
        return error
    raise AssertionError("nothing was raised")


def asked(url: str, *, timeout: float = PATIENCE, each: Callable[[list[object]], object] = id) -> Callable[[], None]:
    client = Client(url, checked_key(KEY, url, "a test"), DEEPSEEK, sleep=id)

    def ask() -> None:
        for batch in client.stream(ASKED, timeout):
            each(batch)

    return ask


FAULTS = {
    "a refusal that echoes the key": error(401, api_error(f"no {KEY}")),
    "an error in plain text": error(400, f"x {KEY} y", "text/plain"),
    "a stream that breaks": stream(*deltas(BEGUN), Pause(0.05), Reset()),
    "a stream that breaks behind the key": stream(*deltas(f"{KEY} {BEGUN}", KEY), Pause(0.05), Reset()),
    "an event that echoes the key": stream(*deltas(BEGUN), b"data: " + KEY.encode() + b"\n\n"),
    "silence": stream(Hang()),
    "silence in mid text": stream(*deltas(BEGUN), Hang()),
    "a reset": Fault((Reset(),), framing="raw"),
    "no HTTP": Fault((b"garbage\r\n\r\n",), framing="raw"),
    "a redirect": Fault((), 302, (("Location", f"http://x.invalid/{KEY[:4]}"),), framing="content-length"),
    "busy": error(503, api_error("busy")),
    "a web page": document("<html>", content_type="text/html"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_the_endpoint_does(server, name):
    server.repeat(FAULTS[name])
    assert_no_key(raised(asked(server.url, timeout=0.3 if "silence" in name else PATIENCE)))
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("name", ["a refusal that echoes the key", "a reset", "a web page", "busy"])
def test_what_it_does_when_a_list_is_asked_for(server, name):
    server.repeat(FAULTS[name])
    client = Client(server.url, checked_key(KEY, server.url, "a test"), DEEPSEEK)
    assert_no_key(raised(lambda: client.models(PATIENCE)))
    assert_no_key(raised(lambda: client.sole_model(PATIENCE)))


def test_nothing_listens():
    with refused() as url:
        assert_no_key(raised(asked(url)))


def test_the_connection_goes_while_the_headers_are_sent(server, monkeypatch):
    """The socket is real; what it does with the bytes is that of a peer that is gone."""

    def sendall(self, data, *flags):
        raise BrokenPipeError(32, "Broken pipe")

    ask = asked(server.url)
    monkeypatch.setattr(http.client.HTTPConnection, "send", sendall)
    assert_no_key(raised(ask))


def test_a_key_that_no_header_can_hold(server):
    key = Key(Secret(f"{KEY}\n{KEY}"), server.url.partition("//")[2], "a test")
    client = Client(server.url, key, DEEPSEEK)
    failed = raised(lambda: list(client.stream(ASKED, PATIENCE)))
    assert isinstance(failed, ConfigurationError)
    assert_no_key(failed)


def test_a_defect_of_what_shows_the_reply(server):
    def each(batch: list[object]) -> None:
        if any(isinstance(event, TextDelta) for event in batch):
            raise ZeroDivisionError

    assert_no_key(raised(asked(server.url, each=each)))


def test_a_defect_inside_the_client_keeps_its_place(server, monkeypatch):
    """The frames are cut, so that a note says where it was."""
    monkeypatch.setattr("deepseek_magic.api.decode._usage", None)
    failed = raised(asked(server.url))
    assert type(failed) is TypeError
    assert_no_key(failed)
    assert "decode.py:" in "".join(getattr(failed, "__notes__", ["decode.py:"]))  # Python 3.10 has no notes


def test_a_stop_while_a_reply_is_waited_for(server):
    server.enqueue(stream(*deltas(BEGUN), Hang()))
    ask = asked(server.url)
    stop = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    stop.start()
    failed = raised(ask)
    assert isinstance(failed, KeyboardInterrupt)
    assert_no_key(failed)


def test_what_the_user_was_handling_stays_in_the_chain(server):
    server.repeat(FAULTS["a reset"])
    ask = asked(server.url)

    def while_handling() -> None:
        try:
            raise LookupError("the user's own")  # noqa: TRY301
        except LookupError:
            ask()

    failed = raised(while_handling)
    assert isinstance(failed.__context__, LookupError)
    assert not failed.__suppress_context__
    assert_no_key(failed)


BAD = Environment({"DEEPSEEK_API_KEY": f"{KEY} and more", "DEEPSEEK_BASE_URL": "http://127.0.0.1:9"})
GOOD = Environment({"DEEPSEEK_API_KEY": KEY, "DEEPSEEK_BASE_URL": "http://far.example"})


@pytest.mark.parametrize(
    "action",
    [
        lambda: environment_key(BAD, "http://127.0.0.1:9"),
        lambda: Session(BAD).settle({}, {}),
        lambda: Session(GOOD).settle({}, {}),
        lambda: Session(GOOD).settle({"base_url": "http://127.0.0.1:9", "temperature": 9}, {}),
        lambda: keyring.save(Secret(KEY), "http://127.0.0.1:9"),
        lambda: Guard("masked", GOOD, [Secret(KEY)]),
    ],
)
def test_a_key_or_a_setting_that_is_refused(action):
    failed = raised(action)
    assert isinstance(failed, ConfigurationError)
    assert_no_key(failed)


def test_a_guard_that_is_stopped(monkeypatch):
    guard = Guard("mask", GOOD, [Secret(KEY)])

    def stop(text: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("deepseek_magic.guard.cleaning.by_block", stop)
    assert_no_key(raised(lambda: guard.clean("some text")))


def test_public_objects_show_no_key(server):
    url = server.url
    session = Session(Environment({"DEEPSEEK_API_KEY": KEY, "DEEPSEEK_BASE_URL": url}))
    settings, _ = session.settle({}, {})
    question = session.question("hello", {}, {})
    client = session.clients.client(settings)
    list(client.stream(ASKED, PATIENCE))
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"
    adapter = client._session._adapter
    for thing in (session, settings, settings.key, question, session.guard, client, client._session, adapter):
        assert not [form for text in insides(thing) for form in FORMS if form in text], thing
    for thing in (settings.key.secret, settings.key, session.guard._known, session.environ):
        assert not hasattr(thing, "__dict__")


def test_a_trace_of_the_http_library_prints_no_key(server, monkeypatch, capsys):
    monkeypatch.setattr(http.client.HTTPConnection, "debuglevel", 1)
    asked(server.url)()
    assert not [form for form in FORMS if form in "".join(capsys.readouterr())]


def test_a_login_of_netrc_is_still_not_sent(server, monkeypatch, tmp_path):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password pw\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    list(Client(server.url, None, DEEPSEEK).stream(ASKED, PATIENCE))
    assert "authorization" not in server.requests[0].headers
