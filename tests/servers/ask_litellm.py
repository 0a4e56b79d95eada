"""Ask a real LiteLLM proxy through the magic, in a real kernel. Not part of the test run: LiteLLM installs 750 MB.

Run it from a clone in an environment that has ``deepseek-magic[test]``::

    python tests/servers/ask_litellm.py               # installs litellm[proxy] into an environment of its own
    python tests/servers/ask_litellm.py BIN/litellm   # uses one that is there

The proxy answers with a reply of its own configuration, so that no provider is needed; its key is made for this run.
"""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
from nbclient import NotebookClient

REPLY = "**Real bytes** from a real gateway: Grüße, 世界 🚀!"
CONFIG = f"""
model_list:
  - model_name: deepseek-flash
    litellm_params:
      model: openai/none
      api_key: none
      mock_response: "{REPLY}"
  - model_name: another
    litellm_params: {{model: openai/none, api_key: none, mock_response: "Another."}}
"""
CELLS = (
    "%load_ext deepseek_magic",
    "reply = %deepseek hello",
    "print(reply.text, reply.finish_reason, reply.model, bool(reply.usage.completion), reply.cost, sep='|')",
    "%deepseek -m another and again",
    "%deepseek -m unheard-of hello",
    "%deepseek_models",
)


def installed(folder: Path) -> Path:
    """Install the proxy into ``folder`` and return its command."""
    venv.create(folder, with_pip=True)
    subprocess.run([folder / "bin" / "python", "-m", "pip", "install", "-q", "litellm[proxy]"], check=True)
    return folder / "bin" / "litellm"


@contextmanager
def proxy(command: Path, folder: Path, key: str) -> Iterator[str]:
    """Run the proxy and yield its URL once it answers."""
    config = folder / "config.yaml"
    config.write_text(CONFIG, encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with (folder / "proxy.log").open("w") as log:
        arguments = ["--config", str(config), "--host", "127.0.0.1", "--port", str(port)]
        environ = {**os.environ, "LITELLM_MASTER_KEY": key}
        running = subprocess.Popen([command, *arguments], stdout=log, stderr=log, cwd=folder, env=environ)
    try:
        until = time.monotonic() + 120
        while not answers(f"{url}/health/liveliness"):
            if running.poll() is not None or time.monotonic() > until:
                raise SystemExit((folder / "proxy.log").read_text())
            time.sleep(0.5)
        yield url
    finally:
        running.terminate()
        running.wait(30)


def answers(url: str) -> bool:
    """Whether there is a 200 at ``url``."""
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def main(command: Path | None) -> None:
    """Ask, and check what came."""
    with tempfile.TemporaryDirectory() as name:
        folder, key = Path(name), f"sk-{secrets.token_hex(16)}"
        with proxy(command or installed(folder / "venv"), folder, key) as url:
            cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
            environ = {name: value for name, value in os.environ.items() if not name.startswith("DEEPSEEK_")}
            environ |= {
                "DEEPSEEK_BASE_URL": f"{url}/v1",
                "DEEPSEEK_API_KEY": key,
                "IPYTHONDIR": str(folder / "ipython"),
            }
            client = NotebookClient(
                nbformat.v4.new_notebook(cells=cells), timeout=300, kernel_name="python3", allow_errors=True
            )
            client.execute(env=environ)
    assert key not in nbformat.writes(client.nb), "the key is in the notebook"
    _, asked, told, another, wrong, models = (cell.outputs for cell in cells)
    assert asked[0].data["text/plain"] == REPLY, asked
    assert told[0].text.strip() == f"{REPLY}|stop|deepseek-flash|True|None", told
    assert another[0].data["text/plain"] == "Another.", another
    assert wrong[-1].output_type == "error", wrong
    assert wrong[-1].ename == "BadRequest", wrong
    assert "unheard-of" in wrong[-1].evalue, wrong
    assert "another" in models[0].data["text/plain"], models
    print("LiteLLM's proxy: reply, usage, second model, wrong model and list of models are as they should be")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else None)
