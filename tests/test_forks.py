"""A forked child asks by itself: nothing that it does reaches the parent's connections, threads or locks."""

from __future__ import annotations

import gc
import multiprocessing
import os
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

import deepseek_magic
from deepseek_magic.app.ask import Ask
from deepseek_magic.app.ask import ask as ask_in
from deepseek_magic.app.session import Session
from deepseek_magic.chat.conversation import Conversation as Turns
from deepseek_magic.description import deadline
from deepseek_magic.errors import QuestionError
from deepseek_magic.guard import Guard
from deepseek_magic.notebook.cells import ExecutedCell
from deepseek_magic.notebook.slice.walk import cells_behind
from deepseek_magic.render.renderer import Guarded, Silent
from tests.background.test_jobs import Asked
from tests.batch.asking import KEY, answering, asked
from tests.faults import KEEP_ALIVE, FaultServer, Hang, deltas, reply, stream

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork"),
]


@pytest.fixture
def server(monkeypatch):
    with FaultServer() as server:
        monkeypatch.setenv("DEEPSEEK_API_KEY", KEY)
        monkeypatch.setenv("DEEPSEEK_BASE_URL", server.url)
        server.repeat(answering)
        yield server


@pytest.fixture
def in_child():
    """Runs a function in a forked child, and returns whether it returned something true within a minute."""
    children = []

    def run(function):
        context = multiprocessing.get_context("fork")
        child = context.Process(target=lambda: os._exit(0 if function() else 1), daemon=True)
        children.append(child)
        child.start()
        child.join(60)
        return child.exitcode == 0

    yield run
    for child in children:
        child.kill()
        child.join()


@contextmanager
def living_child():
    """A forked child that has forgotten what it must not share, and does nothing until the block ends."""
    reading, writing = os.pipe()
    ready, says_ready = os.pipe()
    child = os.fork()
    if not child:
        os.close(writing)
        os.write(says_ready, b"1")  # the hooks of the fork have run by now; in the parent `fork` returns before them
        os.read(reading, 1)
        os._exit(0)
    os.close(reading)
    os.read(ready, 1)
    try:
        yield
    finally:
        os.close(writing)
        os.close(ready)
        os.close(says_ready)
        os.waitpid(child, 0)


def answer(question):
    return deepseek_magic.ask(question).text


def by_threads(question):
    with ThreadPoolExecutor(4) as threads:
        return list(threads.map(answer, [f"{question}, {number}" for number in range(4)]))


def test_each_child_gets_its_own_answers_and_the_parent_goes_on(server):
    assert answer("parent") == "answer to parent"
    questions = [f"child {number}" for number in range(40)]
    with multiprocessing.get_context("fork").Pool(4) as pool:
        under_way = pool.map_async(answer, questions, chunksize=1)
        ours = [answer(f"meanwhile {number}") for number in range(20)]
        assert under_way.get(60) == [f"answer to {question}" for question in questions]
    assert ours == [f"answer to meanwhile {number}" for number in range(20)]
    assert answer("parent again") == "answer to parent again"


def test_children_of_children_with_threads(server, in_child):
    assert by_threads("parent") == [f"answer to parent, {number}" for number in range(4)]

    def child():
        mine = by_threads("child")
        inner = os.fork()
        if not inner:
            os._exit(0 if by_threads("grandchild")[3] == "answer to grandchild, 3" else 1)
        return os.waitpid(inner, 0)[1] == 0 and mine[3] == "answer to child, 3" and answer("x") == "answer to x"

    assert in_child(child)
    assert by_threads("parent again")[0] == "answer to parent again, 0"


def test_a_conversation_goes_on_apart_in_the_child(server, in_child):
    conversation = deepseek_magic.Conversation()
    conversation.ask("one")
    assert in_child(lambda: conversation.ask("two, in the child").text == "answer to two, in the child")
    conversation.ask("two")
    sent = [[message["content"] for message in request.json["messages"]] for request in server.requests]
    assert sent[1:] == [["one", "answer to one", "two, in the child"], ["one", "answer to one", "two"]]


