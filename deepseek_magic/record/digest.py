"""The digest by which a repeated request is recognised. It ignores what differs between runs without any change.

It covers the endpoint, the model, the settings, the messages, the tools with their schemas, and the bytes of images. It
does not cover the marker of wrapped data, the numbers of masks, ids of tool calls, thinking that is sent back, the key,
the port of a server on this machine, and in the notebook's data execution counts and memory addresses. Of an MCP server
it covers only the name, because its tools are known only when it runs, and no server is started to find a kept reply.
What distinguishes the server from another of the same name is a separate part: see `Digest.fits`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from deepseek_magic.api.dialects import Dialect, dialect_of, wants_model
from deepseek_magic.api.encode import encode, tool_body
from deepseek_magic.api.messages import FimRequest, ImagePart, Message, Request
from deepseek_magic.context.compose import LEFT_OUT, UNCHANGED
from deepseek_magic.context.wrapping import is_wrapped, neutral, unmarked, unwrapped
from deepseek_magic.guard.masks import masks, replaced
from deepseek_magic.settings.parameters import Settings
from deepseek_magic.settings.urls import host_of, is_loopback

#: How many digits the digest of a part has: enough to name what differs; the digest of the whole decides.
_SHORT = 6
#: The name of the part that distinguishes MCP servers from others with the same names.
SERVERS = "servers of tools"
#: How many items of context have a part of their own; the others share one.
_ITEMS = 40
# What a kernel puts into data: memory addresses, execution counts, file names of compiled cells.
_ADDRESS = re.compile(r" at 0x[0-9A-Fa-f]{4,16}")
_COUNT = re.compile(r"\b([Cc]ell |Input )(?:In ?)?\[\d+\]")
_COMPILED = re.compile(r"ipykernel_\d+[/\\]\d+\.py|<ipython-input-\d+-\w+>")
_NUMBER = re.compile(r"\[\d+\]")
_CELL = re.compile(r"^cell \[.*$", re.MULTILINE)
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Digest:
    """The digest of a request.

    Attributes:
        whole: the SHA-256 of its canonical form, in hexadecimal: equal for equal requests.
        parts: a short digest of each part, by its name; for a name that the user chose, by the digest of the name.
        names: the names that the user chose, by their digests.
    """

    whole: str = ""
    parts: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    def fits(self, parts: Mapping[str, str]) -> bool:
        """Return whether a request with these ``parts`` and the same `whole` had the same MCP servers.

        If one of them does not say which servers they are, for example because none is configured, their names decide.
        """
        now, then = self.parts.get(SERVERS, ""), parts.get(SERVERS, "")
        return now == then or not (now and then)


def digest_of(request: Request | FimRequest) -> Digest:
    """Return the digest of ``request``, the first one of a question."""
    settings = request.settings
    dialect = dialect_of(settings)
    body = encode(request, dialect)
    said: dict[str, Any] = {
        "endpoint": _endpoint(settings, dialect),
        "model": "" if wants_model(settings) else settings.model,
    }
    covered = ("model", "messages", "tools", "prompt", "suffix", "stream", "stream_options")
    said |= {f"setting {name}": value for name, value in sorted(body.items()) if name not in covered}
    if isinstance(request, FimRequest):
        said["question"] = [request.prompt, request.suffix]
    else:
        said |= _Canonical().parts(request)
    titles = said.pop("titles", ())
    items = list(_items(said.get("context", ()), titles))
    parts = {name: value for name, value in said.items() if name != "context"} | {key: data for key, _, data in items}
    short = {name: _hash([name, value])[:_SHORT] for name, value in parts.items()}
    if isinstance(request, Request) and request.told_apart:
        short[SERVERS] = _hash([SERVERS, request.told_apart])[:_SHORT]
    return Digest(_hash(said), short, {key: name for key, name, _ in items})


def had_images(parts: Mapping[str, str]) -> bool:
    """Return whether the request with these ``parts`` had pictures."""
    none = _hash(["images", []])[:_SHORT]
    return parts.get("images", none) != none


def _endpoint(settings: Settings, dialect: Dialect) -> str:
    """Return the host; for this machine the kind of server, whose port may differ at each start."""
    return f"localhost ({dialect.name})" if is_loopback(settings.base_url) else host_of(settings.base_url)


def _hash(value: Any) -> str:
    """Return the SHA-256 of ``value``; a lone surrogate counts as the character that is sent for it."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(_SURROGATE.sub("\ufffd", text).encode()).hexdigest()


