"""`Clients`: the clients of a session, whose connections stay open for the next question."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from deepseek_magic.api.dialects import Dialect, dialect_of
from deepseek_magic.first_use import MadeOnce
from deepseek_magic.settings.keys import Key
from deepseek_magic.settings.parameters import Settings

if TYPE_CHECKING:
    from deepseek_magic.api.client import Client
    from deepseek_magic.api.web_search import WebClient
    from deepseek_magic.reach.mcp_client import ToolServers
    from deepseek_magic.reach.mcp_tools import Allowed

#: To how many endpoints connections are kept open at a time.
_MOST = 4


class Clients:
    """A client for each recently used endpoint."""

    def __init__(self) -> None:
        self._clients: dict[tuple[str, Key | None, Dialect, str], Client] = {}
        self._lock = threading.Lock()  # questions in the background ask for one beside others
        self._web: tuple[tuple[str, Key | None, str], WebClient] | None = None

    @MadeOnce
    def tool_servers(self) -> tuple[ToolServers, Allowed]:
        """The MCP servers, each started at its first use, and what the user allowed."""
        from deepseek_magic.reach.mcp_client import ToolServers  # most sessions have none
        from deepseek_magic.reach.mcp_tools import Allowed

        return ToolServers(), Allowed()

    @property
    def running_tool_servers(self) -> tuple[str, ...]:
        """The names of the MCP servers that were started."""
        return self.tool_servers[0].running if "tool_servers" in vars(self) else ()

    def client(self, settings: Settings) -> Client:
        """Return a client for the endpoint of ``settings``."""
        # requests is heavy, and the first question is soon enough for it
        from deepseek_magic.api.client import Client

        endpoint = (settings.base_url, settings.key, dialect_of(settings), settings.client_cert)
        with self._lock:
            client = self._clients.pop(endpoint, None) or Client(*endpoint[:3], certificate=settings.client_cert)
            self._clients[endpoint] = client
            while len(self._clients) > _MOST:
                self._clients.pop(next(iter(self._clients))).close()
        return client

    def one_more(self, settings: Settings) -> Client:
        """Return a separate client for the endpoint of ``settings``, for one thread, which must close it."""
        from deepseek_magic.api.client import Client  # as above

        return Client(settings.base_url, settings.key, dialect_of(settings))

    def web(self, base_url: str, key: Key | None, certificate: str) -> WebClient:
        """Return a client for the web search server at ``base_url``."""
        from deepseek_magic.api.web_search import WebClient  # as above

        with self._lock:
            if self._web is None or self._web[0] != (base_url, key, certificate):
                self._close_web()
                self._web = (base_url, key, certificate), WebClient(base_url, key, certificate=certificate)
            return self._web[1]

    def _close_web(self) -> None:
        web, self._web = self._web, None
        if web is not None:
            web[1].close()

    def close(self) -> None:
        """Close every connection."""
        if "tool_servers" in vars(self):
            self.tool_servers[0].close()
        with self._lock:
            self._close_web()
            while self._clients:
                self._clients.popitem()[1].close()
