"""Tries our client on servers of tools that others wrote, over the network of their packages: not one of the tests.

python -m tests.other_servers          needs the extra mcp; those of npm need npx, and are skipped without it
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path

from deepseek_magic.reach.mcp_client import ToolServerFailed, ToolServers
from deepseek_magic.reach.mcp_servers import Server
from deepseek_magic.reach.mcp_tools import named, told
from deepseek_magic.tools.signatures import _NAME


def main() -> int:
    """List the tools of each server and call one; return how many failed."""
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "note.txt").write_text("a note")
        tried = {
            Server("time", sys.executable, ("-m", "mcp_server_time")): ("get_current_time", {"timezone": "UTC"}),
            Server("fetch", sys.executable, ("-m", "mcp_server_fetch")): ("fetch", {"url": "http://127.0.0.1:9/"}),
        }
        if shutil.which("npx"):
            npx = ("-y", "@modelcontextprotocol/server-everything")
            tried[Server("everything", "npx", npx)] = ("echo", {"message": "hello"})
            npx = ("-y", "@modelcontextprotocol/server-filesystem", folder)
            tried[Server("filesystem", "npx", npx)] = ("read_text_file", {"path": f"{folder}/note.txt"})
        servers = ToolServers()
        for server, (tool, arguments) in tried.items():
            try:
                offered = named(server.name, servers.tools(server))
                assert all(_NAME.fullmatch(name) for name in offered)
                for name, one in offered.items():
                    json.loads(told(server, one, name).parameters)
                answer = servers.call(server, tool, arguments, 60)
                print(f"{server.name}: {len(offered)} tools; {tool} gave {answer}"[:300])
            except (ToolServerFailed, AssertionError) as error:
                failed += 1
                print(f"{server.name}: {error}")
        servers.close()
    return failed


if __name__ == "__main__":
    sys.exit(main())
