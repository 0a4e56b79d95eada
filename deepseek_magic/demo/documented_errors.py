"""What the endpoint refuses, in the documented words and shapes (quick_start/error_codes).

The statuses are those of the official page; where it gives no words, they are those seen on the wire.
"""

from __future__ import annotations

import json
from typing import Any

CHAT_MODELS = ("deepseek-flash", "deepseek-v4-pro")
BETA = 'beta api (set base_url="https://api.deepseek.com/beta")'


class Refused(Exception):
    """The request is answered with an error: ``status``, the ``body`` and its ``content_type``."""

    def __init__(self, status: int, body: bytes, content_type: str = "application/json") -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body
        self.content_type = content_type


def refuse(status: int, message: str, kind: str = "invalid_request_error") -> Refused:
    """An error in the documented JSON shape."""
    error = {"message": message, "type": kind, "param": None, "code": "invalid_request_error"}
    return Refused(status, json.dumps({"error": error}, ensure_ascii=False).encode("utf-8", "replace"))


def bad_request(message: str) -> Refused:
    """A 400 with this message."""
    return refuse(400, message)


def unknown_model(name: object) -> Refused:
    """The refusal of a model name, word for word, as retired names get it."""
    return bad_request(f"The supported API model names are {', '.join(CHAT_MODELS)}, but you passed {name}.")


def out_of_range(field: str, interval: str) -> Refused:
    """A figure outside of its documented range."""
    return bad_request(f"Invalid {field} value, the valid range of {field} is {interval}")


def not_json(reason: str) -> Refused:
    """The body is no JSON: the one error that is plain text."""
    text = f"Failed to parse the request body as JSON: {reason}"
    return Refused(400, text.encode("utf-8", "replace"), "text/plain; charset=utf-8")


def not_found() -> Refused:
    """No such path."""
    return Refused(404, b'{"error_msg":"Not Found. Please check the configuration."}')


def wrong_type(raw: bytes, where: str, what: str, value: Any = None) -> Refused:
    """A 422: the JSON is not of the expected type. ``value`` is looked up in ``raw`` for the line and column."""
    end = len(raw)
    for text in (json.dumps(value), json.dumps(value, ensure_ascii=False)):
        found = raw.find(text.encode("utf-8", "replace"))
        if value is not None and found >= 0:
            end = found + len(text.encode("utf-8", "replace"))
            break
    line = raw.count(b"\n", 0, end) + 1
    column = end - (raw.rfind(b"\n", 0, end) + 1)
    place = f"{where}: " if where else ""
    text = f"Failed to deserialize the JSON body into the target type: {place}{what} at line {line} column {column}"
    return refuse(422, text)


def unauthorised(key: str) -> Refused:
    """A 401 for a missing key, or for a wrong one, of which no more than the end is repeated."""
    if not key:
        text = "Authentication Fails (auth header format should be Bearer sk-...)"
    else:
        text = f"Authentication Fails, Your api key: {masked(key)} is invalid"
    return refuse(401, text, "authentication_error")


def masked(key: str) -> str:
    """A key as errors and records show it: its last four characters where that leaves most of it hidden."""
    return "****" + (key[-4:] if len(key) >= 12 else "")
