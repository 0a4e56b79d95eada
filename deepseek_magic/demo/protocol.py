"""The protocol without sockets: from method, path, headers and body to a document, a stream or a refusal."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from deepseek_magic.text import estimate_tokens, largest_that_fits

from . import chat_request, fim_reply, made_up_web, reply_bodies
from .composing import compose, continuation
from .documented_errors import CHAT_MODELS, Refused, not_found, refuse, unauthorised
from .message_parts import text_of
from .reply_bodies import Output, SentReply
from .reply_memory import ReplyMemory
from .request_shape import BaseRequest

#: A complete body, or a lazy stream of server-sent events.
Answer = bytes | Iterator[bytes]
#: Checks a request (method, path, headers, body) before it is answered, and returns a refusal or ``None``.
Check = Callable[[str, str, Mapping[str, str], bytes], Refused | None]
_BASE = re.compile(r"^(?:/v1|/beta)?(?=/)")


class Protocol:
    """Answers requests. ``key`` is the only bearer key that is accepted; ``None`` accepts every key."""

    def __init__(self, key: str | None, check: Check | None) -> None:
        self._key = key
        self._check = check
        self._memory = ReplyMemory()

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Return the answer; raises `Refused`. Names of ``headers`` are in lower case."""
        self._check_key(headers.get("authorization", ""))
        path = target.partition("?")[0]
        beta, is_v1 = path.startswith("/beta/"), path.startswith("/v1/")
        if self._check and (refusal := self._check(method, path, headers, body)):
            raise refusal
        route = _BASE.sub("", path)
        match method, route:
            case "POST", "/chat/completions":
                return self._chat(body, beta=beta)
            case "POST", "/completions":
                return self._fill(body, beta=beta)
            case "POST", "/tools/search" if is_v1:
                return reply_bodies.encoded(made_up_web.search(body))
            case "POST", "/tools/fetch" if is_v1:
                return reply_bodies.encoded(made_up_web.fetch(body))
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
            whole = compose(request)
            self._memory.remember(request, whole.reasoning, whole.text)
        else:
            whole = continuation(request, *self._memory.replies(request))
        output = limited(whole, request)
        begun = text_of(request.prefix) if request.prefix else ""
        self._memory.said(request, begun + output.text)
        reply = SentReply(request.model, output, request.prompt_tokens, cached, thinking=request.thinking is not None)
        return reply.events(include_usage=request.include_usage) if request.stream else reply.whole()

    def _fill(self, body: bytes, *, beta: bool) -> Answer:
        request = fim_reply.read(body, beta=beta)
        output = limited(Output("", fim_reply.fill(request)), request)
        reply = SentReply(request.model, output, request.prompt_tokens, fills=True)
        return reply.events(include_usage=request.include_usage) if request.stream else reply.whole()


def limited(whole: Output, request: BaseRequest) -> Output:
    """Return ``whole`` cut at the first stop string and to the budget, from which the thinking is taken first."""
    left = request.budget

    def within(text: str) -> str:
        nonlocal left
        kept = cut(text, left)
        left -= estimate_tokens(kept)
        return kept

    stops = [place for stop in request.stop if (place := whole.text.find(stop)) >= 0]
    until = min(stops, default=len(whole.text))
    reasoning, text = within(whole.reasoning), within(whole.text[:until])
    calls = tuple(replace(call, arguments=kept) for call in whole.calls if (kept := within(call.arguments)))
    wanted = len(whole.reasoning) + until + sum(len(call.arguments) for call in whole.calls)
    complete = len(reasoning) + len(text) + sum(len(call.arguments) for call in calls) == wanted
    return Output(reasoning, text, calls, ("tool_calls" if calls else "stop") if complete else "length")


def cut(text: str, budget: int) -> str:
    """Return the longest beginning of ``text`` that costs at most ``budget`` tokens."""
    return text[: largest_that_fits(lambda length: estimate_tokens(text[:length]) <= budget, len(text))]
