"""A real JupyterLab or Notebook 7 server, and a page of it in headless Chromium."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal
from urllib.error import URLError
from urllib.request import urlopen

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Browser, Locator, Page, sync_playwright

App = Literal["lab", "notebook"]

#: Milliseconds that a page may take to become as a test expects it: only a failure waits so long.
PAGE_PATIENCE = 60_000
#: Milliseconds between two looks; a look at every frame makes the page draw sixty in a second.
_POLLING = 100

#: The Chromium that is driven, or ``None`` where there is none.
CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_TOKEN = "browser-test"
# Files of the server's own, kept out of the folder that it serves.
_SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "docmanager-extension/plugin": {"autosave": False},
    # every cell and every output is in the page, also those out of sight
    "notebook-extension/tracker": {"windowingMode": "none", "maxNumberOutputs": 10_000},
}


@contextmanager
def browser() -> Iterator[Browser]:
    """Yield a headless Chromium."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=list(_FLAGS))
        try:
            yield started
        finally:
            started.close()


class Server:
    """A running Jupyter server; `url` is its base URL, `folder` what it serves."""

    def __init__(self, url: str, folder: Path, app: App) -> None:
        self.url = url
        self.folder = folder
        self.app = app

    def serving(self, app: App) -> Server:
        """Return the same server as one whose notebooks are opened in ``app``: each of the two serves both."""
        return Server(self.url, self.folder, app)

    def saved(self, name: str) -> Any:
        """Return the notebook ``name`` as it lies on disk."""
        return json.loads((self.folder / name).read_text(encoding="utf-8"))


def write_notebook(folder: Path, name: str, *cells: str | NotebookNode, kernel: str = "python3") -> None:
    """Write the notebook ``name``: its cells, or the source of those that are code. Its kernel is the tests' own."""
    made = [new_code_cell(cell) if isinstance(cell, str) else cell for cell in cells]
    spec = {"name": kernel, "display_name": kernel, "language": "python"}
    nbformat.write(new_notebook(cells=made, metadata={"kernelspec": spec}), folder / name)


@contextmanager
def server(
    folder: Path, private: Path, app: App = "lab", *, kernels: bool = True, limited: bool = True, **environ: str
) -> Iterator[Server]:
    """Serve ``folder`` by JupyterLab or Notebook 7, with its own files in ``private`` and ``environ`` for kernels.

    With ``kernels`` off there is none that could be started. A fresh ``private`` is another user: nothing is trusted.
    With ``limited`` off the server lets through more than a thousand messages a second: hundreds of questions that one
    cell asks can be as many.
    """
    port = _free_port()
    log = private / "server.log"
    _write_settings(private)
    command = [
        sys.executable,
        "-m",
        "jupyter",
        app,
        "--no-browser",
        "--allow-root",
        "--expose-app-in-browser",
        "--JupyterNotebookApp.expose_app_in_browser=True",
    ]
    command += ["--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0"]
    command += [f"--IdentityProvider.token={_TOKEN}", f"--ServerApp.root_dir={folder}"]
    if not limited:
        command += ["--ZMQChannelsWebsocketConnection.iopub_msg_rate_limit=0"]
    if not kernels:
        command += [
            "--KernelSpecManager.ensure_native_kernel=False",
            "--KernelSpecManager.allowed_kernelspecs={'none'}",
        ]
    with log.open("w") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=_environment(private, environ),
            stdout=output,
            stderr=output,
            stdin=subprocess.DEVNULL,
        )
        try:
            _wait_until_up(process, port, log)
            yield Server(f"http://127.0.0.1:{port}", folder, app)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:  # it asks its kernels to end, and waits for pages to let go
                process.kill()
                process.wait()


