"""An endpoint, a session and a cell that is run, as for `app`."""

from tests.app.conftest import run_cell, server, session

__all__ = ["run_cell", "server", "session"]
