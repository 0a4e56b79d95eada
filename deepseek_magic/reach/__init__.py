"""Tools beside the user's functions: code that runs once the user allows it, and tools of other programs."""
