"""Tools besides the user's functions: code that runs once the user allows it, the web, and MCP servers."""
