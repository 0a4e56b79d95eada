"""A real JupyterLab or Notebook 7 server, and a page of it in headless Chromium."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Browser, Page, sync_playwright

#: Where a Chromium may be; the first that exists is driven.
CHROMIUM = next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None)
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
TOKEN = "browser-test"  # a loopback server that lives as long as one test


@contextmanager
def browser() -> Iterator[Browser]:
    """Yield a headless Chromium."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=list(_FLAGS))
        try:
            yield started
        finally:
            started.close()


@contextmanager
def server(folder: Path, app: str = "lab", **environ: str) -> Iterator[str]:
    """Serve ``folder`` by JupyterLab (``lab``) or Notebook 7 (``notebook``) and yield the base URL."""
    port = _free_port()
    private = folder / ".server"
    log = folder / ".server.log"
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("DEEPSEEK_", "JUPYTER_", "JPY_"))},
        "JUPYTER_CONFIG_DIR": str(private / "config"),
        "JUPYTER_DATA_DIR": str(private / "data"),
        "JUPYTER_RUNTIME_DIR": str(private / "runtime"),
        "IPYTHONDIR": str(private / "ipython"),
        **environ,
    }
    command = [sys.executable, "-m", "jupyter", app, "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}"]
    command += [f"--IdentityProvider.token={TOKEN}", "--ServerApp.port_retries=0", f"--ServerApp.root_dir={folder}"]
    command += ["--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    with log.open("w") as output:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=output, stderr=output)
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_until_up(process, url, log)
            yield url
        finally:
            process.terminate()
            process.wait(20)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_up(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urlopen(f"{url}/api/status?token={TOKEN}", timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.2)
    message = f"the Jupyter server did not start:\n{log.read_text()[-3000:]}"
    raise RuntimeError(message)


class Notebook:
    """One notebook, open in one page."""

    def __init__(self, page: Page, url: str, name: str, app: str = "lab") -> None:
        self.page = page
        path = f"lab/tree/{name}" if app == "lab" else f"notebooks/{name}"
        page.goto(f"{url}/{path}?token={TOKEN}" + ("&reset" if app == "lab" else ""))
        page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)

    def wait_for_kernel(self) -> None:
        """Wait until the kernel can run cells."""
        self.page.wait_for_function(
            "() => document.querySelector('.jp-NotebookPanel-toolbar, .jp-Toolbar')"
            " && document.querySelector('[data-status=\"idle\"], .jp-Notebook-ExecutionIndicator[data-status=\"idle\"]')",
            timeout=60_000,
        )

    def command(self, label: str) -> None:
        """Run a command of the command palette by its label."""
        self.page.keyboard.press("Control+Shift+C")
        box = self.page.locator(".lm-CommandPalette-input, .lm-CommandPalette-wrapper input").first
        box.fill(label)
        self.page.locator(".lm-CommandPalette-item", has_text=label).first.click()

    def run_all(self) -> None:
        """Run every cell."""
        self.command("Run All Cells")

    def save(self) -> None:
        """Save the notebook and wait until it is saved."""
        self.page.keyboard.press("Control+s")
        self.page.wait_for_timeout(1000)

    def cell(self, number: int) -> object:
        """Return the locator of cell ``number``, from 0."""
        return self.page.locator(".jp-Notebook .jp-Cell").nth(number)
