"""A real kernel for the tests: runs cells, keeps every message, and tells what a saved notebook would hold.

    with Kernel(folder) as kernel, FaultServer() as server:
        kernel.fresh(server.url)
        cell = kernel.run("%deepseek Hello")
        assert cell.outputs[0].data["text/plain"] == NORMAL_TEXT

The key is in the kernel's environment only; no cell of a test holds it, so that it may be looked for everywhere.
"""

from __future__ import annotations

import html
import json
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty
from typing import Any

import nbformat
from jupyter_client import KernelManager

from tests.faults import PATIENCE, FaultServer

# Without words in it: pieces of a key are masked in replies.
KEY = "sk-9f4e1c7ab2d85603e1f7c4b9d0a6835e"
WIDGET = "application/vnd.jupyter.widget-view+json"
_OUTPUTS = ("display_data", "execute_result", "stream", "error")
_DROPPED = ("DEEPSEEK_", "NETRC", "IPYTHON", "JUPYTER", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "PYTHON_KEYRING")
_FRESH = """
import os
for name in ("DEEPSEEK_API_KEY", "DEEPSEEK_BASE_URL", "DEEPSEEK_MODEL"):
    os.environ.pop(name, None)
os.environ.update({environ!r})
if {with_key!r}:
    os.environ["DEEPSEEK_API_KEY"] = os.environ["KEY_OF_THE_TESTS"]
_extensions = get_ipython().extension_manager
_extensions.unload_extension("deepseek_magic")
get_ipython().config.pop("DeepSeek", None)
_extensions.load_extension("deepseek_magic")
"""


def environment(home: Path, **more: str) -> dict[str, str]:
    """The environment of a process that knows nothing of this user: no settings, no proxy, no keyring."""
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith(_DROPPED)}
    return {
        **kept,
        "HOME": str(home),
        "IPYTHONDIR": str(home / "ipython"),
        "JUPYTER_CONFIG_DIR": str(home / "jupyter"),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        **more,
    }


class Cell:
    """One cell that has run: its ``messages`` in order, the ``reply``, what it asked for, and its saved ``outputs``."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.prompts: list[dict[str, Any]] = []
        self.outputs: list[Any] = []
        self.reply: dict[str, Any] = {}

    def of(self, *kinds: str) -> list[dict[str, Any]]:
        """The messages of these types."""
        return [message for message in self.messages if message["msg_type"] in kinds]

    @property
    def failed(self) -> bool:
        return bool(self.reply["status"] == "error")

    @property
    def displays(self) -> list[Any]:
        """The saved outputs that are a ``display_data``."""
        return [output for output in self.outputs if output.output_type == "display_data"]

    @property
    def html(self) -> str:
        """The HTML of the one reply."""
        (display,) = self.displays
        return str(display.data["text/html"])

    @property
    def text(self) -> str:
        """The source of the one reply."""
        (display,) = self.displays
        return str(display.data["text/plain"])

    @property
    def facts(self) -> dict[str, Any]:
        """What the one reply's metadata records."""
        (display,) = self.displays
        return dict(display.metadata["deepseek_magic"])

    @property
    def notices(self) -> list[str]:
        """The notices of the one reply, as they are read."""
        found = re.findall(r'<div class="deepseek-notice"[^>]*>(.*?)</div>', self.html, re.DOTALL)
        return [html.unescape(re.sub(r"<[^>]*>", "", notice)) for notice in found]

    @property
    def printed(self) -> str:
        """What was written to standard output and standard error."""
        return "".join(output.text for output in self.outputs if output.output_type == "stream")

    @property
    def error(self) -> str:
        """The one line of the one error."""
        (error,) = [output for output in self.outputs if output.output_type == "error"]
        (line,) = error.traceback
        assert "\n" not in line
        assert line == f"{error.ename}: {error.evalue}"
        return str(line)


