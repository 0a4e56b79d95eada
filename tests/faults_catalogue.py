"""Every oddity worth a test, by number and by name.

The numbers are those of the project's list of things seen on real wires; entries without one were added here.

An entry holds the responses to give, one per request, and what a right reader has at the end: the ``text``, the
``reasoning`` and the ``finish`` reason, or the ``status`` of the first response.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tests import faults_entries as make
from tests.faults_server import Rule
from tests.faults_wire import (
    ABSENT,
    DONE,
    JSON_TYPE,
    KEEP_ALIVE,
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
    redirect,
    reply,
    stream,
    usage,
)

TEXT = make.TEXT
THOUGHT = make.THOUGHT
BEGUN = "The reply begins"
HOSTILE = "\x1b]0;owned\x07\x1b[2J\x9b31m\x85\u202egnp.exe\u2066\r\x08 end"
BALANCE = {"total_balance": "110.00", "granted_balance": "10.00", "topped_up_balance": "100.00"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One oddity: its number in the list or ``None``, its name, the responses, and what must come of it."""

    number: int | None
    name: str
    faults: tuple[Fault | Rule, ...]
    text: str = ""
    reasoning: str = ""
    finish: str | None = None

    @property
    def status(self) -> int | None:
        """The status of the first response; ``None`` where that is decided by the request."""
        first = self.faults[0]
        return first.status if isinstance(first, Fault) else None


def named(name: str) -> tuple[Fault | Rule, ...]:
    """The responses of the entry with this name, to be enqueued; raises ``KeyError``."""
    return CATALOGUE[name].faults


def numbered(number: int) -> list[Entry]:
    """The entries of one number of the list."""
    return [entry for entry in CATALOGUE.values() if entry.number == number]


def _streams() -> Iterator[Entry]:
    whole = [*deltas(TEXT), *finish()]
    thinking = [*deltas(TEXT, THOUGHT), *finish()]
    yield Entry(
        1, "keep-alive-first", (stream(KEEP_ALIVE, KEEP_ALIVE, b"\n", KEEP_ALIVE, b"\n\n", *whole),), TEXT, "", "stop"
    )
    yield Entry(2, "crlf", (stream(*(part.replace(b"\n", b"\r\n") for part in whole)),), TEXT, "", "stop")
    yield Entry(2, "lone-cr", (stream(*(part.replace(b"\n", b"\r") for part in whole)),), TEXT, "", "stop")
    yield Entry(3, "no-space-after-data", (stream(*(p.replace(b"data: ", b"data:") for p in whole)),), TEXT, "", "stop")
    yield Entry(4, "cut-in-character-and-json", (stream(*make.cut_inside(whole)),), TEXT, "", "stop")
    yield Entry(4, "one-byte-per-write", (stream(*make.bytewise(whole)),), TEXT, "", "stop")
    yield Entry(
        4, "one-byte-per-write-unframed", (stream(*make.bytewise(whole), framing="close-delimited"),), TEXT, "", "stop"
    )
    yield Entry(5, "thinking-then-text", (stream(*thinking),), TEXT, THOUGHT, "stop")
    yield Entry(6, "thinking-only", (stream(*deltas("", THOUGHT), *finish()),), "", THOUGHT, "stop")
    yield Entry(7, "length-inside-thinking", (stream(*deltas("", THOUGHT), *finish("length")),), "", THOUGHT, "length")
    yield Entry(8, "usage-on-last-choice", (stream(*whole),), TEXT, "", "stop")
    extra = [*deltas(TEXT), chunk({"content": ""}, "stop"), chunk(None, usage=usage()), DONE]
    yield Entry(9, "usage-in-extra-chunk", (stream(*extra),), TEXT, "", "stop")
    bare = [*make.without_usage(deltas(TEXT)), chunk({}, "stop", ABSENT), DONE]
    yield Entry(10, "no-usage", (stream(*bare),), TEXT, "", "stop")
    yield Entry(11, "close-without-done", (stream(*whole[:-1], framing="close-delimited"),), TEXT, "", "stop")
    yield Entry(12, "close-in-mid-text", (stream(*deltas(BEGUN), Close()),), BEGUN)
    yield Entry(12, "close-in-mid-text-unframed", (stream(*deltas(BEGUN), framing="close-delimited"),), BEGUN)
    yield Entry(12, "tidy-end-in-mid-text", (stream(*deltas(BEGUN)),), BEGUN)
    for reason in ("insufficient_system_resource", "content_filter", "aborted", "some_new_reason"):
        name = f"finish-{reason.replace('_', '-')}"
        yield Entry(13, name, (stream(*deltas(BEGUN), *finish(reason)),), BEGUN, "", reason)


