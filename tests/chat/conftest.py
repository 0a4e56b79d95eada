"""Somebody who asks the server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.chat.scripted import Asker, asker
from tests.faults import FaultServer, reply


@pytest.fixture
def user(server: FaultServer) -> Iterator[Asker]:
    """Somebody whose questions come back as replies."""
    server.repeat(lambda request: reply(f"re: {request.json['messages'][-1]['content']}"))
    with asker(server.url) as user:
        yield user
