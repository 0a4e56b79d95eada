"""Check the set-up: each check reports in one line that something is fine, or what to do about it."""
