"""Check whether each configured MCP server could be started or reached, without starting any."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from deepseek_magic.reach.mcp_servers import Server
from deepseek_magic.text import counted, one_line

from .findings import Finding


def check(servers: Mapping[str, Server]) -> Iterator[Finding]:
    """Yield findings on ``servers`` that cannot be used, or else one that all can; nothing if there are none."""
    if not servers:
        return
    if importlib.util.find_spec("mcp") is None:
        remedy = 'python -m pip install ".[mcp]" where you cloned the repository'
        yield Finding("tool servers", "wrong", "the package mcp is not installed", remedy)
        return
    broken = [finding for server in servers.values() if (finding := _server(server)) is not None]
    names = one_line(", ".join(servers), 120)
    yield from broken or [Finding("tool servers", "fine", f"{counted(len(servers), 'server')} configured: {names}")]


def _server(server: Server) -> Finding | None:
    name = one_line(server.name, 40)
    if server.command and shutil.which(server.command) is None:
        found = f"{name}: the command {one_line(server.command, 60)} is not there"
        return Finding("tool servers", "wrong", found, "install it, or give its whole path in DeepSeek.mcp")
    if server.url and (urlsplit(server.url).scheme not in ("http", "https") or not urlsplit(server.url).hostname):
        found = f"{name}: its URL is not one of http(s)"
        return Finding("tool servers", "wrong", found, "correct it in DeepSeek.mcp")
    return None
