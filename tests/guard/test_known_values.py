"""The values of the environment and of the caller: which are secret, and how they are found again."""

from __future__ import annotations

import base64
import dataclasses
import html
import json
from random import Random
from string import ascii_letters, digits, punctuation
from types import SimpleNamespace
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from deepseek_magic.context.reader import Reader
from deepseek_magic.guard import Guard
from deepseek_magic.guard.known_values import of_environment
from deepseek_magic.notebook.running import RunningNotebook
from deepseek_magic.settings.keys import Secret
from tests.guard.made import FORMED, password
from tests.guard.test_corpora import leaked

SECRET = password(Random(5))


@pytest.mark.parametrize(
    "name",
    [
        "API_KEY",
        "GITHUB_TOKEN",
        "CLIENT_SECRET",
        "DB_PASSWORD",
        "PGPASSWORD",
        "MYSQL_PWD",
        "SMTP_PASS",
        "AZURE_CREDENTIALS",
        "AWS_SECRET_ACCESS_KEY",
        "aws_session_token",
        "OPENAI_API_KEY_PROD",
        "REDIS_PASSWD",
        "stripeApiKey",
    ],
)
def test_a_name_that_says_secret_makes_its_value_one(name):
    cleaned = Guard("mask", {name: SECRET, "HOME": "/root"}).clean(f"it was {SECRET}, really")
    assert cleaned.text == f"it was [masked: value of {name}], really"
    assert [finding.kind for finding in cleaned.findings] == [f"value of {name}"]


@pytest.mark.parametrize(
    "value",
    [
        "production",
        "true",
        "8080",
        "/usr/bin",
        "localhost",
        "short1!",
        "",
        "deepseek-flash",
        "gpt-4o",
        "2024-01-01",
        "en_US.UTF-8",
        "/home/bob/.ssh/id_rsa.pub",
        "~/keys/service.json",
        "https://example.com/token",
        "aaaaaaaaaaaa",
        "postgres",
        "My Name",
        "changeme",
        "your-api-key-here",
        "12345678901234",
        "127.0.0.1:5432",
        "C:\\Users\\bob\\key.pem",
        "xxxxxxxxxxxxxxxx",
    ],
)
def test_a_plain_value_is_no_secret_everywhere(value):
    """Else every ``true`` and every ``localhost`` of a notebook would be masked."""
    assert of_environment({"SOME_TOKEN": value, "DB_PASSWORD": value, "API_KEY": value}) == []


@pytest.mark.parametrize(
    "name", ["PATH", "HOME", "MODEL", "KEYBOARD", "MONKEY", "PRIMARY_KEY", "MAX_TOKENS", "TOKENIZERS_PARALLELISM"]
)
def test_other_names_say_nothing(name):
    assert of_environment({name: SECRET}) == []


def test_a_url_with_a_password_is_a_secret_whatever_its_name():
    guard = Guard("mask", {"DATABASE_URL": f"postgres://bob:{SECRET}@h/db", "PROXY": f"http://bob:{SECRET}2@h:1"})
    assert guard.clean(f"failed for {SECRET} at h").text == "failed for [masked: value of DATABASE_URL] at h"
    assert not leaked(SECRET, guard.clean(f"http://bob:{SECRET}2@h:1 {SECRET}2").text)


def test_a_key_of_known_form_is_a_secret_whatever_its_name():
    key = FORMED["DeepSeek key"](Random(1))
    assert Guard("mask", {"THING": key}).clean(f"x {key} y").text == "x [masked: value of THING] y"


def test_what_the_caller_knows_is_masked_from_eight_characters():
    guard = Guard("mask", {}, [Secret("abcdefgh"), Secret("short12")])
    assert guard.clean("abcdefgh and short12").text == "[masked: key of the endpoint] and short12"


WRITTEN = {
    "plain": lambda value: value,
    "JSON": json.dumps,
    "JSON in JSON": lambda value: json.dumps(json.dumps({"a": value})),
    "JSON as it is": lambda value: json.dumps(value, ensure_ascii=False),
    "repr": repr,
    "repr of a repr": lambda value: repr(repr(value)),
    "bytes": lambda value: repr(value.encode()),
    "URL": lambda value: f"https://h/?k={quote(value, safe='')}&x=1",
    "URL with plus": lambda value: urlencode({"k": value, "x": 1}),
    "path": quote,
    "plus": quote_plus,
    "HTML": html.escape,
    "hex": lambda value: value.encode().hex(),
    "base64": lambda value: base64.b64encode(value.encode()).decode(),
    "base64 for URLs": lambda value: base64.urlsafe_b64encode(value.encode()).decode(),
    "basic": lambda value: "Basic " + base64.b64encode(f"bob:{value}".encode()).decode(),
    "basic 2": lambda value: base64.b64encode(f"alice:{value}".encode()).decode(),
    "basic 3": lambda value: base64.b64encode(f"carol2:{value}:and more".encode()).decode(),
    "folded": lambda value: f"{value[: len(value) // 2]}\n        {value[len(value) // 2 :]}",
    "folded twice": lambda value: f"{value[:4]}\n{value[4:9]}\r\n\t{value[9:]}",
    "folded by escapes": lambda value: f"{value[: len(value) // 2]}\\n  {value[len(value) // 2 :]}",
    "joined literals": lambda value: f'("{value[: len(value) // 2]}"\n    "{value[len(value) // 2 :]}")',
    "numbered": lambda value: f"     4 {value[: len(value) // 2]}\n      5 {value[len(value) // 2 :]}",
    "continued": lambda value: f"{value[: len(value) // 2]}\\\n{value[len(value) // 2 :]}",
}
_VALUES = st.text(ascii_letters + digits + punctuation.replace("\\", ""), min_size=6, max_size=40).map(
    lambda text: f"{text}Zx9#q"
)


