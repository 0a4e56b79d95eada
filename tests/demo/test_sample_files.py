"""The files of the samples: how one is read, which questions it answers, how results stand in its reply."""

from __future__ import annotations

import pytest

from deepseek_magic.demo.sample_files import filled, parse, samples, samples_for

SOURCE = """question: What  is {value}?
topic: squares
after: first
needs: df
needs: image
--- thinking ---
I multiply.
--- values ---
2 => four
A b => none: not a number
--- calls ---
load {"name": "a"}
load {"name": "b"}

add {}
"""


def test_a_file_is_read_part_by_part() -> None:
    sample = parse("square", SOURCE)
    assert (sample.name, sample.topic, sample.after, sample.thinking) == ("square", "squares", "first", "I multiply.")
    assert sample.questions == ("what is {value}",)
    assert sample.needs == ("df", "image")
    assert (sample.reply, sample.json) == ("", "")
    assert sample.rounds == ((("load", '{"name": "a"}'), ("load", '{"name": "b"}')), (("add", "{}"),))
    assert sample.values == {"2": "four", "a b": "none: not a number"}


@pytest.mark.parametrize(
    ("question", "value"),
    [("what is 2", "four"), ("WHAT is  2?", "four"), ("What is A B?", "none: not a number"), ("what is 3", "")],
)
def test_a_value_in_the_question_decides_the_reply(question: str, value: str) -> None:
    sample = parse("square", SOURCE)
    assert sample.value(question) == value
    assert sample.answers(question) == bool(value)


@pytest.mark.parametrize("lacking", ["question: What  is {value}?\n", "topic: squares\n", "--- thinking ---\n"])
def test_a_file_that_lacks_a_part_is_refused_by_name(lacking: str) -> None:
    with pytest.raises(ValueError, match="the sample square lacks"):
        parse("square", SOURCE.replace(lacking, ""))


def test_the_samples_come_by_name_and_each_answers_its_questions() -> None:
    names = [sample.name for sample in samples()]
    assert names == sorted(names)
    for sample in samples():
        for question in (one for one in sample.questions if "{value}" not in one):
            assert sample in samples_for(question.upper() + " ?")
    assert samples_for("A question that no file holds") == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("No place", "No place"),
        ("{{1}} and {{2}}", 'plain and {"a": {"b": [3, 4]}}'),
        ("{{2.a.b.1}}", "4"),
        ("{{3}}", ""),
        ("{{0}}", ""),
        ("{{2.missing}} {{1}}", ""),
        ("{{1.a}}", ""),
    ],
)
def test_results_stand_in_their_places_or_nothing_is_said(text: str, said: str) -> None:
    assert filled(text, ["plain", '{"a": {"b": [3, 4]}}']) == said
