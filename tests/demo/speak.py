"""A small client for the tests of the embedded endpoint: plain HTTP, nothing of our own client in it."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from typing import Any

from deepseek_magic.demo import EmbeddedEndpoint

KEY = "sk-0123456789abcdef"
OFF = {"thinking": {"type": "disabled"}}


@dataclass(frozen=True)
class Said:
    """One answer: its status, headers, body, and the JSON of it or of its events."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> str:
        return str(self.json["error"]["message"])

    @property
    def message(self) -> Any:
        return self.json["choices"][0]["message"]

    @property
    def text(self) -> str:
        return str(self.message["content"])

    @property
    def finish(self) -> str:
        return str(self.json["choices"][0]["finish_reason"])

    @property
    def chunks(self) -> list[Any]:
        """The JSON of each event; the stream must end with ``[DONE]``."""
        events = [event for event in self.body.decode().split("\n\n") if event and not event.startswith(":")]
        assert events[-1] == "data: [DONE]"
        return [json.loads(event.removeprefix("data: ")) for event in events[:-1]]

    def joined(self, field: str) -> str:
        """The pieces of ``content`` or ``reasoning_content``, joined."""
        return "".join(chunk["choices"][0]["delta"].get(field) or "" for chunk in self.chunks)


def send(
    endpoint: EmbeddedEndpoint, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
) -> Said:
    """One request on a fresh connection; a body that is not bytes becomes JSON."""
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    connection = http.client.HTTPConnection("127.0.0.1", int(endpoint.url.rpartition(":")[2]), timeout=60)
    try:
        connection.request(method, path, data, {"Authorization": f"Bearer {KEY}", **(headers or {})})
        response = connection.getresponse()
        return Said(response.status, {k.lower(): v for k, v in response.headers.items()}, response.read())
    finally:
        connection.close()


def user(*questions: str) -> list[dict[str, Any]]:
    """Messages of the user."""
    return [{"role": "user", "content": question} for question in questions]


def chat(endpoint: EmbeddedEndpoint, messages: Any, base: str = "", /, **fields: Any) -> Said:
    """One chat request; thinking is off unless ``thinking`` is given (``None`` leaves it out)."""
    messages = user(messages) if isinstance(messages, str) else messages
    body = {"model": "deepseek-flash", "messages": messages, **OFF, **fields}
    return send(endpoint, "POST", f"{base}/chat/completions", {k: v for k, v in body.items() if v is not None})
