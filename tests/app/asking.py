"""What was asked, for the tests of the road of a question."""

from __future__ import annotations

from tests.faults import Received


def texts(request: Received) -> list[str]:
    """The texts of the messages of a request."""
    return [message["content"] for message in request.json["messages"]]
