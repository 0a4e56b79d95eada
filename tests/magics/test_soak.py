"""Many questions of every kind in one kernel, with faults and stops: every text is exact, and nothing piles up."""

from __future__ import annotations

import json

import pytest

from tests.batch.asking import prompt_of
from tests.faults import (
    ABSENT,
    Close,
    Fault,
    FaultServer,
    Hang,
    Received,
    api_error,
    chunk,
    deltas,
    error,
    finish,
    reply,
    stream,
)
from tests.kernel import Kernel
from tests.sizes import scaled

#: Questions, of which each cell asks so many.
QUESTIONS, IN_A_CELL = scaled(2_000, 120), 40

CODE = '''
import gc, os, signal, threading
from pathlib import Path
import ipywidgets, psutil, deepseek_magic
from ipywidgets.widgets import widget as _widget
from deepseek_magic.errors import DeepSeekError, Interrupted

def look_up(word: str) -> str:
    """Look a word up."""
    return f"found {word}"

talk = deepseek_magic.Conversation()
line = get_ipython().run_line_magic

def stopped(n):
    stop = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
    stop.start()
    try:
        deepseek_magic.ask(f"hang {n}", show=True)
    except KeyboardInterrupt as error:
        return isinstance(error, Interrupted)
    finally:
        stop.join()
    return False

def broken(n):
    try:
        line("deepseek", f"break {n}")
    except DeepSeekError as error:
        return error.reply.text == f"a part of break {n}"
    return False

def refused(n):
    try:
        deepseek_magic.ask(f"refuse {n}")
    except DeepSeekError as error:
        return "no such thing" in str(error)
    return False

def in_pieces(n):
    return "".join(deepseek_magic.stream(f"stream {n}")) == f"answer to stream {n}"

def mapped(n):
    answers = deepseek_magic.map([n, -n], "map {value}", show=False)
    return list(answers) == [f"answer to map {n}", f"answer to map {-n}"]

def in_threads(n):
    found = {}
    def ask(m):
        found[m] = deepseek_magic.ask(f"thread {n} {m}", show=True).text
    threads = [threading.Thread(target=ask, args=(m,)) for m in range(4)]
    [one.start() for one in threads]
    [one.join() for one in threads]
    return found == {m: f"answer to thread {n} {m}" for m in range(4)}

def in_cell(n):
    asked = get_ipython().run_cell_magic("deepseek", "", f"cell {n}\\n\\nwith more lines")
    return asked.text == f"answer to cell {n}\\n\\nwith more lines"

def code(n):
    return line("deepseek", f"--no-memory --as code code {n}").code.strip() == f"x = {n}"

def filled(n):
    return get_ipython().run_cell_magic("deepseek_fim", "", f"a = {n}\\nb = <fill>").code == f"a = {n}\\nb = a"

def gone_on_with(n):
    try:
        line("deepseek", f"half {n}")
    except DeepSeekError:
        pass
    return line("deepseek_continue", "").text == f"a part of half {n}, and the rest"

KINDS = (
    lambda n: line("deepseek", f"plain {n}").text == f"answer to plain {n}",
    lambda n: deepseek_magic.ask(f"shown {n}", show=True).text == f"answer to shown {n}",
    lambda n: talk.ask(f"talk {n}").text == f"answer to talk {n}" and (n % 20 or not talk.reset()),
    lambda n: line("deepseek", f"--no-memory --as json value {n}").value == {"n": n},
    lambda n: line("deepseek", f"--no-memory --tools look_up call {n}").text == f"found call {n}",
    mapped,
    in_pieces, in_threads, stopped, broken, refused, in_cell, code, filled, gone_on_with,
    lambda n: deepseek_magic.ask(f"busy {n}").text == f"answer to busy {n}",
)

def ask_some(first, count):
    return [(n, n % len(KINDS)) for n in range(first, first + count) if not KINDS[n % len(KINDS)](n)]

def held():
    gc.collect()
    own = psutil.Process()
    return {
        "threads": threading.active_count(),
        "descriptors": own.num_fds(),
        "sockets": len(own.net_connections()),
        "widgets": len(_widget._instances),
        "files": sum(1 for file in Path.home().rglob("*") if file.is_file()),
    }
'''


class Endpoint:
    """Answers each question by the first word of its text."""

    def __init__(self) -> None:
        self.busy: set[str] = set()

    def __call__(self, request: Received) -> Fault:
        if "prompt" in request.json:
            return reply("a")
        messages = request.json["messages"]
        asked = next(m["content"] for m in reversed(messages) if m["role"] == "user")
        kind, _, number = asked.partition(" ")
        if messages[-1]["role"] == "tool":
            return reply(f"found call {number.split()[0]}")
        if kind == "hang":
            return stream(*deltas("so far"), Hang())
        if kind == "code":
            return reply(f"x = {number.split()[0]}\n")
        if messages[-1]["role"] == "assistant":
            return reply(", and the rest")
        if kind in ("break", "half"):
            return stream(*deltas(f"a part of {asked}"), Close())
        if kind == "refuse":
            return error(400, api_error("no such thing"))
        if kind == "busy" and asked not in self.busy:
            self.busy.add(asked)
            return error(503, api_error("busy"), headers=(("Retry-After", "0"),))
        if kind == "value":
            return reply(json.dumps({"n": int(number.split()[0])}))
        if kind == "call":
            call = {"index": 0, "id": "c", "type": "function"}
            call["function"] = {"name": "look_up", "arguments": json.dumps({"word": number})}
            return stream(chunk({"tool_calls": [call]}, usage=ABSENT), *finish("tool_calls"))
        return reply(f"answer to {prompt_of(request)}")


@pytest.mark.slow
def test_many_questions_of_every_kind(tmp_path):
    with FaultServer() as server, Kernel(tmp_path) as kernel:
        kernel.fresh(server.url)
        server.repeat(Endpoint())
        kernel.quietly(CODE)

        def ask(first: int) -> dict[str, int]:
            running = kernel.start(f"wrong = ask_some({first}, {IN_A_CELL})")
            cell = running.end(600)
            assert cell.reply["status"] == "ok", cell.reply
            kernel.quietly("assert not wrong, wrong")
            return dict(kernel.value("held()"))

        first = ask(0)
        second = ask(IN_A_CELL)
        for begun in range(2 * IN_A_CELL, QUESTIONS, IN_A_CELL):
            last = ask(begun)
        warm = {name: max(first[name], second[name]) for name in first}
        # What the last cell shows stays open until the next question; connections of threads close when these end.
        assert all(last[name] <= warm[name] * 1.25 + 4 for name in last), (first, second, last)
        assert server.open_connections <= warm["sockets"] + 4
