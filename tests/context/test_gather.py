"""From a question as typed to the question as it is sent, and what goes along with it."""

from __future__ import annotations

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


def test_a_near_miss_is_a_note():
    found = gathered("what of {nmae}?", {"name": 1})
    assert found.text == "what of {nmae}?"
    assert len(found.notes) == 1
    assert "name" in found.notes[0]


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
