"""Talk to Model Context Protocol servers through the official SDK, on one daemon thread with its own event loop.

No other asyncio of this package outlives a call. What servers send is untrusted, and returned as plain values.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import tempfile
import threading
from base64 import b64decode
from collections.abc import Coroutine, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TextIO, TypeVar, cast

from deepseek_magic.errors import ConfigurationError, DeepSeekError
from deepseek_magic.settings.urls import is_loopback
from deepseek_magic.text import one_line, words_of

from .mcp_servers import Server
from .mcp_transport import transport_to

if TYPE_CHECKING:
    from mcp import Client

#: Seconds to wait for a server to start (uvx and npx download it first), and to end.
STARTING, ENDING = 60.0, 6.0
#: The most tools of one server.
MOST_TOOLS = 128
_PAGES = 20
_LOOK = 0.1
_Result = TypeVar("_Result")


class ToolServerFailed(DeepSeekError):
    """An MCP server cannot be started, or does not answer."""


@dataclass(frozen=True, slots=True)
class Described:
    """A tool as its server describes it. All its fields are words of strangers."""

    name: str
    description: str
    schema: Mapping[str, Any]
    reads_only: bool = False


@dataclass(frozen=True, slots=True)
class McpAnswer:
    """The answer to a call: texts, pictures as bytes, and in words what was left out."""

    texts: tuple[str, ...]
    images: tuple[bytes, ...] = ()
    left_out: tuple[str, ...] = ()
    failed: bool = False


@dataclass(slots=True)
class _Connection:
    """A server that runs or is starting: ``ended`` is set to stop it, ``done`` once it has stopped."""

    server: Server
    ready: Future[Client] = field(default_factory=Future)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    done: threading.Event = field(default_factory=threading.Event)


class ToolServers:
    """The running servers: each is started on its first use, and runs until `close`."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._connections: dict[str, _Connection] = {}

    @property
    def running(self) -> tuple[str, ...]:
        """The names of the servers that were started."""
        return tuple(self._connections)

    def tools(self, server: Server) -> tuple[Described, ...]:
        """Return the tools of ``server`` as it describes them now.

        Raises:
            ToolServerFailed: it cannot be started, or does not answer.
            ConfigurationError: the SDK is not installed.
        """
        tools: tuple[Described, ...] = self._asked(server, _listed, STARTING, "list its tools")
        return tools

    def call(self, server: Server, tool: str, arguments: Mapping[str, Any], timeout: float) -> McpAnswer:
        """Return the answer of ``tool`` of ``server`` within ``timeout`` seconds.

        Raises:
            ToolServerFailed: it does not answer.
            KeyboardInterrupt: the user stopped it.
        """

        async def called(client: Client) -> McpAnswer:
            return _answer(await client.call_tool(tool, dict(arguments)))

        answer: McpAnswer = self._asked(server, called, timeout, f"answer a call of {one_line(tool, 60)}")
        return answer

    def close(self) -> None:
        """Stop all servers, and the thread."""
        connections, self._connections = list(self._connections.values()), {}
        loop, self._loop = self._loop, None
        if loop is None:
            return
        for connection in connections:
            loop.call_soon_threadsafe(connection.ended.set)
        for connection in connections:
            connection.done.wait(ENDING)
        loop.call_soon_threadsafe(loop.stop)

    def _asked(self, server: Server, ask: Any, timeout: float, what: str) -> Any:
        client = self._client(server)
        try:
            return self._waited(asyncio.wait_for(ask(client), timeout))
        except (KeyboardInterrupt, DeepSeekError):
            raise
        except BaseException as error:  # noqa: BLE001  # whatever the SDK or the server raises
            if _refused(error):
                msg = f"mcp:{server.name} did not {what} ({one_line(str(error.args[1]), 160)})"
                raise ToolServerFailed(msg) from None
            if connection := self._connections.pop(server.name, None):  # it will be started again at its next use
                self._running_loop().call_soon_threadsafe(connection.ended.set)
            why = f"nothing came in {timeout:.0f} s" if isinstance(error, TimeoutError) else words_of(error, 160)
            msg = f"mcp:{server.name} did not {what} ({why}): ask again, and it is started again"
            raise ToolServerFailed(msg) from None

    def _client(self, server: Server) -> Client:
        """Return the connection to ``server``; a new one at the first use, or if its configuration has changed."""
        known = self._connections.get(server.name)
        if known is not None and (known.server != server or known.done.is_set()):
            self._running_loop().call_soon_threadsafe(known.ended.set)
            del self._connections[server.name]
            known = None
        if known is None:
            _checked(server)
            known = self._connections[server.name] = _Connection(server)
            self._submit(_serve(known))
        try:
            return _wait(known.ready, STARTING)
        except BaseException as error:
            self._connections.pop(server.name, None)
            self._running_loop().call_soon_threadsafe(known.ended.set)
            if isinstance(error, (KeyboardInterrupt, DeepSeekError)):
                raise
            msg = f"mcp:{server.name} cannot be started ({words_of(error, 200)}): check DeepSeek.mcp"
            raise ToolServerFailed(msg) from None

    def _waited(self, coroutine: Coroutine[Any, Any, _Result]) -> _Result:
        future = self._submit(coroutine)
        try:
            return _wait(future, None)
        except KeyboardInterrupt:
            future.cancel()
            raise

    def _submit(self, coroutine: Coroutine[Any, Any, _Result]) -> Future[_Result]:
        return asyncio.run_coroutine_threadsafe(coroutine, self._running_loop())

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            loop = self._loop = asyncio.new_event_loop()
            threading.Thread(target=_run, args=(loop,), name="deepseek-mcp", daemon=True).start()
        return self._loop


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    with contextlib.closing(loop):
        loop.run_forever()


