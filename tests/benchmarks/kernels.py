"""A real kernel, and everything that leaves it: sizes, instants, processor time, memory."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil
import zmq
from jupyter_client import KernelManager
from jupyter_client.session import DELIM

#: Seconds in which what is still on its way after a cell's end may come.
_SETTLE = 0.1
#: Seconds after which a cell is given up: the longest reply of a full run takes a minute.
_PATIENCE = 300.0
#: Seconds in which a kernel that is up is heard.
_HEARD = 60.0


@dataclass(frozen=True, slots=True)
class Message:
    """One message as a front end gets it.

    ``left`` is the kernel's own stamp (seconds of the calendar clock), ``at`` the instant at which the benchmark's
    socket had it (seconds of the monotonic clock, which all processes of a machine share); ``size`` counts header,
    parent, metadata, content and buffers as they were serialised.
    """

    kind: str
    left: float
    at: float
    size: int
    body: bytes

    @property
    def content(self) -> dict[str, Any]:
        """The content, parsed."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Run:
    """One executed cell: its messages, the kernel's processor seconds, and its seconds from busy to the reply."""

    began: float
    messages: tuple[Message, ...]
    cpu: float
    wall: float


def processor_seconds(pid: int) -> float:
    """Return the processor time that a process has used, its threads and system calls included.

    On Linux the process's own clock tells it by the nanosecond; elsewhere the ticks of the process table must do.
    """
    with contextlib.suppress(OSError, AttributeError, OverflowError, ValueError):
        return time.clock_gettime(~pid << 3 | 2)
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system


class _Listener:
    """Takes every message of a kernel's broadcast channel in a thread, and notes the instant."""

    def __init__(self, address: str) -> None:
        self._context = zmq.Context()
        self._socket = self._context.socket(zmq.SUB)
        self._socket.set(zmq.RCVHWM, 0)  # a listener that loses messages would measure nothing
        self._socket.set(zmq.RCVTIMEO, 100)
        self._socket.connect(address)
        self._socket.subscribe(b"")
        self._taken: list[tuple[float, list[bytes]]] = []
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._stopping.is_set():
            with contextlib.suppress(zmq.Again):
                frames = self._socket.recv_multipart()
                self._taken.append((time.monotonic(), frames))

    def stop(self) -> None:
        """End the thread and close the socket."""
        self._stopping.set()
        self._thread.join()
        self._context.destroy(linger=0)

    def clear(self) -> None:
        """Forget what has come."""
        self._taken.clear()

    def messages(self) -> tuple[Message, ...]:
        """Return what has come since the last `clear`."""
        return tuple(_message(at, frames) for at, frames in list(self._taken))


def _message(at: float, frames: list[bytes]) -> Message:
    parts = frames[frames.index(DELIM) + 2 :]  # a signature stands between the mark and the message
    header = json.loads(parts[0])
    left = datetime.fromisoformat(header["date"].replace("Z", "+00:00")).timestamp()
    return Message(header["msg_type"], left, at, sum(map(len, parts)), parts[3])


class Kernel:
    """One kernel with a home of its own, so that nobody's profile or history takes part."""

    def __init__(self, **variables: str) -> None:
        self._home = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        home = Path(self._home.name)
        environment = {**os.environ, "IPYTHONDIR": str(home / "ipython"), **variables}
        self._manager = KernelManager(kernel_name="python3")
        # its warnings are about transports; a cell that fails says so in its reply
        self._manager.start_kernel(env=environment, cwd=str(home), stderr=subprocess.DEVNULL)
        self._client = self._manager.blocking_client()
        self._client.start_channels(hb=False)
        self._client.wait_for_ready(timeout=60)
        self._client.iopub_channel.stop()  # the listener is the one front end
        self._listener = _Listener(f"tcp://{self._manager.ip}:{self._manager.iopub_port}")
        end = time.monotonic() + _HEARD
        while not self.run("None").messages:  # until the subscription has reached the kernel
            if time.monotonic() > end:
                msg = "nothing that the kernel broadcasts is heard"
                raise TimeoutError(msg)

    def __enter__(self) -> Kernel:
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.stop()
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)
        self._home.cleanup()

    @property
    def pid(self) -> int:
        """The kernel's process."""
        return self._manager.provisioner.pid

    def run(self, code: str, *, allow_stdin: bool = True) -> Run:
        """Execute ``code`` as a front end would (``allow_stdin`` off: as a run that nobody watches) and wait for it."""
        self._listener.clear()
        before = processor_seconds(self.pid)
        began = time.monotonic()
        asked = self._client.execute(code, allow_stdin=allow_stdin)
        reply = self._reply(asked)
        time.sleep(_SETTLE)
        cpu = processor_seconds(self.pid) - before
        messages = self._listener.messages()
        busy = min((message.left for message in messages if message.kind == "status"), default=0.0)
        wall = reply["header"]["date"].timestamp() - busy
        if reply["content"]["status"] != "ok":
            msg = f"the cell failed: {reply['content'].get('evalue')}\n{code[:200]}"
            raise RuntimeError(msg)
        return Run(began, messages, cpu, wall)

    def value(self, expression: str) -> Any:
        """Return what ``expression`` is in the kernel, by way of JSON."""
        run = self.run(f"import json\nprint(json.dumps({expression}))")
        printed = "".join(message.content["text"] for message in run.messages if message.kind == "stream")
        return json.loads(printed)

    def memory(self) -> tuple[float, float]:
        """Return the resident megabytes: now, and at most since the start."""
        now = psutil.Process(self.pid).memory_info().rss / 1e6
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{self.pid}/status").read_text(encoding="utf-8").splitlines():
                if line.startswith("VmHWM:"):
                    return now, int(line.split()[1]) * 1024 / 1e6
        return now, now

    def _reply(self, asked: str) -> dict[str, Any]:
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end and self._manager.is_alive():
            with contextlib.suppress(queue.Empty):
                reply = self._client.get_shell_msg(timeout=5)
                if reply["parent_header"].get("msg_id") == asked:
                    return reply
        msg = "the kernel has died or does not answer"
        raise TimeoutError(msg)
