"""Who is asked at a time, in which order, and what stops: without an endpoint, which other tests have."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from deepseek_magic.api.events import Behind
from deepseek_magic.background import jobs as module
from deepseek_magic.background.jobs import MOST, BackgroundJob, Jobs
from deepseek_magic.background.pending import Pending
from deepseek_magic.chat.conversation import Conversation
from deepseek_magic.chat.question import Question
from deepseek_magic.chat.reply import Reply
from deepseek_magic.chat.stopping import Stop
from deepseek_magic.errors import Interrupted, QuestionError
from deepseek_magic.render.early import Early
from deepseek_magic.render.renderer import Ending
from deepseek_magic.settings.parameters import Settings
from tests.chat.scripted import Recorded
from tests.stops import stopped_everywhere

PATIENCE = 60


class Asked:
    """Asks nothing: `begun` lists the jobs that are being asked, each of which waits until it may `go`."""

    def __init__(self) -> None:
        self.jobs = Jobs()
        self.begun: list[int] = []
        self.changed = threading.Condition()
        self.go: dict[int, threading.Event] = {}

    def start(self, conversation: Conversation, *, remember: bool = True, cell: str = "", error=None) -> BackgroundJob:
        number, stop = self.jobs.new_number(), Stop()
        view, go = Early(Recorded(), waits=True), self.go.setdefault(number, threading.Event())

        def ask(_job: BackgroundJob):
            with self.changed:
                self.begun.append(number)
                self.changed.notify_all()
            assert go.wait(PATIENCE)
            if stop.called:
                raise KeyboardInterrupt
            if error is not None:
                raise error
            return Reply(f"reply {number}"), f"value {number}"

        stop.then(go.set)
        question = replace(Question("q", Settings()), remember=remember, cell=cell)
        job = BackgroundJob(number, question, conversation, view, stop, Pending(number, stop, lambda: view.line), ask)
        self.jobs.start(job)
        return job

    def until(self, *numbers: int) -> None:
        """Wait until these jobs, and no others, have begun."""
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.begun) >= len(numbers), PATIENCE)
        assert sorted(self.begun) == list(numbers)

    def end(self, job: BackgroundJob) -> None:
        self.go[job.number].set()
        assert job.pending._over.wait(PATIENCE)


@pytest.fixture
def asked():
    made = Asked()
    yield made
    made.jobs.stop_all()


def shown(job: BackgroundJob) -> list[str]:
    recorded = job.view._renderer
    return [event.what for event in recorded.events if isinstance(event, Behind)]


def waits(job: BackgroundJob, words: str) -> None:
    """Wait until the status line of ``job`` says so."""
    for _ in range(PATIENCE * 100):
        if shown(job):
            break
        threading.Event().wait(0.01)
    assert shown(job)[-1] == words


def test_four_at_a_time_in_order(asked: Asked) -> None:
    jobs = [asked.start(Conversation(), remember=False) for _ in range(MOST + 2)]
    asked.until(1, 2, 3, 4)
    for job in jobs[MOST:]:
        waits(job, "one of 4 places")
    asked.end(jobs[2])
    asked.until(1, 2, 3, 4, 5)
    asked.end(jobs[0])
    asked.until(1, 2, 3, 4, 5, 6)
    assert jobs[0].pending.result() == "value 1"
    assert jobs[0].pending.text == "reply 1"


def test_one_after_the_other_in_a_conversation(asked: Asked) -> None:
    """One that waits for its conversation takes nobody's place."""
    main, other = Conversation("main"), Conversation("other")
    first, second, third = (asked.start(main) for _ in range(3))
    elsewhere, beside = asked.start(other), asked.start(main, remember=False)
    asked.until(1, 4, 5)
    waits(second, "the reply of job 1 in conversation main")
    waits(third, "the reply of job 2 in conversation main")
    asked.end(first)
    asked.until(1, 2, 4, 5)
    for job in (second, third, elsewhere, beside):
        asked.end(job)
    assert main.underway == other.underway == []


