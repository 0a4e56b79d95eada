"""A client of the server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from deepseek_magic.api.client import Client
from deepseek_magic.api.dialects import DEEPSEEK
from tests.faults import FaultServer


@pytest.fixture
def client(server: FaultServer) -> Iterator[Client]:
    """A client that waits no time before it tries again."""
    client = Client(server.url, None, DEEPSEEK, sleep=id)
    yield client
    client.close()
