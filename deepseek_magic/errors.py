"""Everything that can go wrong, as one tree of exceptions.

::

    DeepSeekError
    ├── QuestionError            the question cannot be asked as it was typed
    │   ├── OptionError              an option or its value is not understood
    │   ├── EmptyQuestion            there is no question
    │   └── SecretFound              what would be sent holds a secret, and the guard refuses
    ├── ConfigurationError       a setting cannot be used
    │   └── MissingKey               no key for an endpoint that wants one
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
    ├── DoesNotFit               the reply is whole, and not the value that was asked for; its text is kept
    └── IncompleteReply          the reply began and did not end as it should; its text is kept
        ├── StreamBroken             the stream ended, broke or turned unreadable
        ├── StreamStalled            the stream fell silent
        ├── StreamError              the endpoint reported an error in mid stream
        └── CostLimit                it would cost more than the user allows

    Interrupted (a KeyboardInterrupt)   the user stopped the reply; its text is kept

In a cell each of them is one line: what happened, to what, and what to do next.
"""

from __future__ import annotations

import re
from typing import Any

# C0 without tab and line feed, C1, and the bidirectional controls: sent to a terminal they retitle windows, write
# to the clipboard or fake a prompt; in a page they reorder what is read.
_CONTROLS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
# The lab makes links of these in printed text and in errors. A colon after "data" alone may be Python: f"{data:,}".
_SCHEME = re.compile(r"(javascript|livescript|vbscript|data|blob)://|(data):[a-z0-9.+-]{1,40}/", re.IGNORECASE)
#: Characters of what was printed before that may be the beginning of such an address.
LINK_BEGINNING = 48


def visible(text: str) -> str:
    """Return ``text`` with control, bidirectional and surrogate characters shown as escapes, not sent.

    A carriage return before a line feed is dropped; tab and line feed stay.
    """
    return _CONTROLS.sub(
        lambda found: f"\\x{ord(found[0]):02x}" if ord(found[0]) < 256 else f"\\u{ord(found[0]):04x}",
        text.replace("\r\n", "\n"),
    )


def one_line(text: str, limit: int = 300) -> str:
    """Return ``text`` on one line of at most ``limit`` characters, safe to print."""
    line = visible(" ".join(text.split()))
    return line if len(line) <= limit else line[: limit - 1] + "…"


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return ``number`` of what ``noun`` names: "1 turn", "1,200 turns"."""
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"


def unlinked(text: str, before: str = "") -> str:
    """Return ``text`` so that no front end that links addresses in it makes a link that runs script when clicked.

    A zero-width space breaks the scheme. ``before`` is what was printed just before ``text``, of which `LINK_BEGINNING`
    characters are enough.
    """
    parts: list[str] = []
    whole = before + text
    start = len(before)
    for found in _SCHEME.finditer(whole):
        place = max(found.end(1), found.end(2), start)
        if place < found.end():
            parts.append(whole[start:place])
            start = place
    return "\u200b".join([*parts, whole[start:]])


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


class SecretFound(QuestionError):
    """What would be sent holds a secret, and the guard is set to refuse. The message does not show it."""


class ConfigurationError(DeepSeekError):
    """A setting cannot be used; nothing was sent."""


class MissingKey(ConfigurationError):
    """The endpoint wants a key and there is none for it."""


class EndpointError(DeepSeekError):
    """The endpoint answered with an error status.

    ``status`` is the HTTP status, ``server_message`` the server's own words (may be empty), ``request_id`` what to
    tell its support (may be empty), ``retry_after`` the seconds it asked to wait, or ``None``.
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


class DoesNotFit(DeepSeekError):
    """The reply is whole, and is not the value that was asked for."""


class IncompleteReply(DeepSeekError):
    """The reply began and did not end as it should. The text that arrived is kept."""


class StreamBroken(IncompleteReply):
    """The stream ended, broke or turned unreadable before the reply was whole."""


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
