"""The protocol without sockets: method, path, headers and body in; a document, a stream or a refusal out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from . import chat_request as asking
from . import fim_reply as fim
from . import reply_bodies as wire
from .composing import Composed, compose, continuation
from .documented_errors import CHAT_MODELS, not_found, refuse, unauthorised
from .reply_bodies import Call, Output, Reply
from .reply_memory import Memory
from .token_pieces import cut, estimate

_BASE = re.compile(r"^(?:/v1|/beta)?(?=/)")


@dataclass(frozen=True, slots=True)
class Document:
    """A whole body."""

    body: bytes


@dataclass(frozen=True, slots=True)
class Stream:
    """Server-sent events, one per item, made as they are asked for."""

    events: Iterator[bytes]


class Protocol:
    """Answers requests. ``key`` is the only bearer key accepted; ``None`` asks for none."""

    def __init__(self, key: str | None = None) -> None:
        self._key = key
        self._memory = Memory()

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Document | Stream:
        """The answer; raises `Refused`. Names of ``headers`` are in lower case."""
        self._check_key(headers.get("authorization", ""))
        path = target.partition("?")[0]
        beta = path.startswith("/beta/")
        route = _BASE.sub("", path)
        match method, route:
            case "POST", "/chat/completions":
                return self._chat(body, beta=beta)
            case "POST", "/completions":
                return self._fill(body, beta=beta)
            case "GET", "/models":
                return Document(wire.encoded(wire.models()))
            case "GET", "/user/balance":
                return Document(wire.encoded(wire.balance()))
        if method == "GET" and route.startswith("/models/"):
            return self._model(route.removeprefix("/models/"))
        raise not_found()

    def _check_key(self, given: str) -> None:
        if self._key is None:
            return
        scheme, _, key = given.partition(" ")
        key = key.strip()
        if scheme.lower() != "bearer" or not key:
            raise unauthorised("")
        if key != self._key:
            raise unauthorised(key)

    def _model(self, name: str) -> Document:
        if name not in CHAT_MODELS:
            raise refuse(404, "Model Not Exist")
        return Document(wire.encoded(wire.model(name)))

    def _chat(self, body: bytes, *, beta: bool) -> Document | Stream:
        asked = asking.read(body, beta=beta)
        cached = self._memory.cached_tokens(asked)
        if asked.prefix is None:
            composed = compose(asked)
            output = limited(composed, asked.stop, asked.budget)
            self._memory.remember(asked, composed.reasoning, composed.text)
        else:
            output = limited(continuation(asked, *self._memory.replies(asked)), asked.stop, asked.budget)
        begun = asking.text_of(asked.prefix) if asked.prefix else ""
        self._memory.said(asked, begun + output.text)
        reply = Reply(asked.model, output, asked.prompt_tokens, cached, asked.thinking is not None)
        if not asked.stream:
            return Document(reply.whole())
        return Stream(reply.events(include_usage=asked.include_usage))

    def _fill(self, body: bytes, *, beta: bool) -> Document | Stream:
        gap = fim.read(body, beta=beta)
        output = limited(Composed("", fim.fill(gap)), gap.stop, gap.budget)
        if gap.echo:
            output = Output("", gap.prompt + output.text, (), output.finish)
        reply = Reply(gap.model, output, gap.prompt_tokens, 0, thinking=False)
        if not gap.stream:
            return Document(reply.completion())
        return Stream(reply.completion_events(include_usage=gap.include_usage))


def limited(composed: Composed, stops: tuple[str, ...], budget: int) -> Output:
    """The reply as far as its stop strings and its budget of tokens allow; thinking spends from the budget first."""
    reasoning = cut(composed.reasoning, budget)
    left = budget - estimate(reasoning)
    if len(reasoning) < len(composed.reasoning):
        return Output(reasoning, "", (), "length")
    until = min((found for stop in stops if (found := composed.text.find(stop)) >= 0), default=len(composed.text))
    wanted = composed.text[:until]
    text = cut(wanted, left)
    if len(text) < len(wanted):
        return Output(reasoning, text, (), "length")
    calls: list[Call] = []
    left -= estimate(text)
    for call in composed.calls:
        arguments = cut(call.arguments, left)
        calls.append(Call(call.name, arguments, call.call_id))
        left -= estimate(arguments)
        if len(arguments) < len(call.arguments):
            return Output(reasoning, text, tuple(calls), "length")
    return Output(reasoning, text, tuple(calls), "tool_calls" if calls else "stop")
