"""The prompts of a map with every secret masked, and what is asked of it."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import PurePosixPath

import numpy as np
import pytest

from deepseek_magic.app.mapping import Wanted, job_of, map_values
from deepseek_magic.batch.values import Values
from deepseek_magic.errors import OptionError, QuestionError
from deepseek_magic.render.progress import no_bar, say_nothing
from tests.batch.asking import KEY, answering, prompts, session

SECRET = "".join(("ghp", "_", "Zq7Wm3Rt9Lx5Vb1Nc8Hd4Jf6Gs2Kp0Ty3Ua"))


class Broken:
    """A value whose own code fails."""

    def __float__(self) -> float:
        raise RuntimeError


def test_the_prompts_are_in_order_and_hold_no_secret(server):
    """Each value stands where it goes, a missing one has no prompt, and the key is not in the job's task."""
    values = Values(["a", None, f"b {SECRET}", SECRET], labels=[4, 3, 2, 1])
    job = job_of(session(server), {}, values, Wanted("1 {value} 2 {value}", {}), say_nothing)
    assert job.prompts[:2] == ["1 a 2 a", None]
    assert not any(SECRET in prompt for prompt in job.prompts if prompt)
    assert (job.secrets, job.masked, job.labels, job.jobs) == (1, 2, [4, 3, 2, 1], 20)
    assert server.requests == []


def test_what_a_variable_of_a_secrets_name_holds_is_masked_in_values_too(server):
    names = {"password": "hunter2-Qz81xw"}
    job = job_of(session(server), {}, Values(["it is hunter2-Qz81xw"]), Wanted("{value}", {}, names=names), say_nothing)
    assert "hunter2-Qz81xw" not in job.prompts[0]
    assert job.masked == 1


def test_scalars_stand_in_the_prompt_as_an_f_string_gives_them(server):
    """So a prompt of a date, a path or a value of numpy reads as the same prompt written by hand."""
    values = [
        np.str_("a"),
        np.float64(0.5),
        np.int64(3),
        datetime.date(2026, 1, 2),
        Decimal("1.10"),
        PurePosixPath("b"),
    ]
    job = job_of(session(server), {}, Values(values), Wanted("is {value}", {}), say_nothing)
    assert job.prompts == [f"is {value}" for value in values]


@pytest.mark.parametrize(
    ("wanted", "kind", "words"),
    [
        (Wanted("Say value", {}), QuestionError, r"^the prompt has no \{value\}"),
        (Wanted("{value}", {}, jobs=0), OptionError, "^jobs is 0: expected a whole number from 1$"),
        (Wanted("{value}", {}, jobs=True), OptionError, "^jobs is True: expected a whole number"),
    ],
)
def test_what_cannot_be_asked_is_refused(server, wanted, kind, words):
    """Nothing is sent, and the error says what was expected."""
    with pytest.raises(kind, match=words):
        job_of(session(server), {}, Values(["a"]), wanted, say_nothing)
    assert server.requests == []


def test_equal_values_are_one_question_and_a_second_map_asks_none(server):
    """Two of three values are equal; asked again nothing is sent, except where that is wanted."""
    server.repeat(answering)
    within, values = session(server), Values(["a", "b", "a"])
    for fresh, count in ((False, 2), (False, 2), (True, 4)):
        wanted = Wanted("{value}", {}, fresh=fresh)
        mapped = map_values(within, {}, values, wanted, progress=no_bar, say=say_nothing)
        assert mapped == ["answer to a", "answer to b", "answer to a"]
        assert len(prompts(server)) == count
    assert {request.headers["authorization"] for request in server.requests} == {f"Bearer {KEY}"}
