"""One endpoint per test: it remembers what it was asked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.strict_endpoint import StrictEndpoint


@pytest.fixture
def endpoint() -> Iterator[StrictEndpoint]:
    with StrictEndpoint() as running:
        yield running
