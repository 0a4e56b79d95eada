"""``--bg`` in real kernels, old and new: the reply comes in its own cell while others run, and can be stopped."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from deepseek_magic.render.bundle import UNDRAWN
from tests.environments import prepared
from tests.faults import (
    PATIENCE,
    Fault,
    FaultServer,
    Hang,
    Pause,
    Received,
    api_error,
    deltas,
    error,
    finish,
    reply,
    stream,
)
from tests.kernel import WIDGET, Kernel, assert_secret

pytestmark = pytest.mark.kernel


class Gates:
    """Answers each question with its words, the second half when its gate is opened."""

    def __init__(self) -> None:
        self._gates: dict[str, threading.Event] = {}

    def __getitem__(self, question: str) -> threading.Event:
        return self._gates.setdefault(question, threading.Event())

    def __call__(self, request: Received) -> Fault:
        question = request.json["messages"][-1]["content"]

        def steps() -> Iterator[bytes]:
            yield from deltas(f"{question}: it begins,")
            assert self[question].wait(PATIENCE)
            yield from deltas(" and ends.")
            yield from finish()

        return Fault(steps)


#: What depends on the kernel; the rest is tested with the newest.
IN_BOTH = (
    "test_three_cells_while_another_computes",
    "test_another_cell_that_collects_what_is_displayed",
    "test_stopped",
    "test_nobody_watches",
)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test with the kernels that it needs."""
    kernels = ["6", "7"] if metafunc.function.__name__ in IN_BOTH else ["7"]
    metafunc.parametrize("kernel", kernels, indirect=True, scope="module")


