"""The conversation: its turns, and the one loop that asks the endpoint."""
