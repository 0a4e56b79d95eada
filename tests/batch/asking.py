"""How the tests of maps ask: one session for each, one endpoint, and no screen."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deepseek_magic.app.mapping import Wanted, map_values
from deepseek_magic.app.session import Session
from deepseek_magic.batch.results import Mapped
from deepseek_magic.batch.values import read
from deepseek_magic.render.progress import no_bar, say_nothing
from tests.faults import Fault, FaultServer, Received, reply

KEY = "sk-of-the-maps-5e0c81f2"


def prompt_of(request: Received) -> str:
    """The last message of a request."""
    return str(request.json["messages"][-1]["content"])


def first_of(request: Received) -> str:
    """The first message of a request, which that of a correction repeats."""
    return str(request.json["messages"][0]["content"])


def prompts(server: FaultServer) -> list[str]:
    """What the server was asked, in the order in which it came."""
    return [prompt_of(request) for request in server.requests]


def answering(request: Received) -> Fault:
    """A reply that tells what it was asked."""
    return reply(f"answer to {prompt_of(request)}")


def session(server: FaultServer) -> Session:
    """A session that asks ``server``, with a key."""
    return Session({"DEEPSEEK_API_KEY": KEY, "DEEPSEEK_BASE_URL": server.url})


def asked(
    within: Session,
    values: Any,
    prompt: str = "{value}",
    *,
    schema: Any = None,
    jobs: Any = 4,
    fresh: bool = False,
    config: Mapping[str, Any] | None = None,
    said: list[str] | None = None,
    **options: Any,
) -> Mapped:
    """Map ``prompt`` over ``values``; what the user is told goes into ``said``."""
    wanted = Wanted(prompt, options, schema, globals(), jobs, fresh)
    say = say_nothing if said is None else said.append
    return map_values(within, config or {}, read(values, "values"), wanted, progress=no_bar, say=say)


def prices(folder: Path, server: FaultServer, prompt: float = 0.0, completion: float = 0.0) -> str:
    """A file that says what a million tokens cost at ``server``."""
    rate = {"cache_miss": prompt, "output": completion}
    table = {"as_of": "2026-11-01", "hosts": {server.url.removeprefix("http://"): {"*": rate}}}
    path = folder / "prices.json"
    path.write_text(json.dumps(table), encoding="utf-8")
    return str(path)
