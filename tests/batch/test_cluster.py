"""A map by a back end of joblib's; threads stand for its workers here, and `tests.batch.test_crowds` has real ones."""

from __future__ import annotations

import threading

import joblib
import pytest
from joblib._parallel_backends import ThreadingBackend

from deepseek_magic.batch import cluster
from deepseek_magic.batch.work import ValueTask
from deepseek_magic.errors import DeepSeekError
from deepseek_magic.settings.keys import Key, checked_key
from deepseek_magic.settings.parameters import Settings
from tests.batch.asking import KEY, answering, prompts, session
from tests.batch.asking import asked as mapped

TODO = {f"digest {number}": f"value {number}" for number in range(6)}


def nothing_found(_url: str) -> Key | None:
    """Find no key, as in a process without one."""
    return None


@pytest.fixture
def asking(server):
    """What asks all on the workers, with the key of the run."""
    server.repeat(answering)
    task = ValueTask(Settings(base_url=server.url), None, "", nothing_found)
    key = checked_key(KEY, server.url, "a test")

    def ask(stopped, todo=TODO):
        with joblib.parallel_config(backend="threading"):
            yield from cluster.asked(task, key, todo, 2, stopped)

    return ask


def test_every_prompt_is_answered_with_the_key_of_the_run(server, asking):
    """The answers come in any order, each under its digest; workers that are threads here use the run's own key."""
    found = dict(one for came in asking(threading.Event()) for one in came)
    assert {digest: outcome.text for digest, outcome in found.items()} == {
        digest: f"answer to {prompt}" for digest, prompt in TODO.items()
    }
    assert {request.headers["authorization"] for request in server.requests} == {f"Bearer {KEY}"}


def test_a_run_that_was_stopped_asks_nothing(server, asking):
    """Nothing is begun once the event is set."""
    stopped = threading.Event()
    stopped.set()
    assert [one for came in asking(stopped) for one in came] == []
    assert prompts(server) == []


def test_a_run_that_is_closed_lets_go_of_the_workers(server, asking):
    """After the first answer the rest is not waited for, and what was not begun is not asked later."""
    stopped = threading.Event()
    many = {f"digest {number}": f"value {number}" for number in range(400)}
    steps = asking(stopped, many)
    ((digest, outcome),) = next(steps)
    stopped.set()
    steps.close()
    assert outcome.text == f"answer to {many[digest]}"
    assert len(prompts(server)) < len(many)


class Actors(ThreadingBackend):
    """A back end that hands results over when all are there, as Ray's; one of its actors dies at the eleventh value."""

    uses_threads = supports_sharedmem = supports_return_generator = False
    deadly = 11
    pools = begun = 0

    def configure(self, *args, **options):
        Actors.pools += 1
        return super().configure(*args, **options)

    def submit(self, func, callback=None):
        Actors.begun += 1
        return super().submit(_die if Actors.begun == self.deadly else func, callback)


def _die():
    raise RuntimeError("The actor died unexpectedly")


def test_an_actor_that_dies_costs_only_what_it_was_at_and_run_again_goes_on(server):
    """One line, every result that had come before it is kept, and there is one pool for each run."""
    server.repeat(answering)
    joblib.register_parallel_backend("actors", Actors)
    within = session(server)
    values = [f"value {number}" for number in range(30)]
    Actors.pools = Actors.begun = 0
    with joblib.parallel_config(backend="actors"):
        with pytest.raises(DeepSeekError, match=r"the workers failed \(RuntimeError: The actor died") as caught:
            mapped(within, values, jobs=3)
        assert "\n" not in str(caught.value)
        kept = caught.value.reply
        known = [place for place, result in enumerate(kept) if result is not None]
        assert len(known) >= 8  # three were under way
        assert all(kept[place] == f"answer to {values[place]}" for place in known)
        Actors.pools = 0
        again = mapped(within, values, jobs=3)
    assert again == [f"answer to {value}" for value in values]
    assert again.asked == len(values) - len(known)
    assert Actors.pools == 1


def test_only_a_back_end_of_other_processes_is_a_cluster():
    """Threads of this process are none; the processes of joblib's own back end are."""
    with joblib.parallel_config(backend="threading"):
        assert not cluster.is_configured()
    with joblib.parallel_config(backend="loky"):
        assert cluster.is_configured()


def test_with_joblib_there_is_nothing_to_say():
    """The note is for users of a cluster who lack joblib."""
    assert cluster.note() == ""
