"""``deepseek-magic demo``: run the quickstart in a real kernel, and show its replies in the terminal as they stream."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from deepseek_magic.errors import ConfigurationError, DeepSeekError, Interrupted
from deepseek_magic.render.back_ends.plain import AS_IT_IS, HINT, Paper, PlainRenderer, paper
from deepseek_magic.render.renderer import Renderer
from deepseek_magic.text import one_line, visible

Write = Callable[[str], object]

# The notebook is beside this file in the wheel, and in examples/ in a checkout.
_NOTEBOOK = "quickstart.ipynb"
# Not the name of the copy that --lab opens, which holds the user's edits.
_EXECUTED = "quickstart-executed.ipynb"
_PLACES = (Path(__file__).parent / _NOTEBOOK, Path(__file__).parents[2] / "examples" / _NOTEBOOK)
#: Seconds that one cell may take.
_CELL_TIMEOUT = 600


def quickstart() -> Path:
    """Return the path of the quickstart notebook.

    Raises:
        ConfigurationError: it is missing from this installation.
    """
    found = next((place for place in _PLACES if place.is_file()), None)
    if found is None:
        msg = "this installation has no quickstart notebook: install deepseek-magic again"
        raise ConfigurationError(msg)
    return found


def in_lab(folder: Path) -> int:
    """Copy the quickstart into ``folder``, unless it is there, and open it in JupyterLab; return the exit status."""
    _needs("jupyterlab")
    target = _prepared(folder) / _NOTEBOOK
    if not target.exists():
        shutil.copyfile(quickstart(), target)
    return subprocess.call([sys.executable, "-m", "jupyter", "lab", str(target)])


def in_terminal(folder: Path, write: Write, endpoint: str, *, formatted: bool = False, colours: bool = False) -> int:
    """Run the quickstart in a kernel of this Python, and save the executed notebook and its HTML.

    Args:
        folder: where they are saved.
        write: takes the text to show, as it comes.
        endpoint: the base URL that is asked; "" for the embedded endpoint.
        formatted: whether a terminal shows the text. Then replies are formatted if `rich` is installed, or else wrapped
            between words.
        colours: whether that terminal shows colours.

    Returns:
        The exit status: 0, or 1 if a cell failed. What ran until then is saved.

    Raises:
        Interrupted: the user stopped it. What ran until then is saved.
    """
    _needs("ipykernel", "nbclient", "nbconvert")
    import nbformat

    notebook = nbformat.read(quickstart(), as_version=4)
    where = endpoint or "the embedded endpoint (there is no key), which is not a model"
    on = paper(sys.stdout, dim=colours) if formatted else AS_IT_IS
    write(on.broken(f"Running {_NOTEBOOK} in a kernel.\nThe questions go to {where}.\n"))
    renderer = _terminal_renderer(write, on) if formatted else None
    folder = _prepared(folder)
    failure, stopped = _execute(notebook, folder, write, renderer, on)
    saved = _save(notebook, folder)
    write(on.broken("\nSaved " + " and ".join(str(path) for path in saved) + "\n"))
    if stopped:
        msg = "stopped; what ran until then is saved"
        raise Interrupted(msg)
    if failure:
        write(f"Stopped: {failure}\n")
    return 1 if failure else 0


def _needs(*modules: str) -> None:
    if missing := [module for module in modules if importlib.util.find_spec(module) is None]:
        msg = f"this needs {' and '.join(missing)}: python -m pip install {' '.join(missing)}"
        raise ConfigurationError(msg)


def _prepared(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"cannot make the folder {folder} ({error.strerror}): choose another with --output"
        raise DeepSeekError(msg) from None
    return folder


def _terminal_renderer(write: Write, on: Paper) -> Callable[[], Renderer]:
    """Return what makes a renderer for this terminal; without `rich`, also write how to get formatted replies."""
    if importlib.util.find_spec("rich") is None:
        write(f"{HINT}\n")
        return lambda: PlainRenderer(write, write, on, on)
    from deepseek_magic.render.back_ends.terminal import TerminalRenderer  # it imports rich

    return TerminalRenderer


def _execute(
    notebook: Any, folder: Path, write: Write, renderer: Callable[[], Renderer] | None, on: Paper
) -> tuple[str, bool]:
    """Run ``notebook`` in place; return "" or why it failed, and whether the user stopped it."""
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    from .follow import FollowedClient

    with tempfile.TemporaryDirectory() as private:
        _write_kernel_spec(Path(private) / "this-python")
        specs = KernelSpecManager(kernel_dirs=[private])
        manager = AsyncKernelManager(kernel_name="this-python", kernel_spec_manager=specs)
        client = FollowedClient(
            notebook,
            write,
            renderer,
            on,
            km=manager,
            timeout=_CELL_TIMEOUT,
            resources={"metadata": {"path": str(folder)}},
        )
        try:
            client.execute()
        except CellExecutionError as error:
            return one_line(visible(f"{error.ename}: {error.evalue}")), client.stopped
        except (CellTimeoutError, DeadKernelError) as error:
            return one_line(visible(str(error))), client.stopped
        except (KeyboardInterrupt, asyncio.CancelledError):
            return "", True
    return "", client.stopped


def _write_kernel_spec(folder: Path) -> None:
    """Write the spec of a kernel of this Python that uses the `display` back end, whatever kernels are installed."""
    folder.mkdir()
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}", "--DeepSeek.renderer=display"]
    command.append("--IPKernelApp.log_level=40")  # only errors: warnings would be mixed with the replies
    spec = {"argv": command, "display_name": "this Python", "language": "python"}
    (folder / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")


def _save(notebook: Any, folder: Path) -> tuple[Path, Path]:
    import nbformat
    from nbconvert import HTMLExporter

    executed, page = folder / _EXECUTED, (folder / _EXECUTED).with_suffix(".html")
    nbformat.write(notebook, executed)
    html, _ = HTMLExporter().from_notebook_node(notebook)
    page.write_text(html, encoding="utf-8")
    return executed, page
