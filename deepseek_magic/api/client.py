"""The one HTTP client: posts a request, yields its events, and maps everything that can fail.

Imported with the first question only: `requests` costs more than all else that loading needs.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from itertools import chain
from typing import Any
from urllib.parse import urljoin

import requests
from requests.auth import AuthBase

from deepseek_magic import __version__
from deepseek_magic.errors import (
    ConnectionTimedOut,
    DeepSeekError,
    RateLimited,
    ServerError,
    StreamBroken,
    StreamStalled,
    UnexpectedResponse,
    one_line,
)
from deepseek_magic.settings import CONNECT_TIMEOUT, Key, host_of, is_loopback

from .dialects import Dialect
from .events import Event, KeepAlive, Opened, Retrying, Waiting
from .foreign import FOREIGN, Meaning, meaning
from .messages import Request
from .refusals import refusal, request_id, scrubbed
from .sse import Comment, SSEDecoder
from .wire import ChatDecoder, encode, to_bytes

#: Tries after the first one, and the longest wait between two (seconds) that is not the server's own word.
RETRIES = 4
LONGEST_DELAY = 10.0
#: A server may ask for more patience than a reader has; beyond this many seconds the error says so instead.
LONGEST_RETRY_AFTER = 60.0
#: Seconds that a finished reply is waited on for its usage and its closing mark.
GRACE = 5.0
_READ = 64 * 1024
_ERROR_BODY = 64 * 1024
_WHOLE_BODY = 64 * 1024 * 1024


class _Bearer(AuthBase):
    """Sets the key, or none. Its presence keeps requests from putting a login of ``~/.netrc`` in its place."""

    def __init__(self, key: Key | None) -> None:
        self._key = key

    def __call__(self, prepared: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._key is not None and self._key.serves(prepared.url or ""):
            prepared.headers["Authorization"] = f"Bearer {self._key.secret.reveal()}"
        return prepared


class _TryAgain(Exception):  # never leaves this module
    """A try failed in a way that another may not. Carries the error to raise if there is none."""

    def __init__(self, error: DeepSeekError, delay: float | None = None) -> None:
        self.error = error
        self.delay = delay


class Client:
    """Talks to one endpoint with one key; keeps its connections open between questions.

    Args:
        base_url: the endpoint, as `deepseek_magic.settings.checked_base_url` returns it.
        key: the key for its host, or ``None``.
        dialect: how to speak to it.
        sleep: waits the given seconds before another try; must let an interrupt through.
    """

    def __init__(
        self, base_url: str, key: Key | None, dialect: Dialect, *, sleep: Callable[[float], object] = time.sleep
    ) -> None:
        self._base_url = base_url
        self._key = key
        self._dialect = dialect
        self._sleep = sleep
        self._session = requests.Session()
        self._session.auth = _Bearer(key)
        self._session.headers["User-Agent"] = f"deepseek-magic/{__version__}"

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._session.close()

    def stream(self, request: Request, timeout: float) -> Iterator[Event]:
        """Ask ``request`` and yield the events of its reply as their bytes arrive.

        Args:
            request: what to ask.
            timeout: idle timeout in seconds; any byte, a keep-alive too, starts it anew.

        Raises:
            DeepSeekError: by the table of the design, section 5. Abandoning the iterator closes the connection.
        """
        body = to_bytes(encode(request, self._dialect))
        for attempt in range(1, RETRIES + 2):
            yield Waiting(attempt)
            try:
                yield from self._try(body, timeout)
            except _TryAgain as failed:
                if attempt > RETRIES or (failed.delay or 0) > LONGEST_RETRY_AFTER:
                    raise self._given_up(failed, attempt) from failed.__cause__
                delay = failed.delay if failed.delay is not None else _backoff(attempt)
                yield Retrying(attempt + 1, delay, one_line(str(failed.error), 120))
                self._sleep(delay)
            else:
                return

    def get(self, path: str, timeout: float) -> Any:
        """Return the parsed JSON that GET ``path`` answers.

        Raises:
            DeepSeekError: the endpoint refuses, cannot be reached, or answers no JSON.
        """
        try:
            with self._open("GET", path, None, timeout) as response, self._mapped():
                body = response.raw.read(_WHOLE_BODY, decode_content=True)
        except _TryAgain as failed:
            raise failed.error from failed.__cause__
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            msg = f"{self._host} answered {path} with something that is no JSON; check the base URL"
            raise UnexpectedResponse(msg) from None

    @property
    def _host(self) -> str:
        return host_of(self._base_url)

    def _given_up(self, failed: _TryAgain, attempts: int) -> DeepSeekError:
        error = failed.error
        if attempts > 1:
            error.args = (f"{error} (tried {attempts} times)",)
        elif failed.delay is not None:
            error.args = (f"{error} (it asks to wait {failed.delay:.0f} s)",)
        return error

    @contextmanager
    def _mapped(self, spoke: Callable[[], bool] = lambda: False) -> Iterator[None]:
        """Turn a foreign exception into ours; before the first token, into another try where one may help."""
        try:
            yield
        except FOREIGN as error:
            found = meaning(error)
            if spoke():
                raise self._broken_off(found) from error
            ours = found.kind(f"{self._host}: {found.sentence}")
            if found.retry:
                raise _TryAgain(ours) from error
            raise ours from error

    def _broken_off(self, found: Meaning) -> DeepSeekError:
        if found.kind is ConnectionTimedOut:
            return StreamStalled(f"{self._host} fell silent in the middle of the reply; the text so far is kept")
        return StreamBroken(f"the connection to {self._host} broke in the middle of the reply; the text so far is kept")

    @contextmanager
    def _open(self, method: str, path: str, body: bytes | None, timeout: float) -> Iterator[requests.Response]:
        """Send one request and yield the answer if it is a 200; the response is closed whatever happens."""
        response = None
        try:
            with self._mapped():
                response = self._session.request(
                    method,
                    self._base_url + path,
                    data=body,
                    headers={
                        "Accept": "text/event-stream" if body else "application/json",
                        "Accept-Encoding": "identity",  # a compressing gateway holds tokens back
                        **({"Content-Type": "application/json"} if body else {}),
                    },
                    stream=True,
                    timeout=(CONNECT_TIMEOUT, timeout),
                    allow_redirects=False,  # the key and the question were meant for this host
                    proxies={"no_proxy": "*"} if is_loopback(self._base_url) else None,
                )
            self._check(response)
            yield response
        finally:
            if response is not None:
                response.close()

    def _check(self, response: requests.Response) -> None:
        """Raise unless ``response`` is a 200 that can be a reply."""
        status = response.status_code
        if 300 <= status < 400:
            target = urljoin(self._base_url, response.headers.get("Location", ""))
            host = one_line(target.partition("://")[2].partition("/")[0].rpartition("@")[2], 80)
            msg = f"{self._host} redirects to {host or 'nowhere'}, which is not followed; set the base URL you mean"
            raise UnexpectedResponse(msg)
        if status != 200:
            with self._mapped():
                body = response.raw.read(_ERROR_BODY, decode_content=True)
            error = refusal(status, response.headers, body, base_url=self._base_url, key=self._key)
            if isinstance(error, RateLimited) or (isinstance(error, ServerError) and status in (500, 502, 503, 504)):
                raise _TryAgain(error, error.retry_after)
            raise error
        if "text/html" in response.headers.get("Content-Type", "").lower():
            raise self._portal()

    def _portal(self) -> UnexpectedResponse:
        return UnexpectedResponse(
            f"{self._host} answered with a web page instead of a reply: a captive portal or a proxy is in between, "
            "or the base URL is not that of an API"
        )

    def _try(self, body: bytes, timeout: float) -> Generator[Event, None, None]:
        """Ask once. Yields the events of the whole reply, or raises."""
        decoder = ChatDecoder()
        with self._open("POST", "/chat/completions", body, timeout) as response:
            yield Opened(request_id(response.headers))
            with self._scrubbed():
                yield from self._events(response, decoder)
                yield from decoder.flush()
                self._check_end(decoder)

    @contextmanager
    def _scrubbed(self) -> Iterator[None]:
        """Keep the key out of an error whose words are the server's."""
        try:
            yield
        except DeepSeekError as error:
            error.args = (scrubbed(str(error), self._key),)
            raise

    def _check_end(self, decoder: ChatDecoder) -> None:
        """Tell a whole reply from a stream that merely ended: only a finish reason makes a reply whole."""
        if decoder.finished:
            return
        if decoder.spoke:
            msg = f"{self._host} ended the stream in the middle of the reply; the text so far is kept"
            raise StreamBroken(msg)
        msg = f"{self._host} sent an empty reply; run the cell again, or ask for less if the question is very long"
        raise UnexpectedResponse(msg)

    def _events(self, response: requests.Response, chat: ChatDecoder) -> Iterator[Event]:
        """Yield the events of an open reply: an event stream, or one JSON body from a server that cannot stream."""
        chunks = self._chunks(response, chat)
        head = b""
        for chunk in chunks:
            head += chunk
            if head.strip():
                break
            yield KeepAlive()
        start = head.lstrip()[:1]
        if start == b"<":
            raise self._portal()
        if start == b"{":
            whole = b"".join((head, *chunks))
            yield from chat.feed(whole.decode("utf-8", "replace"))
            return
        stream = SSEDecoder()
        for piece in chain((head,), chunks):
            yield from _decoded(stream.feed(piece), chat)
        yield from _decoded(stream.flush(), chat)

    def _chunks(self, response: requests.Response, chat: ChatDecoder) -> Iterator[bytes]:
        """Yield the body's bytes the moment they are there.

        ``read1`` hands on what one read of the socket gave; requests' own iterators wait for a full buffer.
        """
        grace = False
        while not chat.done:
            if chat.finished and not grace:
                _shorten_timeout(response, GRACE)
                grace = True
            try:
                with self._mapped(lambda: chat.spoke):
                    chunk = response.raw.read1(_READ, decode_content=True)
            except (DeepSeekError, _TryAgain):
                if chat.finished:
                    return
                raise
            if not chunk:
                return
            yield chunk
        # The body's own end follows its closing mark at once; a body read to its end leaves the connection usable.
        _shorten_timeout(response, 0.02)
        with suppress(*FOREIGN):
            response.raw.read1(_READ)


def _decoded(events: Iterator[Any], chat: ChatDecoder) -> Iterator[Event]:
    for event in events:
        if isinstance(event, Comment):
            yield KeepAlive()
        else:
            yield from chat.feed(event.data)


def _backoff(attempt: int) -> float:
    """Return the seconds to wait after try number ``attempt``: 0.5 doubling to 10, less a random part of a half."""
    ceiling = min(LONGEST_DELAY, 0.5 * 2.0 ** (attempt - 1))
    return ceiling * (0.5 + random.random() / 2)  # spreads load, guards nothing


def _shorten_timeout(response: requests.Response, seconds: float) -> None:
    """Let the next reads of ``response`` wait ``seconds`` at most. The text is whole: nothing is lost by leaving."""
    sock = getattr(getattr(response.raw, "connection", None), "sock", None)
    if sock is not None:
        sock.settimeout(seconds)
