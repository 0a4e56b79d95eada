"""The transport to an MCP server: its messages, each limited in size before it is read.

The SDK joins what came of a message again with each piece of it, and takes any length; a server that is
careless or hostile would fill the memory of the kernel. So what is longer is dropped as it comes, and the request that
it answers ends at once.
"""

from __future__ import annotations

import logging
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

from .mcp_servers import Server

if TYPE_CHECKING:
    from anyio.abc import Process

#: The most bytes of one message of a server: four pictures of 2 MB in base64, and some text.
MOST_MESSAGE = 12_000_000
_TOO_LONG = f"its answer has more than {MOST_MESSAGE // 10**6} MB"
#: Seconds to connect to a server at a URL.
CONNECTING = 30.0
# Seconds that a program has to end by itself, and then again when it is asked to.
_ENDING = 2.0
_LOOK = 0.02
_ID = re.compile(rb'"id"\s*:\s*("?)([\w-]{1,64})\1')
# The bytes at the beginning of a message in which the id of its request is expected.
_HEAD = 300


@asynccontextmanager
async def transport_to(server: Server, log: int) -> AsyncIterator[Any]:
    """Yield the transport to ``server`` as the SDK's client takes it; ``log`` is a file for its standard error."""
    # else Python prints the SDK's log, tracebacks among it, into the cell that happens to run
    if not (sdk := logging.getLogger("mcp")).handlers:
        sdk.addHandler(logging.NullHandler())
    if server.url:
        async with _http(server) as transport:
            yield transport
    elif sys.platform == "win32":  # only the SDK knows how to end a program there, with all that it started
        from mcp import StdioServerParameters, stdio_client

        started = StdioServerParameters(
            command=server.command, args=list(server.args), env=dict(server.env), cwd=server.cwd or None
        )
        with os.fdopen(os.dup(log), "w", encoding="utf-8") as file:
            yield stdio_client(started, errlog=file)
    else:
        yield _stdio(server, log)


@asynccontextmanager
async def _http(server: Server) -> AsyncIterator[AbstractAsyncContextManager[Any]]:
    import httpx2
    from mcp.client.streamable_http import streamable_http_client

    class Bounded(httpx2.AsyncByteStream):
        """A body that ends with an error where it is too long."""

        def __init__(self, stream: Any, refused: str, *, of_events: bool) -> None:
            self._stream, self._refused, self._of_events = stream, refused, of_events

        async def __aiter__(self) -> AsyncIterator[bytes]:
            size = 0
            async for piece in self._stream:
                size += len(piece)
                if self._refused or (size > MOST_MESSAGE and not self._of_events):
                    raise httpx2.StreamError(self._refused or _TOO_LONG)
                yield piece

        async def aclose(self) -> None:
            await self._stream.aclose()

    async def bound(response: Any) -> None:
        coding = response.headers.get("content-encoding", "identity").strip().lower()
        refused = "" if coding in ("", "identity") else "it packs what it sends, which was not asked for"
        kind = response.headers.get("content-type", "").strip().lower()
        # a stream of events has no end of its own; the SDK bounds each event
        response.stream = Bounded(response.stream, refused, of_events=kind.startswith("text/event-stream"))

    async with httpx2.AsyncClient(
        headers={**server.headers, "Accept-Encoding": "identity"},
        timeout=httpx2.Timeout(CONNECTING, read=None),
        event_hooks={"response": [bound]},
    ) as http:
        yield streamable_http_client(server.url, http_client=http, max_sse_event_size=MOST_MESSAGE)


@asynccontextmanager
async def _stdio(server: Server, log: int) -> AsyncIterator[Any]:
    """Yield the streams to the program of ``server``, which speaks JSON-RPC, one message a line."""
    import anyio
    from mcp.client.stdio import get_default_environment
    from mcp.shared.message import SessionMessage

    process = await anyio.open_process(
        [server.command, *server.args],
        env={**get_default_environment(), **server.env},
        stderr=log,
        cwd=server.cwd or None,
        start_new_session=True,
    )
    told, heard = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    tell, hears = anyio.create_memory_object_stream[SessionMessage](0)
    pending: dict[str | int, None] = {}
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_read, process, told, pending)
        tasks.start_soon(_write, process, hears, told, pending)
        try:
            yield heard, tell
        finally:
            with anyio.CancelScope(shield=True):
                await _end(process)
                for stream in (heard, tell, told, hears):
                    await stream.aclose()
            tasks.cancel_scope.cancel()


