"""Each line of a streamed reply is read once, whatever the reply is made of."""

from __future__ import annotations

import pytest

from tests.benchmarks.parses import parses
from tests.benchmarks.texts import KINDS


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_each_line_is_read_once(kind: str) -> None:
    found = parses(kind, 400)
    assert found.unfinished > 0, "nothing was painted: it proves nothing"
    assert 1.0 <= found.each <= 1.1
