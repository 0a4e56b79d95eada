"""``--tools mcp:NAME``: offer tools of other programs to the model; the user is asked before each call.

A server is a stranger: its descriptions are marked as its words, and the results of its tools are wrapped as data.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from deepseek_magic.api.events import Calling
from deepseek_magic.api.messages import Tool, ToolCall
from deepseek_magic.errors import OptionError
from deepseek_magic.text import counted, one_line, visible
from deepseek_magic.tools.calls import read_arguments
from deepseek_magic.tools.offered import Made

from .consent import Consent
from .mcp_client import Described, ToolServerFailed, ToolServers
from .mcp_servers import Server

#: The prefix of names for the tools of a server.
MCP = "mcp:"
# The most characters of a description, of one in a schema, and of a whole schema.
_LONGEST, _LONGEST_IN_SCHEMA, _LONGEST_SCHEMA = 1_000, 300, 20_000
_DEPTH = 12
#: The most characters of a call: the user would not see the end of a longer one.
_ASKABLE = 4_000
_MOST_IMAGES, _MOST_IMAGE = 4, 2_000_000
_OTHER = re.compile(r"[^A-Za-z0-9_-]+")
_NAMED = 64


@dataclass(slots=True)
class Allowed:
    """What the user allowed in this session: for each tool, digests of its server and its description at the time."""

    digests: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)


class McpTool:
    """One tool of one server.

    Args:
        server: its server.
        described: the server's description of it.
        name: its name for the model.
        servers: makes the calls.
        consent: asks the user.
        allowed: what the user allowed before.
        timeout: the most seconds of a call.
    """

    def __init__(
        self,
        server: Server,
        described: Described,
        name: str,
        servers: ToolServers,
        consent: Consent,
        allowed: Allowed,
        timeout: float,
    ) -> None:
        self.tool = replace(told(server, described, name), server=server.name)
        self._server = server
        self._described = described
        self._servers = servers
        self._consent = consent
        self._allowed = allowed
        self._timeout = timeout

    def calling(self, call: ToolCall, words: str) -> Calling:  # noqa: ARG002  # as the protocol has it
        """Return the event that is shown before the user is asked about ``call``, or it is made."""
        return Calling(words)

    def made(self, call: ToolCall, words: str) -> Made:
        """Make ``call`` if the user allows it, and return the result."""
        arguments = read_arguments(call.arguments)
        if isinstance(arguments, str):
            return Made(arguments, failed=True)
        if len(words) >= _ASKABLE:
            return Made("this call is too long for the user to be asked about it: make it shorter", failed=True)
        if not self._asked(words):
            return Made("the user did not allow this call", failed=True)
        started = time.monotonic()
        try:
            answer = self._servers.call(self._server, self._described.name, arguments, self._timeout)
        except ToolServerFailed as error:
            return Made(str(error), failed=True, seconds=time.monotonic() - started)
        images = tuple(one for one in answer.images if len(one) <= _MOST_IMAGE)[:_MOST_IMAGES]
        seen = [f"[{counted(len(images), 'picture')}]"] if images else []
        gone = [f"[left out: {one_line(', '.join(answer.left_out), 80)}]"] if answer.left_out else []
        text = visible("\n\n".join([*answer.texts, *seen, *gone])) or "(it gave nothing)"
        return Made(text, answer.failed, time.monotonic() - started, images)

    def _asked(self, words: str) -> bool:
        """Ask the user about a call. That a tool says it only reads counts only if the user trusts the server."""
        key, digests = (self._server.name, self._described.name), _digests(self._server, self._described)
        before = self._allowed.digests.get(key)
        if before == digests and self._server.trusted and self._described.reads_only:
            return True
        if not self._consent.watched:
            return self._consent.yes
        changed = _changed(before, digests)
        prompt = f"The model wants to call {words}, a tool of {MCP}{self._server.name}.{changed} Call it? [y/N] "
        if self._consent.answer(prompt, ["y", "n"]) != "y":
            return False
        self._allowed.digests[key] = digests
        return True


def told(server: Server, described: Described, name: str) -> Tool:
    """Return ``described`` as it is sent to the model: marked as the server's words, and bounded."""
    words = visible(described.description)[:_LONGEST].strip()
    said = f"A tool of another program, {server.name}, which says of it: {json.dumps(words, ensure_ascii=False)}"
    schema = _schema(described.schema, _DEPTH)
    if not isinstance(schema, dict) or len(json.dumps(schema)) > _LONGEST_SCHEMA:
        schema = {}
    return Tool.of(name, said, {**schema, "type": "object", "properties": schema.get("properties") or {}})


