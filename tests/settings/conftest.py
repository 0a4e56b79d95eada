"""What runs cells, for the tests of words that are misspelt in one; the fixtures are those of the room above."""

from tests.app.conftest import run_cell, server, session

__all__ = ["run_cell", "server", "session"]
