"""Servers of tools that run: one that we did not write, one that misbehaves, one behind HTTP."""

from __future__ import annotations

import json
import resource
import sys
import threading
import time
from pathlib import Path

import pytest

from deepseek_magic.errors import ConfigurationError
from deepseek_magic.reach.mcp_client import ToolServerFailed, ToolServers
from deepseek_magic.reach.mcp_servers import Masked, Server
from tests.hostile_tools import INJECTED

pytestmark = pytest.mark.kernel
HOSTILE = Path(__file__).parents[1] / "hostile_tools.py"


@pytest.fixture(scope="module")
def servers():
    made = ToolServers()
    yield made
    made.close()


@pytest.fixture
def hostile(tmp_path):
    return Server("hostile", sys.executable, (str(HOSTILE), str(tmp_path)), Masked(OWN="given"))


def test_a_server_that_we_did_not_write(servers):
    server = Server("time", sys.executable, ("-m", "mcp_server_time"))
    assert [tool.name for tool in servers.tools(server)] == ["get_current_time", "convert_time"]
    wanted = {"source_timezone": "Europe/Berlin", "time": "12:00", "target_timezone": "UTC"}
    answer = servers.call(server, "convert_time", wanted, 20)
    assert json.loads(answer.texts[0])["source"]["timezone"] == "Europe/Berlin"
    assert servers.call(server, "convert_time", {**wanted, "target_timezone": "Nowhere"}, 20).failed
    assert servers.running == ("time",)


def test_another_that_we_did_not_write(servers):
    server = Server("fetch", sys.executable, ("-m", "mcp_server_fetch"))
    (tool,) = servers.tools(server)
    assert tool.name == "fetch"
    assert "url" in tool.schema["properties"]
    answer = servers.call(server, "fetch", {"url": "http://127.0.0.1:9/"}, 60)
    assert answer.failed
    assert "127.0.0.1" in answer.texts[0]


def test_a_server_that_misbehaves(servers, hostile, tmp_path, monkeypatch):
    monkeypatch.setenv("DEEPSEEK_API_KEY", "sk-not-for-others")
    names = [tool.name for tool in servers.tools(hostile)]
    assert names[:3] == ["echo", "echo", "run"]
    environment = json.loads((tmp_path / "environment").read_text())
    assert environment["OWN"] == "given"
    assert not [name for name in environment if name.startswith("DEEPSEEK")]
    assert servers.call(hostile, "wild", {}, 20).texts == (INJECTED,)
    look = servers.call(hostile, "look", {}, 20)
    assert look.images[0].startswith(b"\x89PNG")
    assert look.left_out == ("audio",)
    assert len(servers.call(hostile, "big", {"megabytes": 2}, 30).texts[0]) == 2_000_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(
        ToolServerFailed, match=r"^mcp:hostile did not answer a call of big \(its answer has more than 1"
    ):
        servers.call(hostile, "big", {"megabytes": 100}, 600)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kilobytes
    assert (tmp_path / "heard").read_text().count('"initialize"') == 1  # it runs on
    with pytest.raises(ToolServerFailed, match=r"did not answer a call of slow \(nothing came in 0 s\)"):
        servers.call(hostile, "slow", {}, 0.2)
    with pytest.raises(ToolServerFailed, match="did not answer a call of die"):
        servers.call(hostile, "die", {}, 20)
    assert servers.call(hostile, "echo", {"text": "there again"}, 20).texts == ('echo: {"text": "there again"}',)


def test_what_cannot_be_started(servers):
    with pytest.raises(ToolServerFailed, match="mcp:a cannot be started \\(FileNotFoundError"):
        servers.tools(Server("a", "/no/such/program"))
    failing = ("-c", "import sys; sys.exit('no configuration')")
    with pytest.raises(ToolServerFailed, match="its last line: no configuration"):
        servers.tools(Server("b", sys.executable, failing))
    with pytest.raises(ConfigurationError, match="its headers would travel unencrypted"):
        servers.tools(Server("c", url="http://example.org/mcp", headers=Masked(A="b")))
    assert not {"a", "b", "c"} & {*servers.running}


def test_a_server_behind_http(servers):
    import uvicorn
    from mcp.server import MCPServer

    there = MCPServer("there")

    @there.tool()
    def double(number: int) -> int:
        """Double it."""
        return 2 * number

    config = uvicorn.Config(there.streamable_http_app(), host="127.0.0.1", port=0, log_level="error")
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    while not running.started:
        time.sleep(0.02)
    port = running.servers[0].sockets[0].getsockname()[1]
    server = Server("there", url=f"http://127.0.0.1:{port}/mcp", headers=Masked(Authorization="Bearer x"))
    assert [tool.name for tool in servers.tools(server)] == ["double"]
    assert servers.call(server, "double", {"number": 21}, 20).texts == ("42",)
    running.should_exit = True


def test_a_closed_one_can_be_used_again(tmp_path):
    server = Server("hostile", sys.executable, (str(HOSTILE), str(tmp_path)))
    servers = ToolServers()
    servers.close()
    for _ in range(2):
        assert servers.call(server, "echo", {}, 20).texts
        servers.close()
        assert servers.running == ()
