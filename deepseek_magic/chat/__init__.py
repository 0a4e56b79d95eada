"""Hold the conversation: its turns, and the one loop that asks."""
