"""The embedded endpoint: the chat protocol on loopback, for demos and tests."""
