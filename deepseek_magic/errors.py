"""Everything that can go wrong, as one tree of exceptions.

::

    DeepSeekError
    ├── QuestionError            the question cannot be asked as it was typed
    │   ├── OptionError              an option or its value is not understood
    │   ├── EmptyQuestion            there is no question
    │   ├── NotKept                  only a kept answer may be used, and there is none
    │   ├── NotYet                   the reply is still coming in the background
    │   ├── NotInTime                the reply did not end within the timeout
    │   └── SecretFound              what would be sent holds a secret, and the guard refuses
    ├── ConfigurationError       a setting cannot be used
    │   └── MissingKey               no key for an endpoint that needs one
    ├── EndpointError            the endpoint answered with an error status
    │   ├── BadRequest               400, 422: the request is refused as it is
    │   ├── AuthenticationFailed     401, 403: the key is refused
    │   ├── InsufficientBalance      402: no money left
    │   ├── NotFound                 404: nothing is served at that address
    │   ├── RateLimited              429: too many requests at once
    │   └── ServerError              5xx: the endpoint is at fault
    ├── UnexpectedResponse       what came is not the chat protocol (a portal's page, a redirect, nothing)
    ├── ConnectionFailed         the endpoint cannot be reached
    │   └── ConnectionTimedOut       nothing answered in time
    ├── InternalError            a defect of this package or of a library; the text so far is kept
    ├── DoesNotFit               the reply is complete, but not the value that was asked for; its text is kept
    └── IncompleteReply          the reply began and did not end as it should; its text is kept
        ├── StreamBroken             the stream ended, broke or turned unreadable
        ├── StreamStalled            the stream fell silent
        ├── StreamError              the endpoint reported an error in mid stream
        └── CostLimit                it would cost more than the user allows

    Interrupted (a KeyboardInterrupt)   the user stopped the reply; its text is kept

In a cell each of them is one line: what happened, to what, and what to do next.
"""

from __future__ import annotations

from typing import Any

from deepseek_magic.text import one_line, unlinked


class _OneLine(BaseException):
    """Shows itself in a cell as one line, without a traceback of ours.

    ``_render_traceback_`` is IPython's documented hook; a subclass of its `UsageError` would get a full traceback.
    ``reply`` is what had arrived when it was raised, or ``None``.
    """

    reply: Any = None

    def _render_traceback_(self) -> list[str]:
        return [unlinked(f"{type(self).__name__}: {one_line(str(self), 1000)}")]


class DeepSeekError(_OneLine, Exception):
    """Base of all errors of this package."""


class QuestionError(DeepSeekError):
    """The question cannot be asked as it was typed; nothing was sent."""


class OptionError(QuestionError):
    """An option or its value is not understood."""


class EmptyQuestion(QuestionError):
    """There is no question."""


class NotKept(QuestionError):
    """Only a kept answer may be used, and none is kept for this question."""


class NotYet(QuestionError, AttributeError):
    """The reply is still coming in the background and has no text yet.

    An `AttributeError`, so that ``hasattr`` answers as it should.
    """


class NotInTime(QuestionError, TimeoutError):
    """The reply is still coming in the background, and the timeout for it has passed."""


class SecretFound(QuestionError):
    """What would be sent holds a secret, and the guard is set to refuse. The message does not show it."""


class ConfigurationError(DeepSeekError):
    """A setting cannot be used; nothing was sent."""


class MissingKey(ConfigurationError):
    """The endpoint needs a key and there is none for it."""


class EndpointError(DeepSeekError):
    """The endpoint answered with an error status.

    ``status`` is the HTTP status, ``server_message`` the server's own words (may be empty), ``request_id`` the id to
    quote to its support (may be empty), ``retry_after`` the seconds that it asked to wait, or ``None``.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 0,
        server_message: str = "",
        request_id: str = "",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.server_message = server_message
        self.request_id = request_id
        self.retry_after = retry_after


class BadRequest(EndpointError):
    """The endpoint refuses the request as it is (400, 422)."""


class AuthenticationFailed(EndpointError):
    """The endpoint refuses the key (401, 403)."""


class InsufficientBalance(EndpointError):
    """The account has no money left (402)."""


class NotFound(EndpointError):
    """Nothing is served at that address (404)."""


class RateLimited(EndpointError):
    """Too many requests at once for this account (429)."""


class ServerError(EndpointError):
    """The endpoint is at fault (5xx)."""


class UnexpectedResponse(DeepSeekError):
    """What came back is not the chat protocol: a portal's page, a redirect, an empty body."""


class ConnectionFailed(DeepSeekError):
    """The endpoint cannot be reached."""


class ConnectionTimedOut(ConnectionFailed):
    """Nothing answered in time."""


class InternalError(DeepSeekError):
    """A defect of this package, or of a library that it uses. The text that arrived is kept."""


class DoesNotFit(DeepSeekError):
    """The reply is complete, but is not the value that was asked for."""


class IncompleteReply(DeepSeekError):
    """The reply began and did not end as it should. The text that arrived is kept."""


class StreamBroken(IncompleteReply):
    """The stream ended, broke or became unreadable before the reply was complete."""


class StreamStalled(IncompleteReply):
    """The stream fell silent for longer than the idle timeout."""


class StreamError(IncompleteReply):
    """The endpoint reported an error in mid stream."""


class CostLimit(IncompleteReply):
    """The reply would cost more than the user allows."""


class Interrupted(_OneLine, KeyboardInterrupt):
    """The user stopped the reply. The text that arrived is kept.

    A `KeyboardInterrupt`, so that a user's ``except Exception`` in a loop does not swallow the stop.
    """
