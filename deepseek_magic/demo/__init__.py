"""The embedded endpoint: the chat protocol on loopback, for demos and tests. It is not a model and says so."""

from .endpoint import EmbeddedEndpoint

__all__ = ["EmbeddedEndpoint"]
