"""A call: arguments read and checked, the function run whatever it does, its result bounded and masked."""

from __future__ import annotations

import asyncio
import datetime
import itertools
import json
import sys
import threading
import time
import uuid
from dataclasses import dataclass
from enum import Enum

import pandas
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepseek_magic.api.messages import ToolCall
from deepseek_magic.description import describe
from deepseek_magic.errors import SecretFound
from deepseek_magic.guard import Guard
from deepseek_magic.settings.keys import Secret
from deepseek_magic.text import estimate_tokens
from deepseek_magic.tools.calls import RESULT_TOKENS, ToolBox, in_words
from deepseek_magic.tools.signatures import confirm, function_of

SECRET = "hunter2-hunter2-hunter2"
GUARD = Guard("mask", {}, [Secret(SECRET)])


def box(*functions, ask=lambda _words: True, guard=GUARD):
    made = [function_of(function.__name__, function) for function in functions]
    return ToolBox(made, lambda value, tokens: describe(value, tokens=tokens), guard, ask)


def ran(function, arguments="{}", **more):
    name = function.__name__
    return box(function, **more).run(ToolCall("1", name, arguments))


def returning(value):
    def f():
        return value

    return ran(f)


class Unit(Enum):
    C = "celsius"


@dataclass
class Place:
    city: str


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a text, as it is", "a text, as it is"),
        (None, "null"),
        (True, "true"),
        (1.5, "1.5"),
        ({"a": [1, "ü", None]}, '{"a": [1, "ü", null]}'),
        ((1, 2), "[1, 2]"),
        (float("nan"), "NaN"),
    ],
)
def test_plain_results_are_told_as_json(value, text):
    assert returning(value).text == text


def test_other_results_are_described():
    assert returning(Place("Oslo")).text == describe(Place("Oslo"))
    frame = pandas.DataFrame({"city": ["Oslo", "Rome"], "degrees": [3, 19]})
    assert "degrees" in returning(frame).text
    assert "2 rows" in returning(frame).text
    assert returning({1: {2, 3}}).text == "{1: {2, 3}}"


def test_arguments_become_what_the_annotations_say():
    def f(place: Place, unit: Unit, sizes: set[int], more: list[Place]) -> str:
        return repr((place, unit, sizes, more))

    given = {"place": {"city": "Oslo"}, "unit": "celsius", "sizes": [1], "more": [{"city": "Rome"}]}
    expected = (Place("Oslo"), Unit.C, {1}, [Place("Rome")])
    assert ran(f, json.dumps(given)).text == repr(expected)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ('{"city": "Os', "the arguments are not valid JSON (Unterminated string"),
        ('{"city": "Os', 'they were \'{"city": "Os\': give them again, shorter if they were cut'),
        ("city", "the arguments are not valid JSON"),
        ("[1]", "the arguments are not a JSON object: give them by name"),
        ("", "the arguments do not fit: city: expected a value (a string), found nothing"),
        ('{"city": 3}', "the arguments do not fit: city: expected a string, found 3"),
        ('{"city": "Oslo", "x": 1}', "the arguments do not fit: x: expected no such key (known: city, days), found 1"),
        ('{"city": "Oslo", "days": "two"}', "days: expected a whole number"),
        ("[" * 100_000, "the arguments are not valid JSON"),
        ('{"city": "Oslo", "days": ' + "9" * 5000 + "}", "the arguments are not valid JSON"),
    ],
)
def test_arguments_that_do_not_fit_are_told_and_nothing_is_run(arguments, words):
    made = []

    def weather(city: str, days: int = 1):
        made.append(city)

    result = ran(weather, arguments)
    assert result.failed
    assert words in result.text
    assert len(result.text) < 600
    assert not made


def test_a_function_that_was_not_named_is_told_and_not_run():
    result = box(test_plain_results_are_told_as_json).run(ToolCall("1", "os.system", '{"command": "id"}'))
    assert result.failed
    assert result.text == ("there is no tool named 'os.system': there are test_plain_results_are_told_as_json")


def test_a_class_that_refuses_its_arguments_is_told():
    @dataclass
    class Even:
        number: int

        def __post_init__(self):
            if self.number % 2:
                raise ValueError("it is odd")

    def f(even: Even): ...

    f.__annotations__["even"] = Even
    assert "the arguments do not fit" in ran(f, '{"even": {"number": 3}}').text
    assert "it is odd" in ran(f, '{"even": {"number": 3}}').text


