"""Map every exception of `requests` and `urllib3` to one of our errors.

The map lists every class of the two libraries; a test fails if they add one. Imported with the client only, because
both libraries are slow to import.
"""

from __future__ import annotations

import http.client
import random
import ssl
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import requests.exceptions as rq
import urllib3.exceptions as u3

from deepseek_magic.errors import (
    ConfigurationError,
    ConnectionFailed,
    ConnectionTimedOut,
    DeepSeekError,
    StreamBroken,
    StreamStalled,
)
from deepseek_magic.text import one_line

from . import network


@dataclass(frozen=True, slots=True)
class Meaning:
    """The meaning of an exception: the class of our error, its sentence after the host, whether a retry may help."""

    kind: type[DeepSeekError]
    sentence: str
    retry: bool = False


_BROKEN = Meaning(ConnectionFailed, "the connection broke; run the cell again", retry=True)
_REFUSED = Meaning(ConnectionFailed, "nothing listens there; check the base URL and that the server runs", retry=True)
_UNREACHABLE = Meaning(ConnectionFailed, "it cannot be reached; check the network, or run %deepseek_doctor")
_CONNECT_TIMEOUT = Meaning(
    ConnectionTimedOut, "no connection within the time limit; check the network and any proxy, or run %deepseek_doctor"
)
_SILENT = Meaning(ConnectionTimedOut, "no answer within the idle timeout; run the cell again, or raise --timeout")
_NO_NAME = Meaning(ConnectionFailed, "no such host; check the base URL and the network, or run %deepseek_doctor")
_TLS = Meaning(
    ConnectionFailed,
    "the secure connection failed; behind a company proxy, set REQUESTS_CA_BUNDLE to its certificate file",
)
_PROXY = Meaning(ConnectionFailed, "the proxy failed; check HTTPS_PROXY and NO_PROXY")
_URL = Meaning(ConfigurationError, "it cannot be asked; check the base URL")
_HEADER = Meaning(ConfigurationError, "a header cannot be sent; check the key")
_GARBLED = Meaning(ConnectionFailed, "what it sends is not readable HTTP; check the base URL and any proxy")
_TWO_LENGTHS = Meaning(ConnectionFailed, "its answer states two different lengths; check the base URL and any proxy")
_REDIRECTS = Meaning(ConnectionFailed, "it redirects endlessly; check the base URL")

MEANINGS: dict[type[BaseException], Meaning] = {
    ConnectionRefusedError: _REFUSED,
    ConnectionResetError: _BROKEN,
    ConnectionAbortedError: _BROKEN,
    BrokenPipeError: _BROKEN,
    TimeoutError: _SILENT,
    ssl.SSLError: _TLS,
    OSError: _UNREACHABLE,
    http.client.HTTPException: _GARBLED,
    http.client.IncompleteRead: _BROKEN,
    zlib.error: _GARBLED,
    # urllib3
    u3.HTTPError: _BROKEN,
    u3.PoolError: _BROKEN,
    u3.RequestError: _BROKEN,
    u3.SSLError: _TLS,
    u3.ProxyError: _PROXY,
    u3.ProxySchemeUnknown: _PROXY,
    u3.ProxySchemeUnsupported: _PROXY,
    u3.DecodeError: _GARBLED,
    u3.ProtocolError: _BROKEN,
    u3.MaxRetryError: _UNREACHABLE,
    u3.HostChangedError: _REDIRECTS,
    u3.TimeoutStateError: _SILENT,
    u3.TimeoutError: _SILENT,
    u3.ReadTimeoutError: _SILENT,
    u3.ConnectTimeoutError: _CONNECT_TIMEOUT,
    u3.NewConnectionError: _UNREACHABLE,
    u3.NameResolutionError: _NO_NAME,
    u3.EmptyPoolError: _BROKEN,
    u3.FullPoolError: _BROKEN,
    u3.ClosedPoolError: _BROKEN,
    u3.LocationValueError: _URL,
    u3.LocationParseError: _URL,
    u3.URLSchemeUnknown: _URL,
    u3.ResponseError: _BROKEN,
    u3.ResponseNotChunked: _GARBLED,
    u3.BodyNotHttplibCompatible: _GARBLED,
    u3.IncompleteRead: _BROKEN,
    u3.InvalidChunkLength: _BROKEN,
    u3.InvalidHeader: _TWO_LENGTHS,
    u3.HeaderParsingError: _GARBLED,
    u3.UnrewindableBodyError: _BROKEN,
    # requests
    rq.RequestException: _BROKEN,
    rq.HTTPError: _BROKEN,
    rq.ConnectionError: _BROKEN,
    rq.ProxyError: _PROXY,
    rq.SSLError: _TLS,
    rq.Timeout: _SILENT,
    rq.ConnectTimeout: _CONNECT_TIMEOUT,
    rq.ReadTimeout: _SILENT,
    rq.URLRequired: _URL,
    rq.TooManyRedirects: _REDIRECTS,
    rq.MissingSchema: _URL,
    rq.InvalidSchema: _URL,
    rq.InvalidURL: _URL,
    rq.InvalidProxyURL: _PROXY,
    rq.InvalidHeader: _HEADER,
    rq.ChunkedEncodingError: _BROKEN,
    rq.ContentDecodingError: _GARBLED,
    rq.StreamConsumedError: _BROKEN,
    rq.RetryError: _BROKEN,
    rq.UnrewindableBodyError: _BROKEN,
    rq.JSONDecodeError: _GARBLED,
    rq.InvalidJSONError: _GARBLED,
}

