"""``%deepseek_tools``: what ``--tools`` can offer, with schemas."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from deepseek_magic.app.tools_along import configured_servers, tools_of_servers
from deepseek_magic.errors import OptionError
from deepseek_magic.notebook.namespace import own_names
from deepseek_magic.text import one_line

from .call import Call, Result
from .cards import table

if TYPE_CHECKING:
    from deepseek_magic.api.messages import Tool

_LONGEST = 4_000


def command(call: Call) -> Result:
    """List what ``--tools`` can offer, or the tools that the names on the line stand for.

    Raises:
        OptionError: a name stands for nothing that can be offered.
        ConfigurationError, ToolServerFailed: a server cannot be started.
    """
    words = [word for word in call.line.replace(",", " ").split() if word]
    names = own_names(call.kernel.shell, call.local_names)
    if not words:
        return Result(show=(table(("--tools", "what it offers"), list(_overview(call, names))),))
    tools = [tool for word in dict.fromkeys(words) for tool in _tools(call, word, names)]
    rows = [(tool.name, one_line(tool.description, _LONGEST), _schema(tool)) for tool in tools]
    return Result(show=(table(("tool", "description", "parameters"), rows),))


def _overview(call: Call, names: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in names.items():
        if inspect.isroutine(value) and getattr(value, "__module__", "") == "__main__":
            yield name, "your function"
    yield "notebook", "tools that look into the notebook, and change nothing"
    yield "run", "code that the model proposes; each piece is shown and asked for"
    running = call.session.clients.running_tool_servers
    for name, server in configured_servers(call.session, call.config).items():
        how = "a server at a URL" if server.url else "a server that is started by a command"
        trust = ", trusted" if server.trusted else ""
        yield f"mcp:{name}", f"{how}{trust}; {'it runs' if name in running else 'not started'}"


def _tools(call: Call, word: str, names: Mapping[str, Any]) -> list[Tool]:
    from deepseek_magic.reach.consent import Consent
    from deepseek_magic.reach.mcp_tools import MCP
    from deepseek_magic.reach.run_tool import RUN, TOOL
    from deepseek_magic.tools.signatures import function_of

    if word.startswith(MCP):
        consent = Consent(watched=False, yes=False)  # nothing is called
        return [one.tool for one in tools_of_servers(call.session, call.config, 30.0, [word], consent)]
    if word == RUN:
        return [TOOL]
    if word == "notebook" and word not in names:
        return _notebook_tools(call, names)
    if word not in names:
        msg = f"%deepseek_tools: nothing is named {one_line(word, 40)!r}; without a name it lists what there is"
        raise OptionError(msg)
    return [function_of(word, names[word], names).tool]


def _notebook_tools(call: Call, names: Mapping[str, Any]) -> list[Tool]:
    from deepseek_magic.app.notebook_tools import NotebookTools
    from deepseek_magic.context.reader import Reader
    from deepseek_magic.notebook.running import RunningNotebook

    reader = Reader(RunningNotebook(call.kernel.shell, call.session.environ), names, call.session.guard, tokens=1_000)
    return [function.tool for function in NotebookTools(reader).functions()]


def _schema(tool: Tool) -> str:
    return one_line(json.dumps(json.loads(tool.parameters), ensure_ascii=False), _LONGEST)
