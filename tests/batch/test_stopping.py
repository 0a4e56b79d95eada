"""What stops a run before its end, what is kept then, and that nothing is paid for twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter

import pytest

from deepseek_magic.errors import ConfigurationError, CostLimit, DeepSeekError, Interrupted
from tests.batch.asking import KEY, answering, asked, prices, prompt_of, prompts, session
from tests.faults import FaultServer, Hang, api_error, chunk, error, reply, stream, usage


@pytest.fixture
def server():
    with FaultServer() as server:
        server.repeat(answering)
        yield server


@pytest.fixture(autouse=True)
def no_thread_is_left():
    """Whatever happens, the threads of a run end."""
    before = set(threading.enumerate())
    yield
    end = time.monotonic() + 60
    while (left := _since(before)) and time.monotonic() < end:
        time.sleep(0.02)
    assert left == []


def _since(before: set[threading.Thread]) -> list[str]:
    new = set(threading.enumerate()) - before
    return [thread.name for thread in new if not thread.name.startswith("fault-server")]


def interrupted_when(ready):
    """Interrupt the main thread, as a stop of the user does, once ``ready`` holds."""

    def watch():
        assert ready()
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=watch, name="fault-server-watch", daemon=True)
    thread.start()
    return thread


def all_closed(server: FaultServer) -> bool:
    """Whether every connection of the client's gets closed."""
    end = time.monotonic() + 60
    while server.open_connections and time.monotonic() < end:
        time.sleep(0.01)
    return server.open_connections == 0


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("status", "words"), [(401, "AuthenticationFailed"), (402, "InsufficientBalance"), (404, "NotFound")]
)
def test_what_every_value_would_meet_stops_the_run_at_once(server, status, words):
    def answer(request):
        bad = len(server.requests) > 3
        return error(status, api_error("no")) if bad else answering(request)

    server.repeat(answer)
    values = [str(number) for number in range(500)]
    within = session(server)
    with pytest.raises(DeepSeekError, match=f"every value would fail like this one: {words}") as stopped:
        asked(within, values, jobs=2)
    mapped = stopped.value.reply
    assert len(server.requests) < 12
    done = sum(result is not None for result in mapped)
    assert done in (2, 3)  # the third may be under way, and ends by itself
    assert mapped.waiting == 500 - done - len(mapped.errors)
    server.repeat(answering)
    assert asked(within, values, jobs=20) == [f"answer to {number}" for number in range(500)]
    assert len(server.requests) < 12 + 500


def test_an_endpoint_that_is_out_of_order_stops_the_run(server):
    server.repeat(error(501, "no such thing"))
    with pytest.raises(DeepSeekError, match="the last 20 values all failed, the last one with: ServerError") as stopped:
        asked(session(server), map(str, range(500)), jobs=4)
    assert len(stopped.value.reply.errors) >= 20
    assert len(server.requests) < 40


def test_a_limit_that_the_prompts_alone_would_pass_asks_nothing(server, tmp_path):
    config = {"prices": prices(tmp_path, server, prompt=1_000_000)}
    with pytest.raises(CostLimit, match=r"not asked: just the prompts would cost about \$.*raise the limit") as refused:
        asked(session(server), ["a", "b"], config=config, max_cost=0.5)
    assert refused.value.reply == [None, None]
    assert server.requests == []


def test_a_limit_without_a_price_asks_nothing(server):
    with pytest.raises(ConfigurationError, match=r"the price of deepseek-flash .* is not known"):
        asked(session(server), ["a"], max_cost=1)
    assert server.requests == []


@pytest.mark.parametrize("jobs", [1, 8, 50])
def test_a_limit_is_not_passed_by_what_is_under_way(server, tmp_path, jobs):
    """Each reply costs one dollar: ten of them are all that ten dollars buy, however many are asked at a time."""
    server.repeat(lambda request: reply("yes", delay=0.01, usage=usage(10, 250_000)))
    config = {"prices": prices(tmp_path, server, completion=4.0)}
    within = session(server)
    said: list[str] = []
    with pytest.raises(CostLimit, match=r"stopped at --max-cost 10: about \$10\.00 so far") as stopped:
        asked(within, map(str, range(100)), jobs=jobs, config=config, max_cost=10, said=said, max_tokens=250_000)
    mapped = stopped.value.reply
    assert len(server.requests) == mapped.asked == 10
    assert (mapped.count("yes"), mapped.waiting) == (10, 90)
    assert said == ["Asking 100 of 100 values: about 100 tokens in, from $0 for just the prompts."]
    assert within.tallies.by_model["deepseek-flash"].replies == 10
    assert within.tallies.by_model["deepseek-flash"].cost.high == pytest.approx(10)


def test_a_limit_that_is_high_enough_hinders_nothing(server, tmp_path):
    config = {"prices": prices(tmp_path, server, 1, 1)}
    assert len(asked(session(server), map(str, range(60)), jobs=20, config=config, max_cost=1)) == 60
    assert len(server.requests) == 60


