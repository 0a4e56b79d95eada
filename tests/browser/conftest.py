"""What every browser test needs: one Chromium for all of them, and a folder with a server of its own for each."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser import lab


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A headless Chromium. Where there is none, the test is skipped; in CI it fails."""
    if lab.CHROMIUM is None and os.environ.get("CI") != "true":
        pytest.skip("no Chromium found: install the package chromium to run the browser tests")
    with lab.browser() as started:
        yield started
