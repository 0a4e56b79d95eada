"""The server that misbehaves: one door to its scripts, its server and its catalogue.

    with FaultServer() as server:
        server.enqueue(*named("503-then-success"))
        ...ask server.url...
        assert server.requests[0].json["stream"] is True

The scripts and the helpers that make chunks are in `faults_wire`, the server in `faults_server`, and every oddity
of the wire, by number and name, in `faults_catalogue`.
"""

from __future__ import annotations

from tests.faults_catalogue import BEGUN, CATALOGUE, HOSTILE, TEXT, THOUGHT, Entry, named, numbered
from tests.faults_server import NORMAL_TEXT, PATIENCE, FaultServer, Received, normal, refused
from tests.faults_wire import (
    ABSENT,
    DONE,
    KEEP_ALIVE,
    MODEL,
    TRACE,
    Close,
    Fault,
    Hang,
    Pause,
    Reset,
    api_error,
    chunk,
    completion,
    deltas,
    document,
    error,
    event,
    finish,
    gated,
    redirect,
    reply,
    stream,
    usage,
)

__all__ = [
    "ABSENT",
    "BEGUN",
    "CATALOGUE",
    "DONE",
    "HOSTILE",
    "KEEP_ALIVE",
    "MODEL",
    "NORMAL_TEXT",
    "PATIENCE",
    "TEXT",
    "THOUGHT",
    "TRACE",
    "Close",
    "Entry",
    "Fault",
    "FaultServer",
    "Hang",
    "Pause",
    "Received",
    "Reset",
    "api_error",
    "chunk",
    "completion",
    "deltas",
    "document",
    "error",
    "event",
    "finish",
    "gated",
    "named",
    "normal",
    "numbered",
    "redirect",
    "refused",
    "reply",
    "stream",
    "usage",
]