async def _read(process: Process, told: Any, pending: dict[str | int, None]) -> None:
    """Hand the messages of ``process`` on; one that cannot be read counts as none."""
    import anyio
    from mcp.shared.message import SessionMessage
    from mcp_types import PARSE_ERROR, ErrorData, JSONRPCError, JSONRPCResponse, jsonrpc_message_adapter

    async def hand_on(line: bytes) -> None:
        if not line.strip():
            return
        with suppress(ValueError):  # a program that prints beside the protocol
            message = jsonrpc_message_adapter.validate_json(line, by_name=False)
            if isinstance(message, (JSONRPCResponse, JSONRPCError)) and message.id is not None:
                pending.pop(message.id, None)
            await told.send(SessionMessage(message))

    async def refuse(head: bytes) -> None:
        named = {found[2].decode() for found in _ID.finditer(head)}
        for one in [one for one in pending if str(one) in named] or list(pending):
            pending.pop(one, None)
            error = ErrorData(code=PARSE_ERROR, message=_TOO_LONG)
            await told.send(SessionMessage(JSONRPCError(jsonrpc="2.0", id=one, error=error)))

    assert process.stdout is not None  # it was asked for
    with suppress(anyio.ClosedResourceError, anyio.BrokenResourceError, OSError):
        async with told:
            await _lines(process.stdout.receive, hand_on, refuse)


async def _lines(
    receive: Callable[[], Awaitable[bytes]],
    hand_on: Callable[[bytes], Awaitable[None]],
    refuse: Callable[[bytes], Awaitable[None]],
) -> None:
    """Hand on each line of what ``receive`` gives, until it ends; of one that is too long ``refuse`` gets the head."""
    import anyio

    pieces: list[bytes] = []
    size, skipping = 0, False
    while True:
        try:
            chunk = await receive()
        except anyio.EndOfStream:
            return
        for place, part in enumerate(chunk.split(b"\n")):
            if place:  # a line has ended
                if not skipping:
                    await hand_on(b"".join(pieces))
                pieces, size, skipping = [], 0, False
            size += len(part)
            if size > MOST_MESSAGE and not skipping:
                await refuse(b"".join([*pieces[:4], part])[:_HEAD])
                pieces, skipping = [], True
            elif not skipping:
                pieces.append(part)


async def _write(process: Process, hears: Any, told: Any, pending: dict[str | int, None]) -> None:
    import anyio
    from mcp_types import JSONRPCRequest

    assert process.stdin is not None  # it was asked for
    try:
        async with hears:
            async for said in hears:
                message = said.message
                if isinstance(message, JSONRPCRequest):
                    pending[message.id] = None
                line = message.model_dump_json(by_alias=True, exclude_unset=True)
                await process.stdin.send(f"{line}\n".encode())
    except (anyio.ClosedResourceError, anyio.BrokenResourceError, OSError):
        await told.aclose()  # who waits for an answer hears that it ended


async def _end(process: Process) -> None:
    """End the program: it is told by the end of its input, then asked, then made to; what it leaves is ended too."""
    import anyio

    async def ended() -> bool:
        deadline = anyio.current_time() + _ENDING
        while process.returncode is None:
            if anyio.current_time() >= deadline:
                return False
            await anyio.sleep(_LOOK)
        return True

    assert process.stdin is not None  # as above
    assert process.stdout is not None
    with suppress(OSError, anyio.BrokenResourceError, anyio.ClosedResourceError):
        await process.stdin.aclose()
    for sign in (signal.SIGTERM, signal.SIGKILL):
        if await ended():
            break
        with suppress(OSError):
            os.killpg(process.pid, sign)
    await ended()
    if process.returncode is None or not _is_taken(process.pid):
        with suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
    with suppress(OSError, anyio.BrokenResourceError, anyio.ClosedResourceError):
        await process.stdout.aclose()
    # who left the group may hold the output: else Python prints a traceback, once the loop has ended
    if (transport := getattr(getattr(process, "_process", None), "_transport", None)) is not None:
        transport.close()
        await anyio.sleep(0)


def _is_taken(number: int) -> bool:
    """Return whether the ``number`` of a process that ended is another's now: while its group lives it is nobody's."""
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass
    return True
