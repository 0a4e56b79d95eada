"""Each row of the table of CONTRIBUTING.md of what can go wrong: what the user sees, what is kept, what was sent."""

from __future__ import annotations

import html
import json
import re
import threading
from dataclasses import replace

import pytest

from deepseek_magic.render.bundle import UNDRAWN
from tests.faults import (
    BEGUN,
    CATALOGUE,
    DONE,
    KEEP_ALIVE,
    NORMAL_TEXT,
    TEXT,
    THOUGHT,
    FaultServer,
    Hang,
    Pause,
    api_error,
    chunk,
    deltas,
    error,
    event,
    finish,
    gated,
    named,
    redirect,
    refused,
    reply,
    stream,
)
from tests.kernel import KEY, Cell, Kernel, assert_secret, fields

#: Each test goes on in the session of the one before.
FRESH_SESSION = False


QUESTION = "What's it worth?"
ASKED = {"role": "user", "content": QUESTION}


def ask(kernel: Kernel, options: str = "") -> Cell:
    return kernel.run(f"%deepseek {options} {QUESTION}")


def next_messages(kernel: Kernel, server: FaultServer) -> list[dict[str, str]]:
    """What a next question sends along."""
    count = len(server.requests)
    assert kernel.run("%deepseek next").text == NORMAL_TEXT
    assert len(server.requests) == count + 1
    *before, last = server.requests[-1].json["messages"]
    assert last == {"role": "user", "content": "next"}
    return before


def assert_refused(cell: Cell, kind: str, *words: str) -> None:
    """Nothing was answered: one error of one line says all, and no notice says it again."""
    assert cell.failed
    assert [output.output_type for output in cell.outputs] == ["display_data", "error"]
    assert cell.text == ""
    assert cell.notices == []
    assert cell.error.startswith(f"{kind}: ")
    for word in words:
        assert word in cell.error
    assert cell.facts["state"] == "failed"


def test_no_key(kernel):
    with FaultServer() as trap:
        kernel.fresh(with_key=False, HTTPS_PROXY=trap.url)
        cell = ask(kernel)
        kernel.quietly("del os.environ['HTTPS_PROXY']")
        assert not trap.requests
    assert cell.failed
    assert [output.output_type for output in cell.outputs] == ["error"]
    assert cell.error.startswith("MissingKey: no key for api.deepseek.com")
    for remedy in ("DEEPSEEK_API_KEY", "%deepseek_login", "%deepseek_demo"):
        assert remedy in cell.error