class Running:
    """A cell that may still be running."""

    def __init__(self, kernel: Kernel, message_id: str, answers: Sequence[str]) -> None:
        self._kernel = kernel
        self._id = message_id
        self._answers = list(answers)
        self._idle = False
        self.cell = Cell()

    def until(self, shown: Callable[[dict[str, Any]], object], timeout: float = PATIENCE) -> dict[str, Any]:
        """Take in messages until one is as ``shown`` wants it, and return that one."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            message = self._next()
            if message is not None and shown(message):
                return message
            assert not self._idle, "the cell ended before"
        raise AssertionError("the message never came")

    def until_file(self, path: Path, timeout: float = PATIENCE) -> None:
        """Take in messages until there is a file ``path``; also where none comes, because the kernel is at work."""
        end = time.monotonic() + timeout
        while not path.exists():
            assert time.monotonic() < end, f"{path.name} never came"
            self._next()

    def until_text(self, text: str) -> dict[str, Any]:
        """Take in messages until one brings ``text``."""
        return self.until(lambda message: text in json.dumps(message["content"], ensure_ascii=False))

    def end(self, timeout: float = 2 * PATIENCE) -> Cell:
        """Take in messages until the cell has ended, and return it."""
        end = time.monotonic() + timeout
        while not self._idle:
            assert time.monotonic() < end, "the cell never ended"
            self._next()
        while not self.cell.reply:
            reply = self._kernel.client.get_shell_msg(timeout=timeout)
            self._kernel.everything.append(reply)
            if reply["parent_header"].get("msg_id") == self._id:
                self.cell.reply = reply["content"]
        return self.cell

    def _next(self) -> dict[str, Any] | None:
        self._answer()
        try:
            message: dict[str, Any] = self._kernel.client.get_iopub_msg(timeout=0.1)
        except Empty:
            return None
        self._kernel.everything.append(message)
        self.cell.messages.append(message)
        own = message["parent_header"].get("msg_id") == self._id
        self._kernel.notebook.take(message, self.cell.outputs if own else None)
        self._idle = own and message["content"].get("execution_state") == "idle"
        return message

    def _answer(self) -> None:
        try:
            prompt = self._kernel.client.get_stdin_msg(timeout=0)
        except Empty:
            return
        self._kernel.everything.append(prompt)
        self.cell.prompts.append(prompt["content"])
        self._kernel.client.input(self._answers.pop(0))


class _Notebook:
    """Turns messages into saved outputs as a front end does: display ids, and what an Output widget takes to itself."""

    def __init__(self) -> None:
        self._displays: dict[str, list[Any]] = {}
        self._takers: dict[str, str] = {}  # Output widgets by comm, and the execution whose output each takes

    def take(self, message: Mapping[str, Any], outputs: list[Any] | None) -> None:
        """Take in one message; ``outputs`` are those of its cell, if it has one."""
        kind, content = message["msg_type"], message["content"]
        if kind == "comm_open" and content["data"].get("state", {}).get("_model_name") == "OutputModel":
            self._takers[content["comm_id"]] = content["data"]["state"].get("msg_id", "")
        elif kind == "comm_msg" and content["comm_id"] in self._takers:
            changed = content["data"].get("state", {})
            self._takers[content["comm_id"]] = changed.get("msg_id", self._takers[content["comm_id"]])
        elif kind == "update_display_data":
            for shown in self._displays.get(content["transient"]["display_id"], ()):
                shown.data = nbformat.from_dict(content["data"])
                shown.metadata = nbformat.from_dict(content["metadata"])
        elif kind in _OUTPUTS and outputs is not None and self._goes_to_the_cell(message):
            self._append(message, outputs)

    def _goes_to_the_cell(self, message: Mapping[str, Any]) -> bool:
        return message["parent_header"]["msg_id"] not in self._takers.values()

    def _append(self, message: Mapping[str, Any], outputs: list[Any]) -> None:
        output = nbformat.v4.output_from_msg(message)
        last = outputs[-1] if outputs else None
        if output.output_type == "stream" and last is not None and last.get("name") == output.name:
            last.text += output.text
            return
        outputs.append(output)
        display_id = message["content"].get("transient", {}).get("display_id")
        if display_id:
            self._displays.setdefault(display_id, []).append(output)


class Kernel:
    """One kernel in a home folder of its own.

    ``everything`` holds each message that ever came out of it, on any channel; ``searched`` of them have been looked
    through for the key. ``python`` is the interpreter that runs it, the tests' own by default.
    """

    def __init__(self, home: Path, python: Path | None = None, **environ: str) -> None:
        self.home = home
        self.everything: list[dict[str, Any]] = []
        self.searched = 0
        self.notebook = _Notebook()
        self._environ = environment(home, KEY_OF_THE_TESTS=KEY, **environ)
        self._manager = KernelManager(kernel_name="python3")
        if python is not None:
            self._manager.kernel_spec.argv[0] = str(python)
        self._output = (home / "kernel-output.txt").open("w")
        self.client: Any = None

    def __enter__(self) -> Kernel:
        self._manager.start_kernel(env=self._environ, cwd=str(self.home), stdout=self._output, stderr=self._output)
        self.client = self._manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=2 * PATIENCE)
        return self

    def __exit__(self, *_: object) -> None:
        self.client.stop_channels()
        self._manager.shutdown_kernel(now=True)
        self._output.close()

    def fresh(self, base_url: str = "", *, with_key: bool = True, **environ: str) -> None:
        """Load the extension anew, as in a kernel that was just started with these variables."""
        environ |= {"DEEPSEEK_BASE_URL": base_url} if base_url else {}
        self.quietly(_FRESH.format(environ=environ, with_key=with_key))

    def quietly(self, code: str) -> None:
        """Run ``code``, which must succeed, without a trace: it is not a cell."""
        running = Running(self, self.client.execute(code, silent=True, store_history=False), ())
        assert running.end().reply["status"] == "ok", running.cell.reply

    def start(
        self,
        code: str,
        cell_id: str | None = None,
        *,
        allow_stdin: bool = True,
        answers: Sequence[str] = (),
        stop_on_error: bool = False,
    ) -> Running:
        """Send ``code`` as a front end does and return at once.

        ``allow_stdin`` off is a run that nobody watches; ``answers`` go to the requests for input, one each;
        ``stop_on_error`` drops the cells that wait behind this one if it fails.
        """
        content = {
            "code": code,
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": allow_stdin,
            "stop_on_error": stop_on_error,
        }
        metadata = {} if cell_id is None else {"cellId": cell_id}
        message = self.client.session.msg("execute_request", content, metadata=metadata)
        self.client.shell_channel.send(message)
        return Running(self, message["header"]["msg_id"], answers)

    def run(
        self, code: str, cell_id: str | None = None, *, allow_stdin: bool = True, answers: Sequence[str] = ()
    ) -> Cell:
        """Run ``code`` to its end."""
        return self.start(code, cell_id, allow_stdin=allow_stdin, answers=answers).end()

    def value(self, expression: str) -> Any:
        """The value of a Python ``expression`` in the user's namespace, by way of JSON."""
        code = f"import json; __import__('sys').stdout.write(json.dumps({expression}))"
        return json.loads(self.run(code).printed)

    def is_complete(self, code: str) -> str:
        """What a console is told that asks whether ``code`` may run as it is, or more is to come."""
        asked = self.client.is_complete(code)
        while (reply := self.client.get_shell_msg(timeout=PATIENCE))["parent_header"].get("msg_id") != asked:
            pass
        return str(reply["content"]["status"])

    def interrupt(self) -> None:
        """Interrupt the running cell as the stop button does."""
        self._manager.interrupt_kernel()