def _more_streams() -> Iterator[Entry]:
    failed = event(api_error("The server had an error while processing your request", "server_error"))
    yield Entry(14, "error-event", (stream(*deltas(BEGUN), failed),), BEGUN)
    yield Entry(14, "error-event-then-done", (stream(*deltas(BEGUN), failed, DONE),), BEGUN)
    yield Entry(14, "error-event-first", (stream(failed, DONE),))
    yield Entry(
        15, "reasoning-field", (stream(*make.renamed(deltas(TEXT, THOUGHT)), *finish()),), TEXT, THOUGHT, "stop"
    )
    tagged = make.text_chunks("<th", "ink>", THOUGHT, "</", "think", ">", TEXT)
    yield Entry(16, "think-tag-split", (stream(*tagged, *finish()),), f"<think>{THOUGHT}</think>{TEXT}", "", "stop")
    closing = make.text_chunks(THOUGHT, "</thi", "nk>", TEXT)
    yield Entry(16, "think-tag-closing-only", (stream(*closing, *finish()),), f"{THOUGHT}</think>{TEXT}", "", "stop")
    yield Entry(
        17, "choices-null-first", (stream(chunk({}, choices=None), *deltas(TEXT), *finish()),), TEXT, "", "stop"
    )
    yield Entry(17, "choices-empty-first", (stream(chunk(None), *deltas(TEXT), *finish()),), TEXT, "", "stop")
    odd = "one\u2028data: two\u2029three\u0085four\x0bfive\ndata: [DONE]\n\nsix"
    yield Entry(18, "line-breaks-inside-json", (reply(odd, pieces=[odd]),), odd, "", "stop")
    yield Entry(19, "empty-body", (stream(framing="content-length"),))
    yield Entry(19, "empty-stream", (stream(),))
    yield Entry(19, "blank-lines-only", (stream(*[b"\n"] * 5),))
    yield Entry(20, "endless-comments-then-close", (make.keep_alives(40, 0.005),))
    yield Entry(20, "keep-alives-without-end", (make.keep_alives(20_000, 0.02),))
    yield Entry(21, "bytes-stop", (stream(*deltas(BEGUN), Hang()),), BEGUN)
    yield Entry(21, "silence-before-the-first-byte", (Fault((Hang(),), framing="raw"),))
    yield Entry(21, "silence-after-the-headers", (stream(Hang()),))


