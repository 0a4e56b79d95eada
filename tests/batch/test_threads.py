"""One run in this process: every question answered, what makes it stop, and what another run knows already."""

from __future__ import annotations

import pytest

from deepseek_magic.api.catalogue import PRICES
from deepseek_magic.app.mapping import key_here
from deepseek_magic.batch.cap import Cap
from deepseek_magic.batch.results import STOPPED, ValueOutcome
from deepseek_magic.batch.store import Store
from deepseek_magic.batch.threads import Run
from deepseek_magic.batch.work import ValueTask
from deepseek_magic.settings.parameters import Settings
from tests.batch.asking import answering, prompts
from tests.faults import api_error, error

TODO = {f"digest {number}": f"value {number}" for number in range(9)}


@pytest.fixture
def run(server):
    """What makes a run that asks the server."""
    server.repeat(answering)
    settings = Settings(base_url=server.url, max_tokens=9)

    def make(store=None, jobs=3):
        cap = Cap(settings, PRICES, lambda *_: None)
        return Run(ValueTask(settings, None, "", key_here), None, store or Store(), cap, jobs)

    return make


def finished(run, jobs=3):
    """The run, once all its threads have ended by themselves."""
    for _ in run.asked(TODO, jobs):
        pass
    return run


@pytest.mark.parametrize("jobs", [1, 3, 20])
def test_every_question_is_answered_once(server, run, jobs):
    """However many are asked at a time, each outcome stands under its own digest."""
    found = finished(run(jobs=jobs), jobs).outcomes
    assert {digest: outcome.text for digest, outcome in found.items()} == {
        digest: f"answer to {prompt}" for digest, prompt in TODO.items()
    }
    assert sorted(prompts(server)) == sorted(TODO.values())


def test_what_is_known_is_not_asked(server, run):
    """An answer in the store is taken, and one that was asked is kept there for the next run."""
    store = Store()
    store.keep("digest 4", ValueOutcome("known"))
    assert finished(run(store)).outcomes["digest 4"].text == "known"
    assert "value 4" not in prompts(server)
    finished(run(store))
    assert len(server.requests) == len(TODO) - 1


def test_what_every_value_would_meet_stops_the_run(server, run):
    """After the first refusal of the key nothing more is begun, and the reason is the run's error."""
    server.repeat(error(401, api_error("no such key")))
    stopped = finished(run(jobs=1), 1)
    assert len(server.requests) == 1
    assert str(stopped.error).startswith(
        "stopped, because every value would fail like this one: AuthenticationFailed: 127.0.0.1"
    )
    assert stopped.slots.stopped.is_set()


def test_faults_in_a_row_stop_the_run_and_a_result_between_them_does_not(run):
    """With three at a time twenty in a row are the most; one result, and the count begins again."""
    taking, fault = run(), ValueOutcome(error="no answer", fault=True)
    for number in range(19):
        taking.take(f"{number}", fault)
    taking.take("good", ValueOutcome("yes"))
    for number in range(19):
        taking.take(f"again {number}", fault)
    assert taking.error is None
    taking.take("last", fault)
    assert str(taking.error) == "stopped, because the last 20 values all failed, the last one with: no answer"


def test_what_was_asked_elsewhere_is_taken_in(run):
    """It is kept for the next run, unless it failed or was stopped."""
    store = Store()
    taking = run(store)
    taking.take("a", ValueOutcome("yes"))
    taking.take("b", ValueOutcome(error="no"))
    taking.take("c", STOPPED)
    assert set(taking.outcomes) == {"a", "b"}
    assert [store.get(digest) for digest in "abc"] == [ValueOutcome("yes"), None, None]


def test_a_run_that_was_stopped_begins_nothing(server, run):
    """The threads end without a request."""
    stopped = run()
    stopped.stop()
    assert finished(stopped).outcomes == {}
    assert server.requests == []
