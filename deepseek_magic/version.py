"""The version, on the ground floor: the client names it to the endpoint."""

__version__ = "0.1.0"