class _Canonical:
    """The messages of one request in a form that is equal for equal requests."""

    def __init__(self) -> None:
        self._numbers: dict[str, dict[str, int]] = {}
        self._calls: dict[str, int] = {}

    def parts(self, request: Request) -> dict[str, Any]:
        """Return the parts of ``request`` by name, and the ``titles`` of its context as the user knows them."""
        last = max((n for n, message in enumerate(request.messages) if message.role == "user"), default=-1)
        wrapped = any(is_wrapped(message.text) for message in request.messages)
        system: list[str] = []
        earlier: list[Any] = []
        asked: list[Any] = []
        blocks: list[tuple[str, str]] = []
        titles: list[str] = []
        for place, message in enumerate(request.messages):
            if message.role == "system" and place == len(system):
                system.append(self.own(message.text))
            elif place == last:
                blocks, own = self._data(message.text)
                titles = [title for title, _ in unwrapped(message.text)[0]]
                asked.append(own)
            else:
                (earlier if place < last else asked).append(self._message(message, wrapped))
        images = [_image(image) for image in request.messages[last].images] if last >= 0 else []
        said = {"system": system, "earlier turns": earlier, "question": asked, "images": images}
        tools = json.loads(self.own(json.dumps(_tools(request), sort_keys=True)))
        said |= {"tools": tools, "context": blocks, "titles": titles}
        return said

    def _message(self, message: Message, wrapped: bool) -> list[Any]:
        """Return ``message``, without what the assistant quoted from this run, such as markers."""
        if message.role != "assistant":
            blocks, own = self._data(message.text)
            answers = self._calls.get(message.tool_call_id) if message.tool_call_id else None
            return [message.role, blocks, own, [_image(image) for image in message.images], answers]
        text = unmarked(message.text) if wrapped else message.text
        calls = [[call.name, self._unnumbered(call.arguments)] for call in message.tool_calls]
        for call in message.tool_calls:
            self._calls[call.call_id] = len(self._calls)
        return [message.role, self._unnumbered(text), calls, message.prefix]

    def _data(self, text: str) -> tuple[list[tuple[str, str]], str]:
        """Return the blocks of data in ``text``, and the words after them."""
        blocks, own = unwrapped(neutral(text))
        data = [(self.own(_uncounted(title)), self.own(_settled(title, content))) for title, content in blocks]
        return data, self.own(own)

    def own(self, text: str) -> str:
        """Return ``text`` with its masks numbered in the order of their first use in the request."""
        return replaced(text, [(start, end, self._mask(text[start:end], kind)) for start, end, kind, _ in masks(text)])

    def _mask(self, found: str, kind: str) -> str:
        numbers = self._numbers.setdefault(kind, {})
        return f"[masked: {kind} {numbers.setdefault(found, len(numbers) + 1)}]"

    def _unnumbered(self, text: str) -> str:
        return replaced(text, [(start, end, f"[masked: {kind}]") for start, end, kind, _ in masks(text)])


def _tools(request: Request) -> list[Any]:
    """Return the tools as sent, and MCP servers by their names: strict mode depends on all of them."""
    own = [one if not request.servers else replace(one, strict=False) for one in request.tools if not one.server]
    return [*map(tool_body, own), *sorted(request.servers)]


def renumbered(text: str) -> str:
    """Return ``text`` with its masks numbered in order."""
    return _Canonical().own(text) if "[masked: " in text else text


def _image(image: ImagePart) -> list[str | None]:
    return [image.url, image.detail]


def _uncounted(headings: str) -> str:
    """Return ``headings``, one on a line, without the execution counts of cells."""
    return _CELL.sub(lambda line: _NUMBER.sub("[]", line[0]), headings)


def _settled(title: str, data: str) -> str:
    """Return ``data`` of the notebook without what differs between kernels."""
    if title in (UNCHANGED, LEFT_OUT):
        return _uncounted(data)
    if " at 0x" in data:
        data = _ADDRESS.sub("", data)
    if "ell " in data or "Input " in data:
        data = _COUNT.sub(r"\1[]", data)
    return _COMPILED.sub("ipykernel", data) if "ipykernel_" in data or "<ipython-" in data else data


def _items(blocks: list[tuple[str, str]], titles: list[str]) -> Iterator[tuple[str, str, Any]]:
    """Yield the key, the name and the content of each item of context; its title changes with type and size."""
    seen: dict[str, int] = {}
    for (heading, data), title in zip(blocks[:_ITEMS], titles, strict=False):
        name = heading.partition(" (")[0]
        seen[name] = seen.get(name, 0) + 1
        yield f"context {_hash([name, seen[name]])[:_SHORT]}", title.partition(" (")[0], [heading, data]
    if rest := blocks[_ITEMS:]:
        yield "context rest", "the other context", rest