def _errors() -> Iterator[Entry]:
    names = "The supported API model names are deepseek-flash, deepseek-v4-pro, but you passed deepseek-chat."
    yield Entry(22, "old-model-name", (error(400, api_error(names)),))
    names = "The supported API model names are deepseek-v4-pro or deepseek-v4-flash, but you passed deepseek-chat."
    yield Entry(22, "old-model-name-summer", (error(400, api_error(names)),))
    yield Entry(22, "old-model-name-2025", (error(400, api_error("Model Not Exist")),))
    back = "The `reasoning_content` in the thinking mode must be passed back to the API."
    yield Entry(23, "reasoning-must-come-back", (error(400, api_error(back)),))
    yield Entry(24, "context-overflow", (error(400, api_error(make.OVERFLOW)),))
    wrong_key = api_error("Authentication Fails, Your api key: ****abcd is invalid", "authentication_error")
    yield Entry(25, "wrong-key", (error(401, wrong_key),))
    yield Entry(26, "no-money", (error(402, api_error("Insufficient Balance", "unknown_error")),))
    yield Entry(27, "not-deserialised", (error(422, api_error(make.UNKNOWN_ROLE)),))
    busy = api_error(make.CONCURRENCY, "rate_limit_error")
    yield Entry(28, "too-many", (error(429, busy), reply(TEXT)), TEXT, "", "stop")
    yield Entry(
        28, "retry-after-seconds", (error(429, busy, headers=(("Retry-After", "1"),)), reply(TEXT)), TEXT, "", "stop"
    )
    yield Entry(28, "retry-after-date", (make.retry_after_date(busy), reply(TEXT)), TEXT, "", "stop")
    yield Entry(29, "500-html", (error(500, make.page("500 Internal Server Error"), "text/html"),))
    yield Entry(30, "503-then-success", (error(503, api_error(make.BUSY)), reply(TEXT)), TEXT, "", "stop")
    yield Entry(31, "json-as-octet-stream", (error(400, api_error("Content Exists Risk"), "application/octet-stream"),))
    plain = "Failed to parse the request body as JSON: EOF while parsing a value at line 1 column 0"
    yield Entry(32, "plain-text-400", (error(400, plain, "text/plain"),))
    flat = {
        "object": "error",
        "message": "The model does not exist.",
        "type": "NotFoundError",
        "param": None,
        "code": 404,
    }
    yield Entry(33, "flat-error-integer-code", (error(404, flat),))
    yield Entry(34, "error-is-a-text", (error(500, {"error": "model runner has unexpectedly stopped"}),))
    yield Entry(None, "504-html", (error(504, make.page("504 Gateway Time-out"), "text/html"),))
    yield Entry(None, "502-empty", (error(502, ""),))
    yield Entry(None, "detail-not-found", (make.only_under_v1(reply(TEXT)),), TEXT, "", "stop")
    yield Entry(None, "error-with-trace-id", (error(400, api_error("Content Exists Risk [trace_id=4f2a]")),))


def _documents() -> Iterator[Entry]:
    body = completion(TEXT, THOUGHT)
    yield Entry(35, "blank-lines-before-json", (make.patient(body),), TEXT, THOUGHT, "stop")
    yield Entry(36, "blank-lines-instead-of-json", (stream(*[b"\n"] * 5, content_type=JSON_TYPE),))
    plain = {"id": "deepseek-flash", "object": "model", "owned_by": "deepseek"}
    second = {**plain, "id": "deepseek-v4-pro"}
    yield Entry(37, "models-plain", (document({"object": "list", "data": [plain, second]}),))
    yield Entry(
        37, "models-rich", (document({"object": "list", "data": [{**plain, **make.RICH}, {**second, **make.RICH}]}),)
    )
    yield Entry(37, "models-vllm", (document({"object": "list", "data": [{**plain, "max_model_len": 32768}]}),))
    yield Entry(37, "models-empty", (document({"object": "list", "data": []}),))
    two = [{"currency": "CNY", **BALANCE}, {"currency": "USD", **BALANCE}]
    yield Entry(38, "balance-two-currencies", (document({"is_available": True, "balance_infos": two}),))
    yield Entry(38, "balance-none", (document({"is_available": True, "balance_infos": []}),))
    spent = {"currency": "USD", **dict.fromkeys(BALANCE, "0.00")}
    yield Entry(38, "balance-not-available", (document({"is_available": False, "balance_infos": [spent]}),))


