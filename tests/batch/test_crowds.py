"""A thousand values against a slow server that fails, ten thousand against a fast one, and a cluster."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

import joblib
import psutil
import pytest
from distributed import Client, LocalCluster

import deepseek_magic
from deepseek_magic.errors import DeepSeekError
from tests.batch.asking import KEY
from tests.batch.crowd import Crowd, answer

pytestmark = pytest.mark.kernel


ELSEWHERE = "sk-of-the-workers-91d2aa07"


@pytest.fixture
def here(monkeypatch):
    """Ask a server from this process."""

    def ask(server: Crowd, values, **options):
        monkeypatch.setenv("DEEPSEEK_BASE_URL", server.url)
        monkeypatch.setenv("DEEPSEEK_API_KEY", KEY)
        return deepseek_magic.map(values, "What of {value}?", **{"show": False, "fresh": True, **options})

    return ask


def right(values) -> list[str]:
    return [answer(f"What of {value}?") for value in values]


@pytest.mark.slow
def test_a_thousand_values_against_a_server_that_fails_are_all_right(here):
    values = [f"the value {number}" for number in range(1000)]
    with Crowd(delay=0.02, failing=0.05) as server:
        mapped = here(server, values, jobs=50)
        seen = server.seen()
    assert mapped == right(values)
    assert mapped.errors == {}
    assert seen["failed"] == sum(seen["asked"].values()) - 1000 == 52
    assert seen["most"] <= 50
    assert seen["keys"] == [f"bearer {KEY}"]


@pytest.mark.slow
def test_memory_does_not_grow_with_the_requests(here):
    """What stays of a value is its result: a kilobyte or so, and no thread, no connection, no request."""
    values = [f"the value {number}" for number in range(1500)]
    with Crowd() as server:
        here(server, values[:200], jobs=20)
        before = psutil.Process().memory_info().rss
        assert here(server, values, jobs=20) == right(values)
        grown = psutil.Process().memory_info().rss - before
    assert grown < 1500 * 5_000


@pytest.mark.parametrize("back_end", ["threading", "sequential", "multiprocessing"])
def test_other_back_ends_of_joblib_do_the_same(here, back_end):
    """One asks in the main thread, one in other processes, and hands its results over late as Ray's does."""
    values = [f"the value {number}" for number in range(40)]
    with Crowd(delay=0.01, failing=0.05) as server:
        with joblib.parallel_config(backend=back_end):
            mapped = here(server, values, jobs=3)
        seen = server.seen()
    assert mapped == right(values)
    assert (mapped.errors, mapped.asked) == ({}, 40)
    assert seen["most"] <= 3
    assert sum(seen["asked"].values()) == 40 + seen["failed"]


def _kill_a_worker_when(server: Crowd, requests: int) -> None:
    while sum(server.seen()["asked"].values()) < requests:
        time.sleep(0.02)
    workers = [one for one in psutil.Process().children() if "popen_loky" in " ".join(one.cmdline())]
    workers[0].kill()


def test_a_dead_worker_is_one_line_that_keeps_what_has_come_and_run_again_goes_on(here):
    values = [f"the value {number}" for number in range(60)]
    with Crowd(delay=0.05) as server, joblib.parallel_config(backend="loky"):
        killer = threading.Thread(target=_kill_a_worker_when, args=(server, 20))
        killer.start()
        with pytest.raises(DeepSeekError, match=r"the workers failed .*every finished value is kept") as caught:
            here(server, values, jobs=2)
        killer.join()
        assert "\n" not in str(caught.value)
        kept = caught.value.reply
        known = [place for place, result in enumerate(kept) if result is not None]
        assert len(known) >= 10
        assert all(kept[place] == answer(f"What of {values[place]}?") for place in known)
        mapped = here(server, values, jobs=2, fresh=False)
    assert mapped == right(values)
    assert (mapped.errors, mapped.asked) == ({}, 60 - len(known))


@pytest.mark.slow
def test_whoever_runs_a_cluster_without_joblib_reads_what_to_install(here, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "joblib", None)  # as where it is not installed
    with Crowd() as server:
        with Client(n_workers=1, threads_per_worker=1, processes=False, dashboard_address=":0", silence_logs=50):
            assert here(server, ["a"], show=True) == right(["a"])
        said = capsys.readouterr().out
        assert here(server, ["a"], show=True) == right(["a"])
    words = "Not using Dask, because joblib is not installed: pip install joblib"
    assert words in said
    assert "joblib" not in capsys.readouterr().out


@pytest.mark.slow
def test_workers_that_are_threads_of_this_process_use_the_key_of_the_run(here):
    with Crowd() as server:
        with (
            Client(n_workers=1, threads_per_worker=2, processes=False, dashboard_address=":0", silence_logs=50),
            joblib.parallel_config(backend="dask"),
        ):
            assert here(server, ["a", "b"], jobs=2) == right(["a", "b"])
        assert server.seen()["keys"] == [f"bearer {KEY}"]


def test_a_map_on_threads_does_not_import_joblib():
    code = (
        "import sys, deepseek_magic\n"
        "print(*deepseek_magic.map(['a'], 'What of {value}?', show=False), 'joblib' in sys.modules)"
    )
    with Crowd() as server:
        environ = {**os.environ, "DEEPSEEK_BASE_URL": server.url, "DEEPSEEK_API_KEY": KEY}
        said = subprocess.check_output([sys.executable, "-c", code], env=environ, text=True, timeout=60)
    assert said == "answer to What of a? False\n"


@pytest.mark.slow
def test_a_cluster_whose_worker_dies_gets_all_right_without_the_key(here, monkeypatch):
    """The same call inside of joblib's ``parallel_config``; the workers' own key is another one, which tells whose."""
    values = [f"the value {number}" for number in range(100)]
    with Crowd(delay=0.03) as server:
        monkeypatch.setenv("DEEPSEEK_BASE_URL", server.url)
        # Told apart from this process's own: a worker that takes the dead one's place would inherit that.
        elsewhere = {"DEEPSEEK_API_KEY": ELSEWHERE}
        with (
            LocalCluster(
                n_workers=2, threads_per_worker=4, dashboard_address=None, silence_logs=50, env=elsewhere
            ) as cluster,
            Client(cluster),
        ):
            pid = next(iter(cluster.workers.values())).pid
            killer = threading.Thread(target=_kill_when, args=(server, 30, pid))
            killer.start()
            with joblib.parallel_config(backend="dask"):
                mapped = here(server, values, jobs=8)
            killer.join()
        seen = server.seen()
    assert mapped == right(values)
    assert (mapped.errors, mapped.waiting, mapped.asked) == ({}, 0, 100)
    assert not psutil.pid_exists(pid)
    assert seen["keys"] == [f"bearer {ELSEWHERE}"]
    assert seen["most"] <= 8
    assert sum(seen["asked"].values()) <= 100 + 8 + 4  # only what the dead worker was at is asked again


def _kill_when(server: Crowd, requests: int, pid: int) -> None:
    while sum(server.seen()["asked"].values()) < requests:
        time.sleep(0.02)
    os.kill(pid, signal.SIGKILL)
