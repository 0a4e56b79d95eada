"""The embedded endpoint as the tests run it: it refuses what DeepSeek would refuse, and keeps what came in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deepseek_magic.demo import EmbeddedEndpoint
from deepseek_magic.demo.documented_errors import Refused
from tests.deepseek_rules import check


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it came: names in ``headers`` are in lower case, ``body`` is JSON where it can be read as such."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any


class StrictEndpoint(EmbeddedEndpoint):
    """Keeps in ``requests`` what came in, and holds it against DeepSeek's rules."""

    def __init__(self, **options: Any) -> None:
        self.requests: list[Received] = []
        super().__init__(check=self._keep_and_check, **options)

    def __enter__(self) -> StrictEndpoint:
        self.start()
        return self

    def _keep_and_check(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Refused | None:
        try:
            content = json.loads(body) if body else b""
        except (ValueError, RecursionError):
            content = body
        self.requests.append(Received(method, path, headers, content))
        return check(method, path, headers, body)
