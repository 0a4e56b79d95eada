"""Convert an error status and its body to one of our errors, in one line that says what to do. No I/O.

Source: DeepSeek's error-codes page, and messages that the endpoint really sends. Only the status decides the class:
    ``type`` and ``code`` carry no information.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from deepseek_magic.errors import (
    AuthenticationFailed,
    BadRequest,
    EndpointError,
    InsufficientBalance,
    NotFound,
    RateLimited,
    ServerError,
    UnexpectedResponse,
)
from deepseek_magic.settings.keys import Key
from deepseek_magic.settings.parameters import DEFAULT_MODEL
from deepseek_magic.settings.urls import host_of, is_deepseek
from deepseek_magic.text import one_line

from .error_words import error_words, parameter
from .filters.key_pieces import MASK, KeyPieces

_CLASSES: dict[int, type[EndpointError]] = {
    400: BadRequest,
    401: AuthenticationFailed,
    402: InsufficientBalance,
    403: AuthenticationFailed,
    404: NotFound,
    413: BadRequest,
    422: BadRequest,
    429: RateLimited,
}
_NOT_REPLIES = {
    101: "which changes to another protocol",
    204: "which says that there is no content",
    205: "which says that there is no content",
    206: "which is only a part of an answer",
    304: "which says that nothing is new since an earlier answer",
}
_SUPPORTED = re.compile(r"supported API model names are (.+?),? but you passed", re.IGNORECASE)
# A value in JSON that may be part of a message.
_VALUE = re.compile(r':\s*(?:\d|"[^"]*\w)')
_REQUEST_ID_HEADERS = ("x-ds-trace-id", "x-request-id", "x-deepseek-request-id")


def request_id(headers: Mapping[str, str]) -> str:
    """Return the id of the request, whatever header the endpoint uses for it; "" for none."""
    return next((one_line(headers[name], 80) for name in _REQUEST_ID_HEADERS if headers.get(name)), "")


def scrubbed(text: str, key: Key | None) -> str:
    """Return ``text`` without the key, which a server may echo, and without pieces of it, even if the text was cut."""
    if key is None:
        return text
    pieces = KeyPieces(key.secret)
    text = pieces.masked(text)
    if pieces.none or pieces.made:
        return text
    for length in range(len(key.secret.reveal()) - 1, 5, -1):
        text = text.replace(f"{key.secret.reveal()[:length]}…", f"{MASK}…")
    return text


def refusal(status: int, headers: Mapping[str, str], body: bytes, *, base_url: str, key: Key | None) -> EndpointError:
    """Return the error for an answer with ``status``, its ``headers`` (case-insensitive) and ``body``."""
    words = scrubbed(_words(body), key)
    found = scrubbed(request_id(headers), key)
    kind = _CLASSES.get(status, ServerError if status >= 500 else BadRequest)
    host = host_of(base_url)
    message = f"{host} answered HTTP {status}" + (f" ({words})" if words else "")
    remedy = _remedy(status, words, base_url, key)
    suffix = f" [request id {found}]" if found and status not in (401, 402) else ""
    return kind(
        f"{message}: {remedy}{suffix}",
        status=status,
        server_message=words,
        request_id=found,
        retry_after=retry_after(headers),
    )


def web_page(host: str) -> UnexpectedResponse:
    """Return the error for a web page from ``host`` in place of a reply."""
    return UnexpectedResponse(
        f"{host} answered with a web page instead of a reply: a captive portal or a proxy is in between, "
        "or the base URL is not that of an API; %deepseek_doctor finds which"
    )


def not_a_reply(status: int, headers: Mapping[str, str], base_url: str) -> UnexpectedResponse:
    """Return the error for an answer with a ``status`` below 400 that is not 200: its body is not read."""
    host = host_of(base_url)
    location = headers.get("Location", "")
    if 300 <= status < 400 and location:
        target = location if "://" in location else base_url
        there = one_line(target.partition("://")[2].partition("/")[0].rpartition("@")[2], 80)
        msg = f"{host} redirects to {there or 'nowhere'}, which is not followed; set the base URL you mean"
        return UnexpectedResponse(msg)
    meaning = _NOT_REPLIES.get(status, "which a reply does not have")
    return UnexpectedResponse(f"{host} answered HTTP {status}, {meaning}; check the base URL and any proxy")


def _words(body: bytes) -> str:
    text = body.decode("utf-8-sig", "replace").strip()
    try:
        answer = json.loads(text, strict=False)
        words, blamed = error_words(answer), parameter(answer)
    except (ValueError, RecursionError):
        return "a web page" if text.startswith("<") else one_line(text)
    words = words or (one_line(text) if _VALUE.search(text) else "")
    return f"{words}; parameter {blamed}" if blamed and blamed not in words else words


def _remedy(status: int, words: str, base_url: str, key: Key | None) -> str:
    lower = words.lower()
    match status:
        case 401 | 403:
            if key is None:
                return "it needs a key and none was given for this host; %deepseek_login asks for one"
            place = " at platform.deepseek.com/api_keys" if is_deepseek(base_url) else ""
            return f"the key from {key.source} is refused; check it or make a new one{place}, then %deepseek_login"
        case 402:
            where = " at platform.deepseek.com/top_up" if is_deepseek(base_url) else ""
            return f"the account has no money left; top up{where}, and see %deepseek_balance"
        case 404 if "model" in lower:
            return "choose a model that %deepseek_models lists, with -m"
        case 404:
            hint = "" if urlsplit(base_url).path.endswith("/v1") else f"; try --base-url {base_url}/v1"
            return f"nothing is served there{hint}"
        case 429:
            return (
                "too many requests at once for this account (a low balance lowers the limit); "
                "wait a moment, then run the cell again"
            )
        case _ if status >= 500:
            return "the endpoint is at fault; run the cell again in a moment"
        case _:
            return _bad_request_remedy(lower, words)


def _bad_request_remedy(lower: str, words: str) -> str:
    if supported := _SUPPORTED.search(words):
        names = [name.strip() for name in re.split(r",| or ", supported[1]) if name.strip()]
        use = DEFAULT_MODEL if DEFAULT_MODEL in names or not names else names[0]
        return f"use -m {use}, or %config DeepSeek.model = '{use}'"
    if "model not exist" in lower:
        return f"use -m {DEFAULT_MODEL}, or a model that %deepseek_models lists"
    if "maximum context length" in lower:
        return "it is too long; send less, lower --max-tokens, or start over with --new"
    if "content exists risk" in lower:
        return "its moderation refuses the text; say it differently"
    if "reasoning_content" in lower:
        return "start a fresh conversation with --new"
    return "change the request as it says, then run the cell again"


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that ``Retry-After`` asks to wait (RFC 9110: seconds or an HTTP date), else ``None``."""
    value = headers.get("Retry-After", "").strip()
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            at = parsedate_to_datetime(value)
        except (ValueError, OverflowError, TypeError, IndexError):
            return None
        try:
            at = at if at.tzinfo else at.replace(tzinfo=timezone.utc)
            seconds = (at - datetime.now(timezone.utc)).total_seconds()
        except (ValueError, OverflowError):  # an offset may lead beyond the years of ``datetime``
            return None
    return max(0.0, seconds) if seconds == seconds else None  # noqa: PLR0124  # NaN is not a delay
