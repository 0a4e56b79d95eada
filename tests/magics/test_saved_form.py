"""What a saved notebook holds of a question, and what the live view sends on the way there."""

from __future__ import annotations

import json
import threading
from collections import Counter

import nbformat
import pytest

from deepseek_magic.render.stage import KEPT
from tests.faults import (
    BEGUN,
    KEEP_ALIVE,
    NORMAL_TEXT,
    TEXT,
    THOUGHT,
    FaultServer,
    Hang,
    Pause,
    deltas,
    finish,
    gated,
    named,
    reply,
    stream,
)
from tests.kernel import WIDGET, Cell, Kernel

#: Each test goes on in the session of the one before.
FRESH_SESSION = False


ENDS = {
    "normal": (reply(TEXT, THOUGHT), TEXT, "complete", "stop"),
    "cut by length": (reply(TEXT, finish="length"), TEXT, "cut", "length"),
    "broken": (named("close-in-mid-text")[0], BEGUN, "cut", ""),
    "error in mid stream": (named("error-event")[0], BEGUN, "cut", ""),
    "refused": (named("no-money")[0], "", "failed", ""),
    "thinking only": (named("thinking-only")[0], "", "failed", "stop"),
    "interrupted": (named("bytes-stop")[0], BEGUN, "interrupted", ""),
}
# The mark after the pause tells that the text before it has long been read.
QUIET = stream(*deltas(BEGUN), Pause(0.7), KEEP_ALIVE, Hang())
FAILS = ("broken", "error in mid stream", "refused", "interrupted")


def end(kernel: Kernel, server: FaultServer, name: str, live: bool) -> Cell:
    server.enqueue(QUIET if name == "interrupted" else ENDS[name][0])
    running = kernel.start("%deepseek -s 'be brief' a private question", "cell-1", allow_stdin=live)
    if name == "interrupted":
        if live:
            running.until_text("begins")
        else:
            assert server.wait_sent(len(QUIET.steps) - 2)
        kernel.interrupt()
    return running.end()


@pytest.mark.parametrize("live", [True, False], ids=["live", "headless"])
@pytest.mark.parametrize("name", ENDS)
def test_one_display_and_where_it_failed_one_error(kernel, server, name, live):
    _, text, state, reason = ENDS[name]
    cell = end(kernel, server, name, live)
    kinds = [output.output_type for output in cell.outputs]
    assert kinds == ["display_data", *(["error"] if name in FAILS else [])]
    display = cell.outputs[0]
    assert set(display.data) == {"text/html", "text/plain"}
    assert display.data["text/html"].startswith('<div class="deepseek jp-RenderedHTMLCommon"')
    assert display.data["text/plain"] == text
    assert set(display.metadata) == {"deepseek_magic"}
    facts = cell.facts
    assert facts["version"] == 1
    assert facts["conversation"] == "main"
    assert facts["cell"] == "cell-1"
    assert facts["turn"] == 1
    assert facts["finish_reason"] == reason
    assert facts["state"] == state
    assert len(facts["request"]) == 64
    assert set(facts) >= {"version", "conversation", "turn", "cell", "model", "finish_reason", "usage", "request"}
    assert "private" not in json.dumps(display.metadata)
    assert "be brief" not in json.dumps(display.metadata)
    if name in FAILS:
        assert cell.error


@pytest.mark.parametrize("live", [True, False], ids=["live", "headless"])
def test_the_saved_cell_is_a_valid_notebook(kernel, server, live):
    server.enqueue(reply(TEXT, THOUGHT))
    cell = kernel.run("%deepseek hello", allow_stdin=live)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("%deepseek hello", outputs=cell.outputs)])
    nbformat.validate(notebook)
    assert WIDGET not in nbformat.writes(notebook)


def test_metadata_tells_model_and_usage(kernel, server):
    server.enqueue(reply(TEXT))
    facts = kernel.run("%deepseek hello").facts
    assert facts["model"] == "deepseek-flash"
    assert facts["usage"] == {"prompt": 10, "completion": 20, "cache_hit": 0, "cache_miss": 10, "reasoning": 0}


def test_the_digest_is_that_of_the_request(kernel, server):
    digests = [
        kernel.run(f"%deepseek --no-memory {line}").facts["request"] for line in ("hello", "hello", "-m other hello")
    ]
    assert digests[0] == digests[1] != digests[2]
    assert server.requests[0].body == server.requests[1].body


def test_several_questions_of_one_cell_have_one_display_each(kernel, server):
    cell = kernel.run("for n in range(3):\n    %deepseek --no-memory hello\nprint('end')")
    kinds = [output.output_type for output in cell.outputs]
    assert kinds == ["display_data"] * 3 + ["stream"]
    assert [display.data["text/plain"] for display in cell.displays] == [NORMAL_TEXT] * 3


