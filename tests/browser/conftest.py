"""What every browser test needs: a Chromium for each module."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import lab

expect.set_options(timeout=lab.PAGE_PATIENCE)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A headless Chromium. Where there is none, the test is skipped; in CI it fails.

    Each module has its own: with it goes the event loop that drives it, which tests without a page cannot run beside.
    """
    if lab.CHROMIUM is None and os.environ.get("CI") != "true":
        pytest.skip("no Chromium found: install the package chromium to run the browser tests")
    with lab.browser() as started:
        yield started


@pytest.fixture(scope="module")
def page(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page as high as the module's ``HEIGHT``, which fails the test on any script error."""
    context = chromium.new_context(viewport={"width": 1000, "height": request.module.HEIGHT}, device_scale_factor=1)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []
