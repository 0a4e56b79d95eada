"""Filters over the events of a reply: the key is masked, thinking in tags is set apart."""
