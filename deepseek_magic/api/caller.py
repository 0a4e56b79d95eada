"""Call one endpoint: send requests, check the answers, retry, and map every error to one of ours.

Imported with the first question, because importing `requests` takes longer than the rest of loading.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from deepseek_magic.errors import ConnectionFailed, DeepSeekError, RateLimited, ServerError, UnexpectedResponse
from deepseek_magic.settings.keys import Key, Sealed
from deepseek_magic.settings.parameters import CONNECT_TIMEOUT
from deepseek_magic.settings.urls import host_of
from deepseek_magic.version import __version__

from .api_errors import not_a_reply, refusal, scrubbed, web_page
from .filters.key_masking import masked_value
from .filters.key_pieces import KeyPieces
from .http_connection import Arrived
from .http_errors import FOREIGN, TryAgain, translated, waiting_time
from .limits import ERROR_TIME, MOST_ANSWER, MOST_ERROR, TooLong, read_whole
from .network import certificate_files, wants_login, way
from .transport import HttpSession
from .under_way import on_sent

#: How many retries follow the first try.
RETRIES = 4
#: The longest ``Retry-After``, in seconds, that is waited for; if a server asks for more, an error says so.
LONGEST_RETRY_AFTER = 60.0
Sent = Callable[[], object] | None
_GOT = {
    "User-Agent": f"deepseek-magic/{__version__}",
    "Accept-Encoding": "identity",  # a gateway that compresses holds tokens back
    "Accept": "application/json",
    "Connection": "keep-alive",
}
_POSTED = {**_GOT, "Content-Type": "application/json"}
_STREAMED = {**_POSTED, "Accept": "text/event-stream"}


class Caller:
    """Calls one endpoint with one key; keeps its connections open between calls.

    Args:
        base_url: the endpoint, as `deepseek_magic.settings.urls.checked_base_url` returns it.
        key: the key for its host, or ``None``.
        certificate: the file of a client certificate and its key, or CERTIFICATE,KEY; "" for none.
        sleep: waits the given seconds before a retry; must let an interrupt through.
        backoff: returns the seconds to wait after a try, given its number, if the server does not say.
    """

    def __init__(
        self,
        base_url: str,
        key: Key | None,
        *,
        certificate: str = "",
        sleep: Callable[[float], object] = time.sleep,
        backoff: Callable[[int], float] | None = None,
    ) -> None:
        self._base_url = base_url
        self._key = key
        self._pieces = None if key is None else KeyPieces(key.secret)  # made once for thousands of questions
        self._sleep = sleep
        self._backoff = backoff or waiting_time
        self._host = host_of(base_url)
        self.date = ""  #: the header ``Date`` of the endpoint's last answer
        self._session = HttpSession(key, certificate_files(certificate))
        self._certificate = certificate

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._session.close()

    def get(self, path: str, timeout: float) -> Any:
        """Return the parsed JSON of GET ``path``.

        Raises:
            DeepSeekError: the endpoint refuses or cannot be reached, or its answer is not JSON.
        """
        return self._get(self._base_url + path, timeout)

    def _get(self, url: str, timeout: float) -> Any:
        with Sealed():
            try:
                return self._answered("GET", url, timeout)
            except TryAgain as failed:
                raise failed.error from None

    def _answered(self, method: str, url: str, timeout: float, content: bytes | None = None) -> Any:
        """Return the parsed JSON of the answer to one request; raises `TryAgain` if a retry may help."""
        try:
            with self._open(method, url, content, timeout, streams=False) as response:
                body = read_whole(response, MOST_ANSWER, timeout)
            answer = json.loads(body)
            return answer if self._pieces is None else masked_value(answer, self._pieces)
        except FOREIGN as error:
            raise translated(error, self._host) from error
        except TooLong:
            found = f"more than {MOST_ANSWER >> 20} MB"
        except (ValueError, RecursionError):
            found = "something that is not JSON"
        msg = f"{self._host} answered {urlsplit(url).path} with {found}; check the base URL"
        raise UnexpectedResponse(msg)

    def _pause(self, failed: TryAgain, attempt: int) -> float:
        """Return the seconds to wait after try number ``attempt``, which ``failed``; after the last, raise."""
        if attempt > RETRIES or (failed.delay or 0) > LONGEST_RETRY_AFTER:
            raise self._given_up(failed, attempt) from None
        return failed.delay if failed.delay is not None else self._backoff(attempt)

    def _given_up(self, failed: TryAgain, attempts: int) -> DeepSeekError:
        error = failed.error
        if attempts > 1:
            error.args = (f"{error} (tried {attempts} times)",)
        elif failed.delay is not None:
            error.args = (f"{error} (it asks you to wait {failed.delay:.0f} s)",)
        return error

    @contextmanager
    def _open(
        self, method: str, url: str, body: bytes | None, timeout: float, sent: Sent = None, *, streams: bool = True
    ) -> Iterator[Arrived]:
        """Send one request and yield the answer if it is a 200. The response is always closed.

        The key is removed from every error raised here or in the ``with`` block.
        """
        response = None
        token = on_sent.set(sent)
        try:
            try:
                response = self._session.sent(
                    method,
                    url,
                    body,
                    headers=_STREAMED if body and streams else _POSTED if body else _GOT,
                    timeout=(CONNECT_TIMEOUT, timeout),
                )
            except FOREIGN as error:
                raise translated(error, self._host, url=url, certificate=self._certificate) from error
            finally:
                on_sent.reset(token)
            self._check(response)
            yield response
        except DeepSeekError as error:
            error.args = (scrubbed(str(error), self._key),)
            raise
        finally:
            if response is not None:
                response.close()

    def _check(self, response: Arrived) -> None:
        """Raise unless ``response`` is a 200 that can be a reply."""
        status = response.status
        self.date = response.headers.get("Date", "")
        if status == 407 and (reached := way(self._base_url)).proxy:
            raise ConnectionFailed(f"{self._host}: {wants_login(reached)}")
        if status < 400 and status != 200:
            raise not_a_reply(status, response.headers, self._base_url)
        if status != 200:
            body = read_whole(response, MOST_ERROR, ERROR_TIME, cut=True)
            error = refusal(status, response.headers, body, base_url=self._base_url, key=self._key)
            if isinstance(error, RateLimited) or (isinstance(error, ServerError) and status in (500, 502, 503, 504)):
                raise TryAgain(error, error.retry_after)
            raise error
        if "text/html" in response.headers.get("Content-Type", "").lower():
            raise web_page(self._host)
