"""From a question as typed to the question as it is sent, and what goes along with it."""

from __future__ import annotations

import datetime
from decimal import Decimal
from fractions import Fraction
from ipaddress import ip_address
from pathlib import Path, PurePosixPath
from uuid import UUID

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from deepseek_magic.context.gather import gather
from deepseek_magic.context.reader import Reader
from deepseek_magic.context.selectors import Selector
from deepseek_magic.errors import QuestionError, SecretFound
from deepseek_magic.guard import Guard
from deepseek_magic.notebook.running import RunningNotebook

FRAME = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})
SECRET = "".join(("ghp", "_", "Zq7Wm3Rt9Lx5Vb1Nc8Hd4Jf6Gs2Kp0Ty3Ua"))


def gathered(text, names, *selectors, mode="mask", shell=None, **options):
    reader = Reader(RunningNotebook(shell, {}), names, Guard(mode, {}), tokens=9_000)
    return gather(text, reader, selectors, **options)


def test_a_short_value_stands_in_the_sentence():
    found = gathered("is {n} more than {name}?", {"n": 42, "name": "forty"})
    assert found.text == "is 42 more than forty?"
    assert (found.items, found.replaced, found.notes) == ((), ("{n}", "{name}"), ())


@pytest.mark.parametrize("value", [FRAME, "word " * 100, "one\ntwo"])
def test_a_long_value_goes_along_as_data(value):
    found = gathered("what of {v}?", {"v": value})
    assert found.text == "what of `v`?"
    assert [(item.kind, item.title.split(" ")[0]) for item in found.items] == [("variable", "v")]
    assert found.items[0].text


@pytest.mark.parametrize(
    "value",
    [
        *(np.str_("north"), np.float64(0.5), np.int8(3), np.bool_(True), np.datetime64("2026-01-02"), Decimal("1.10")),
        *(pd.Timestamp("2026-01-02 08:00"), pd.Timedelta("1h"), pd.Period("2026-01"), pd.NaT, pd.NA),
        *(datetime.date(2026, 1, 2), datetime.datetime(2026, 1, 2, 8), datetime.timedelta(1), datetime.time(8)),
        *(PurePosixPath("data/a.csv"), Path("b.csv"), UUID(int=5), Fraction(1, 3), ip_address("10.0.0.1")),
    ],
    ids=repr,
)
def test_a_scalar_stands_in_the_sentence_as_an_f_string_gives_it(value):
    found = gathered("is {v} right?", {"v": value})
    assert (found.text, found.items) == (f"is {value} right?", ())


def test_a_scalar_that_the_user_describes_stands_as_the_user_has_it():
    class Place(str):
        def __llm__(self, tokens):
            return f"the place {self[0]}"

    assert gathered("{v}", {"v": Place("north")}).text == "the place n"


def test_no_format_of_a_number_of_the_users_class_is_run():
    class Loud(np.float64):
        def __format__(self, form):
            raise AssertionError

    assert "0.5" in gathered("{v}", {"v": Loud(0.5)}).text


def test_no_format_of_a_string_of_the_users_class_is_run():
    class Loud(str):
        def __format__(self, form):
            raise AssertionError

    assert gathered("{v}", {"v": Loud("north")}).text == "north"


def test_a_picture_goes_along_as_an_image():
    found = gathered("what is on {i}?", {"i": Image.new("RGB", (3, 2))})
    assert found.text == "what is on `i` (an image)?"
    assert [(item.kind, item.title, item.image[:4]) for item in found.items] == [("figure", "image i", b"\x89PNG")]


def test_raw_text_stays_as_typed():
    found = gathered("what of {n}?", {"n": 42}, raw=True)
    assert (found.text, found.items, found.replaced) == ("what of {n}?", (), ())


def test_what_is_asked_for_twice_goes_along_once():
    found = gathered("{df} and {df}", {"df": FRAME}, Selector("vars"), variables=["df"])
    assert found.text == "`df` and `df`"
    assert len(found.items) == 1


def test_a_source_that_has_nothing_says_why(shell):
    found = gathered("why?", {}, Selector("cells"), shell=shell)
    assert found.items == ()
    assert len(found.notes) == 1
    assert found.notes[0].isprintable()


def test_a_near_miss_is_known_before_anything_is_sent():
    found = gathered("what of {nmae}?", {"name": 1})
    assert found.text == "what of {nmae}?"
    assert found.notes == ()
    assert found.typed == ("{nmae} is sent as typed: did you mean {name}?",)


def test_a_value_whose_name_says_secret_is_masked_in_the_sentence():
    found = gathered(
        "use {password} and {config['password']}",
        {"password": "hunter2hunter2", "config": {"password": "correcthorse9"}},
    )
    assert "hunter2" not in found.text
    assert "correcthorse" not in found.text
    assert found.text.count("masked") == 2


def test_what_is_not_there_stops_the_question():
    with pytest.raises(QuestionError, match="nothing_like_it"):
        gathered("why?", {"a": 1}, variables=["nothing_like_it"])


def test_a_guard_that_refuses_stops_before_anything_is_cut():
    with pytest.raises(SecretFound) as caught:
        gathered("what of {v}?", {"v": pd.DataFrame({"k": [SECRET] * 3})}, mode="refuse")
    assert SECRET not in str(caught.value)
