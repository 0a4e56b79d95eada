"""Keyword arguments of the Python functions: a wrong one is a line that says what is right, and help lists them all."""

from __future__ import annotations

import pydoc
import re

import pytest

import deepseek_magic
from deepseek_magic.settings.parameters import Changes, Keeping, QuestionOptions, UnattendedOptions

WRONG = [
    ("base_ulr", "did you mean base_url?"),
    ("baseurl", "did you mean base_url?"),
    ("max_token", "did you mean max_tokens?"),
    ("max_completion_tokens", "did you mean max_tokens?"),
    ("think", "did you mean thinking?"),
    ("reasoning_effort", "did you mean thinking?"),
    ("sytem", "did you mean system?"),
    ("Model", "did you mean model?"),
    ("stream", "deepseek_magic.stream does that"),
    ("bg", "deepseek_magic.submit does that"),
    ("compare", "deepseek_magic.compare does that"),
    ("api_key", "the key is taken from the variable DEEPSEEK_API_KEY, or from %deepseek_login"),
    ("messages", "each deepseek_magic.Conversation keeps its own turns"),
    ("new", "a deepseek_magic.Conversation starts afresh by .reset()"),
    ("context", "only the text is sent: write into it what the model needs to know"),
    ("schema", "it is an option of the magics, not of this function"),
    ("budget", "did you mean max_cost?"),
    ("footer", "%config DeepSeek.footer sets it"),
    ("guard", "%config DeepSeek.guard sets it"),
    ("colour", "expected one of model, system, "),
]


@pytest.mark.parametrize(("name", "said"), WRONG)
def test_a_wrong_name_is_a_line_that_says_what_is_right(name: str, said: str) -> None:
    with pytest.raises(TypeError) as raised:
        deepseek_magic.ask("question", **{name: 1})
    line = str(raised.value)
    assert line.startswith(f"unknown option {name!r}: {said}")
    assert "\n" not in line
    assert len(line) < (120 if name != "colour" else 400)


OF_THE_QUESTION = ("web", "temperature", "system", "stream", "bg", "background", "compare", "context", "new", "profile")


@pytest.mark.parametrize("name", OF_THE_QUESTION)
def test_the_rest_of_a_reply_takes_nothing_that_belongs_to_its_question(name: str) -> None:
    with pytest.raises(TypeError) as raised:
        deepseek_magic.Conversation().resume(**{name: 1})
    assert str(raised.value) == (
        f"unknown option {name!r}: the rest of a reply takes only model, max_tokens, thinking, timeout and max_cost; "
        "all else stays as it was asked for"
    )


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("budget", "did you mean max_cost?"),
        ("think", "did you mean thinking?"),
        ("quiet", "nothing is shown with show=False"),
        ("api_key", "the key is taken from the variable DEEPSEEK_API_KEY, or from %deepseek_login"),
    ],
)
def test_what_is_right_is_said_for_the_rest_of_a_reply_as_for_a_question(name: str, said: str) -> None:
    with pytest.raises(TypeError, match=rf"^unknown option '{name}': {re.escape(said)}$"):
        deepseek_magic.Conversation().resume(**{name: 1})


def test_a_function_with_arguments_of_its_own_names_those_too() -> None:
    with pytest.raises(TypeError, match=r"^unknown option 'quiet': nothing is shown with show=False$"):
        deepseek_magic.map(["a"], "Say {value}", quiet=True)  # type: ignore[call-arg]
    for name in ("job", "workers", "n_jobs"):
        with pytest.raises(TypeError, match=rf"^unknown option '{name}': did you mean jobs\?$"):
            deepseek_magic.map(["a"], "Say {value}", **{name: 3})
    with pytest.raises(
        deepseek_magic.DeepSeekError, match=r"^map takes the values first: write map\(values, prompt\)$"
    ):
        deepseek_magic.map("Say {value}", ["a"])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"thinking": True}, "thinking is True: expected one of off, low, high, max; did you mean high?"),
        ({"thinking": False}, "thinking is False: expected one of off, low, high, max; did you mean off?"),
        ({"temperature": "0,5"}, "temperature is '0,5': expected a number from 0 to 2; did you mean 0.5?"),
        ({"max_tokens": "4k"}, "max_tokens is '4k': expected a whole number from 1; did you mean 4000?"),
        ({"temperature": True}, "temperature is True: expected a number from 0 to 2"),
    ],
)
def test_a_wrong_value_is_a_line_that_says_what_is_right(options: dict[str, object], said: str) -> None:
    with pytest.raises(deepseek_magic.DeepSeekError) as raised:
        deepseek_magic.ask("question", **options)
    assert str(raised.value) == said


@pytest.mark.parametrize(
    ("function", "table"),
    [
        (deepseek_magic.ask, QuestionOptions),
        (deepseek_magic.stream, QuestionOptions),
        (deepseek_magic.compare, UnattendedOptions),
        (deepseek_magic.map, Keeping),
        (deepseek_magic.Conversation.__init__, QuestionOptions),
        (deepseek_magic.Conversation.resume, Changes),
    ],
)
def test_help_says_of_every_option_what_it_does(function: object, table: type) -> None:
    shown = pydoc.render_doc(function, renderer=pydoc.plaintext)
    listed = re.findall(r"^ {8}(\w+): \S.+", shown.partition("    Options:\n")[2], re.MULTILINE)
    assert listed == list(table.__annotations__)
    assert "thinking: how much to think: off, low, high, max\n" in shown
    assert all(len(line) <= 120 for line in shown.partition("    Options:\n")[2].splitlines())


def test_a_misspelt_name_of_the_package_names_the_right_one() -> None:
    with pytest.raises(AttributeError, match=r"has no attribute 'strem'; did you mean stream\?$"):
        deepseek_magic.strem  # noqa: B018
    with pytest.raises(AttributeError, match=r"has no attribute 'zzz'$"):
        deepseek_magic.zzz  # noqa: B018


def test_a_stream_says_that_it_waits_to_be_read() -> None:
    assert repr(deepseek_magic.stream("question")) == "<Stream: nothing is asked until its pieces are read>"


def test_what_is_of_another_type_is_named() -> None:
    with pytest.raises(deepseek_magic.DeepSeekError, match=r"^the prompt is an int: expected a string$"):
        deepseek_magic.map(["a"], 5)  # type: ignore[arg-type]
    with pytest.raises(deepseek_magic.DeepSeekError, match=r"^confirm: expected a function, found an int$"):
        deepseek_magic.confirm(5)  # type: ignore[type-var]
    with pytest.raises(TypeError, match=r"^compare: 'temprature' cannot differ: did you mean temperature\?$"):
        deepseek_magic.compare("question", {"a": {"temprature": 1}, "b": {}})
