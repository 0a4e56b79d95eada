"""A hundred secrets, made up at run time, and where they are looked for: in any piece, and as encodings write them."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from urllib.parse import unquote

from tests.guard.made import FORMED, NAMED, PLACES, password, private_key

_FORMS = (
    *("DeepSeek key", "OpenAI key", "Anthropic key", "API key", "AWS key", "GitHub token", "GitLab token"),
    *("Slack token", "Stripe key", "Google key", "Hugging Face token", "PyPI token", "SendGrid key", "JSON web token"),
    *("Databricks token", "Telegram token"),
)
_BY_NAME = ("assignment", "dict", "JSON", "env file", "YAML", "postgres", "header", "ODBC")
_RUNS = re.compile(r"[A-Za-z0-9+/_-]{12,}")
_PIECE = 8


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret of a ``kind``, and the ``text`` in which it stands."""

    kind: str
    value: str
    text: str


def secrets(count: int = 100, seed: int = 0) -> list[Secret]:
    """So many secrets of 25 kinds, each in a text of its own kind."""
    random = Random(seed)
    places = sorted(PLACES)
    made = []
    for number in range(count):
        kind = [*_FORMS, *_BY_NAME, "private key"][number % 25]
        if kind in FORMED:
            value = FORMED[kind](random)
            made.append(Secret(kind, value, PLACES[random.choice(places)].format(value)))
        elif kind == "private key":
            value = private_key(random)
            made.append(Secret(kind, value.split("\n")[3], value))
        else:
            value = password(random)
            made.append(Secret(kind, value, NAMED[kind].format(value)))
    assert len({secret.kind for secret in made}) == min(count, 25)
    return made


def found(secrets: list[Secret], *texts: str) -> list[str]:
    """The kinds of those secrets of which eight characters or more stand in one of the ``texts``, in any encoding."""
    pieces: set[str] = set()
    for text in texts:
        for form in _read(text):
            pieces.update(form[start : start + _PIECE] for start in range(len(form) - _PIECE + 1))
    return [
        f"{secret.kind}: {secret.value[start : start + _PIECE]}"
        for secret in secrets
        for start in range(len(secret.value) - _PIECE + 1)
        if secret.value[start : start + _PIECE] in pieces
    ]


def _read(text: str) -> Iterator[str]:
    """The text itself, and what it says in JSON, as part of an address, in base64 and in hexadecimal digits."""
    yield text
    yield text.replace('\\"', '"').replace("\\\\", "\\").replace("\\/", "/")
    yield unquote(text)
    for run in _RUNS.findall(text):
        standard = run.replace("-", "+").replace("_", "/")
        for shift in range(4):
            part = standard[shift : shift + (len(standard) - shift) // 4 * 4]
            yield base64.b64decode(part).decode("latin-1")
        try:
            yield bytes.fromhex(run[: len(run) // 2 * 2]).decode("latin-1")
        except (ValueError, binascii.Error):
            continue
