"""A shell that keeps what is displayed, as messages of the kernel, without a kernel."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pytest
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config


@pytest.fixture
def published(tmp_path: Any) -> Iterator[list[dict[str, Any]]]:
    """What is displayed: for each message its ``data``, ``metadata``, ``transient``, and whether it ``update``s."""
    main, config = sys.modules["__main__"], Config({"HistoryManager": {"enabled": False}})
    shell = InteractiveShell.instance(config=config, ipython_dir=str(tmp_path))
    shell.display_pub = CapturingDisplayPublisher()
    yield shell.display_pub.outputs
    InteractiveShell.clear_instance()
    sys.modules["__main__"] = main