def test_a_reply_that_the_parent_gives_up_ends_though_a_child_lives(server):
    session = Session({"DEEPSEEK_API_KEY": KEY, "DEEPSEEK_BASE_URL": server.url})
    settings, _ = session.settle({}, {})
    server.enqueue(stream(*deltas("begun"), KEEP_ALIVE, Hang()))
    client = session.clients.client(settings)
    how = {"headers": {}, "timeout": (60, 60)}
    response = client._session.sent("POST", f"{server.url}/chat/completions", b'{"stream": true}', **how)
    with living_child():
        assert server.open_connections == 1
        response.close()
        assert server.wait_disconnect()


def test_a_child_asks_the_demo_of_its_parent_and_does_not_end_it(in_child):
    session = Session({})
    session.start_demo({})

    def ask(within, text):
        return bool(ask_in(within, Ask(text, {"no_memory": True}, renderer=Silent())).text)

    try:
        assert ask(session, "parent")

        def child():
            asked = ask(session, "child")
            session.close()
            return asked

        assert in_child(child)
        assert ask(session, "parent again")
        port = session.demo._server.server_address[1]
        with living_child():
            session.stop_demo()
            with pytest.raises(ConnectionRefusedError):  # the child does not keep the port open
                socket.create_connection(("127.0.0.1", port), timeout=5)
    finally:
        session.close()


def test_a_child_waits_for_no_value_that_only_its_parent_asks(server, in_child):
    session = Session({"DEEPSEEK_API_KEY": KEY, "DEEPSEEK_BASE_URL": server.url})
    asked(session, ["a"])
    begun, go_on = threading.Event(), threading.Event()

    def slow(request):
        begun.set()
        go_on.wait(60)
        return reply("late")

    server.enqueue(slow)
    with ThreadPoolExecutor(1) as threads:
        parents = threads.submit(asked, session, ["b"])
        assert begun.wait(60)
        assert in_child(lambda: list(asked(session, ["a", "b"])) == ["answer to a", "answer to b"])
        go_on.set()
        assert list(parents.result(60)) == ["late"]


def test_no_lock_of_the_parent_is_closed_in_a_child(in_child):
    guard, session = Guard("mask", {}), Session({})
    store = session.store
    for holder, lock, use in (
        (guard, guard._lock, lambda: guard.clean("text").text),
        (store, store._lock, lambda: store.claim("key") is None),
        (session, session.tallies.lock, lambda: session.tallies.lock.acquire(timeout=5)),
        (deadline, deadline._left_behind.lock, lambda: deadline.run(lambda: 1, 5, int)),
    ):
        with lock:
            assert in_child(use), holder


def test_a_reply_in_the_background_ends_in_the_child_and_goes_on_in_the_parent(in_child):
    asked, main = Asked(), Turns("main")
    job = asked.start(main)
    asked.until(1)

    def ended():
        try:
            job.pending.result(0)
        except QuestionError as error:
            return "another process" in str(error) and main.underway == [] and asked.jobs.live == []
        return False

    assert in_child(ended)
    assert not job.pending.done
    assert main.underway == [1]
    asked.end(job)
    assert job.pending.text == "reply 1"


def test_a_child_that_is_forked_while_the_collector_of_garbage_pauses_has_one(in_child):
    """Nothing in it would end the pause, which is another thread's."""
    found = []

    def forked(source):
        found.append((gc.isenabled(), in_child(gc.isenabled)))
        return source

    cells_behind([ExecutedCell(1, "x = !ls")], ["x"], forked)
    assert set(found) == {(False, True)}
    assert gc.isenabled()


def test_a_view_that_another_thread_is_making_at_the_fork_keeps_no_view_of_the_child_from_being_made(in_child):
    being_made, go_on = threading.Event(), threading.Event()

    def made():
        being_made.set()
        go_on.wait(60)
        return Silent()

    thread = threading.Thread(target=Guarded(made, print).open)
    thread.start()
    being_made.wait(60)
    try:
        assert in_child(lambda: Guarded(Silent, print).open() is None)
    finally:
        go_on.set()
        thread.join()
