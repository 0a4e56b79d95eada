"""The embedded endpoint: the chat protocol on loopback, for demos and tests. It is no model and says so."""

from deepseek_magic.demo.endpoint import EmbeddedEndpoint, Received

__all__ = ["EmbeddedEndpoint", "Received"]
