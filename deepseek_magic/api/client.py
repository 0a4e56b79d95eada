"""The one HTTP client: posts a request, yields its events, and maps everything that can fail.

Imported with the first question only: `requests` costs more than all else that loading needs.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from deepseek_magic.errors import (
    BadRequest,
    ConfigurationError,
    ConnectionFailed,
    DeepSeekError,
    EndpointError,
    NotFound,
    RateLimited,
    ServerError,
    UnexpectedResponse,
)
from deepseek_magic.settings.keys import Key, Sealed
from deepseek_magic.settings.parameters import CONNECT_TIMEOUT, DEFAULT_MODEL
from deepseek_magic.settings.urls import host_of, is_loopback
from deepseek_magic.text import one_line
from deepseek_magic.version import __version__

from . import account
from .account import Balance, ModelInfo
from .api_errors import not_a_reply, refusal, request_id, scrubbed, web_page
from .dialects import Dialect, chat_url, fim_url, root_url
from .encode import encode, to_bytes
from .events import Batch, Opened, Retrying, Waiting
from .filters.filtering import filtered
from .filters.key_masking import KeyMask, masked_value
from .filters.key_pieces import KeyPieces
from .filters.think_tags import ThinkTags
from .http_errors import TryAgain, mapped, waiting_time
from .images import check_images, check_size
from .json_mode import JsonMode
from .limits import ERROR_TIME, MOST_ANSWER, MOST_ERROR, TooLong, read_whole
from .messages import FimRequest, Request
from .network import certificate_files, wants_login, way
from .stream import Gather, at_once, batches
from .transport import Arrived, session
from .under_way import telling

#: Tries after the first one.
RETRIES = 4
Sent = Callable[[], object] | None
#: A server may ask for more patience than a reader has; beyond this many seconds the error says so instead.
LONGEST_RETRY_AFTER = 60.0


class Client:
    """Talks to one endpoint with one key; keeps its connections open between questions.

    Args:
        base_url: the endpoint, as `deepseek_magic.settings.urls.checked_base_url` returns it.
        key: the key for its host, or ``None``.
        dialect: how to speak to it.
        certificate: the file of a client certificate and its key, or CERTIFICATE,KEY; "" for none.
        sleep: waits the given seconds before another try; must let an interrupt through.
        backoff: seconds to wait after a try, by its number, where the server asks for none.
    """

    def __init__(
        self,
        base_url: str,
        key: Key | None,
        dialect: Dialect,
        *,
        certificate: str = "",
        sleep: Callable[[float], object] = time.sleep,
        backoff: Callable[[int], float] | None = None,
    ) -> None:
        self._base_url = base_url
        self._key = key
        self._pieces = None if key is None else KeyPieces(key.secret)  # a map asks thousands of questions by one client
        self._dialect = dialect
        self._sleep = sleep
        self._backoff = backoff or waiting_time
        self._host = host_of(base_url)
        self._sole_model = ""
        self.date = ""  #: when the endpoint answered last, in its own words (the header ``Date``)
        self._json_mode = JsonMode()
        self._session = session(key)
        # No proxy and no certificate of the environment has a say here, and requests looks them all up each time.
        self._loopback = is_loopback(base_url)
        self._session.trust_env = not (self._loopback and base_url.startswith("http:"))
        self._certificate = certificate
        self._session.cert = certificate_files(certificate)
        self._session.headers["User-Agent"] = f"deepseek-magic/{__version__}"

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._session.close()

    def stream(
        self,
        request: Request | FimRequest,
        timeout: float,
        sent: Callable[[], object] | None = None,
        gather: Gather = at_once,
    ) -> Generator[Batch, None, None]:
        """Ask ``request`` and yield the events of its reply, as many at a time as have arrived.

        Args:
            request: what to ask.
            timeout: idle timeout in seconds; any byte, also that of a keep-alive, starts it again.
            sent: called when the request has been sent, before its answer is waited for; at each try.
            gather: how long the answer is left to gather once it has begun (see `deepseek_magic.api.stream.batches`).

        Raises:
            QuestionError, ConfigurationError: at once, where the request breaks a limit of the endpoint.
            DeepSeekError: where it fails, as the errors' own texts say. Abandoning the iterator closes the connection.
        """
        dialect = self._dialect
        continues = isinstance(request, Request) and request.continues
        if isinstance(request, Request):
            check_images(request, dialect)
            url = chat_url(self._base_url, dialect, continues=continues or request.is_strict)
        else:
            url = fim_url(self._base_url)

        def ask(asked: Request | FimRequest) -> Iterator[Batch]:
            body = to_bytes(encode(asked, dialect))
            check_size(body, dialect)
            read = partial(batches, host=self._host, gather=gather, most=asked.settings.max_characters)
            return self._tries(url, body, timeout, sent, read)

        if isinstance(request, Request) and request.response_format is not None:
            made = self._json_mode.asked(request, ask)
        else:
            made = ask(request)
        if isinstance(request, Request) and not continues and dialect.think_tags != "off":
            tags = ThinkTags(dialect.think_tags)
            made = filtered(made, tags.feed, tags.flush)
        return self._masked(made)

    def _masked(self, batches: Iterator[Batch]) -> Generator[Batch, None, None]:
        with Sealed():
            if self._pieces is None:
                yield from batches
            else:
                mask = KeyMask(self._pieces)
                yield from filtered(batches, mask.feed, mask.flush)

    def models(self, timeout: float) -> tuple[ModelInfo, ...]:
        """Return the models that the endpoint lists.

        Raises:
            DeepSeekError: as `get` does, or it lists none in a form that is known.
        """
        return account.models(self._get(self._plain_url("/models"), timeout), self._host)

    def balance(self, timeout: float) -> Balance:
        """Return what the account of the key holds.

        Raises:
            DeepSeekError: as `get` does, or the endpoint states no balance.
        """
        return account.balance(self._get(self._plain_url("/user/balance"), timeout), self._host)

    def sole_model(self, timeout: float) -> str:
        """Return the name of the model that the server has, asked of it once; for a user who named none.

        Raises:
            ConfigurationError: it has several or none, or does not say.
            DeepSeekError: it cannot be reached, or refuses the key.
        """
        if not self._sole_model:
            try:
                offered = self.models(timeout)
            except (NotFound, BadRequest, ServerError, UnexpectedResponse) as error:
                why = f"it answered /models with HTTP {error.status}" if isinstance(error, EndpointError) else error
                msg = f"{self._host} does not say which models it has; name one with -m ({one_line(str(why), 120)})"
                raise ConfigurationError(msg) from error
            self._sole_model = account.sole_model(offered, DEFAULT_MODEL, self._host)
        return self._sole_model

    def _plain_url(self, path: str) -> str:
        """Return the URL of what stands beside the chat: DeepSeek has it only at the root."""
        return (root_url(self._base_url) if self._dialect.deepseek else self._base_url) + path

    def _tries(
        self,
        url: str,
        body: bytes,
        timeout: float,
        sent: Callable[[], object] | None,
        read: Callable[[Any], Iterator[Batch]],
    ) -> Iterator[Batch]:
        """Try until one try succeeds, its failure is final, or it has spoken."""
        for attempt in range(1, RETRIES + 2):
            yield (Waiting(attempt),)
            try:
                with self._scrubbed(), self._open("POST", url, body, timeout, sent) as response:
                    yield (Opened(request_id(response.headers)),)
                    yield from read(response.raw)
            except TryAgain as failed:
                if attempt > RETRIES or (failed.delay or 0) > LONGEST_RETRY_AFTER:
                    raise self._given_up(failed, attempt) from None
                delay = failed.delay if failed.delay is not None else self._backoff(attempt)
                yield (Retrying(attempt + 1, delay, one_line(str(failed.error), 120)),)
                self._sleep(delay)
            else:
                return

    def get(self, path: str, timeout: float) -> Any:
        """Return the parsed JSON that GET ``path`` answers.

        Raises:
            DeepSeekError: the endpoint refuses, cannot be reached, or its answer is not JSON.
        """
        return self._get(self._base_url + path, timeout)

    def _get(self, url: str, timeout: float) -> Any:
        with Sealed():
            try:
                return self._answered("GET", url, timeout)
            except TryAgain as failed:
                raise failed.error from None

    def _answered(self, method: str, url: str, timeout: float, content: bytes | None = None) -> Any:
        """Return the parsed JSON of the answer to one request; raises `TryAgain` where another try may help."""
        try:
            opened = self._open(method, url, content, timeout, streams=False)
            with self._scrubbed(), opened as response, mapped(self._host):
                body = read_whole(response.raw, MOST_ANSWER, timeout)
            answer = json.loads(body)
            return answer if self._pieces is None else masked_value(answer, self._pieces)
        except TooLong:
            found = f"more than {MOST_ANSWER >> 20} MB"
        except (ValueError, RecursionError):
            found = "something that is not JSON"
        msg = f"{self._host} answered {urlsplit(url).path} with {found}; check the base URL"
        raise UnexpectedResponse(msg)

    def _given_up(self, failed: TryAgain, attempts: int) -> DeepSeekError:
        error = failed.error
        if attempts > 1:
            error.args = (f"{error} (tried {attempts} times)",)
        elif failed.delay is not None:
            error.args = (f"{error} (it asks to wait {failed.delay:.0f} s)",)
        return error

    @contextmanager
    def _open(
        self, method: str, url: str, body: bytes | None, timeout: float, sent: Sent = None, *, streams: bool = True
    ) -> Iterator[Arrived]:
        """Send one request and yield the answer if it is a 200; the response is closed whatever happens."""
        response = None
        try:
            with mapped(self._host, url, self._certificate), telling(sent):
                response = self._session.sent(
                    method,
                    url,
                    body,
                    headers={
                        "Accept": "text/event-stream" if body and streams else "application/json",
                        "Accept-Encoding": "identity",  # a compressing gateway holds tokens back
                        **({"Content-Type": "application/json"} if body else {}),
                    },
                    timeout=(CONNECT_TIMEOUT, timeout),
                    proxies={"no_proxy": "*"} if self._loopback else None,
                )
            self._check(response)
            yield response
        finally:
            if response is not None:
                response.close()

    def _check(self, response: Arrived) -> None:
        """Raise unless ``response`` is a 200 that can be a reply."""
        status = response.status_code
        self.date = response.headers.get("Date", "")
        if status == 407 and (reached := way(self._base_url)).proxy:
            raise ConnectionFailed(f"{self._host}: {wants_login(reached)}")
        if status < 400 and status != 200:
            raise not_a_reply(status, response.headers, self._base_url)
        if status != 200:
            body = read_whole(response.raw, MOST_ERROR, ERROR_TIME, cut=True)
            error = refusal(status, response.headers, body, base_url=self._base_url, key=self._key)
            if isinstance(error, RateLimited) or (isinstance(error, ServerError) and status in (500, 502, 503, 504)):
                raise TryAgain(error, error.retry_after)
            raise error
        if "text/html" in response.headers.get("Content-Type", "").lower():
            raise web_page(self._host)

    @contextmanager
    def _scrubbed(self) -> Iterator[None]:
        """Keep the key out of an error whose words are the server's."""
        try:
            yield
        except DeepSeekError as error:
            error.args = (scrubbed(str(error), self._key),)
            raise
