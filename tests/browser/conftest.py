"""What every browser test needs: for each module a Chromium, a JupyterLab, and the endpoint that its kernels ask."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import lab
from tests.faults import FaultServer

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


@pytest.fixture
def fresh_page(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page as high as the module's ``HEIGHT`` for one test, which may leave a notebook that has changes."""
    context = chromium.new_context(viewport={"width": 1000, "height": request.module.HEIGHT}, device_scale_factor=1)
    page = context.new_page()
    page.on("dialog", lambda dialog: dialog.accept())
    yield page
    context.close()


@pytest.fixture(scope="module")
def endpoint() -> Iterator[FaultServer]:
    """The server that the kernels ask."""
    with FaultServer() as server:
        yield server


@pytest.fixture(scope="module")
def private(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The user's own files: what tells Jupyter which kernels there are, and which notebooks are this user's."""
    return tmp_path_factory.mktemp("private")


@pytest.fixture(scope="module")
def served(endpoint: FaultServer, private: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[lab.Server]:
    """A JupyterLab whose kernels ask ``endpoint``."""
    environ = {"DEEPSEEK_BASE_URL": endpoint.url, "DEEPSEEK_API_KEY": "sk-test-of-the-browser"}
    with lab.server(tmp_path_factory.mktemp("served"), private, **environ) as started:
        yield started


@pytest.fixture(scope="module")
def another(served: lab.Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[lab.Server]:
    """The same notebooks as another reader sees them, who has no kernel and trusts nothing."""
    with lab.server(served.folder, tmp_path_factory.mktemp("another"), kernels=False) as started:
        yield started
