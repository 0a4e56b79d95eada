"""The errors of the endpoint, in DeepSeek's words and JSON (its page quick_start/error_codes).

Words that are not on that page are those that the real endpoint sends.
"""

from __future__ import annotations

import json

CHAT_MODELS = ("deepseek-flash", "deepseek-v4-pro")


class Refused(Exception):
    """The request is answered with an error: its HTTP ``status``, ``body`` and ``content_type``."""

    def __init__(self, status: int, body: bytes, content_type: str = "application/json") -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body
        self.content_type = content_type


def refuse(status: int, message: str, kind: str = "invalid_request_error") -> Refused:
    """Return an error in the documented JSON shape."""
    error = {"message": message, "type": kind, "param": None, "code": "invalid_request_error"}
    return Refused(status, json.dumps({"error": error}, ensure_ascii=False).encode("utf-8", "replace"))


def bad_request(message: str) -> Refused:
    """Return a 400 with this message."""
    return refuse(400, message)


def unknown_model(name: str) -> Refused:
    """Return the refusal of a model name, word for word as for retired names."""
    return bad_request(f"The supported API model names are {', '.join(CHAT_MODELS)}, but you passed {name}.")


def beta_only(what: str) -> Refused:
    """Return the refusal of a beta feature that was requested on another base URL than ``/beta``."""
    return bad_request(f'{what} is only available when using beta api (set base_url="https://api.deepseek.com/beta")')


def not_json(reason: str) -> Refused:
    """Return the refusal of a body that is not JSON, the only error in plain text."""
    text = f"Failed to parse the request body as JSON: {reason}"
    return Refused(400, text.encode("utf-8", "replace"), "text/plain; charset=utf-8")


def not_found() -> Refused:
    """Return the refusal of an unknown path."""
    return Refused(404, b'{"error_msg":"Not Found. Please check the configuration."}')


def wrong_shape(raw: bytes, problem: str) -> Refused:
    """Return a 422 for JSON without the expected shape; like the real endpoint, it names the end of ``raw``."""
    place = f"line {raw.count(10) + 1} column {len(raw) - raw.rfind(10) - 1}"
    return refuse(422, f"Failed to deserialize the JSON body into the target type: {problem} at {place}")


def unauthorised(key: str) -> Refused:
    """Return a 401 for a missing or wrong key, which quotes at most the end of the key."""
    if not key:
        text = "Authentication Fails (auth header format should be Bearer sk-...)"
    else:
        text = f"Authentication Fails, Your api key: {masked(key)} is invalid"
    return refuse(401, text, "authentication_error")


def masked(key: str) -> str:
    """Return a key for errors and records: only its last four characters, and those only if the key is long."""
    return "****" + (key[-4:] if len(key) >= 12 else "")
