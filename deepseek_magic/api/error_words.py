"""Extract the message from the body of a server's error, whatever its shape. No I/O."""

from __future__ import annotations

from typing import Any

from deepseek_magic.text import one_line

# Keys that hold the message: of OpenAI, FastAPI, Baidu, gateways, OAuth and RFC 9457.
_WORDS = ("error", "message", "detail", "error_msg", "msg", "error_description", "errors", "errmsg", "title", "reason")
# Keys that are used if there is no message.
_CODES = ("type", "code", "error_code", "status", "status_code")
_MARKS = ("code", "error_code", "status_code", "error_msg", "msg", "errmsg", "detail", "errors")


def error_words(body: Any, depth: int = 8) -> str:
    """Return the server's message from an error body of any known shape, on one line; "" for none.

    Without a message, a type or a code is returned. Values below ``depth`` levels are not read.
    """
    return _words(body, depth) or _codes(body, depth)


def parameter(body: Any) -> str:
    """Return the parameter that an error body names, in OpenAI's (``param``) or FastAPI's (``loc``) form; or ""."""
    one = body
    for name in ("error", "detail"):
        one = one.get(name, one) if isinstance(one, dict) else one
        one = one[0] if isinstance(one, list) and one else one
    if not isinstance(one, dict):
        return ""
    place = one.get("param") or one.get("loc")
    if isinstance(place, list):
        place = ".".join(str(part) for part in place[:8] if isinstance(part, (str, int)) and part != "body")
    return one_line(place, 80) if isinstance(place, str) else ""


def is_error(body: dict[str, Any]) -> bool:
    """Return whether ``body``, which is not a reply, is an error without an enclosing object ``error``."""
    if isinstance(body.get("message"), str) and body["message"]:
        return True
    return any(body.get(mark) not in (None, 0, "", False, 200, "0", "200") for mark in _MARKS)


def _words(body: Any, depth: int) -> str:
    if depth == 0:
        return ""
    if isinstance(body, dict):
        return next((words for one in _WORDS if (words := _words(body.get(one), depth - 1))), "")
    if isinstance(body, list) and body:
        return _words(body[0], depth - 1)
    return one_line(body[:4000]) if isinstance(body, str) else ""


def _codes(body: Any, depth: int) -> str:
    if depth == 0 or not isinstance(body, dict):
        return _codes(body[0], depth - 1) if depth and isinstance(body, list) and body else ""
    if inner := next(
        (words for one in ("error", "detail", "errors") if (words := _codes(body.get(one), depth - 1))), ""
    ):
        return inner
    named = [(one, body.get(one)) for one in _CODES]
    said = [value if isinstance(value, str) else f"{one} {value}" for one, value in named if _is_code(value)]
    return ", ".join(dict.fromkeys(one_line(one, 80) for one in said if one.strip()))


def _is_code(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**9)
