"""Replies as values: a schema is asked for, the reply is read, checked against it, and built."""
