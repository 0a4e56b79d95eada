"""Replies as values: ask for JSON that fits a schema, then read, check and build the value."""
