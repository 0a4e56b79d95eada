"""Describe requests and responses of HTTP clients. Of the headers only the content type is shown; no body is read."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from .classes import attribute, instance_dict, label, plain, type_name
from .fitting import number
from .registry import describes
from .scalars import excerpt
from .task import MARGIN, Task

_LONGEST_URL = 400
_MOST_BODY = 1_200


def _address(value: Any, task: Task) -> str:
    return label(task.start(plain(str(value), _LONGEST_URL + MARGIN), _LONGEST_URL), _LONGEST_URL)


@describes("requests.models.Response", "httpx.Response", foreign=True)
def describe_response(value: Any, task: Task) -> str:
    """Describe a response: status, URL, type, size and the start of the body, if that has been read."""
    reason = label(getattr(value, "reason", None) or getattr(value, "reason_phrase", ""))
    url = ""
    with suppress(RuntimeError):  # httpx raises it for a response without a request
        url = value.url
    held = instance_dict(value).get("_content")
    kind = label(value.headers.get("content-type", ""))
    size = f"{number(len(held))} bytes" if type(held) is bytes else "body not read"
    head = (
        f"{type_name(value)} {value.status_code} {reason}, {_address(url, task)}\n{kind or 'no content type'}, {size}"
    )
    text = _text(held[: 4 * _MOST_BODY]) if type(held) is bytes else ""
    return f"{head}\nstarts: {excerpt(text, min(_MOST_BODY, task.room // 2), task)}" if text else head


def _text(body: bytes) -> str:
    """Return ``body`` as text; "" if it is not text."""
    text = body.decode("utf-8", "replace")
    return "" if "\0" in text or text.count("\ufffd") > 1 + len(text) // 50 else text


@describes("requests.models.PreparedRequest", "requests.models.Request", "httpx.Request", foreign=True)
def describe_request(value: Any, task: Task) -> str:
    """Describe a request by its method and URL."""
    return f"{type_name(value)} {label(attribute(value, 'method'))} {_address(attribute(value, 'url', ''), task)}"