def _connections() -> Iterator[Entry]:
    whole = [*deltas(TEXT), *finish()]
    yield Entry(None, "reset-before-the-headers", (Fault((Reset(),), framing="raw"), reply(TEXT)), TEXT, "", "stop")
    yield Entry(None, "reset-before-the-first-token", (stream(Reset()), reply(TEXT)), TEXT, "", "stop")
    # The pause lets the text arrive: a reset throws away what is still on its way.
    yield Entry(None, "reset-in-mid-text", (stream(*deltas(BEGUN), Pause(0.1), Reset()),), BEGUN)
    yield Entry(None, "close-before-the-headers", (Fault((Close(),), framing="raw"), reply(TEXT)), TEXT, "", "stop")
    garbage = Fault((b"\x15\x03\x01\x00\x02\x02\x46\x00\xff\xfe\x00garbage\r\n\r\n", Close()), framing="raw")
    yield Entry(None, "garbage-instead-of-http", (garbage,))
    length = sum(map(len, whole))
    too_long = stream(*whole, Close(), framing="content-length", content_length=length + 100)
    yield Entry(None, "content-length-too-long", (too_long,), TEXT, "", "stop")
    short = stream(*deltas(BEGUN), *finish(), framing="content-length", content_length=sum(map(len, deltas(BEGUN))))
    yield Entry(None, "content-length-too-short", (short,), BEGUN)
    yield Entry(None, "html-instead-of-a-stream", (document(make.page("Log in to the network"), 200, "text/html"),))
    yield Entry(None, "redirect-to-itself", (redirect("/chat/completions"),))
    yield Entry(None, "empty-200", (document("", 200, JSON_TYPE),))
    zipped = stream(*make.gzipped(whole), headers=(("Content-Encoding", "gzip"),))
    yield Entry(None, "gzip-flushed-per-event", (zipped,), TEXT, "", "stop")


def _contents() -> Iterator[Entry]:
    halves = [chunk({"content": part}, ascii_only=True) for part in ("go ", "\ud83d", "\ude80", "!")]
    yield Entry(None, "half-an-emoji-per-chunk", (stream(*halves, *finish()),), "go 🚀!", "", "stop")
    alone = [chunk({"content": part}, ascii_only=True) for part in ("a", "\ud83d", "b", "\ude80")]
    yield Entry(None, "half-an-emoji-alone", (stream(*alone, *finish()),), "a\ufffdb\ufffd", "", "stop")
    hostile = [*deltas(HOSTILE, HOSTILE, pieces=100), *finish()]
    yield Entry(None, "escape-sequences", (stream(*hostile),), HOSTILE, HOSTILE, "stop")
    model = [chunk({"role": "assistant", "content": "hi"}, model=HOSTILE), *finish()]
    yield Entry(None, "escape-sequences-in-model", (stream(*model),), "hi", "", "stop")
    yield Entry(None, "escape-sequences-in-error", (error(400, api_error(HOSTILE)),))
    yield Entry(None, "escape-sequences-in-error-event", (stream(*deltas(BEGUN), event(api_error(HOSTILE))),), BEGUN)
    yield Entry(None, "line-of-20-megabytes", (Fault(make.endless_line),))
    yield Entry(None, "malformed-event", (stream(*deltas(BEGUN), b'data: {"choices":[{"del\n\n', *finish()),), BEGUN)
    yield Entry(None, "event-is-no-object", (stream(*deltas(BEGUN), b"data: 17\n\n", *finish()),), BEGUN)
    invalid = chunk({"content": "??"}).replace(b"??", b"\xff\xfe")
    yield Entry(None, "invalid-utf-8", (stream(*deltas(BEGUN), invalid, *finish()),), BEGUN + "\ufffd" * 2, "", "stop")
    yield Entry(None, "done-without-finish", (stream(*deltas(BEGUN), DONE),), BEGUN)
    both = chunk({"role": "assistant", "content": TEXT, "reasoning_content": THOUGHT})
    yield Entry(None, "both-in-one-delta", (stream(both, *finish()),), TEXT, THOUGHT, "stop")
    yield Entry(None, "tool-calls", (stream(*make.tool_calls(), *finish("tool_calls")),), "", "", "tool_calls")
    yield Entry(None, "tidy-end-without-done", (stream(*deltas(TEXT), finish()[0]),), TEXT, "", "stop")
    yield Entry(None, "plain-reply", (reply(TEXT, THOUGHT),), TEXT, THOUGHT, "stop")


def _by_name(groups: Iterable[Iterable[Entry]]) -> dict[str, Entry]:
    found: dict[str, Entry] = {}
    for group in groups:
        for entry in group:
            if entry.name in found:
                raise ValueError(f"two entries are named {entry.name}")
            found[entry.name] = entry
    return found


CATALOGUE = _by_name((_streams(), _more_streams(), _errors(), _documents(), _connections(), _contents()))