@pytest.fixture(scope="module")
def kernel(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    python = (
        Path(prepared("OLDER_PYTHON", "a Python with ipykernel 6 and IPython 7.34")) if request.param == "6" else None
    )
    with Kernel(tmp_path_factory.mktemp("home"), python) as kernel:
        yield kernel


@pytest.fixture
def gates() -> Gates:
    return Gates()


@pytest.fixture
def server(kernel: Kernel, gates: Gates) -> Iterator[FaultServer]:
    with FaultServer() as server:
        kernel.fresh(server.url)
        server.repeat(gates)
        yield server
        assert_secret(kernel, server)


def sent(server: FaultServer) -> list[list[str]]:
    return [[message["content"] for message in request.json["messages"]] for request in server.requests]


def test_three_cells_while_another_computes(kernel: Kernel, server: FaultServer, gates: Gates) -> None:
    """Each streams in its own cell and ends as one static output there, whichever cell runs meanwhile."""
    questions = ("one", "two", "three")
    cells = [kernel.run(f"%deepseek --bg --no-memory -o {one} {one}", one) for one in questions]
    assert [cell.failed for cell in cells] == [False] * 3
    assert all(WIDGET in cell.of("display_data")[0]["content"]["data"] for cell in cells)
    assert server.wait_requests(3)
    busy = kernel.start("import time\nprint('computing')\nwhile not (one.done and three.done): time.sleep(0.02)\n1")
    busy.until_text("computing")
    gates["three"].set()
    gates["one"].set()
    done = busy.end()
    assert [output.output_type for output in done.outputs] == ["stream", "execute_result"]
    gates["two"].set()
    assert kernel.value("two.result().text") == "two: it begins, and ends."
    for question, cell in zip(questions, cells, strict=True):
        assert cell.text == f"{question}: it begins, and ends."
        assert sorted(cell.displays[0].data) == ["text/html", "text/plain"]
        assert (cell.facts["state"], cell.facts["conversation"], cell.notices) == ("complete", "", [])


def test_another_cell_that_collects_what_is_displayed(kernel: Kernel, server: FaultServer, gates: Gates) -> None:
    cell = kernel.run("%deepseek --bg -o x hello")
    collecting = kernel.start("%%capture taken\nprint('mine')\nreply = x.result()")
    gates["hello"].set()
    assert collecting.end().outputs == []
    assert cell.text == "hello: it begins, and ends."
    assert kernel.value("(taken.stdout, len(taken.outputs))") == ["mine\n", 0]


def test_the_variable(kernel: Kernel, server: FaultServer, gates: Gates) -> None:
    """A reply that is to come; then it has what a reply has, is shown as one, and goes along as one."""
    kernel.run("%deepseek --bg -o x hello")
    assert "NotYet: the reply of job 1 is still coming" in kernel.run("x.text").error
    assert kernel.value("(x.done, hasattr(x, 'text'))") == [False, False]
    assert kernel.run("x").outputs[0].data["text/plain"].startswith("<Pending, job 1: ")
    again = kernel.start("%deepseek --no-memory what is {x.text}?")
    again.until_text("Waiting for x, the reply of job 1.")
    gates["hello"].set()
    server.enqueue(reply("A greeting."))
    assert again.end().text == "A greeting."
    assert "hello: it begins, and ends." in sent(server)[-1][0]
    assert kernel.value("(x.done, x.result().text, str(x), x.finish_reason)") == [
        True,
        *["hello: it begins, and ends."] * 2,
        "stop",
    ]
    shown = kernel.run("x").outputs[0]
    assert shown.data["text/plain"] == "hello: it begins, and ends."
    assert "deepseek-answer" in shown.data["text/html"]
    server.enqueue(reply('{"n": 3}'))
    kernel.run("y = %deepseek --bg --no-memory --as json count")
    assert kernel.value("(y.result(), y.value, y.text)") == [{"n": 3}, {"n": 3}, '{"n": 3}']


def test_stopped(kernel: Kernel, server: FaultServer, gates: Gates) -> None:
    """What has come is kept; the connection is closed; the cell says it; the conversation goes on."""
    server.enqueue(stream(*deltas("hello: it begins,"), Hang()))
    cell = kernel.run("%deepseek --bg -o x hello", "a")
    kernel.run("import time\nwhile 'writing' not in repr(x): time.sleep(0.02)")
    assert kernel.run("%deepseek_jobs stop 1").printed == "Stopped job 1.\n"
    assert "Interrupted: stopped; the text so far is kept" in kernel.run("x.result()").error
    assert server.wait_disconnect()
    assert "hello: it begins,".startswith(cell.text)
    assert cell.text
    assert cell.notices == ["Incomplete: stopped; the text so far is kept. %deepseek_continue goes on with it."]
    assert cell.facts["state"] == "interrupted"
    assert kernel.run("%deepseek_jobs stop 1").printed == "Job 1 has ended already.\n"
    gates["again"].set()
    assert kernel.run("%deepseek again").text == "again: it begins, and ends."
    assert sent(server)[-1] == ["hello", cell.text, "again"]


def test_a_stop_ends_the_drawing(kernel: Kernel, server: FaultServer) -> None:
    """Megabytes come in a moment and take many seconds to draw: they are shown as they were written."""
    code, table = "```python\nfor n in range(10):\n    print(n)\n```", "| a | b |\n|---|---|\n| 1 | 2 |"
    words = f"Some **bold** words.\n\n{code}\n\n{table}\n\n" * 40_000
    server.enqueue(reply(words, pieces=200))
    cell = kernel.run("%deepseek --bg -o x hello", "a")
    busy = kernel.start(
        "import time, pathlib\nwhile not pathlib.Path('stop').exists(): time.sleep(0.02)\n%deepseek_jobs stop 1"
    )
    busy.until_text(f"drawing {len(words):,} characters (Stop shows them as they were written)")
    (kernel.home / "stop").touch()
    assert busy.end().printed == "Stopped job 1.\n"
    assert kernel.value("x.result().text") == words
    assert cell.text == words
    assert len(cell.html) < 1.2 * len(words), "it was drawn"
    assert [notice.startswith(UNDRAWN) for notice in cell.notices] == [True]
    assert cell.facts["state"] == "complete"


def test_what_was_stopped_goes_on(kernel: Kernel, server: FaultServer) -> None:
    """In its place, as any reply does."""
    server.enqueue(stream(*deltas("It begins,"), Hang()), reply(" and it ends."))
    cell = kernel.run("%deepseek --bg -o x hello", "a")
    kernel.run("import time\nwhile 'writing' not in repr(x): time.sleep(0.02)\nx.stop()")
    kernel.run("%deepseek_jobs wait 1")
    kernel.run("%deepseek_continue")
    assert cell.text.endswith(" and it ends.")
    assert cell.facts["state"] == "complete"


def test_code_that_is_asked_for_beside_a_job(kernel: Kernel, server: FaultServer, gates: Gates) -> None:
    """What is not remembered does not wait, and is the last reply as any other."""
    kernel.run("%deepseek --bg -o x hello")
    assert server.wait_requests(1)
    server.enqueue(reply("```python\nn = 1\n```"))
    beside = kernel.run("%deepseek --as code --no-memory one")
    assert beside.reply["payload"][0]["text"] == "n = 1"
    gates["hello"].set()
    assert kernel.value("x.result().text") == "hello: it begins, and ends."
    assert kernel.run("%deepseek_chat show").text == "hello: it begins, and ends."
    assert kernel.run("%deepseek_chat show 2").text == "```python\nn = 1\n```"


def test_without_widgets(kernel: Kernel, server: FaultServer, gates: Gates) -> None:
    """The status line says how it is stopped."""
    cell = kernel.run("%config DeepSeek.renderer = 'display'\n%deepseek --bg -o x hello")
    assert "job 1 · %deepseek_jobs stop 1" in cell.of("display_data")[0]["content"]["data"]["text/html"]
    gates["hello"].set()
    assert kernel.value("x.result().text") == cell.text == "hello: it begins, and ends."


def test_later_questions_wait(kernel: Kernel, server: FaultServer, gates: Gates) -> None:
    """In the same conversation, in order, which their status line says; an interrupt stops the waiting only."""
    cells = [kernel.run("%deepseek --bg -o a one", "a"), kernel.run("%deepseek --bg -o b two", "b")]
    kernel.run("%deepseek_chat other")
    waiting = kernel.start("%deepseek --chat main three", "c")
    waiting.until_text("waiting for the reply of job 2 in conversation main")
    kernel.interrupt()
    stopped = waiting.end()
    assert stopped.error == "Interrupted: stopped waiting for job 2, which goes on; nothing was asked"
    assert "conversation other has no code block" in kernel.run("%deepseek_code").error
    kernel.run("%deepseek_chat main")
    assert len(server.requests) == 1
    assert kernel.value("(a.done, b.done)") == [False, False]
    assert "is still coming in the background" in kernel.run("%deepseek_chat undo").error
    assert "waiting for the reply of job 1" in kernel.run("%deepseek_jobs").displays[0].data["text/plain"]
    for question in ("one", "two", "three"):
        gates[question].set()
    assert kernel.run("%deepseek three", "c").text == "three: it begins, and ends."
    assert [cell.text[:3] for cell in cells] == ["one", "two"]
    assert [len(messages) for messages in sent(server)] == [1, 3, 5]
    assert kernel.run("%deepseek_jobs wait").printed == "No question is running in the background.\n"


def test_errors_are_in_their_own_cells(kernel: Kernel, server: FaultServer) -> None:
    server.enqueue(error(402, api_error("no money")))
    cell = kernel.run("%deepseek --bg -o x --no-memory hello")
    assert not cell.failed
    waited = kernel.run("%deepseek_jobs wait 1")
    assert "Job 1: InsufficientBalance: " in waited.printed
    (notice,) = cell.notices
    assert notice.startswith("InsufficientBalance: ")
    assert kernel.run("x.result()").error.startswith("InsufficientBalance: ")
    begun = kernel.run("%deepseek --bg --max-tokens many hello")
    assert begun.error.startswith("OptionError: ")
    assert "there is no job 7" in kernel.run("%deepseek_jobs stop 7").error
    assert "%deepseek_jobs: expected " in kernel.run("%deepseek_jobs end").error


@pytest.mark.parametrize(
    ("question", "why"),
    [
        ("%deepseek --bg --as code hello", "--as code puts its answer into the next cell"),
        ("def f(n: int) -> int:\n    return n\n%deepseek --bg --tools f hello", "would run beside your cells"),
        ("out = w.Output()\nwith out:\n    %deepseek --bg hello", "after the cell has ended"),
        ("%config DeepSeek.renderer = 'plain'\n%deepseek --bg hello", "after the cell has ended"),
    ],
)
def test_what_cannot_be_asked_there(kernel: Kernel, server: FaultServer, question: str, why: str) -> None:
    kernel.run("import ipywidgets as w")
    cell = kernel.run(question)
    assert why in str(cell.messages)  # what fails in an Output widget is shown in it
    assert server.requests == []


def test_a_cell_that_runs_again_stops_what_it_started(kernel: Kernel, server: FaultServer, gates: Gates) -> None:
    kernel.run("%deepseek --bg -o x hello", "a")
    assert server.wait_requests(1)
    cell = kernel.run("%deepseek --bg -o y hello", "a")
    gates["hello"].set()
    assert kernel.value("y.result().text") == "hello: it begins, and ends."
    assert "Job 1, which this cell started when it ran before, was stopped." in cell.notices
    assert kernel.value("type(x.error).__name__") == "Interrupted"


def test_nobody_watches(kernel: Kernel, server: FaultServer, gates: Gates) -> None:
    """The replies are waited for at the end of the cell, each in its place; one that fails makes the cell fail."""
    gates["one"].set()
    server.enqueue(gates, error(402, api_error("no money")))
    cell = kernel.run(
        "print(1)\n%deepseek --bg --no-memory -o first one\nimport time\nwhile not first.done: time.sleep(0.02)\n"
        "%deepseek --bg --no-memory two\nprint(2)",
        allow_stdin=False,
    )
    assert [output.output_type for output in cell.outputs] == [
        "stream",
        "display_data",
        "display_data",
        "stream",
        "error",
    ]
    assert cell.displays[0].data["text/plain"] == "one: it begins, and ends."
    assert cell.failed
    assert cell.reply["ename"] == "InsufficientBalance"
    assert cell.error.startswith("InsufficientBalance: ")
    assert not kernel.run("1 + 1", allow_stdin=False).failed


def test_what_is_kept_is_there_at_once(kernel: Kernel, server: FaultServer, gates: Gates) -> None:
    gates["hello"].set()
    first = kernel.run("%deepseek --no-memory hello", "a")
    again = kernel.run("%deepseek --bg --no-memory --replay auto -o x hello", "a")
    assert kernel.value("(x.done, x.kept)") == [True, "memory"]
    assert again.text == first.text
    assert "not asked (--replay only)" in kernel.run("%deepseek --bg --no-memory --replay only other").error
    assert len(server.requests) == 1


MANY = """
for number in range(18):
    get_ipython().run_line_magic("deepseek", f"--bg --chat chat-{number % 6} -o x{number} question {number}")
%deepseek --chat chat-0 the last one
%deepseek_jobs wait
"""


def test_many_at_once(kernel: Kernel, server: FaultServer) -> None:
    """Four at a time beside a question of the kernel's own, each conversation in its order; all are in the record."""
    lock, under_way, most = threading.Lock(), 0, 0

    def answer(request: Received) -> Fault:
        nonlocal under_way, most
        question = request.json["messages"][-1]["content"]

        def steps() -> Iterator[bytes | Pause]:
            nonlocal under_way, most
            with lock:
                under_way += question != "the last one"
                most = max(most, under_way)
            yield Pause(0.05)
            yield from deltas(f"answer to {question}")
            with lock:
                under_way -= question != "the last one"
            yield from finish()

        return Fault(steps)

    server.repeat(answer)
    kernel.run("%config DeepSeek.record = 'answers.db'")
    cell = kernel.run(MANY)
    assert not cell.failed
    assert most <= 4
    by_chat: dict[str, list[list[str]]] = {}
    for messages in sent(server):
        by_chat.setdefault(messages[0], []).append(messages)
    assert sorted(by_chat) == sorted(f"question {number}" for number in range(6))
    for first, asked in by_chat.items():
        number = int(first.split()[1])
        questions = [f"question {number + 6 * step}" for step in range(3)] + ["the last one"] * (number == 0)
        assert asked == [
            [text for one in questions[:place] for text in (one, f"answer to {one}")] + [questions[place]]
            for place in range(len(questions))
        ]
    assert "19" in kernel.run("%deepseek_usage").displays[0].data["text/plain"]
    assert "19" in str(kernel.run("%deepseek_record").outputs)
    kernel.run("%config DeepSeek.record = ''")


def test_unloading_stops_them(kernel: Kernel, server: FaultServer) -> None:
    server.enqueue(stream(*deltas("It begins"), Hang()))
    kernel.run("%deepseek --bg -o x hello")
    assert server.wait_requests(1)
    kernel.run("%unload_ext deepseek_magic")
    assert server.wait_disconnect()
    assert kernel.value("x.done") is True


def test_quiet_shows_nothing(kernel: Kernel, server: FaultServer, gates: Gates) -> None:
    gates["hello"].set()
    cell = kernel.run("%deepseek --bg --quiet -o x hello")
    assert kernel.value("x.result().text") == "hello: it begins, and ends."
    assert cell.outputs == []
