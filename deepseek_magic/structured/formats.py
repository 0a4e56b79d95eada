"""The string formats of JSON Schema. The function that reads a format is also its check."""

from __future__ import annotations

import datetime
import decimal
import ipaddress
import re
import uuid
from collections.abc import Callable
from typing import Any

_FRACTION = re.compile(r"(\d\d:\d\d:\d\d)\.(\d+)")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def _iso_text(text: str) -> str:
    """Return ``text`` in the form that ``fromisoformat`` of Python 3.10 reads: no ``Z``, six digits of a fraction."""
    text = re.sub("[zZ]$", "+00:00", text.strip())
    return _FRACTION.sub(lambda found: f"{found[1]}.{found[2][:6]:0<6}", text)


def moment(text: str) -> datetime.datetime:
    """Read a date and time (RFC 3339, or without an offset); `ValueError` for anything else, even a date alone."""
    if len(text) <= 10:
        raise ValueError(text)
    return datetime.datetime.fromisoformat(_iso_text(text))


def day(text: str) -> datetime.date:
    """Read a date, ``2026-01-31``; `ValueError` for anything else."""
    if not _DATE.fullmatch(text):
        raise ValueError(text)
    return datetime.date.fromisoformat(text)


def clock(text: str) -> datetime.time:
    """Read a time of day, with or without an offset; `ValueError` for anything else."""
    return datetime.time.fromisoformat(_iso_text(text))


def number(value: Any) -> decimal.Decimal:
    """Read a decimal number from a string or a number; `ValueError` for anything else."""
    try:
        return decimal.Decimal(str(value).strip())
    except decimal.InvalidOperation:
        raise ValueError(value) from None


def _email(text: str) -> str:
    if not _EMAIL.fullmatch(text):
        raise ValueError(text)
    return text


_DIGITS = re.compile(r"\d{1,18}")  # Python refuses to read a number of thousands of digits
_WORD = re.compile(r"\w+")


def another(text: str, turn: int) -> str:
    """Return the ``turn``-th variant of ``text``, a name or one of `EXAMPLES`, in the same format; 0 is ``text``."""
    if not turn:
        return text
    if found := _DIGITS.search(text):
        changed = f"{int(found[0]) + turn:0{len(found[0])}}"
        return f"{text[: found.start()]}{changed}{text[found.end() :]}"
    if "//" in text:
        return f"{text}{turn + 1}"
    return _WORD.sub(lambda word: f"{word[0]}{turn + 1}", text, count=1)


FORMATS: dict[str, Callable[[str], Any]] = {
    "date-time": moment,
    "date": day,
    "time": clock,
    "decimal": number,
    "uuid": uuid.UUID,
    "email": _email,
    "ipv4": ipaddress.IPv4Address,
    "ipv6": ipaddress.IPv6Address,
}

EXAMPLES: dict[str, str] = {
    "date": "2026-01-31",
    "date-time": "2026-01-31T09:30:00+00:00",
    "decimal": "12.50",
    "duration": "PT1H30M",
    "email": "name@example.org",
    "hostname": "example.org",
    "idn-email": "name@example.org",
    "idn-hostname": "example.org",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "iri": "https://example.org/",
    "iri-reference": "https://example.org/",
    "json-pointer": "/part",
    "regex": "^a+$",
    "relative-json-pointer": "0/part",
    "time": "09:30:00",
    "uri": "https://example.org/",
    "uri-reference": "https://example.org/",
    "uri-template": "https://example.org/{name}",
    "uuid": "12345678-1234-4678-9234-567812345678",
}
"""An example for each format, used in examples for the model and in messages to the user."""