def test_tokens_that_are_not_told_are_estimated(server, tmp_path):
    server.repeat(reply("12345678", usage=None))
    mapped = asked(session(server), ["abc"], config={"prices": prices(tmp_path, server, 1, 1)})
    assert (mapped.usage.prompt, mapped.usage.completion) == (1, 2)
    assert mapped.cost is not None


def test_a_stop_keeps_what_is_finished_and_a_second_run_asks_only_the_rest(server):
    """Those under way end by themselves: the second run waits for them, and pays for none of them again."""
    release = threading.Event()

    def answer(request):
        if int(prompt_of(request)) >= 6:
            release.wait(60)
        return answering(request)

    server.repeat(answer)
    within = session(server)
    values = [str(number) for number in range(20)]
    watch = interrupted_when(lambda: server.wait_requests(10))
    with pytest.raises(Interrupted, match="every finished value is kept: run it again to continue") as stopped:
        asked(within, values, jobs=4)
    watch.join()
    mapped = stopped.value.reply
    assert mapped == [f"answer to {number}" if number < 6 else None for number in range(20)]
    assert (mapped.waiting, mapped.errors) == (14, {})
    assert "14 not asked yet: run it again to go on" in mapped.summary()
    assert len(server.requests) == 10
    threading.Timer(0.2, release.set).start()
    again = asked(within, values, jobs=4)
    assert again == [f"answer to {number}" for number in range(20)]
    assert sorted(prompts(server), key=int) == values
    assert within.tallies.by_model["deepseek-flash"].replies == 20
    assert all_closed(server)


def test_a_stop_does_not_wait_for_what_is_under_way(server):
    server.repeat(stream(chunk({"role": "assistant", "content": "half"}), Hang()))
    watch = interrupted_when(lambda: server.wait_requests(30))
    with pytest.raises(Interrupted) as stopped:
        asked(session(server), map(str, range(100)), jobs=30, timeout=120)
    watch.join()
    assert server.open_connections == 30  # none has ended, and we are here
    assert stopped.value.reply.waiting == 100
    server.stop()


@pytest.mark.kernel
def test_a_script_that_was_stopped_does_not_wait_for_what_is_under_way(server):
    server.repeat(stream(chunk({"role": "assistant", "content": "half"}), Hang()))
    environ = {**os.environ, "DEEPSEEK_API_KEY": KEY, "DEEPSEEK_BASE_URL": server.url}
    code = "import deepseek_magic; deepseek_magic.map(map(str, range(9)), '{value}', jobs=3, timeout=600, show=False)"
    script = subprocess.Popen([sys.executable, "-c", code], env=environ, stderr=subprocess.PIPE, text=True)
    try:
        assert server.wait_requests(3)
        script.send_signal(signal.SIGINT)
        _, said = script.communicate(timeout=60)
    finally:
        script.kill()
    assert "Interrupted: stopped; every finished value is kept" in said
    assert len(server.requests) == 3


def test_a_stop_ends_those_that_wait_before_another_try(server):
    server.repeat(error(503, "busy", headers=(("Retry-After", "50"),)))
    watch = interrupted_when(lambda: server.wait_requests(8))
    with pytest.raises(Interrupted):
        asked(session(server), map(str, range(8)), jobs=8)
    watch.join()
    assert len(server.requests) == 8
    assert all_closed(server)


@pytest.mark.thorough
def test_while_some_wait_before_another_try_others_ask(server):
    server.enqueue(*[error(503, "busy", headers=(("Retry-After", "1"),))] * 2)
    order: list[str] = []

    def answer(request):
        order.append(prompt_of(request))
        return answering(request)

    server.repeat(answer)
    values = [str(number) for number in range(40)]
    assert asked(session(server), values, jobs=8) == [f"answer to {number}" for number in range(40)]
    assert len(server.requests) == 42
    refused = [value for value, count in Counter(prompts(server)).items() if count == 2]
    assert len(refused) == 2
    assert all(order.index(value) >= 8 for value in refused)  # more were answered meanwhile than are asked at a time


def test_two_runs_at_once_ask_each_value_once(server):
    server.repeat(lambda request: reply(f"answer to {prompt_of(request)}", delay=0.002))
    within = session(server)
    values = [str(number) for number in range(30)]
    results: list[list[str]] = []
    threads = [
        threading.Thread(target=lambda: results.append(asked(within, values, jobs=5)), name="fault-server-client")
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [[f"answer to {number}" for number in range(30)]] * 3
    assert sorted(prompts(server), key=int) == values
    assert within.tallies.by_model["deepseek-flash"].replies == 30


def test_nothing_is_left_open_after_a_run(server):
    assert len(asked(session(server), map(str, range(40)), jobs=20)) == 40
    assert all_closed(server)
