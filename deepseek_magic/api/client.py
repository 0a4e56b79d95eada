"""The client of an endpoint: post a request and yield its events, list the models, read the balance.

Imported with the first question, because importing `requests` takes longer than the rest of loading.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from functools import partial
from typing import Any

from deepseek_magic.errors import (
    BadRequest,
    ConfigurationError,
    EndpointError,
    NotFound,
    ServerError,
    UnexpectedResponse,
)
from deepseek_magic.settings.keys import Key, Sealed
from deepseek_magic.settings.parameters import DEFAULT_MODEL
from deepseek_magic.text import one_line

from . import account
from .account import Balance, ModelInfo
from .api_errors import request_id
from .caller import RETRIES, Caller
from .dialects import Dialect, root_url, url_of
from .encode import encode, to_bytes
from .events import Batch, Opened, Retrying, Waiting
from .filters.filtering import filtered
from .filters.key_masking import KeyMask
from .filters.think_tags import ThinkTags
from .http_errors import TryAgain
from .images import check_images, check_size
from .json_mode import JsonMode
from .messages import FimRequest, Request
from .stream import Gather, at_once, batches


class Client(Caller):
    """Asks the models of one endpoint in its ``dialect``. The other arguments are those of `Caller`."""

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
        super().__init__(base_url, key, certificate=certificate, sleep=sleep, backoff=backoff)
        self._dialect = dialect
        self._sole_model = ""
        self._json_mode = JsonMode()

    def stream(
        self,
        request: Request | FimRequest,
        timeout: float,
        sent: Callable[[], object] | None = None,
        gather: Gather = at_once,
    ) -> Generator[Batch, None, None]:
        """Send ``request`` and yield the events of its reply, as many at a time as have arrived.

        Abandoning the iterator closes the connection.

        Args:
            request: the request.
            timeout: the idle timeout in seconds; any byte restarts it, including those of keep-alives.
            sent: called at each try, when the request has been sent and before waiting for the answer.
            gather: how long to let the answer accumulate between reads (see `deepseek_magic.api.stream.batches`).

        Raises:
            QuestionError, ConfigurationError: before anything is sent, if the request breaks a limit of the endpoint.
            DeepSeekError: it fails, as the errors' own texts say.
        """
        dialect = self._dialect
        url = url_of(request, self._base_url, dialect)

        def ask(asked: Request | FimRequest) -> Iterator[Batch]:
            body = to_bytes(encode(asked, dialect))
            check_size(body, dialect)
            read = partial(batches, host=self._host, gather=gather, most=asked.settings.max_characters)
            return self._tries(url, body, timeout, sent, read)

        if isinstance(request, FimRequest):
            return self._masked(ask(request))
        check_images(request, dialect)
        made = ask(request) if request.response_format is None else self._json_mode.asked(request, ask)
        if dialect.think_tags != "off" and not request.continues:
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
            DeepSeekError: as for `get`, or the list has an unknown form.
        """
        return account.models(self._get(self._plain_url("/models"), timeout), self._host)

    def balance(self, timeout: float) -> Balance:
        """Return the balance of the key's account.

        Raises:
            DeepSeekError: as for `get`, or the answer is not a balance.
        """
        return account.balance(self._get(self._plain_url("/user/balance"), timeout), self._host)

    def sole_model(self, timeout: float) -> str:
        """Return the name of the server's only model, for a user who did not name one; the server is asked once.

        Raises:
            ConfigurationError: it has several models or none, or does not list them.
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
        """Return the URL of ``path``, for calls other than chat, which DeepSeek serves only at the root."""
        return (root_url(self._base_url) if self._dialect.deepseek else self._base_url) + path

    def _tries(
        self,
        url: str,
        body: bytes,
        timeout: float,
        sent: Callable[[], object] | None,
        read: Callable[[Any], Iterator[Batch]],
    ) -> Iterator[Batch]:
        """Retry until a try succeeds, fails for good, or has yielded a part of the reply."""
        for attempt in range(1, RETRIES + 2):
            if attempt > 1:
                yield (Waiting(attempt),)
            try:
                with self._open("POST", url, body, timeout, sent) as response:
                    yield (Opened(request_id(response.headers)),)
                    yield from read(response)
            except TryAgain as failed:
                delay = self._pause(failed, attempt)
                yield (Retrying(attempt + 1, delay, one_line(str(failed.error), 120)),)
                self._sleep(delay)
            else:
                return
