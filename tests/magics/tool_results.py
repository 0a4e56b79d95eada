"""What was sent of tools: the bodies of the requests, and the results of calls as the model reads them."""

from __future__ import annotations

import re
from typing import Any

from tests.faults import FaultServer


def bodies(server: FaultServer) -> list[Any]:
    return [request.json for request in server.requests]


def results(server: FaultServer) -> list[str]:
    """The results that the last request holds, without their wrapping."""
    contents = [one["content"] for one in bodies(server)[-1]["messages"] if one["role"] == "tool"]
    found = [re.search(r"\n\n<<<context (m\w+) [^\n]*\n(.*)\n\1>>>$", content, re.DOTALL) for content in contents]
    return [one[2] for one in found if one]
