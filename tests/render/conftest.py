"""A shell that keeps what is displayed, as messages of the kernel, without a kernel."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.displaypub import CapturingDisplayPublisher

from tests.shells import shell


@pytest.fixture
def published(tmp_path: Path) -> Iterator[list[dict[str, Any]]]:
    """What is displayed: for each message its ``data``, ``metadata``, ``transient``, and whether it ``update``s."""
    with shell(tmp_path, displays=True) as made:
        made.display_pub = CapturingDisplayPublisher()
        yield made.display_pub.outputs
