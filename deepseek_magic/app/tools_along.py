"""Find the tools of the configured MCP servers for a question."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from deepseek_magic.chat.conversation import Conversation
from deepseek_magic.chat.question import Question
from deepseek_magic.errors import ConfigurationError
from deepseek_magic.notebook.kernel import Kernel
from deepseek_magic.settings.asking import Asking

from .answer_format import FormatInput

if TYPE_CHECKING:
    from deepseek_magic.reach.consent import Consent
    from deepseek_magic.reach.mcp_servers import Server
    from deepseek_magic.reach.mcp_tools import McpTool

    from .session import Session


def asked_with_tools(
    session: Session,
    config: Mapping[str, Any],
    conversation: Conversation,
    question: Question,
    asking: Asking,
    kernel: Kernel,
    names: Mapping[str, Any],
    *,
    asks: bool,
) -> FormatInput:
    """Return what the format of the answer is made from, with the tools that servers offer at hand."""
    tools_of = partial(tools_of_servers, session, config, question.settings.timeout)
    strangers = conversation.from_outside(question)
    first = conversation.next_source(question.cell) if asking.web and not asking.no_memory else 1
    marker, apart = conversation.marker, partial(told_apart, session, config)
    return FormatInput(question, asking, kernel, names, marker, strangers, session, first, tools_of, asks, apart)


def tools_of_servers(
    session: Session, config: Mapping[str, Any], timeout: float, wanted: Sequence[str], consent: Consent
) -> list[McpTool]:
    """Return the tools for ``wanted`` (``mcp:NAME``); servers that do not run are started.

    Raises:
        OptionError: a server is not configured, or does not have such a tool.
        ConfigurationError, ToolServerFailed: it cannot be started.
    """
    from deepseek_magic.reach.mcp_tools import mcp_tools  # most questions offer none

    servers, allowed = session.clients.tool_servers
    found = partial(configured_servers, session, config, names_in(wanted))
    return mcp_tools(wanted, found, servers, consent, allowed, timeout)


def names_in(wanted: Sequence[str]) -> list[str]:
    """Return the names of the servers in words such as ``mcp:NAME.tool``, in order."""
    return sorted({word.partition(":")[2].partition(".")[0] for word in wanted})


def told_apart(session: Session, config: Mapping[str, Any], wanted: Sequence[str]) -> str:
    """Return what distinguishes the servers of ``wanted`` (``mcp:NAME``) from others of the same names; or ""."""
    from deepseek_magic.reach.mcp_servers import recognised_by  # as above

    names = names_in(wanted)
    try:
        known = configured_servers(session, config, names)
    except ConfigurationError:
        return ""
    return json.dumps([recognised_by(known[name]) for name in names]) if {*names} <= {*known} else ""


def server_names(session: Session, config: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of the configured servers; none if what is configured cannot be read."""
    try:
        return tuple(configured_servers(session, config, ()))
    except ConfigurationError:
        return ()


def configured_servers(
    session: Session, config: Mapping[str, Any], wanted: Collection[str] | None = None
) -> dict[str, Server]:
    """Return the configured servers by name; of those that are not ``wanted`` what cannot be used is left out.

    Raises:
        ConfigurationError: what is configured cannot be read.
    """
    from deepseek_magic.reach.mcp_servers import ServerTable, servers  # as above

    value = config.get("mcp")
    return servers(value if isinstance(value, ServerTable) else ServerTable(value), session.environ, wanted)