#: What to catch around any use of the two libraries.
FOREIGN: tuple[type[Exception], ...] = (
    rq.RequestException,
    u3.HTTPError,
    u3.ProxySchemeUnsupported,
    http.client.HTTPException,
    zlib.error,
    OSError,
)

# Exceptions that only say that something failed; what they wrap says more.
_VAGUE = (
    rq.RequestException,
    rq.ConnectionError,
    u3.HTTPError,
    u3.MaxRetryError,
    u3.NewConnectionError,
    u3.ProtocolError,
)


def meaning(error: BaseException) -> Meaning:
    """Return what ``error`` means: the entry of the outermost exception in its chain that is not vague."""
    links = (error, *_causes(error))
    if any(
        isinstance(link, u3.InvalidHeader) for link in links
    ):  # an error in reading the answer, whatever requests makes of it
        return _TWO_LENGTHS
    for link in links:
        if type(link) not in _VAGUE and (entry := _entry(link)):
            return entry
    return _entry(error) or _UNREACHABLE


def described(error: BaseException) -> str:
    """Return the innermost cause of ``error`` in its own words, on one line."""
    innermost = error
    for cause in _causes(error):
        innermost = cause
    return one_line(str(innermost) or type(innermost).__name__, 160)


def without_frames(error: BaseException) -> BaseException:
    """Return ``error`` without its traceback and those of everything that it wraps."""
    for link in (error, *_causes(error)):
        link.__traceback__ = None
    return error


def _entry(error: BaseException) -> Meaning | None:
    return next((MEANINGS[base] for base in type(error).__mro__ if base in MEANINGS), None)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield the exceptions that ``error`` wraps (reason, argument or cause), from the outside in, each once."""
    seen = {id(error)}
    current: BaseException | None = error
    while current is not None:
        candidates = [getattr(current, "reason", None), *getattr(current, "args", ()), current.__cause__]
        candidates.append(current.__context__)
        current = next((c for c in candidates if isinstance(c, BaseException) and id(c) not in seen), None)
        if current is not None:
            seen.add(id(current))
            yield current


class TryAgain(Exception):
    """A try failed, and a retry may help. Never leaves the client.

    Attributes:
        error: the error to raise if there is no retry.
        delay: the seconds that the server asked to wait, or ``None``.
    """

    def __init__(self, error: DeepSeekError, delay: float | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.delay = delay


#: The longest wait between two tries, in seconds, if the server does not set it.
LONGEST_DELAY = 10.0


def waiting_time(attempt: int) -> float:
    """Return the seconds to wait after try ``attempt``: 0.5, doubling up to 10, less a random share of up to half."""
    ceiling = min(LONGEST_DELAY, 0.5 * 2.0 ** (attempt - 1))
    return ceiling * (0.5 + random.random() / 2)  # to spread the load; it need not be secure


def translated(
    error: BaseException, host: str, *, spoke: bool = False, url: str = "", certificate: str = ""
) -> DeepSeekError | TryAgain:
    """Return our error for ``error``, which was raised in talking to ``host``.

    Args:
        error: one of `FOREIGN`.
        host: the host.
        spoke: whether a part of the reply has been yielded; then there is no retry.
        url: the URL of the request, if the way to it may have failed; otherwise "".
        certificate: the client certificate that was offered; "" for none.
    """
    found = meaning(error)
    if spoke and found.kind is ConnectionTimedOut:
        return StreamStalled(f"{host} fell silent in the middle of the reply; the text so far is kept")
    if spoke:
        return StreamBroken(f"the connection to {host} broke in the middle of the reply; the text so far is kept")
    ours = found.kind(f"{host}: {_explained(error, found, url, certificate) if url else found.sentence}")
    return TryAgain(ours) if found.retry else ours


def _explained(error: BaseException, found: Meaning, url: str, certificate: str) -> str:
    """Return the sentence of ``found``, naming the variable that decided the way to ``url``, if any."""
    words, reached = described(error), network.way(url)
    if missing := network.file_missing(words, reached, certificate):
        return missing
    if reached.proxy and (found is _PROXY or isinstance(error, rq.InvalidSchema)):
        return network.proxy_failed(words, reached)
    if found is _TLS:
        return network.tls_failed(words, reached, certificate)
    if reached.proxy and found in (_REFUSED, _UNREACHABLE, _NO_NAME, _CONNECT_TIMEOUT):
        return network.proxy_failed(words, reached)
    return f"{found.sentence} ({reached.direct_by} keeps it from the proxy)" if reached.direct_by else found.sentence
