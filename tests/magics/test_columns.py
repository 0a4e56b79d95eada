"""``--compare`` in a real kernel: one output in the end, however the columns end, and a stop that ends them all."""

from __future__ import annotations

import json

import pytest

from deepseek_magic.render.bundle import UNDRAWN
from tests.faults import Fault, Hang, api_error, deltas, error, reply, stream
from tests.kernel import WIDGET

ASK = "%deepseek --compare deepseek-flash,deepseek-v4-pro -o both "


def by_model(server, flash: Fault, pro: Fault) -> None:
    server.repeat(lambda request: pro if request.json["model"] == "deepseek-v4-pro" else flash)


def columns(cell):
    """What the one output records of each column, with its text."""
    (display,) = cell.displays
    assert sorted(display.data) == ["text/html", "text/plain"]
    return [
        (one.get("state"), display.data["text/plain"][slice(*one["at"])])
        for one in display.metadata["deepseek_magic"]["columns"]
    ]


@pytest.mark.parametrize("watched", [True, False])
def test_two_answers_are_one_static_output(kernel, server, watched):
    """With widgets and without; widgets are made by the kernel's own thread, whose messages belong to the cell."""
    by_model(server, reply("**One** answer.", "A thought."), reply("| a |\n|---|\n| 1 |", "Another."))
    running = kernel.start(f"{ASK}Which?", "compared", allow_stdin=watched)
    cell = running.end()
    assert not cell.failed
    assert columns(cell) == [("complete", "**One** answer."), ("complete", "| a |\n|---|\n| 1 |")]
    html = cell.displays[0].data["text/html"]
    assert html.count('class="deepseek-reasoning"') == 2
    assert "<strong>One</strong>" in html
    assert bool(cell.of("comm_open")) is watched
    assert {
        message["parent_header"]["msg_id"] for message in cell.of("comm_open", "comm_msg", "update_display_data")
    } <= {running._id}
    assert kernel.value("[reply.text for reply in both.values()]") == ["**One** answer.", "| a |\n|---|\n| 1 |"]


def test_one_that_is_refused_says_so_beside_the_other(kernel, server):
    by_model(server, error(402, api_error("Insufficient Balance")), reply("An answer."))
    cell = kernel.run(f"{ASK}Which?")
    assert not cell.failed
    assert columns(cell)[1] == ("complete", "An answer.")
    assert len(cell.notices) == 1
    assert "Insufficient Balance" in cell.notices[0]
    assert kernel.value("both['deepseek-flash']") is None


def test_where_all_are_refused_the_cell_fails_with_one_line(kernel, server):
    by_model(server, error(402, api_error("Insufficient Balance")), error(402, api_error("Insufficient Balance")))
    cell = kernel.run(f"{ASK}Which?")
    assert cell.error.startswith("InsufficientBalance: ")
    assert WIDGET not in json.dumps(cell.outputs)


def test_an_interrupt_ends_all_and_keeps_what_came(kernel, server):
    """Also of a column in which nothing came; both connections are closed."""
    by_model(server, stream(*deltas("So far so good."), Hang()), stream(Hang()))
    running = kernel.start(f"{ASK}Which?", "stopped")
    running.until_text("So far so good")
    assert server.wait_requests(2)
    kernel.interrupt()
    cell = running.end()
    assert cell.error == "Interrupted: stopped; the text so far is kept"
    assert columns(cell)[0] == ("interrupted", "So far so good.")
    assert "stopped before any text came" in cell.notices
    assert server.wait_disconnect(count=2)
    assert kernel.value("both['deepseek-flash'].text") == "So far so good."
    by_model(server, reply("Next."), reply("Next."))
    cell = kernel.run("%deepseek And?")
    assert [message["content"] for message in server.requests[-1].json["messages"]] == [
        "Which?",
        "So far so good.",
        "And?",
    ]
    assert "This goes on from answer 1 of the comparison (deepseek-flash)" in cell.notices[0]


def test_what_is_picked_is_saved_as_the_turn(kernel, server):
    by_model(server, reply("One."), reply("Two."))
    kernel.run(f"{ASK}Which?", "asked")
    cell = kernel.run("%deepseek_chat pick 2")
    assert (cell.text, cell.facts["turn"], cell.facts["conversation"]) == ("Two.", 1, "main")
    assert "<details" in cell.html
    by_model(server, reply("```python\na = 1\n```"), reply("```python\nb = 2\n```"))
    assert kernel.run("%deepseek --compare deepseek-flash,deepseek-v4-pro --as code Set one.").reply["payload"] == []
    (payload,) = kernel.run("%deepseek_chat pick 2").reply["payload"]
    assert payload["text"] == "b = 2"


def test_an_interrupt_ends_the_drawing_of_columns(kernel, server):
    """The line of the first says that it is drawn, and how that is stopped; both are shown as they were written."""
    code = "```python\nfor n in range(10):\n    print(n)\n```"
    words = f"Some **bold** words.\n\n{code}\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n" * 30_000
    by_model(server, reply(words, pieces=200), reply(words, pieces=200))
    running = kernel.start(f"{ASK}Which?")
    running.until_text(f"drawing {len(words):,} characters (an interrupt shows them as they were written)")
    kernel.interrupt()
    cell = running.end()
    assert cell.error == "Interrupted: stopped; the text so far is kept"
    (display,) = cell.displays
    assert len(display.data["text/html"]) < 1.2 * len(display.data["text/plain"]), "they were drawn"
    assert [one.startswith(UNDRAWN) for one in cell.notices].count(True) >= 1
    assert kernel.value("both['deepseek-flash'].text[:10]") == words[:10]
    assert not kernel.run("%deepseek_chat list").failed