def fields(value: Any) -> Iterator[str]:
    """Every text anywhere inside ``value``."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from fields(name)
            yield from fields(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from fields(inner)
    elif isinstance(value, (bytes, memoryview)):
        yield bytes(value).decode("latin-1")
    elif isinstance(value, str):
        yield value


def assert_secret(kernel: Kernel, *servers: FaultServer) -> None:
    """The key is in no message since the last look, and reached the servers only as the one header it belongs in."""
    fresh, kernel.searched = kernel.everything[kernel.searched :], len(kernel.everything)
    for message in fresh:
        assert not any(KEY in text for text in fields(message)), message
    for server in servers:
        for request in server.requests:
            others = [pair for pair in request.raw_headers if pair[0].lower() != "authorization"]
            assert KEY not in f"{request.path}{others}{request.body!r}"
            assert request.headers.get("authorization") in (None, f"Bearer {KEY}")


def assert_no_file_holds_the_key(kernel: Kernel) -> None:
    """Nothing that the kernel wrote (its history, its own output, whatever else) holds the key."""
    files = [file for file in kernel.home.rglob("*") if file.is_file()]
    assert any(file.name == "history.sqlite" for file in files)
    for file in files:
        with suppress(FileNotFoundError):  # a journal of the history's, gone by now
            assert KEY.encode() not in file.read_bytes(), file
