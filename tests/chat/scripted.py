"""Questions through the loop of a conversation to a scripted server, over real HTTP, without a kernel."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from deepseek_magic.api.client import Client
from deepseek_magic.api.dialects import dialect_of
from deepseek_magic.api.events import Batch, Event
from deepseek_magic.chat.conversation import Conversation
from deepseek_magic.chat.plan import Plan
from deepseek_magic.chat.question import Question
from deepseek_magic.chat.reply import Reply
from deepseek_magic.render.renderer import Ending
from deepseek_magic.settings.parameters import Settings
from tests.faults import ABSENT, Fault, chunk, deltas, finish, stream
from tests.strict_endpoint import StrictEndpoint


class Recorded:
    """A renderer that keeps what it is shown, and the ending."""

    display_id = ""
    shows_source = False

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.ending: Ending | None = None

    def open(self) -> None:
        """Do nothing."""

    def show(self, batch: Batch) -> None:
        """Keep the events of ``batch``."""
        self.events += batch

    def close(self, ending: Ending) -> None:
        """Keep ``ending``."""
        self.ending = ending


class Asker:
    """One conversation with the endpoint at ``url``.

    ``shown`` is what the reader of the last question saw.
    """

    def __init__(self, url: str, **settings: Any) -> None:
        self.settings = Settings(base_url=url, **settings)
        self.conversation = Conversation()
        self.shown = Recorded()
        self._client = Client(url, None, dialect_of(self.settings), sleep=lambda _seconds: None)

    @property
    def dialect(self) -> Any:
        """How the endpoint is spoken to."""
        return dialect_of(self.settings)

    def ask(self, text: str, plan: Plan | None = None) -> Reply:
        """Ask ``text`` and return the reply."""
        self.shown = Recorded()
        return self.conversation.ask(Question(text, self.settings), self._client, self.shown, plan=plan)

    def go_on(self) -> Reply:
        """Go on with the last reply, and return all of it."""
        self.shown = Recorded()
        return self.conversation.resume(self.settings, self._client, self.shown)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


@contextmanager
def asker(url: str, **settings: Any) -> Iterator[Asker]:
    """A conversation whose connections are closed in the end."""
    made = Asker(url, **settings)
    try:
        yield made
    finally:
        made.close()


def call(name: str | None, arguments: Any = ABSENT, call_id: Any = ABSENT, index: Any = 0) -> dict[str, Any]:
    """One piece of a call, as a delta holds it; what is `ABSENT` is left out."""
    function = {"name": name, "arguments": arguments}
    whole = {"index": index, "id": call_id, "type": "function"}
    made = {key: value for key, value in whole.items() if value is not ABSENT}
    return {**made, "function": {key: value for key, value in function.items() if value not in (ABSENT, None)}}


def calling(*pieces: dict[str, Any], text: str = "", reasoning: str = "", reason: str = "tool_calls") -> Fault:
    """A stream that brings these pieces of calls, one event each, after text and thinking."""
    steps = [chunk({"tool_calls": [piece]}) for piece in pieces]
    return stream(*deltas(text, reasoning), *steps, *finish(reason))


def accepted(messages: list[dict[str, Any]], **fields: Any) -> bool:
    """Whether the embedded endpoint, which checks it by the documented rules, accepts this conversation."""
    body = {"model": "deepseek-flash", "messages": messages, "stream": False, **fields}
    with StrictEndpoint() as endpoint:
        import requests

        answer = requests.post(f"{endpoint.url}/chat/completions", json=body, timeout=60)
    assert answer.status_code == 200, answer.text
    return True
