"""Name the tools that return words of strangers. Actions that may follow from such words need the user's consent."""

from __future__ import annotations

#: Prefixes of the tools whose results come from the web or from another program.
FROM_OUTSIDE = ("web_", "mcp_")


def is_from_outside(tool: str) -> bool:
    """Return whether the results of the tool named ``tool`` are words of strangers."""
    return tool.startswith(FROM_OUTSIDE)
