"""What all tests share: the tiers, a server that misbehaves on request, and where pictures of the browser go."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests.faults import FaultServer

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

# No example has a deadline: a busy machine must not decide a test. In CI the same examples each time: a find of the
# day belongs to whoever runs the tests at their desk.
settings.register_profile("desk", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "desk")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--screenshots FOLDER``."""
    parser.addoption("--screenshots", type=Path, default=None, help="keep the browser tests' pictures in this folder")


@pytest.fixture(scope="session")
def screenshots(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder for pictures: the one that was asked for, else one that is thrown away."""
    wanted = request.config.getoption("--screenshots")
    folder = wanted if wanted is not None else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


#: Folders whose tests start kernels, terminals or processes of their own.
_KERNEL_ROOMS = ("magics", "servers")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out, where only fast tests are wanted, the rooms that have none: reading them is slow."""
    wanted = config.getoption("markexpr") == "fast"
    return True if wanted and collection_path.name in (*_KERNEL_ROOMS, "browser") else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test with its tier: browser and slow say so themselves, the rest needs a kernel or is fast."""
    for item in items:
        if item.get_closest_marker("browser") or item.get_closest_marker("slow") or item.get_closest_marker("kernel"):
            continue
        item.add_marker("kernel" if item.path.parent.name in _KERNEL_ROOMS else "fast")


@pytest.fixture
def server() -> Iterator[FaultServer]:
    """A server on loopback that answers as the test says."""
    with FaultServer() as server:
        yield server


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InteractiveShell]:
    """A shell without a kernel and without a history file; it takes the place of the main module meanwhile."""
    from IPython.core.interactiveshell import InteractiveShell  # most tests do without it
    from traitlets.config import Config

    main = sys.modules["__main__"]
    config = Config({"HistoryManager": {"enabled": False}})
    yield InteractiveShell(config=config, ipython_dir=str(tmp_path_factory.mktemp("ipython")))
    sys.modules["__main__"] = main