def test_a_stop_before_it_is_asked(asked: Asked) -> None:
    main = Conversation("main")
    first, second, third = (asked.start(main) for _ in range(3))
    asked.until(1)
    second.stop()
    with pytest.raises(Interrupted, match="stopped before it was asked"):
        second.pending.result(PATIENCE)
    assert second.view._renderer.ending.notices == ("Interrupted: stopped before it was asked",)
    asked.end(first)
    asked.end(third)
    assert asked.begun == [1, 3]


def test_an_error_is_in_its_view(asked: Asked) -> None:
    job = asked.start(Conversation(), error=QuestionError("it cannot be asked"))
    asked.end(job)
    assert job.view._renderer.ending.notices == ("QuestionError: it cannot be asked",)
    assert job.state == "QuestionError: it cannot be asked"
    defect = asked.start(Conversation(), error=ZeroDivisionError("one of ours"))
    asked.end(defect)
    assert "a defect ended the reply (ZeroDivisionError: one of ours)" in defect.state


def test_a_cell_that_runs_again_stops_its_job(asked: Asked) -> None:
    job, other = asked.start(Conversation(), cell="a"), asked.start(Conversation(), cell="b")
    assert asked.jobs.stop_of_cell("") == ()
    assert asked.jobs.stop_of_cell("a") == ("Job 1, which this cell started when it ran before, was stopped.",)
    assert job.pending._over.wait(PATIENCE)
    assert asked.jobs.live == [other]


def test_a_question_waits_for_its_conversation(asked: Asked) -> None:
    """It says so in its status line; one that is not remembered is asked beside."""
    main, views = Conversation("main"), []

    def began() -> Recorded:
        views.append(Recorded())
        return views[-1]

    job = asked.start(main)
    asked.until(1)
    question = Question("q", Settings())
    with asked.jobs.in_turn(main, replace(question, remember=False), began) as (place, _):
        assert place is not main
        assert (place.name, place.marker) == (main.name, main.marker)
    threading.Timer(0.05, asked.go[1].set).start()
    with asked.jobs.in_turn(main, question, began) as (place, view):
        assert job.pending.done
        assert place is main
        made = view()
        made.open()
        made.close(Ending("hello"))
        assert views[0].ending == Ending("hello")  # at once: a stop of the drawing is heard only then
    (event,) = views[0].events
    assert event == Behind("the reply of job 1 in conversation main")
    assert views[0].ending == Ending("hello")


def test_a_stop_of_the_waiting_leaves_the_job(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    main, view = Conversation("main"), Recorded()
    job = asked.start(main)
    asked.until(1)

    def interrupted(_ready: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(asked.jobs, "wait_until", interrupted)
    with (
        pytest.raises(Interrupted, match="job 1, which goes on; nothing was asked"),
        asked.jobs.in_turn(main, Question("q", Settings()), lambda: view),
    ):
        raise AssertionError
    assert view.ending is not None
    assert not job.pending.done


def test_turns_are_not_changed_while_a_reply_comes(asked: Asked) -> None:
    main = Conversation("main")
    job = asked.start(main)
    for change in (main.undo, main.reset, lambda: main.drop(1), lambda: main.edit(1, "x")):
        with pytest.raises(QuestionError, match="%deepseek_jobs wait 1 waits for it"):
            change()
    main.fork("copy")
    asked.end(job)
    main.reset()


def test_only_the_last_that_ended_are_listed(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT", 3)
    for _ in range(6):
        asked.end(asked.start(Conversation()))
    assert [job.number for job in asked.jobs.all] == [3, 4, 5, 6]


def test_in_a_forked_child_they_end(asked: Asked) -> None:
    job = asked.start(Conversation())
    asked.until(1)
    asked.jobs.leave_to_parent()
    with pytest.raises(QuestionError, match="to another process"):
        job.pending.result()


def test_a_stop_at_any_moment_of_a_wait_does_not_hold_up_the_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LOOK", 0)
    jobs = Jobs()

    def wait() -> None:
        ready = iter((False, True))
        jobs.wait_until(lambda: next(ready))

    def end() -> None:
        ending = threading.Thread(target=jobs._notify, daemon=True)
        ending.start()
        ending.join(PATIENCE)
        assert not ending.is_alive()

    assert stopped_everywhere(wait, ("wait_until",), end) > 10
