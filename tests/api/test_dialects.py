"""Which dialect an endpoint speaks, where its calls go, and what it ignores."""

from __future__ import annotations

import pytest

from deepseek_magic.api.dialects import (
    COMPATIBLE,
    DEEPSEEK,
    DIALECTS,
    LM_STUDIO,
    OLLAMA,
    SGLANG,
    VLLM,
    dialect_of,
    root_url,
    url_of,
    wants_model,
)
from deepseek_magic.api.messages import Message, Tool
from deepseek_magic.settings.parameters import Settings
from deepseek_magic.settings.resolve import resolve
from deepseek_magic.settings.servers import COMPATIBLE as COMPATIBLE_NAME
from deepseek_magic.settings.servers import SERVERS
from tests.requesting import chat, fim

HOST = "https://api.deepseek.com"
LOCAL = "http://127.0.0.1:8765"
QUESTION = Message("user", "Why?")
ASKED = chat("m", (QUESTION,))
CONTINUED = chat("m", (QUESTION, Message("assistant", "Because", prefix=True)))


def settings(**options):
    return resolve(options, {}, {})


@pytest.mark.parametrize(
    ("url", "model", "dialect"),
    [
        (HOST, "anything", DEEPSEEK),
        (f"{HOST}/beta", "deepseek-flash", DEEPSEEK),
        (f"{HOST}/v1", "deepseek-flash", DEEPSEEK),
        ("https://deepseek.com.example", "deepseek-flash", COMPATIBLE),
        ("https://notdeepseek.com", "deepseek-flash", COMPATIBLE),
        (LOCAL, "deepseek-flash", DEEPSEEK),
        (LOCAL, "llama", COMPATIBLE),
        ("http://localhost:8000/v1", "deepseek-flash", COMPATIBLE),
        ("http://gateway.example", "deepseek-flash", COMPATIBLE),
        ("http://localhost:11434/v1", "deepseek-r1:8b", OLLAMA),
        ("http://gpu.example:30000/v1", "m", SGLANG),
        ("http://localhost:1234/v1", "m", LM_STUDIO),
    ],
)
def test_which_dialect_an_endpoint_speaks(url, model, dialect):
    assert dialect_of(Settings(base_url=url, model=model)) is dialect


def test_a_name_decides():
    for name, dialect in DIALECTS.items():
        assert dialect_of(Settings(base_url="https://gateway.example/v1", model="m", dialect=name)) is dialect
        assert dialect_of(settings(base_url="http://a.example", dialect=name)) == dialect


def test_every_server_that_is_known_by_name_has_its_dialect():
    assert {*SERVERS, COMPATIBLE_NAME} == set(DIALECTS)
    for name in SERVERS:
        assert dialect_of(settings(base_url=name)).name == name


def test_what_the_user_says_about_tags_goes_before_the_dialect():
    assert dialect_of(settings(base_url="vllm")).think_tags == "split"
    assert dialect_of(settings(base_url="vllm", think_tags="open")).think_tags == "open"
    assert dialect_of(settings(think_tags="split")).think_tags == "split"
    assert dialect_of(settings()).think_tags == "off"


@pytest.mark.parametrize("base", [HOST, f"{HOST}/v1", f"{HOST}/beta", f"{HOST}/", f"{HOST}/v1/", f"{HOST}/beta/"])
def test_the_beta_paths_of_every_base(base):
    """What DeepSeek calls beta is at one place, whichever of its base URLs the user gave."""
    strict = chat("m", (QUESTION,), tools=(Tool("a"), Tool("b", strict=True)))
    for request in (CONTINUED, strict):
        assert url_of(request, base.rstrip("/"), DEEPSEEK) == f"{HOST}/beta/chat/completions"
    assert url_of(fim("m", "a"), base, DEEPSEEK) == f"{HOST}/beta/completions"
    assert root_url(base) == HOST


@pytest.mark.parametrize("base", [HOST, f"{HOST}/v1", f"{HOST}/beta", "http://localhost:8000/v1"])
def test_a_question_goes_where_the_user_said(base):
    """Only what is in beta goes elsewhere; other servers continue a reply at the same place."""
    with_tool = chat("m", (QUESTION,), tools=(Tool("a"),))
    assert {url_of(request, base, DEEPSEEK) for request in (ASKED, with_tool)} == {f"{base}/chat/completions"}
    assert url_of(CONTINUED, base, VLLM) == f"{base}/chat/completions"


def test_a_path_below_a_gateway_is_kept():
    expected = "https://a.example/deepseek/beta/chat/completions"
    assert url_of(CONTINUED, "https://a.example/deepseek/v1", DEEPSEEK) == expected


@pytest.mark.parametrize(
    ("dialect", "model", "sees"),
    [
        *((DEEPSEEK, "deepseek-flash", True), (DEEPSEEK, "deepseek-v4-flash", True)),
        *((DEEPSEEK, "deepseek-v4-pro", False), (DEEPSEEK, "deepseek-v5", None), (VLLM, "deepseek-v4-pro", None)),
    ],
)
def test_who_sees(dialect, model, sees):
    assert dialect.sees(model) is sees


def test_whom_to_ask_for_the_name_of_the_model():
    assert not wants_model(settings())
    assert not wants_model(settings(base_url=LOCAL))
    assert wants_model(settings(base_url="ollama"))
    assert wants_model(settings(base_url="http://gpu.example:9000/v1"))
    assert not wants_model(settings(base_url="ollama", model="deepseek-r1:8b"))
    assert not wants_model(resolve({}, {"base_url": "ollama"}, {"DEEPSEEK_MODEL": "x"}))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, ()),
        ({"temperature": 0.0}, ("temperature has no effect while the model thinks",)),
        ({"temperature": 0.0, "thinking": "max"}, ("temperature",)),
        ({"temperature": 0.0, "thinking": "off"}, ()),
        ({"top_p": 0.5, "thinking": "off"}, ("top_p has no effect according to DeepSeek's newest documentation",)),
        ({"top_p": 0.5, "thinking": "low"}, ("below 0.95 counts as 0.95",)),
        ({"top_p": 0.97}, ()),
        ({"top_p": 0.5, "temperature": 1.0}, ("temperature", "below 0.95")),
        ({"top_p": 0.5, "temperature": 1.0, "base_url": "vllm"}, ()),
    ],
)
def test_which_settings_are_ignored(options, words):
    chosen = settings(**options)
    found = list(dialect_of(chosen).ignored(chosen))
    assert len(found) == len(words)
    assert all(word in sentence for word, sentence in zip(words, found, strict=True))
