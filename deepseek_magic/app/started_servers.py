"""The tool servers that a session started, and what the user allowed them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deepseek_magic.reach.mcp_client import ToolServers
    from deepseek_magic.reach.mcp_tools import Allowed


class Started:
    """Nothing is imported or started before the first use."""

    def __init__(self) -> None:
        self._made: tuple[ToolServers, Allowed] | None = None

    def all(self) -> tuple[ToolServers, Allowed]:
        """Return the servers, each started at its first use, and what was allowed."""
        if self._made is None:
            from deepseek_magic.reach.mcp_client import ToolServers  # most sessions have none
            from deepseek_magic.reach.mcp_tools import Allowed

            self._made = ToolServers(), Allowed()
        return self._made

    @property
    def running(self) -> tuple[str, ...]:
        """The names of those that were started."""
        return () if self._made is None else self._made[0].running

    def close(self) -> None:
        """Stop them."""
        if self._made is not None:
            self._made[0].close()
