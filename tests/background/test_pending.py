"""`Pending`: what it says before the reply has come, and what it has afterwards."""

from __future__ import annotations

import copy
import pickle
import threading

import pytest

from deepseek_magic.background.pending import OF_A_REPLY, Pending, settled
from deepseek_magic.chat.reply import Reply
from deepseek_magic.errors import Interrupted, NotYet, QuestionError, ServerError

REPLY = Reply("It is 42.", model="deepseek-flash", elapsed=1.5)


def pending() -> Pending:
    return Pending(3, lambda: None, lambda: "writing · 2 s")


def ended(reply: Reply | None = REPLY, value: object = REPLY, error=None) -> Pending:
    made = pending()
    made.end(reply, value, error)
    return made


def test_before_it_has_come() -> None:
    made = pending()
    assert not made.done
    assert not hasattr(made, "text")
    assert str(made) == repr(made) == "<Pending, job 3: writing · 2 s>"
    assert made._repr_mimebundle_() == {"text/plain": repr(made)}
    with pytest.raises(
        NotYet, match=r"the reply of job 3 is still coming \(writing · 2 s\): \.result\(\) waits for it"
    ):
        made.text  # noqa: B018
    with pytest.raises(TimeoutError, match=r"job 3 is still coming .* did not end within 0 seconds"):
        made.result(timeout=0)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        made.nothing  # noqa: B018


def test_it_has_what_a_reply_has() -> None:
    made = ended()
    assert {name for name in vars(Reply) if not name.startswith("_")} <= OF_A_REPLY
    assert set(dir(made)) >= OF_A_REPLY
    for name in OF_A_REPLY - {"json"}:
        assert getattr(made, name) == getattr(REPLY, name)
    assert (made.done, made.result(), str(made)) == (True, REPLY, "It is 42.")
    assert made._repr_mimebundle_()["text/plain"] == "It is 42."
    assert repr(made) == "<Pending, job 3: done>"


def test_a_value_is_the_result() -> None:
    assert ended(value={"n": 1}).result() == {"n": 1}


def test_an_error_is_raised_and_what_had_come_is_there() -> None:
    failed = ServerError("HTTP 503")
    assert ended(error=failed).text == "It is 42."
    for made in (ended(error=failed), ended(None, None, failed)):
        with pytest.raises(ServerError):
            made.result()
    with pytest.raises(ServerError):
        ended(None, None, failed).text  # noqa: B018
    assert "ServerError: HTTP 503" in repr(ended(error=failed))


def test_result_waits() -> None:
    made = pending()
    threading.Timer(0.05, made.end, (REPLY, REPLY, None)).start()
    assert made.result(timeout=60) is REPLY


def test_an_interrupt_stops_the_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    made = pending()

    def stopped(_seconds: float) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(made._over, "wait", stopped)
    with pytest.raises(Interrupted, match="job 3, which goes on"):
        made.result()
    assert not made.done


def test_it_shows_nothing_where_its_reply_is_shown() -> None:
    Pending(1, lambda: None, str, lambda: True)._ipython_display_()
    for made in (pending(), Pending(1, lambda: None, str, lambda: False)):
        with pytest.raises(NotImplementedError):
            made._ipython_display_()


def test_it_is_not_copied() -> None:
    for take in (copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError, match="result"):
            take(ended())


def test_in_a_forked_child_it_ends() -> None:
    made = pending()
    made.forsake()
    made.stop()
    with pytest.raises(QuestionError, match="to another process"):
        made.result()


def test_a_question_that_names_one_gets_its_reply() -> None:
    """Named in braces or by -v; one that is not named is not waited for, and does not go along."""
    said: list[str] = []
    late, other = pending(), pending()
    names = {"late": late, "other": other, "n": 1}
    threading.Timer(0.05, late.end, (REPLY, REPLY, None)).start()
    made = settled(names, "compare {late.text} and {n}", (), said.append)
    assert made == {"late": REPLY, "n": 1}
    assert said == ["Waiting for late, the reply of job 3."]
    assert settled(names, "late and other, in words", ("late",), said.append) == {"late": REPLY, "n": 1}
    assert len(said) == 1


def test_one_that_failed_cannot_go_along() -> None:
    names = {"x": ended(error=ServerError("HTTP 503"))}
    with pytest.raises(QuestionError, match=r"x has no complete reply \(HTTP 503\)"):
        settled(names, "{x}", (), print)