def _wait(future: Future[_Result], timeout: float | None) -> _Result:
    """Return the result of ``future``, waiting in short steps so that the user can interrupt."""
    left = timeout
    while True:
        try:
            return future.result(_LOOK)
        except (NotYet, TimeoutError):
            if future.done():
                raise
            left = None if left is None else left - _LOOK
            if left is not None and left <= 0:
                msg = f"it did not answer within {timeout:.0f} s"
                raise TimeoutError(msg) from None


def _checked(server: Server) -> None:
    """Check that ``server`` can be started safely.

    Raises:
        ConfigurationError: headers would be sent unencrypted, or the SDK is not installed.
    """
    if server.headers and server.url.startswith("http://") and not is_loopback(server.url):
        msg = f"mcp:{server.name}: its headers would travel unencrypted: use https"
        raise ConfigurationError(msg)
    try:
        from mcp import Client  # noqa: F401  # optional, and slow to load
    except ImportError:
        msg = "tools of MCP servers need the SDK of the extra mcp: python -m pip install mcp"
        raise ConfigurationError(msg) from None


async def _serve(connection: _Connection) -> None:
    """Hold the connection from its beginning to its end, in one task, as the SDK requires."""
    from mcp import Client  # as above

    server = connection.server
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as log:
        try:
            async with transport_to(server, log.fileno()) as transport, Client(transport, cache=None) as client:
                connection.ready.set_result(client)
                await connection.ended.wait()
        except BaseException as error:  # noqa: BLE001  # reported to the thread that waits for the start
            if not connection.ready.done():
                connection.ready.set_exception(ToolServerFailed(_why(server, error, cast("TextIO", log))))
        finally:
            connection.done.set()


def _refused(error: BaseException) -> bool:
    """Return whether ``error`` is the server's answer to one request, so that the server goes on running."""
    from mcp import MCPError  # loaded with the connection
    from mcp_types import CONNECTION_CLOSED

    return isinstance(error, MCPError) and error.code != CONNECTION_CLOSED


def _why(server: Server, error: BaseException, log: TextIO) -> str:
    while (
        isinstance(inner := getattr(error, "exceptions", None), tuple) and inner
    ):  # the SDK's tasks raise groups of one
        error = inner[0]
    said = ""
    with suppress(OSError):
        log.seek(max(0, log.seek(0, os.SEEK_END) - 2_000))
        said = next((line for line in reversed(log.read().splitlines()) if line.strip()), "")
    last = f"; its last line: {one_line(said, 120)}" if said else ""
    return f"mcp:{server.name} cannot be started ({words_of(error, 160)}{last}): check DeepSeek.mcp"


async def _listed(client: Client) -> tuple[Described, ...]:
    found: list[Described] = []
    cursor: str | None = None
    for _ in range(_PAGES):
        page = await client.list_tools(cursor=cursor)
        for tool in page.tools:
            hints = tool.annotations
            reads_only = hints is not None and hints.read_only_hint is True
            found.append(Described(tool.name, tool.description or "", tool.input_schema, reads_only))
        cursor = page.next_cursor
        if not cursor or len(found) >= MOST_TOOLS:
            break
    return tuple(found[:MOST_TOOLS])


def _answer(result: Any) -> McpAnswer:
    texts: list[str] = []
    images: list[bytes] = []
    left: list[str] = []
    for part in result.content:
        resource = getattr(part, "resource", None)
        if part.type == "text" or isinstance(getattr(resource, "text", None), str):
            texts.append(part.text if part.type == "text" else getattr(resource, "text", ""))
        elif part.type == "image":
            with suppress(ValueError):
                images.append(b64decode(part.data))
        elif part.type == "resource_link":
            texts.append(f"[a link to {one_line(str(part.uri), 200)}]")
        else:
            left.append(part.type)
    if not texts and result.structured_content is not None:
        texts.append(json.dumps(result.structured_content, ensure_ascii=False))
    return McpAnswer(tuple(texts), tuple(images), tuple(left), result.is_error is True)