@pytest.mark.parametrize("written", WRITTEN)
@settings(max_examples=25)
@given(value=_VALUES, before=st.text("ab \n'", max_size=10), after=st.text("ab \n'", max_size=10))
@example(value='a/b+c=d&e f\'s "q" é#9', before="", after="")
def test_a_known_value_is_found_however_it_is_written(written, value, before, after):
    if '"' in value + before and "folded" in written:
        value = value.replace('"', "-")
    text = f"{before} {WRITTEN[written](value)} {after}"
    cleaned = Guard("mask", {}, [Secret(value)]).clean(text).text
    pieces = [WRITTEN[written](value).strip("'\"")] if written not in ("JSON in JSON",) else []
    for piece in [value, *pieces]:
        assert piece not in cleaned
    assert "[masked: " in cleaned


@given(
    value=st.text(ascii_letters + digits, min_size=24, max_size=60).map(lambda text: f"7q{text}Zx9"),
    size=st.integers(12, 60),
)
def test_a_piece_of_a_known_value_is_masked(value, size):
    """A repr shows the beginning and the end of a long string, a table its beginning."""
    size = min(size, len(value) - 1)
    shown = Guard("mask", {}, [Secret(value)]).clean(f"'{value[:size]}...' and '...{value[-size:]}'").text
    longest = max(8, min(16, len(value) // 2))
    assert size < longest or not leaked(value, shown)


@given(st.dictionaries(st.text("ABC_KEYTOKN", max_size=12), st.text(max_size=30), max_size=6), st.text(max_size=80))
def test_any_environment_and_any_text_will_do(environ, text):
    guard = Guard("mask", environ)
    once = guard.clean(text).text
    assert guard.clean(once).text == once


@dataclasses.dataclass
class Login:
    user: str
    password: str


class Slotted:
    __slots__ = ("password",)


HELD = {
    "a string": {"api_key": SECRET},
    "bytes": {"db_password": SECRET.encode()},
    "a list": {"passwords": ["x", SECRET]},
    "a dictionary": {"config": {"host": "h", "password": SECRET}},
    "a dataclass": {"login": Login("bob", SECRET)},
    "a namespace": {"args": SimpleNamespace(token=SECRET)},
    "a URL": {"db": f"postgres://bob:{SECRET}@h/db"},
    "the newest of many": {**{f"n{number}": number for number in range(5_000)}, "token": SECRET},
}


@pytest.mark.parametrize("where", HELD)
def test_what_a_variable_holds_is_masked_without_its_name(where):
    guard = Guard("mask", {})
    assert guard.clean(f"({SECRET})").text == f"({SECRET})"
    guard.learn(HELD[where])
    assert "[masked: " in guard.clean(f"({SECRET})").text
    assert not leaked(SECRET, guard.clean(f"({SECRET})").text)


def test_what_is_plain_in_a_variable_is_no_secret_everywhere():
    names = {"token": "internationally", "password": "letmein", "key": SECRET, "session_id": SECRET, "api_key": 7}
    names |= {"tokens": [SECRET], "secret": "/home/bob/file7", "login": {"a": {"password": SECRET}}, 3: SECRET}
    guard = Guard("mask", {})
    guard.learn(names)
    text = f"internationally letmein {SECRET} /home/bob/file7"
    assert guard.clean(text).text == text


def test_learning_runs_no_code_and_has_an_end():
    class Hostile:
        @property
        def __dict__(self):
            raise AssertionError

        __getattr__ = __eq__ = __hash__ = __len__ = __iter__ = None

    class Text(str):
        __len__ = __contains__ = decode = None

    itself: dict[str, object] = {"password": SECRET}
    itself["self"] = itself
    guard = Guard("mask", {})
    guard.learn({"a": Hostile(), "b": itself, "password": Text("secret9!"), "c": Slotted(), "token": [Hostile()]})
    assert repr(guard) == "Guard('mask', <1 known secrets>)"
    guard.learn({f"token{number}": f"x7Kq9vT2w{number}" for number in range(300)})
    guard.learn({f"token{number}": f"x7Kq9vT2w{number}" for number in range(300, 600)})
    assert repr(guard) == "Guard('mask', <40 known secrets>)"
    Guard("off", {}).learn({"password": SECRET})


def test_a_question_knows_what_its_variables_hold():
    guard = Guard("mask", {})
    Reader(RunningNotebook(None, {}), {"api_key": SECRET}, guard, tokens=100)
    assert guard.clean(f"it is {SECRET}").text == "it is [masked: API key]"
