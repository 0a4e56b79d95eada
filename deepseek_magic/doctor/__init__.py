"""Checks of a set-up: each says that something is fine, or what to do about it, in one line."""
