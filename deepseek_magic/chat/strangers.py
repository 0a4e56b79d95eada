"""Which tools return words of strangers: nobody vouches for them, and what follows from them is asked for."""

from __future__ import annotations

#: How the names of tools begin whose results are words of strangers: of the web, or of another program.
FROM_OUTSIDE = ("web_", "mcp_")


def is_from_outside(tool: str) -> bool:
    """Return whether the results of the tool of that name are words of strangers."""
    return tool.startswith(FROM_OUTSIDE)