def _environment(private: Path, more: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DEEPSEEK_", "JUPYTER", "JPY_"))}
    return {
        **kept,
        "HOME": str(private),
        "IPYTHONDIR": str(private / "ipython"),
        "JUPYTER_CONFIG_DIR": str(private / "config"),
        "JUPYTER_DATA_DIR": str(private / "data"),
        "JUPYTER_RUNTIME_DIR": str(private / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(private / "settings"),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        **more,
    }


def _write_settings(private: Path) -> None:
    files = {f"settings/@jupyterlab/{name}.jupyterlab-settings": settings for name, settings in _SETTINGS.items()}
    # each page would have the server start Node, to see whether JupyterLab is to be built
    files["config/labconfig/page_config.json"] = {"buildCheck": False}
    for name, settings in files.items():
        file = private / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(settings))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_up(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urlopen(f"http://127.0.0.1:{port}/api/status?token={_TOKEN}", timeout=5).close()
        except (URLError, OSError):
            time.sleep(0.2)
        else:
            return
    message = f"the Jupyter server did not start:\n{log.read_text()[-3000:]}"
    raise RuntimeError(message)


class Notebook:
    """One notebook, open in one page of a browser."""

    def __init__(self, page: Page, server: Server, name: str) -> None:
        self.page = page
        self.name = name
        self.folder = server.folder
        self._server = server
        page.set_default_timeout(PAGE_PATIENCE)
        place = f"lab/tree/{name}?reset&token={_TOKEN}" if server.app == "lab" else f"notebooks/{name}?token={_TOKEN}"
        page.goto(f"{server.url}/{place}")
        page.wait_for_selector(".jp-Notebook .jp-Cell")
        if server.app == "lab":
            page.evaluate("() => window.jupyterapp.shell.collapseLeft()")

    def command(self, name: str, **arguments: Any) -> None:
        """Run one of the application's commands and wait for it."""
        self.page.evaluate("([name, args]) => window.jupyterapp.commands.execute(name, args)", [name, arguments])

    def wait_for_kernel(self) -> None:
        """Wait until the kernel is idle."""
        self.page.wait_for_function(
            "() => { const context = window.jupyterapp.shell.currentWidget?.sessionContext;"
            " return context?.isReady && context.session?.kernel?.status === 'idle'; }",
            polling=_POLLING,
        )

    def start_run_all(self) -> None:
        """Begin to run every cell; return at once."""
        self.page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")

    def start_cell(self, number: int, command: str = "notebook:run-cell") -> None:
        """Begin to run cell ``number``, counted from 0, or what ``command`` runs from there; return at once."""
        self.page.evaluate(
            "([number, command]) => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = number;"
            " window.jupyterapp.commands.execute(command); }",
            [number, command],
        )

    def wait_until_run(self, timeout: float = 120) -> None:
        """Wait until no cell is running or waiting any more."""
        self.page.wait_for_function(
            "() => ![...document.querySelectorAll('.jp-InputPrompt')].some(p => p.textContent.includes('*'))",
            timeout=timeout * 1000,
            polling=_POLLING,
        )
        self.wait_for_kernel()

    def running(self) -> bool:
        """Tell whether a cell is running or waiting."""
        return bool(
            self.page.evaluate(
                "() => [...document.querySelectorAll('.jp-InputPrompt')].some(p => p.textContent.includes('*'))"
                " || window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status !== 'idle'"
            )
        )

    def save(self) -> Any:
        """Save the notebook and return what lies on disk."""
        self.command("docmanager:save")
        return self._server.saved(self.name)

    def theme(self, name: str) -> None:
        """Switch the application to the theme called ``name``."""
        if self.page.evaluate("() => document.body.dataset.jpThemeName") != name:
            self.command("apputils:change-theme", theme=name)
            self.page.wait_for_function("name => document.body.dataset.jpThemeName === name", arg=name)
            self.page.wait_for_timeout(250)  # its colours fade in

    def cell(self, number: int) -> Locator:
        """Return cell ``number``, counted from 0."""
        return self.page.locator(".jp-Notebook .jp-Cell").nth(number)

    def outputs(self) -> Locator:
        """Return every reply that is shown, live or finished."""
        return self.page.locator(".jp-OutputArea .deepseek")