@pytest.mark.parametrize(
    ("kind", "given", "place"),
    [
        (
            dict[datetime.date, int],
            {"Monday": 1},
            "value.Monday: expected as a key a string in the format date, like 2026",
        ),
        (dict[uuid.UUID, int], {"x": 1}, "value.x: expected as a key a string in the format uuid"),
        (dict[int, str], {"1": "a", "01": "b"}, 'value["01"]: expected as a key a string that matches "^(0|-?[1-9]'),
    ],
)
def test_arguments_that_cannot_be_built_are_told_with_their_place(kind, given, place):
    made = []

    def f(value=None):
        made.append(value)

    f.__annotations__["value"] = kind
    result = ran(f, json.dumps({"value": given}))
    assert result.failed
    assert place in result.text
    assert not made


def test_whatever_a_class_raises_about_its_arguments_is_told():
    @dataclass
    class Broken:
        number: int

        def __post_init__(self):
            raise Unspeakable

    def f(broken=None): ...

    f.__annotations__["broken"] = Broken
    text = ran(f, '{"broken": {"number": 3}}').text
    assert text.startswith(
        "the arguments do not fit: broken: expected another value (Unspeakable: its text cannot be shown)"
    )


class Unspeakable(Exception):
    def __str__(self):
        raise RuntimeError("no words")


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ValueError("no such city\nat all"), "ValueError: no such city at all"),
        (SystemExit(3), "SystemExit: 3"),
        (asyncio.CancelledError(), "CancelledError: "),
        (GeneratorExit(), "GeneratorExit: "),
        (Unspeakable(), "Unspeakable: its text cannot be shown"),
        (RecursionError("too deep"), "RecursionError: too deep"),
    ],
)
def test_what_a_function_raises_is_told(error, text):
    def f():
        raise error

    assert (ran(f).text, ran(f).failed) == (text, True)


def test_a_stop_of_the_user_is_let_through():
    def f():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ran(f)


def test_what_a_function_prints_is_no_result(capsys):
    def f():
        print("seen by the user")
        return 1

    assert ran(f).text == "1"
    assert capsys.readouterr().out == "seen by the user\n"


@pytest.mark.parametrize("value", ["x" * 50_000_000, ["x"] * 5_000_000, {"a": "x" * 50_000_000}, b"x" * 50_000_000])
def test_a_huge_result_is_cut(value):
    text = returning(value).text  # spelled out and searched it would take minutes
    assert estimate_tokens(text) <= RESULT_TOKENS


def test_the_cut_of_a_text_says_how_much_is_gone():
    text = returning("word " * 1_000_000).text
    assert text.startswith("word word")
    assert "[about 99" in text
    assert text.rstrip().endswith("word")


@pytest.mark.thorough
def test_secrets_are_masked_also_at_a_cut():
    assert SECRET not in returning(f"the key is {SECRET}").text
    assert "[masked: " in returning({"key": SECRET}).text
    for place in range(3_700, 4_100, 23):
        text = returning("x" * place + SECRET + "y" * 100_000).text
        assert SECRET[:12] not in text


def test_an_error_may_hold_a_secret():
    def f():
        raise ValueError(f"wrong key {SECRET}")

    assert SECRET not in ran(f).text


def test_where_the_guard_refuses_nothing_is_told():
    def f():
        return SECRET

    with pytest.raises(SecretFound, match="the result of f holds a secret"):
        ran(f, guard=Guard("refuse", {}, [Secret(SECRET)]))


def test_a_coroutine_is_awaited_beside_a_running_loop():
    async def f(n: int) -> int:
        await asyncio.sleep(0.01)
        print("from the coroutine")
        return n + 1

    async def cell():
        return ran(f, '{"n": 1}')

    assert asyncio.run(cell()).text == "2"


@pytest.mark.parametrize(
    ("lazy", "text"),
    [
        (lambda: (n * n for n in range(4)), "[0, 1, 4, 9]"),
        (lambda: map(str, [1, 2]), '["1", "2"]'),
        (lambda: zip("ab", [1, 2], strict=True), '[["a", 1], ["b", 2]]'),
        (lambda: iter([]), "[]"),
        (lambda: (Place(name) for name in ("Oslo",)), describe([Place("Oslo")])),
        (lambda: itertools.repeat("x", 99), json.dumps(["x"] * 99)),
        (itertools.count, f"The first 100 items; there may be more:\n{list(range(100))}"),
    ],
)
def test_the_first_items_of_a_generator_are_its_result(lazy, text):
    def f():
        return lazy()

    assert ran(f).text == text


