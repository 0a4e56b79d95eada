"""Filters over the events of a reply: mask the key, and separate thinking in tags from the answer."""