REFUSALS = {
    "old-model-name": ("BadRequest", "you passed deepseek-chat", "-m deepseek-flash"),
    "old-model-name-summer": ("BadRequest", "you passed deepseek-chat", "-m deepseek-v4-pro"),
    "old-model-name-2025": ("BadRequest", "Model Not Exist", "-m deepseek-flash"),
    "reasoning-must-come-back": ("BadRequest", "must be passed back", "--new"),
    "context-overflow": ("BadRequest", "maximum context length is 1048576", "--max-tokens"),
    "wrong-key": ("AuthenticationFailed", "Your api key: ****abcd is invalid", "%deepseek_login"),
    "no-money": ("InsufficientBalance", "Insufficient Balance", "top up"),
    "not-deserialised": ("BadRequest", "unknown variant `developer`", "change the request"),
    "json-as-octet-stream": ("BadRequest", "Content Exists Risk", "say it differently"),
    "plain-text-400": ("BadRequest", "Failed to parse the request body as JSON", "change the request"),
    "flat-error-integer-code": ("NotFound", "The model does not exist", "%deepseek_models"),
    "detail-not-found": ("NotFound", "Not Found", "/v1"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal_is_one_line_and_not_tried_again(kernel, server, name):
    server.enqueue(*named(name)[:1])
    cell = ask(kernel)
    assert_refused(cell, *REFUSALS[name])
    assert len(server.requests) == 1
    assert next_messages(kernel, server) == []


def test_a_refusal_names_the_request_for_the_support(kernel, server):
    server.enqueue(*named("error-with-trace-id"))
    assert "trace-of-the-fault-server" in ask(kernel).error


@pytest.mark.parametrize(
    "name",
    [
        *("too-many", "503-then-success", "reset-before-the-headers", "reset-before-the-first-token"),
        *("close-before-the-headers", "500-html", "error-is-a-text", "504-html", "502-empty"),
    ],
)
def test_a_passing_failure_is_tried_again_and_said(kernel, server, name):
    server.enqueue(*named(name)[:1], reply(TEXT))
    cell = ask(kernel)
    assert not cell.failed
    assert cell.text == TEXT
    assert cell.notices == []
    first, second = server.requests
    assert first.body == second.body
    lines = [str(message["content"]) for message in cell.of("comm_msg", "comm_open")]
    assert any("retrying in" in line and "try 2" in line for line in lines)


@pytest.mark.parametrize("name", ["retry-after-seconds", "retry-after-date"])
def test_the_wait_that_the_endpoint_asks_for_is_kept(kernel, server, name):
    server.enqueue(*named(name))
    assert ask(kernel).text == TEXT
    first, second = server.requests
    assert second.at - first.at >= 0.95


def test_after_four_more_tries_it_is_one_line(kernel, server):
    server.repeat(error(503, api_error("The service is too busy."), headers=(("Retry-After", "0"),)))
    cell = ask(kernel)
    assert_refused(cell, "ServerError", "The service is too busy.", "tried 5 times")
    assert len(server.requests) == 5


def test_a_wait_that_is_too_long_is_said_instead_of_kept(kernel, server):
    server.enqueue(error(429, api_error("Slow down."), headers=(("Retry-After", "3600"),)))
    cell = ask(kernel)
    assert_refused(cell, "RateLimited", "Slow down.", "3600 s")
    assert len(server.requests) == 1


def test_nothing_listens(kernel):
    with refused() as url:
        kernel.fresh(url)
        cell = ask(kernel)
    assert any("retrying in" in text for message in cell.of("comm_msg", "comm_open") for text in fields(message))
    assert_refused(cell, "ConnectionFailed", url.removeprefix("http://"), "nothing listens there", "tried 5 times")


BROKEN = {
    "close-in-mid-text": "StreamBroken",
    "close-in-mid-text-unframed": "StreamBroken",
    "tidy-end-in-mid-text": "StreamBroken",
    "reset-in-mid-text": "StreamBroken",
    "content-length-too-short": "StreamBroken",
    "malformed-event": "StreamBroken",
    "event-is-no-object": "StreamBroken",
    "error-event": "StreamError",
    "error-event-then-done": "StreamError",
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_reply_that_breaks_off_keeps_its_text(kernel, server, name):
    server.enqueue(*named(name))
    cell = ask(kernel)
    assert cell.failed
    assert [output.output_type for output in cell.outputs] == ["display_data", "error"]
    assert cell.text == BEGUN
    assert BEGUN in cell.html
    assert cell.error.startswith(f"{BROKEN[name]}: ")
    assert cell.notices == ["Incomplete. %deepseek_continue goes on with it."]
    assert cell.facts["state"] == "cut"
    assert len(server.requests) == 1
    assert next_messages(kernel, server) == [ASKED, {"role": "assistant", "content": BEGUN}]


def test_an_error_event_before_any_text(kernel, server):
    server.enqueue(*named("error-event-first"))
    assert_refused(ask(kernel), "StreamError", "The server had an error while processing your request")
    assert next_messages(kernel, server) == []


def test_thinking_that_breaks_off_is_kept_and_not_sent(kernel, server):
    server.enqueue(stream(*deltas("", THOUGHT)))
    cell = ask(kernel)
    assert cell.failed
    assert cell.text == ""
    assert THOUGHT in html.unescape(cell.html)
    assert next_messages(kernel, server) == []


def test_a_line_without_end_costs_no_memory_and_no_text(kernel, server):
    server.enqueue(*named("line-of-20-megabytes"))
    cell = ask(kernel)
    assert cell.failed
    assert "2 MB" in cell.error


WHOLE = [
    entry.name
    for entry in CATALOGUE.values()
    if entry.finish == "stop" and entry.status == 200 and entry.text and len(entry.faults) == 1
]


@pytest.mark.parametrize("name", WHOLE)
def test_an_oddity_that_loses_nothing_is_no_failure(kernel, server, name):
    entry = CATALOGUE[name]
    server.enqueue(*entry.faults)
    cell = ask(kernel)
    assert not cell.failed
    assert cell.text == entry.text
    assert cell.notices == []
    assert len(server.requests) == 1
    assert kernel.value("_.reasoning if _ is not None else ''") == entry.reasoning


SILENT = {"silence-before-the-first-byte": "", "silence-after-the-headers": "", "bytes-stop": BEGUN}


@pytest.mark.parametrize("name", SILENT)
def test_silence_ends_after_the_idle_timeout(kernel, server, name):
    server.enqueue(*named(name))
    cell = ask(kernel, "--timeout 2")
    assert cell.failed
    assert cell.text == SILENT[name]
    assert cell.error.startswith("StreamStalled: " if SILENT[name] else "ConnectionTimedOut: ")
    assert len(cell.notices) == bool(SILENT[name])
    assert len(server.requests) == 1
    assert server.wait_disconnect()


def test_keep_alives_are_signs_of_life(kernel, server):
    queue = [step for _ in range(9) for step in (KEEP_ALIVE, Pause(0.5))]
    server.enqueue(stream(*queue, *deltas(TEXT), *finish()))
    cell = ask(kernel, "--timeout 4")
    assert not cell.failed
    assert cell.text == TEXT


def test_the_status_line_says_how_long_it_waits(kernel, server):
    seen = threading.Event()
    server.enqueue(gated(seen, *deltas(TEXT), *finish()))
    running = kernel.start("%deepseek wait")
    running.until_text("waiting · 0 s")
    running.until(
        lambda message: re.search(r"waiting · [2-9]\d* s", json.dumps(message["content"], ensure_ascii=False))
    )
    seen.set()
    assert running.end().text == TEXT


NOTICED = {
    "finish-insufficient-system-resource": (BEGUN, "ran out of capacity", "%deepseek_continue"),
    "finish-content-filter": (BEGUN, "filter", "Ask it differently"),
    "finish-aborted": (BEGUN, "gave up", "%deepseek_continue"),
    "finish-some-new-reason": (BEGUN, "some_new_reason", "may be incomplete"),
    "thinking-only": ("", "gave no answer", "--think off"),
    "length-inside-thinking": ("", "thinking used up", "--max-tokens"),
}


@pytest.mark.parametrize("name", NOTICED)
def test_an_unusual_end_is_said_in_a_notice(kernel, server, name):
    text, *words = NOTICED[name]
    server.enqueue(*named(name))
    cell = ask(kernel)
    assert not cell.failed
    assert [output.output_type for output in cell.outputs] == ["display_data"]
    assert cell.text == text
    (notice,) = cell.notices
    for word in words:
        assert word in notice
    said = [ASKED, {"role": "assistant", "content": text}] if text else []
    assert next_messages(kernel, server) == said


def test_a_reply_that_is_cut_by_length_names_the_limit(kernel, server):
    server.enqueue(reply(TEXT, finish="length"))
    cell = ask(kernel, "--max-tokens 30")
    assert not cell.failed
    assert cell.text == TEXT
    assert "--max-tokens 30" in cell.notices[0]


@pytest.mark.parametrize("blank", ["", " \n\n"])
def test_an_empty_reply_is_said_and_not_sent_again(kernel, server, blank):
    server.enqueue(reply(blank))
    cell = ask(kernel)
    assert not cell.failed
    assert cell.text == blank
    assert "empty" in cell.notices[0]
    assert "Run the cell again" in cell.notices[0]
    assert next_messages(kernel, server) == []


def test_an_interrupt_keeps_the_text_and_closes_the_connection(kernel, server):
    server.enqueue(*named("bytes-stop"))
    running = kernel.start(f"%deepseek {QUESTION}")
    running.until_text("begins")
    kernel.interrupt()
    cell = running.end()
    assert [output.output_type for output in cell.outputs] == ["display_data", "error"]
    assert cell.text == BEGUN
    assert cell.notices == ["Incomplete. %deepseek_continue goes on with it."]
    assert cell.error.startswith("Interrupted: ")
    assert cell.facts["state"] == "interrupted"
    assert server.wait_disconnect()
    assert server.abandoned == 1
    assert next_messages(kernel, server) == [ASKED, {"role": "assistant", "content": BEGUN}]


def test_an_interrupt_at_full_speed_loses_no_text(kernel, server):
    words = "".join(f"word{n} " for n in range(3000))
    server.enqueue(reply(words, pieces=6, delay=0.001))
    running = kernel.start(f"%deepseek {QUESTION}")
    running.until_text("word100 ")
    kernel.interrupt()
    cell = running.end()
    assert cell.error.startswith("Interrupted: ")
    assert "word100 " in cell.text
    assert words.startswith(cell.text)
    assert server.wait_disconnect()
    assert next_messages(kernel, server) == [ASKED, {"role": "assistant", "content": cell.text}]


# Says in a file when a quarter of a million characters have been read.
READ = """
import pathlib, deepseek_magic.api.client as client
_stream = client.Client.stream
def _watched(self, *given, **named):
    size = 0
    for batch in _stream(self, *given, **named):
        size += sum(len(getattr(event, "text", "")) for event in batch)
        if size > 250_000:  # before it is drawn: all the rest may be in one batch
            pathlib.Path("read").touch()
        yield batch
client.Client.stream = _watched
"""


def test_an_interrupt_ends_the_drawing_of_a_reply_that_takes_long_to_draw(kernel, server):
    """Megabytes come in a moment and take a minute to draw: they are shown as they were written."""
    table = "| a | b |\n|---|---|\n| 1 | 2 |"
    block = f"Some **bold** words.\n\n```python\nfor n in range(10):\n    print(n)\n```\n\n{table}\n\n"
    words = block * 40_000
    server.enqueue(reply(words, pieces=60_000))
    kernel.quietly(READ)
    try:
        running = kernel.start(f"%deepseek {QUESTION}")
        running.until_text("writing · ")
        running.until_file(kernel.home / "read")
        kernel.interrupt()
        cell = running.end()
    finally:
        kernel.quietly("client.Client.stream = _stream")
    assert cell.error.startswith("Interrupted: stopped")
    assert words.startswith(cell.text)
    assert len(cell.text) > 200_000
    assert len(cell.html) < 1.1 * len(cell.text), "it was drawn"
    number = cell.reply["execution_count"]
    assert f"{UNDRAWN} While this kernel runs, %deepseek_chat show [{number}] draws it." in cell.notices
    assert not kernel.run("%deepseek_chat list").failed


INTERRUPTED_BEFORE = {
    "waiting for the headers": named("silence-before-the-first-byte")[0],
    "waiting for the first token": named("silence-after-the-headers")[0],
    "in the queue": named("keep-alives-without-end")[0],
    "thinking": stream(*deltas("", THOUGHT), Hang()),
}


@pytest.mark.parametrize("moment", INTERRUPTED_BEFORE)
def test_an_interrupt_before_the_first_text(kernel, server, moment):
    server.enqueue(INTERRUPTED_BEFORE[moment])
    running = kernel.start(f"%deepseek {QUESTION}")
    running.until_text("enough" if moment == "thinking" else "· 1 s")
    kernel.interrupt()
    cell = running.end()
    assert cell.text == ""
    if moment == "thinking":
        assert cell.error == "Interrupted: stopped while the model was thinking; the thinking is kept"
        assert cell.notices == ["No answer yet. %deepseek_continue asks the question again; thinking starts over."]
        assert THOUGHT in html.unescape(cell.html)
    else:
        assert cell.error == "Interrupted: stopped before any text came"
        assert cell.notices == []
    assert server.wait_disconnect()
    assert len(server.requests) == 1
    assert next_messages(kernel, server) == []


def test_an_interrupt_while_the_view_is_being_opened(kernel, server):
    server.enqueue(*named("bytes-stop"))
    kernel.quietly(
        "import ipywidgets, signal; _init = ipywidgets.Output.__init__\n"
        "def _stopped(self, **more):\n"
        "    signal.raise_signal(signal.SIGINT)\n"
        "    _init(self, **more)\n"
        "ipywidgets.Output.__init__ = _stopped"
    )
    try:
        cell = kernel.run(f"%deepseek --timeout 5 {QUESTION}")
    finally:
        kernel.quietly("ipywidgets.Output.__init__ = _init")
    assert cell.error.startswith("Interrupted: ")
    assert cell.notices == []


def test_an_interrupt_while_waiting_for_the_next_try(kernel, server):
    server.enqueue(error(503, api_error("Busy."), headers=(("Retry-After", "50"),)))
    running = kernel.start(f"%deepseek {QUESTION}")
    running.until_text("retrying in")
    kernel.interrupt()
    assert running.end().error.startswith("Interrupted: ")
    assert len(server.requests) == 1


LATE = {"whole": (reply(TEXT), TEXT), "broken": (named("close-in-mid-text")[0], BEGUN)}


@pytest.mark.parametrize("name", LATE)
def test_an_interrupt_while_the_end_is_being_drawn_costs_nothing(kernel, server, name):
    """Pressed by the sanitiser, which a headless run calls at the end alone."""
    fault, text = LATE[name]
    server.enqueue(fault)
    kernel.quietly(
        "import nh3, signal; _clean = nh3.clean\n"
        "def _stopped(text, **more):\n"
        "    signal.raise_signal(signal.SIGINT)\n"
        "    return _clean(text, **more)\n"
        "nh3.clean = _stopped"
    )
    try:
        cell = kernel.run(f"%deepseek {QUESTION}", allow_stdin=False)
    finally:
        kernel.quietly("nh3.clean = _clean")
    assert cell.text == text
    if cell.failed:
        assert cell.error.partition(":")[0] in ("Interrupted", "StreamBroken")
    assert next_messages(kernel, server) == [ASKED, {"role": "assistant", "content": text}]


def test_an_interrupt_is_not_swallowed_by_a_loop_that_goes_on_after_errors(kernel, server):
    server.repeat(stream(*deltas(BEGUN), Hang()))
    running = kernel.start("for n in range(3):\n    try:\n        %deepseek go on\n    except Exception:\n        pass")
    running.until_text("begins")
    kernel.interrupt()
    assert running.end().error.startswith("Interrupted: ")
    assert len(server.requests) == 1


def test_run_all_stops_at_an_interrupted_cell(kernel, server):
    server.enqueue(*named("bytes-stop"))
    first = kernel.start(f"%deepseek {QUESTION}", stop_on_error=True)
    second = kernel.start("never = 1")
    first.until_text("begins")
    kernel.interrupt()
    assert first.end().failed
    assert second.end().reply["status"] == "aborted"


def test_run_all_stops_at_a_cell_that_failed(kernel, server):
    (fault,) = named("tidy-end-in-mid-text")
    queued = threading.Event()

    def when_the_next_cell_waits():
        assert queued.wait(60)
        yield Pause(0.5)  # the kernel's own thread takes the cell in; a cell that comes behind the failure runs
        yield from fault.script()

    server.enqueue(replace(fault, steps=when_the_next_cell_waits))
    first = kernel.start(f"%deepseek {QUESTION}", stop_on_error=True)
    second = kernel.start("never = 1")
    queued.set()
    assert first.end().failed
    assert second.end().reply["status"] == "aborted"


UNEXPECTED = {
    "html-instead-of-a-stream": "captive portal",
    "empty-200": "empty reply",
    "empty-body": "empty reply",
    "empty-stream": "empty reply",
    "blank-lines-only": "empty reply",
    "blank-lines-instead-of-json": "empty reply",
    "redirect-to-itself": "redirects",
}


@pytest.mark.parametrize("name", UNEXPECTED)
def test_what_is_no_chat_reply_is_one_line(kernel, server, name):
    server.enqueue(*named(name))
    assert_refused(ask(kernel), "UnexpectedResponse", UNEXPECTED[name])
    assert len(server.requests) == 1
    assert next_messages(kernel, server) == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_another_host_is_not_followed(kernel, server, status):
    with FaultServer() as trap:
        server.enqueue(redirect(f"{trap.url}/chat/completions", status))
        cell = ask(kernel)
        assert_refused(cell, "UnexpectedResponse", f"127.0.0.1:{trap.port}", "not followed")
        assert not trap.requests
    assert len(server.requests) == 1


def test_the_key_of_one_endpoint_is_not_sent_to_another(kernel, server):
    with FaultServer() as other:
        cell = kernel.run(f"%deepseek --base-url {other.url} hello")
        assert cell.text == NORMAL_TEXT
        kernel.run(f"%config DeepSeek.base_url = {other.url!r}")
        assert kernel.run("%deepseek hello again").text == NORMAL_TEXT
        assert kernel.run("%deepseek_balance").failed is False
        assert len(other.requests) == 3
        assert all("authorization" not in request.headers for request in other.requests)
    assert not server.requests


def test_the_key_goes_to_its_endpoint(kernel, server):
    ask(kernel)
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"


def test_the_key_does_not_travel_unencrypted(kernel):
    with FaultServer() as trap:
        kernel.fresh("http://deepseek.example", HTTP_PROXY=trap.url)
        cell = ask(kernel)
        kernel.quietly("del os.environ['HTTP_PROXY']")
        assert not trap.requests
    assert [output.output_type for output in cell.outputs] == ["error"]
    assert cell.error.startswith("ConfigurationError: ")
    assert "unencrypted" in cell.error


def test_a_proxy_of_the_environment_is_not_asked_for_this_machine(kernel, server):
    with FaultServer() as proxy:
        kernel.quietly(f"os.environ['HTTP_PROXY'] = {proxy.url!r}")
        assert ask(kernel).text == NORMAL_TEXT
        kernel.quietly("del os.environ['HTTP_PROXY']")
        assert not proxy.requests


ECHOES = {
    "refusal": error(401, api_error(f"The key {KEY} is not valid")),
    "plain refusal": error(400, f"what is {KEY}?", "text/plain"),
    "error event": stream(*deltas(BEGUN), event(api_error(f"The key {KEY} has expired"))),
    "malformed event": stream(*deltas(BEGUN), f"data: {{{KEY}\n\n".encode()),
    "redirect": redirect(f"http://{KEY}.example/"),
    "finish reason": reply(BEGUN, finish=f"refused-{KEY}"),
    "model": stream(chunk({"content": BEGUN}, model=KEY), chunk({}, "stop", model=KEY), DONE),
}


@pytest.mark.parametrize("place", ECHOES)
def test_a_key_that_the_endpoint_echoes_is_masked(kernel, server, place):
    server.enqueue(ECHOES[place])
    ask(kernel)
    assert_secret(kernel, server)


def test_tracebacks_and_reprs_hold_no_key(kernel, server):
    server.repeat(error(401, api_error("no")))
    kernel.run("%xmode Verbose")
    ask(kernel)
    kernel.run("%tb")
    kernel.run("import traceback\ntry:\n    %deepseek hello\nexcept Exception:\n    traceback.print_exc()")
    shown = kernel.run(
        "import gc\nfrom deepseek_magic.settings.keys import Key\n"
        "for thing in gc.get_objects():\n    if type(thing) is Key: print(thing, [thing], f'{thing.secret}')"
    )
    assert "Secret(****)" in shown.printed
    kernel.run("%xmode Context")
    kernel.run("%config DeepSeek")
    kernel.run("%deepseek")
    assert_secret(kernel, server)


@pytest.mark.parametrize("live", [True, False])
def test_a_view_that_fails_still_shows_the_text(kernel, server, live):
    kernel.quietly(
        "import nh3; _clean = nh3.clean\n"
        "def _failing(text, **more):\n"
        "    if 'paragraph' in text: raise RuntimeError('a bug')\n"
        "    return _clean(text, **more)\n"
        "nh3.clean = _failing"
    )
    server.enqueue(reply(TEXT))
    try:
        cell = kernel.run(f"%deepseek {QUESTION}", allow_stdin=live)
    finally:
        kernel.quietly("nh3.clean = _clean")
    assert not cell.failed
    assert TEXT in (cell.text if live else cell.printed)
    assert next_messages(kernel, server) == [ASKED, {"role": "assistant", "content": TEXT}]
