"""An endpoint that the environment names, as for a question from Python, and a session that asks it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from deepseek_magic.app.session import Session
from tests.app.asking import texts
from tests.faults import FaultServer, reply

KEY = "sk-of-the-python-api-71f0"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultServer]:
    """A server that answers each question with its text."""
    with FaultServer() as server:
        monkeypatch.setenv("DEEPSEEK_API_KEY", KEY)
        monkeypatch.setenv("DEEPSEEK_BASE_URL", server.url)
        server.repeat(lambda request: reply(f"answer to {texts(request)[-1]}"))
        yield server


@pytest.fixture
def session(server: FaultServer) -> Iterator[Session]:
    """A session of its own."""
    session = Session()
    yield session
    session.close()
