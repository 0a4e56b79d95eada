"""What all tests share: where pictures of the browser go."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# In CI the same examples each time: a find of the day belongs to whoever runs the tests at their desk.
settings.register_profile("ci", derandomize=True, print_blob=True)
if os.environ.get("CI") == "true":
    settings.load_profile("ci")


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
