"""The protocol without sockets: method, path, headers and body in; a document, a stream or a refusal out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from . import chat_request, fim_reply, reply_bodies
from .composing import Composed, compose, continuation
from .documented_errors import CHAT_MODELS, Refused, not_found, refuse, unauthorised
from .message_parts import text_of
from .reply_bodies import Call, Output, Reply
from .reply_memory import ReplyMemory
from .request_shape import Request
from .token_pieces import cut, estimate

#: A whole body, or server-sent events, made as they are asked for.
Answer = bytes | Iterator[bytes]
#: Looks at a request (method, path, headers, body) before it is answered, and returns a refusal or ``None``.
Check = Callable[[str, str, Mapping[str, str], bytes], Refused | None]
_BASE = re.compile(r"^(?:/v1|/beta)?(?=/)")


class Protocol:
    """Answers requests. ``key`` is the only bearer key accepted; ``None`` asks for none."""

    def __init__(self, key: str | None, check: Check | None) -> None:
        self._key = key
        self._check = check
        self._memory = ReplyMemory()

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Return the answer; raises `Refused`. Names of ``headers`` are in lower case."""
        self._check_key(headers.get("authorization", ""))
        path = target.partition("?")[0]
        beta = path.startswith("/beta/")
        if self._check and (refusal := self._check(method, path, headers, body)):
            raise refusal
        route = _BASE.sub("", path)
        match method, route:
            case "POST", "/chat/completions":
                return self._chat(body, beta=beta)
            case "POST", "/completions":
                return self._fill(body, beta=beta)
            case "GET", "/models":
                return reply_bodies.encoded(reply_bodies.models())
            case "GET", "/user/balance":
                return reply_bodies.encoded(reply_bodies.balance())
        if method == "GET" and route.startswith("/models/"):
            name = route.removeprefix("/models/")
            if name not in CHAT_MODELS:
                raise refuse(404, "Model Not Exist")
            return reply_bodies.encoded(reply_bodies.model(name))
        raise not_found()

    def _check_key(self, given: str) -> None:
        if self._key is None:
            return
        scheme, _, key = given.partition(" ")
        key = key.strip() if scheme.lower() == "bearer" else ""
        if key != self._key:
            raise unauthorised(key)

    def _chat(self, body: bytes, *, beta: bool) -> Answer:
        request = chat_request.read(body, beta=beta)
        cached = self._memory.cached_tokens(request)
        if request.prefix is None:
            composed = compose(request)
            self._memory.remember(request, composed.reasoning, composed.text)
        else:
            composed = continuation(request, *self._memory.replies(request))
        output = limited(composed, request)
        begun = text_of(request.prefix) if request.prefix else ""
        self._memory.said(request, begun + output.text)
        reply = Reply(request.model, output, request.prompt_tokens, cached, thinking=request.thinking is not None)
        return reply.events(include_usage=request.include_usage) if request.stream else reply.whole()

    def _fill(self, body: bytes, *, beta: bool) -> Answer:
        request = fim_reply.read(body, beta=beta)
        output = limited(Composed("", fim_reply.fill(request)), request)
        if request.body.get("echo"):
            output = Output("", request.prompt + output.text, (), output.finish)
        reply = Reply(request.model, output, request.prompt_tokens, fills=True)
        return reply.events(include_usage=request.include_usage) if request.stream else reply.whole()


def limited(composed: Composed, request: Request) -> Output:
    """Return the reply as far as its stop strings and its budget allow; the thinking spends from the budget first."""
    reasoning = cut(composed.reasoning, request.budget)
    if len(reasoning) < len(composed.reasoning):
        return Output(reasoning, "", (), "length")
    left = request.budget - estimate(reasoning)
    found = [place for stop in request.stop if (place := composed.text.find(stop)) >= 0]
    until = min(found, default=len(composed.text))
    text = cut(composed.text[:until], left)
    if len(text) < until:
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
