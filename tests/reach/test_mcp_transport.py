"""The way to a server of tools: messages at any cuts, what is too long, and servers behind HTTP that send too much."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import anyio
import psutil
import pytest

from deepseek_magic.reach import mcp_transport
from deepseek_magic.reach.mcp_client import ToolServerFailed, ToolServers
from deepseek_magic.reach.mcp_servers import Masked, Server
from tests.hostile_tools import response


def lines_of(pieces, monkeypatch, most=40):
    """Return the lines that are handed on, and the heads of those that are refused."""
    monkeypatch.setattr(mcp_transport, "MOST_MESSAGE", most)
    handed, refused, left = [], [], list(pieces)

    async def receive():
        if not left:
            raise anyio.EndOfStream
        return left.pop(0)

    async def hand_on(line):
        handed.append(line)

    async def refuse(head):
        refused.append(head)

    asyncio.run(mcp_transport._lines(receive, hand_on, refuse))
    return handed, refused


def test_messages_at_any_cuts(monkeypatch):
    said = [b"one", b"", b"x" * 40, "zwölf€".encode(), b'{"id": 7, ' + b"y" * 200 + b"}", b"after"]
    whole = b"\n".join([*said, b"and no end"])
    draw = random.Random(3)
    cuts = [[whole], [whole[n : n + 1] for n in range(len(whole))]]
    for _ in range(50):
        places = sorted(draw.sample(range(len(whole)), 6))
        cuts.append([whole[a:b] for a, b in zip([0, *places], [*places, len(whole)], strict=True)])
    for pieces in cuts:
        handed, refused = lines_of(pieces, monkeypatch)
        assert handed == [*said[:4], said[5]]
        assert len(refused) == 1
        assert refused[0].startswith(b"{")


def test_the_request_that_a_long_message_answers():
    for head, number in ((b'{"jsonrpc":"2.0","id":12,"result"', b"12"), (b'{"id" : "a-1"', b"a-1"), (b"{}", None)):
        found = mcp_transport._ID.search(head)
        assert (found and found[2]) == number


@pytest.fixture
def behind_http(tmp_path):
    """Yield a function that starts a server behind HTTP and returns its URL, given what is done to its answers."""
    running = []

    def start(change):
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                answered = response(tmp_path, asked)
                is_call = asked["method"] == "tools/call"
                headers, body = change(answered, self.headers) if is_call else ({}, json.dumps(answered).encode())
                self.send_response(202 if answered is None else 200)
                for name, value in {"Content-Type": "application/json", **headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                try:
                    self.wfile.write(body)
                except OSError:
                    self.close_connection = True  # the reader has enough

            def do_GET(self):
                self.send_error(405)

            def log_message(self, *_):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        running.append(server)
        return f"http://127.0.0.1:{server.server_port}/mcp"

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


def long_json(answered, _):
    answered["result"]["content"] = [{"type": "text", "text": "x" * 20_000_000}]
    return {}, json.dumps(answered).encode()


def long_event(answered, _):
    _, body = long_json(answered, None)
    return {"Content-Type": "text/event-stream"}, b"event: message\ndata: " + body + b"\n\n"


def packed(answered, headers):
    assert headers["Accept-Encoding"] == "identity"
    return {"Content-Encoding": "gzip"}, gzip.compress(json.dumps(answered).encode() + b" " * 1_000_000)


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("change", "why"),
    [(long_json, "more than 12 MB"), (long_event, "exceeded the 12000000 byte limit"), (packed, "packs what it sends")],
)
def test_a_server_behind_http_that_sends_too_much(behind_http, change, why):
    server, servers = Server("h", url=behind_http(change), headers=Masked(A="b")), ToolServers()
    try:
        with pytest.raises(ToolServerFailed, match=rf"mcp:h did not answer a call of echo \(.*{why}"):
            servers.call(server, "echo", {}, 600)
    finally:
        servers.close()


LEAVES = """
import subprocess, sys
child = subprocess.Popen(["sleep", "300"], start_new_session=sys.argv[3] == "apart")
with open(sys.argv[2] + "/child", "w") as file:
    file.write(str(child.pid))
sys.path.insert(0, sys.argv[1])
from tests.hostile_tools import main
sys.argv[1:] = sys.argv[2:3]
main()
"""
USES = """
import gc, sys, threading
from deepseek_magic.reach.mcp_client import ToolServers
from deepseek_magic.reach.mcp_servers import Server
servers = ToolServers()
servers.tools(Server(name="s", command=sys.executable, args=("-c", *sys.argv[1:])))
servers.close()
for thread in threading.enumerate():
    if thread is not threading.current_thread():
        thread.join(60)
gc.collect()
"""


def is_running(number):
    try:
        return psutil.Process(number).status() != psutil.STATUS_ZOMBIE  # a dead one may wait to be taken note of
    except psutil.NoSuchProcess:
        return False


@pytest.mark.kernel
@pytest.mark.skipif(sys.platform == "win32", reason="there the SDK ends the program")
@pytest.mark.parametrize("where", ["with it", "apart"])
def test_what_a_server_started_ends_with_it(tmp_path, where):
    """The server ends by itself at the end of its input; its child, which holds its output, does not.

    A child in a session of its own lives on, as a user's own program would; it makes Python print nothing.
    """
    root = Path(__file__).parents[2]
    used = [sys.executable, "-c", USES, LEAVES, str(root), str(tmp_path), where]
    said = subprocess.run(used, capture_output=True, text=True, check=False, cwd=root, timeout=120)
    child = int((tmp_path / "child").read_text())
    try:
        assert (said.returncode, said.stdout, said.stderr) == (0, "", "")
        deadline = time.monotonic() + 60
        while where == "with it" and is_running(child) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert is_running(child) == (where == "apart")
    finally:
        if is_running(child):
            os.kill(child, signal.SIGKILL)


@pytest.mark.skipif(sys.platform == "win32", reason="there the SDK ends the program")
def test_a_number_that_another_process_has_got_is_left_alone():
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    assert not mcp_transport._is_taken(gone.pid)
    assert mcp_transport._is_taken(os.getpid())
