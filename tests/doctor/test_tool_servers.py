"""Servers of tools that are configured: what keeps one from being used is named; none is started."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from deepseek_magic.doctor import tool_servers
from deepseek_magic.reach.mcp_servers import ServerTable, servers


def found(monkeypatch: pytest.MonkeyPatch, installed: object, **entries: Any) -> list[str]:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: installed)
    return [one.line for one in tool_servers.check(servers(ServerTable(entries), {}))]


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The package, a command, an address; the headers of a server show nowhere."""
    good = {"command": sys.executable, "args": ["-c", "raise SystemExit('started')"]}
    web = {"url": "https://tools.example/mcp", "headers": {"Authorization": "Bearer secret-of-the-tests"}}
    assert found(monkeypatch, object()) == []
    assert found(monkeypatch, object(), a=good, b=web) == ["fine: 2 servers configured: a, b"]
    assert found(monkeypatch, None, a=good)[0].startswith("wrong: the package mcp is not installed; ")
    said = found(monkeypatch, object(), a={"command": "no-such-command"}, b=web)
    assert said == [
        "wrong: a: the command no-such-command is not there; install it, or give its whole path in DeepSeek.mcp"
    ]
