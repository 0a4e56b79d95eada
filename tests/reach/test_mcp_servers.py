"""The configured servers of tools: read in the usual forms, checked, and masked wherever they show."""

from __future__ import annotations

import json

import pytest

from deepseek_magic.errors import ConfigurationError
from deepseek_magic.reach.mcp_servers import Masked, ServerTable, recognised_by, servers

SECRET = "very-secret-value-7431"
ENTRY = {"command": "uvx", "args": ["mcp-server-time"], "env": {"TOKEN": SECRET}, "trusted": True}


@pytest.mark.parametrize("around", [{}, {"mcpServers": None}, {"servers": None}])
@pytest.mark.parametrize("filed", [True, False])
def test_the_usual_forms(tmp_path, around, filed):
    away = {"url": "https://example.org/mcp", "headers": {"A": "b"}}
    value = {"time": ENTRY, "away": away, "off": {**ENTRY, "disabled": True}}
    value = {next(iter(around)): value} if around else value
    if filed:
        (tmp_path / "mcp.json").write_text(json.dumps(value))
    found = servers(ServerTable(str(tmp_path / "mcp.json") if filed else value), {})
    assert list(found) == ["time", "away"]
    time, there = found.values()
    assert (time.command, time.args, time.env, time.trusted) == ("uvx", ("mcp-server-time",), {"TOKEN": SECRET}, True)
    assert (there.url, there.headers, there.trusted) == ("https://example.org/mcp", {"A": "b"}, False)


def test_secrets_do_not_show():
    configured = ServerTable({"mcpServers": {"time": {**ENTRY, "args": ["--key", SECRET]}}})
    (server,) = servers(configured, {}).values()
    for value in (configured, server, server.env, Masked(a=SECRET), [server.env]):
        assert SECRET not in f"{value!r} {value!s} {value}"
    assert repr(configured) == "{'time': '****'}"
    assert repr(ServerTable("~/mcp.json")) == "'~/mcp.json'"


def test_variables():
    entry = {"url": "https://example.org", "headers": {"Authorization": "Bearer ${TOKEN}", "X": "${env:TOKEN}"}}
    (server,) = servers(ServerTable({"a": entry}), {"TOKEN": SECRET}).values()
    assert server.headers == {"Authorization": f"Bearer {SECRET}", "X": SECRET}
    for name, said in (("MISSING", "MISSING is not set"), ("DEEPSEEK_API_KEY", "may hold the key of DeepSeek")):
        with pytest.raises(ConfigurationError, match=said):
            servers(ServerTable({"a": {**ENTRY, "env": {"X": f"${{{name}}}"}}}), {"DEEPSEEK_API_KEY": SECRET})


@pytest.mark.parametrize(
    "value",
    [
        {"a b": ENTRY},
        {"a": {}},
        {"a": "uvx"},
        {"a": {"command": "x", "url": "https://example.org"}},
        {"a": {**ENTRY, "arguments": []}},
        {"a": {**ENTRY, "args": "mcp-server-time"}},
        {"a": {**ENTRY, "args": [1]}},
        {"a": {**ENTRY, "env": {"A": 1}}},
        {"a": {**ENTRY, "trusted": "yes"}},
        {"a": {"url": "file:///etc/passwd"}},
        {"a": {"command": ""}},
        ["a"],
        "no-such-file.json",
    ],
)
def test_other_forms_are_refused_in_one_line(value):
    with pytest.raises(ConfigurationError) as raised:
        servers(ServerTable(value), {})
    assert "\n" not in str(raised.value)
    assert SECRET not in str(raised.value)


def test_nothing_is_configured():
    assert servers(ServerTable(), {}) == {}
    assert not ServerTable({})


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"command": "/a/bin/python3.12"}, {"command": "C:\\p\\Python.exe"}, True),
        ({"command": "python"}, {"command": "node"}, False),
        ({"command": "p", "args": ["/home/a/work/s.py"]}, {"command": "p", "args": ["D:\\b\\work\\s.py"]}, True),
        ({"command": "p", "args": ["/home/a/work/s.py"]}, {"command": "p", "args": ["/home/a/play/s.py"]}, False),
        ({"command": "p", "args": ["-m", "a"]}, {"command": "p", "args": ["-m", "b"]}, False),
        ({"command": "p", "args": ["--in=/home/a/w/s"]}, {"command": "p", "args": ["--in=/home/b/w/s"]}, True),
        ({"command": "p", "args": ["--in=/home/a/w/s"]}, {"command": "p", "args": ["--on=/home/a/w/s"]}, False),
        ({"command": "p", "args": ["http://localhost:1/m"]}, {"command": "p", "args": ["http://127.0.0.1:2/m"]}, True),
        ({"command": "p", "args": ["http://localhost:1/m"]}, {"command": "p", "args": ["http://localhost:1/n"]}, False),
        ({"command": "p", "args": ["https://a.example:1/"]}, {"command": "p", "args": ["https://a.example:2/"]}, False),
        ({"command": "p", "env": {"KEY": "a"}}, {"command": "p", "env": {"KEY": "b"}}, True),
        ({"url": "https://a.example/mcp?key=1"}, {"url": "https://u:p@a.example/mcp?key=2"}, True),
        ({"url": "http://localhost:1234/mcp"}, {"url": "http://127.0.0.1:4321/mcp"}, True),
        ({"url": "https://a.example/one"}, {"url": "https://a.example/two"}, False),
        ({"url": "https://a.example/mcp"}, {"url": "https://b.example/mcp"}, False),
    ],
)
def test_what_tells_servers_of_one_name_apart(one, other, same):
    """Not the machine, nor what may be secret."""
    found = [recognised_by(servers(ServerTable({"s": entry}), {})["s"]) for entry in (one, other)]
    assert (found[0] == found[1]) is same
    assert found[0][0] == "s"