def test_an_asynchronous_generator_is_begun_and_closed():
    closed = []

    async def f():
        try:
            for n in itertools.count():
                await asyncio.sleep(0)
                yield n
        finally:
            closed.append(True)

    assert ran(f).text.startswith("The first 100 items; there may be more:\n[0, 1, 2,")
    assert closed == [True]


def test_a_generator_that_a_coroutine_returns_and_one_that_raises():
    async def f():
        return (n for n in (1, 2))

    def g():
        yield 1
        raise LookupError("nothing more")

    assert ran(f).text == "[1, 2]"
    assert (ran(g).failed, ran(g).text) == (True, "LookupError: nothing more")


def test_a_coroutine_that_raises_is_told():
    async def f():
        await asyncio.sleep(0)
        raise LookupError("nothing there")

    assert ran(f).text == "LookupError: nothing there"


def test_a_coroutine_is_cancelled_when_the_user_stops_it():
    ended = threading.Event()

    async def f():
        try:
            threading.Timer(0.1, stop).start()
            await asyncio.sleep(120)
        finally:
            ended.set()

    main = threading.main_thread()

    def stop():
        import signal

        signal.pthread_kill(main.ident, signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        ran(f)
    assert ended.wait(60)


def test_a_marked_function_runs_only_where_the_user_says_so():
    asked, made = [], []

    @confirm
    def remove(path: str, really: bool = False):
        made.append(path)
        return "gone"

    def ask(words, answer=False):
        asked.append(words)
        return answer

    result = ran(remove, '{"path": "a", "really": true}', ask=ask)
    assert (result.text, result.failed) == ("the user did not allow this call", True)
    assert asked == ["remove(path='a', really=True)"]
    assert not made
    assert ran(remove, '{"path": "a"}', ask=lambda words: ask(words, True)).text == "gone"
    assert made == ["a"]
    assert ran(remove, '{"path": 3}', ask=ask).failed
    assert len(asked) == 2  # what does not fit is not asked about


def test_the_time_is_that_of_the_function_alone(monkeypatch):
    now = [0.0]

    @confirm
    def f():
        now[0] += 2

    def ask(_words):
        now[0] += 5
        return True

    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    assert ran(f, ask=ask).seconds == 2


def test_nobody_is_asked_about_a_call_whose_end_they_would_not_see():
    @confirm
    def remove(note: str, path: str): ...

    result = ran(remove, json.dumps({"note": "x" * 4_000, "path": "/"}), ask=lambda _words: pytest.fail("asked"))
    assert result.text == "this call is too long for the user to be asked about it: make it shorter"


def test_the_user_is_asked_about_the_whole_call():
    asked = []

    @confirm
    def remove(note: str, path: str): ...

    ran(remove, json.dumps({"note": "x" * 3_000, "path": "/"}), ask=asked.append)
    assert asked[0].endswith("path='/')")


@pytest.mark.parametrize("arguments", ["[" * 100_000, '{"a":' * 100_000, f'{{"a": {"[" * 5_000}{"]" * 5_000}}}'])
def test_a_call_nested_too_deep_to_be_read_is_said_as_it_came(arguments):
    words = in_words(ToolCall("1", "f", arguments))
    assert words.startswith("f(")
    assert len(words) == 300


@given(st.text(), st.text())
def test_any_call_is_said_on_one_line(name, arguments):
    words = in_words(ToolCall("1", name, arguments))
    assert "\n" not in words
    assert "\x1b" not in words
    assert "\u202e" not in words
    assert len(words) <= 300


@settings(max_examples=30, deadline=None)
@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text() | st.integers(), st.lists))
def test_any_result_is_told(value):
    assert estimate_tokens(returning(value).text) <= RESULT_TOKENS


def test_a_result_that_holds_itself_is_told():
    value: list[object] = []
    value.append(value)
    assert returning(value).text
    deep: list[object] = []
    for _ in range(sys.getrecursionlimit() * 2):
        deep = [deep]
    assert returning(deep).text