def test_output_of_the_cell_itself_stays_where_it_is(kernel, server):
    cell = kernel.run("print('before')\n%deepseek hello\nprint('after')")
    assert [output.output_type for output in cell.outputs] == ["stream", "display_data", "stream"]
    assert cell.outputs[0].text == "before\n"
    assert cell.outputs[2].text == "after\n"


def test_the_live_view_is_an_output_widget(kernel, server):
    server.enqueue(reply(TEXT))
    cell = kernel.run("%deepseek hello")
    shown = cell.of("display_data")[0]["content"]
    comm = shown["data"][WIDGET]["model_id"]
    (opened,) = [message for message in cell.of("comm_open") if message["content"]["comm_id"] == comm]
    assert opened["content"]["data"]["state"]["_model_name"] == "OutputModel"
    (update,) = cell.of("update_display_data")
    assert update["content"]["transient"]["display_id"] == shown["transient"]["display_id"]


def test_the_headless_view_is_one_message(kernel, server):
    server.enqueue(reply(TEXT, THOUGHT))
    cell = kernel.run("%deepseek hello", allow_stdin=False)
    kinds = [message["msg_type"] for message in cell.messages]
    assert kinds == ["status", "execute_input", "display_data", "status"]


def test_the_first_text_is_painted_on_its_own(kernel, server):
    go = threading.Event()
    server.enqueue(gated(*deltas("First.", pieces=6), go, *deltas(" Second.", pieces=8)[1:], *finish()))
    running = kernel.start("%deepseek hello")
    message = running.until_text("First.")
    assert message["msg_type"] == "comm_msg"
    assert "Second" not in json.dumps(message["content"])
    go.set()
    assert running.end().text == "First. Second."


def test_what_is_pending_is_painted_when_the_stream_pauses(kernel, server):
    go = threading.Event()
    server.enqueue(gated(*deltas("First. Second.", pieces=7), go, *finish()))
    running = kernel.start("%deepseek hello")
    running.until_text("Second.")
    assert not running.cell.of("update_display_data")
    go.set()
    assert running.end().text == "First. Second."


def paced(words: int, delay: float):
    text = "".join(f"word{n} " + ("\n\n" if n % 40 == 39 else "") for n in range(words))
    return text, reply(text, pieces=7, delay=delay)


def test_no_more_than_ten_paints_and_forty_messages_in_a_second(kernel, server):
    text, fault = paced(700, 0.004)
    server.enqueue(fault)
    cell = kernel.run("%deepseek hello")
    assert cell.text == text
    ended = next(n for n, message in enumerate(cell.messages) if message["msg_type"] == "update_display_data")
    live = cell.messages[:ended]
    assert_rate(live, 40)
    assert_rate([message for message in live if "word" in json.dumps(message["content"])], 10)


def test_no_more_than_forty_messages_in_a_second_while_the_last_reply_is_tidied_away(kernel, server):
    long, fault = paced(1200, 0)
    server.enqueue(fault)
    assert kernel.run("%deepseek hello").text == long
    server.enqueue(paced(500, 0.004)[1])
    cell = kernel.run("%deepseek --no-memory hello")
    ended = next(n for n, message in enumerate(cell.messages) if message["msg_type"] == "update_display_data")
    assert_rate(cell.messages[:ended], 40)


def assert_rate(messages, most):
    """No window of one second that begins with a message holds more than ``most`` of them, the opening burst apart."""
    dates = [message["header"]["date"].timestamp() for message in messages if message["msg_type"] != "comm_open"]
    counts = Counter({start: sum(start <= date < start + 1 for date in dates) for start in dates})
    assert counts
    assert max(counts.values()) <= most


def test_the_live_view_is_small(kernel, server):
    """All messages of a reply: at most four times its final HTML, 5 kB a widget and 1 kB a paint."""
    text, fault = paced(1500, 0.001)
    server.enqueue(fault)
    cell = kernel.run("%deepseek hello")
    assert cell.text == text
    size = sum(len(json.dumps(message["content"], ensure_ascii=False)) for message in cell.messages)
    paints = sum("word" in json.dumps(message["content"]) for message in cell.of("comm_msg"))
    assert size <= 4 * len(cell.html) + 5000 * len(cell.of("comm_open")) + 1000 * paints


def test_the_widgets_of_earlier_replies_are_bounded(kernel, server):
    """Some stay open: a page that was loaded again in mid-reply shows them, and nothing else."""
    start = len(kernel.everything)
    for _ in range(60):
        kernel.run("%deepseek hello")
    opened, closed = set(), set()
    for message in kernel.everything[start:]:
        if message["msg_type"] == "comm_open":
            opened.add(message["content"]["comm_id"])
        if message["msg_type"] == "comm_close":
            closed.add(message["content"]["comm_id"])
    assert len(opened) > KEPT + 50
    assert KEPT <= len(opened - closed) <= KEPT + 10
