"""One endpoint per test: it remembers what it was asked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from deepseek_magic.demo import EmbeddedEndpoint
from tests.deepseek_rules import check


@pytest.fixture
def endpoint() -> Iterator[EmbeddedEndpoint]:
    with EmbeddedEndpoint(check=check) as running:
        yield running