def _schema(value: Any, depth: int) -> Any:
    """Return a JSON Schema with bounded texts and without invisible characters."""
    if isinstance(value, str):
        return visible(value)[:_LONGEST_IN_SCHEMA]
    if depth and isinstance(value, Mapping):
        return {visible(str(key))[:_NAMED]: _schema(one, depth - 1) for key, one in value.items() if key != "$schema"}
    if depth and isinstance(value, (list, tuple)):
        return [_schema(one, depth - 1) for one in value]
    return value if isinstance(value, (bool, int, float)) or value is None else {}


def _digests(server: Server, described: Described) -> tuple[str, str]:
    """Return digests of ``server`` and of its description of a tool, by which a change is noticed."""
    whose = [server.command, server.args, server.cwd, server.url]
    said = [described.description, described.schema, described.reads_only]
    made = (json.dumps(one, sort_keys=True, default=str).encode("utf-8", "replace") for one in (whose, said))
    first, second = (hashlib.sha256(one).hexdigest() for one in made)
    return first, second


def _changed(before: tuple[str, str] | None, now: tuple[str, str]) -> str:
    if before is None or before == now:
        return ""
    what = "Its server has changed" if before[0] != now[0] else "Its description or schema has changed"
    return f" {what}; you allowed what it was before."


def named(server: str, tools: Iterable[Described]) -> dict[str, Described]:
    """Return ``tools`` by their names for the model, which no function of the user has by accident.

    Two tools that would have the same name get a digest at the end; of two that the server gives one name, the first
    counts.
    """
    found: dict[str, Described] = {}
    seen: set[str] = set()
    for tool in tools:
        if tool.name in seen:
            continue
        seen.add(tool.name)
        name = f"mcp_{server}_{_OTHER.sub('_', tool.name)}"
        if name in found or len(name) > _NAMED:
            name = f"{name[: _NAMED - 9]}_{hashlib.sha256(tool.name.encode('utf-8', 'replace')).hexdigest()[:8]}"
        found[name] = tool
    return found


def mcp_tools(
    wanted: Sequence[str],
    configured: Callable[[], Mapping[str, Server]],
    servers: ToolServers,
    consent: Consent,
    allowed: Allowed,
    timeout: float,
) -> list[McpTool]:
    """Return the tools for ``wanted``: ``mcp:NAME`` or ``mcp:NAME.tool``.

    Raises:
        OptionError: a server is not configured, or does not have such a tool.
        ToolServerFailed, ConfigurationError: a server cannot be started.
    """
    known = configured()
    chosen: dict[str, list[str]] = {}
    for word in wanted:
        name, _, tool = word.removeprefix(MCP).partition(".")
        if name not in known:
            there = ", ".join(f"{MCP}{one}" for one in known) or "none is"
            msg = f"--tools {one_line(word, 60)}: no such server is configured (%config DeepSeek.mcp): {there}"
            raise OptionError(msg)
        chosen.setdefault(name, []).append(tool)
    made: list[McpTool] = []
    for name, only in chosen.items():
        offered = named(name, servers.tools(known[name]))
        missing = [tool for tool in only if tool and tool not in {one.name for one in offered.values()}]
        if missing:
            there = one_line(", ".join(one.name for one in offered.values()) or "none at all", 200)
            msg = f"--tools {MCP}{name}.{one_line(missing[0], 60)}: there is no such tool: choose among {there}"
            raise OptionError(msg)
        made += [
            McpTool(known[name], one, called, servers, consent, allowed, timeout)
            for called, one in offered.items()
            if "" in only or one.name in only
        ]
    return made
