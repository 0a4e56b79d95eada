"""A server for crowds of requests, in a process of its own: it answers each after a while, and fails some of them.

    with Crowd(delay=0.2, failing=0.05) as server:
        ...ask server.url...
        assert server.seen()["most"] <= 50

It answers ``answer to`` and the last message. Failures are by the number of the request, so that a run can be told
beforehand: most are a 503 at the end of the delay, every fifth of them a stream that breaks off in the middle.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.faults_wire import DONE, MODEL, api_error, chunk, usage

_ROOT = Path(__file__).parents[2]
_FINISH = chunk({"content": ""}, "stop", usage(10, 20)) + DONE
_BUSY = json.dumps(api_error("Service is too busy", "server_error", "server_error")).encode()


def answer(prompt: str) -> str:
    """Return what the server answers to ``prompt``."""
    return f"answer to {prompt}"


class Crowd:
    """The server's process, from outside.

    Args:
        delay: seconds before each answer.
        failing: the share of requests that fail.
    """

    def __init__(self, delay: float = 0.0, failing: float = 0.0) -> None:
        self._command = [sys.executable, "-m", "tests.batch.crowd", str(delay), str(failing)]
        self.url = ""

    def __enter__(self) -> Crowd:
        self._process = subprocess.Popen(
            self._command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        self.url = self._told()["url"]
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(20)
        self._process.stdout.close()

    def seen(self) -> dict[str, Any]:
        """Return what has come: ``asked`` (how often, by message), ``failed``, ``most`` at a time, ``keys`` sent."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        return self._told()

    def _told(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())


class _Endpoint:
    def __init__(self, delay: float, failing: float) -> None:
        self._delay = delay
        self._every = round(1 / failing) if failing else 0
        self._number = 0
        self._now = 0
        self.seen: dict[str, Any] = {"asked": {}, "failed": 0, "most": 0, "keys": []}

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer request after request on one connection."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:-2])
                body = await reader.readexactly(int(fields.get(b"content-length", b"0")))
                if not await self._answer(json.loads(body), fields.get(b"authorization", b""), writer):
                    break
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer(self, body: Any, key: bytes, writer: asyncio.StreamWriter) -> bool:
        """Answer one; true where the connection may carry another."""
        prompt = body["messages"][-1]["content"]
        asked = self.seen["asked"]
        asked[prompt] = asked.get(prompt, 0) + 1
        if key.decode() not in self.seen["keys"]:
            self.seen["keys"].append(key.decode())
        self._number += 1
        number, fails = self._number, self._every and self._number % self._every == 0
        self._now += 1
        self.seen["most"] = max(self.seen["most"], self._now)
        await asyncio.sleep(self._delay)
        self._now -= 1
        self.seen["failed"] += bool(fails)
        if fails and number // self._every % 5:
            writer.write(_head("503 Service Unavailable", "application/json", len(_BUSY)) + _BUSY)
            return True
        text = chunk({"role": "assistant", "content": answer(prompt)})
        if fails:
            writer.write(_head("200 OK", "text/event-stream", len(text) + len(_FINISH)) + text)
            return False
        writer.write(_head("200 OK", "text/event-stream", len(text) + len(_FINISH)) + text + _FINISH)
        return True


def _head(status: str, kind: str, length: int) -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n".encode()


async def _main(delay: float, failing: float) -> None:
    """Serve until the standard input ends; each line of it is answered by what was seen."""
    endpoint = _Endpoint(delay, failing)
    server = await asyncio.start_server(endpoint.converse, "127.0.0.1", 0, backlog=512)
    port = server.sockets[0].getsockname()[1]
    print(json.dumps({"url": f"http://127.0.0.1:{port}", "model": MODEL}), flush=True)
    while await asyncio.to_thread(sys.stdin.readline):
        print(json.dumps(endpoint.seen), flush=True)


if __name__ == "__main__":
    asyncio.run(_main(float(sys.argv[1]), float(sys.argv[2])))
