"""Settings and the key: which value wins, what is refused, where a key may go, and that it never shows."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Sequence
from dataclasses import FrozenInstanceError
from typing import get_type_hints

import pytest

from deepseek_magic.app.keys import Keys
from deepseek_magic.errors import ConfigurationError, MissingKey
from deepseek_magic.settings.asking import Asking
from deepseek_magic.settings.keys import Key, Secret, checked_key
from deepseek_magic.settings.map_asking import MapAsking
from deepseek_magic.settings.parameters import DEFAULT_MODEL, Changes, Options, Settings, ThinkTags
from deepseek_magic.settings.resolve import resolve as settle
from deepseek_magic.settings.resolve import resolve_asking
from deepseek_magic.settings.rows import rows
from deepseek_magic.settings.urls import DEFAULT_BASE_URL, checked_base_url, host_of, is_deepseek, is_loopback

VALUE = "sk-never-shown"


def resolve(options=None, config=None, login=None, **environ):
    keys = Keys(environ)
    if login is not None:
        keys.give(login)
    return settle(options or {}, config or {}, environ, keys.find)


@pytest.mark.parametrize("show", [repr, str, format, "{0!r:>40}".format, "%s".__mod__, "%r".__mod__])
def test_a_secret_never_shows(show):
    for thing in (Secret(VALUE), checked_key(VALUE, DEFAULT_BASE_URL, "x"), resolve(DEEPSEEK_API_KEY=VALUE)):
        assert VALUE not in show(thing)


def test_a_secret_is_not_pickled():
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(TypeError):
            pickle.dumps(Secret(VALUE), protocol)


def test_a_secret_can_be_compared_and_copied():
    assert Secret("a") == Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a")}) == 1
    assert copy.deepcopy(Secret("a")).reveal() == "a"
    assert Secret(VALUE).reveal() == VALUE


@pytest.mark.parametrize("name", ["model", "base_url"])
def test_option_configuration_environment_default(name):
    values = {"model": "abc", "base_url": ["http://a", "http://b", "http://c"]}[name]
    environ = {f"DEEPSEEK_{name.upper()}": values[2]}
    assert getattr(resolve({name: values[0]}, {name: values[1]}, **environ), name) == values[0]
    assert getattr(resolve({}, {name: values[1]}, **environ), name) == values[1]
    assert getattr(resolve({name: None}, {name: ""}, **environ), name) == values[2]
    default = {"model": DEFAULT_MODEL, "base_url": DEFAULT_BASE_URL}[name]
    assert getattr(resolve(**{f"DEEPSEEK_{name.upper()}": "  "}), name) == default


def test_zero_and_off_are_values():
    settings = resolve({"temperature": 0.0}, {"temperature": 1.0, "thinking": "off", "history_tokens": 0})
    assert (settings.temperature, settings.thinking, settings.history_tokens) == (0.0, "off", 0)


def test_stop_becomes_a_tuple():
    assert resolve({}, {"stop": ["a"]}).stop == ("a",)
    assert resolve({"stop": ("b",)}, {"stop": ["a"]}).stop == ("b",)
    assert resolve({"stop": ()}, {"stop": ["a"]}).stop == ("a",)


def test_an_empty_system_text_of_the_question_goes_before_a_configured_one():
    assert resolve({"system": ""}, {"system": "be brief"}).system == ""
    assert resolve({}, {"system": "be brief"}).system == "be brief"
    assert resolve({"model": ""}, {"model": "m"}).model == "m"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("model", 5), ("base_url", 5), ("system", ["x"]), ("thinking", 1), ("thinking", ["low"])),
        *(("temperature", "hot"), ("temperature", True), ("timeout", "5"), ("top_p", [1]), ("max_tokens", 2.5)),
        *(
            ("max_tokens", True),
            ("history_tokens", "9"),
            ("stop", 5),
            ("stop", [1]),
            ("stop", [""]),
            ("stop", {"a": 1}),
        ),
    ],
)
def test_a_value_of_the_wrong_type_is_one_line(name, value):
    for options, config, named in (({name: value}, {}, name), ({}, {name: value}, f"DeepSeek.{name}")):
        with pytest.raises(ConfigurationError, match=f"^{named} is .*: expected "):
            resolve(options, config)


@pytest.mark.parametrize(
    ("config", "environ", "named"),
    [({"replay": "alway"}, {}, "DeepSeek.replay"), ({}, {"DEEPSEEK_REPLAY": "alway"}, "DEEPSEEK_REPLAY")],
)
def test_a_bad_value_is_named_as_the_user_gave_it(config, environ, named):
    with pytest.raises(ConfigurationError, match=f"^{named} is 'alway': expected one of auto, only, off"):
        resolve_asking({}, config, environ)


def test_settings_are_frozen():
    with pytest.raises((FrozenInstanceError, AttributeError)):
        resolve().model = "x"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("temperature", 2.1), ("temperature", -0.1), ("temperature", float("nan")), ("temperature", float("inf"))),
        *(("top_p", 0.0), ("top_p", 1.1), ("max_tokens", 0), ("max_tokens", -1), ("stop", ["x"] * 17)),
        *(("timeout", 0.0), ("timeout", 86_401.0), ("timeout", float("nan")), ("history_tokens", -1)),
        *(("thinking", "hard"), ("thinking", "High")),
    ],
)
def test_a_value_out_of_range_is_one_line(name, value):
    with pytest.raises(ConfigurationError) as caught:
        resolve({}, {name: value})
    assert name in str(caught.value)
    assert "expected" in str(caught.value)


@pytest.mark.parametrize("url", ["https://a.example", "https://a.example/", "https://a.example/chat/completions/"])
def test_a_base_url_is_shortened(url):
    assert checked_base_url(f" {url} ") == "https://a.example"


def test_a_path_is_kept():
    assert checked_base_url("http://a:8000/v1/") == "http://a:8000/v1"


@pytest.mark.parametrize(
    "url",
    [
        *(
            "",
            "a.example",
            "ftp://a",
            "http://",
            "https:///v1",
            "http://a b",
            "http://a\nb",
            "http://a:x",
            "http://a:99999",
        ),
        *(
            "http://[::1",
            "http://me@a",
            "http://me:pw@a",
            "http://@a",
            "http://a?b",
            "http://a#b",
            "javascript:alert(1)",
        ),
        "http://a\x00b",
        "http://a/\x1b[2J ?x",
    ],
)
def test_a_bad_url_is_one_line(url):
    with pytest.raises(ConfigurationError) as caught:
        checked_base_url(url)
    assert "URL" in str(caught.value)
    assert "pw" not in str(caught.value)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://A.Example/v1", "a.example"),
        ("https://a.example:443", "a.example"),
        ("http://a.example:80", "a.example"),
        ("https://a.example:80", "a.example:80"),
        ("http://[::1]:8000", "::1:8000"),
    ],
)
def test_the_host_of_a_url(url, host):
    assert host_of(url) == host


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1", "127.9.9.9", "[::1]"])
def test_this_machine(host):
    assert is_loopback(f"http://{host}:8000/v1")


@pytest.mark.parametrize(
    "host", ["127.0.0.1.example", "localhost.example", "0.0.0.0", "10.0.0.1", "[::2]", "127.1.example", "example"]
)
def test_another_machine(host):
    assert not is_loopback(f"http://{host}")


@pytest.mark.parametrize(
    ("url", "deepseek"),
    [
        ("https://api.deepseek.com", True),
        ("https://API.DeepSeek.com/v1", True),
        ("https://deepseek.com", True),
        ("https://api.deepseek.com.example", False),
        ("https://mydeepseek.com", False),
        ("https://example/api.deepseek.com", False),
    ],
)
def test_deepseek_the_company(url, deepseek):
    assert is_deepseek(url) is deepseek


def test_the_key_of_the_environment_is_for_its_endpoint_alone():
    assert resolve(DEEPSEEK_API_KEY=VALUE).key.source == "the variable DEEPSEEK_API_KEY"
    assert resolve({"base_url": "https://other.example"}, DEEPSEEK_API_KEY=VALUE).key is None
    assert resolve({}, {"base_url": "https://other.example"}, DEEPSEEK_API_KEY=VALUE).key is None
    own = {"DEEPSEEK_API_KEY": VALUE, "DEEPSEEK_BASE_URL": "https://own.example/v1"}
    assert resolve(**own).key.host == "own.example"
    assert resolve({"base_url": DEFAULT_BASE_URL}, **own).key is None
    assert resolve({"base_url": "https://own.example:8443"}, **own).key is None


def test_a_login_goes_before_the_environment_for_its_own_host():
    login = checked_key("sk-login", DEFAULT_BASE_URL, "%deepseek_login")
    assert resolve(login=login, DEEPSEEK_API_KEY=VALUE).key is login
    elsewhere = checked_key("sk-login", "https://other.example", "%deepseek_login")
    assert resolve(login=elsewhere, DEEPSEEK_API_KEY=VALUE).key.source == "the variable DEEPSEEK_API_KEY"


def test_no_key_travels_unencrypted():
    with pytest.raises(ConfigurationError, match="unencrypted") as caught:
        resolve(DEEPSEEK_API_KEY=VALUE, DEEPSEEK_BASE_URL="http://a.example")
    assert VALUE not in str(caught.value)
    login = checked_key(VALUE, "http://a.example", "%deepseek_login")
    with pytest.raises(ConfigurationError, match="unencrypted"):
        resolve({"base_url": "http://a.example"}, login=login)
    assert resolve({"base_url": "http://a.example"}, DEEPSEEK_API_KEY=VALUE).key is None
    for host in ("localhost:1", "127.0.0.1", "[::1]:8000"):
        assert resolve(DEEPSEEK_API_KEY=VALUE, DEEPSEEK_BASE_URL=f"http://{host}").key is not None


def test_a_key_over_https_is_not_for_the_same_host_over_http():
    settings = {"DEEPSEEK_API_KEY": VALUE, "DEEPSEEK_BASE_URL": "https://a.example"}
    with pytest.raises(ConfigurationError, match="unencrypted"):
        resolve({"base_url": "http://a.example"}, **settings)


def test_only_deepseek_is_known_to_want_a_key():
    with pytest.raises(MissingKey, match="DEEPSEEK_API_KEY"):
        resolve().require_key()
    resolve({"base_url": "http://localhost:8000/v1"}).require_key()
    resolve(DEEPSEEK_API_KEY=VALUE).require_key()


@pytest.mark.parametrize("value", ["", "  ", "two words", "line\nbreak", "tab\tbed", "gr\u00fcn", "x\x00y", "\u202ex"])
def test_what_can_be_no_key(value):
    with pytest.raises(ConfigurationError) as caught:
        checked_key(value, DEFAULT_BASE_URL, "a test")
    assert "a test" in str(caught.value)
    assert not value.strip() or value.strip() not in str(caught.value)


def test_a_key_is_stripped():
    key = checked_key(f" {VALUE}\n", DEFAULT_BASE_URL, "a test")
    assert isinstance(key, Key)
    assert key.secret.reveal() == VALUE


@pytest.mark.parametrize(
    ("word", "url"),
    [
        ("deepseek", "https://api.deepseek.com"),
        ("DeepSeek", "https://api.deepseek.com"),
        (" ollama ", "http://localhost:11434/v1"),
        ("vLLM", "http://localhost:8000/v1"),
        ("SGLang", "http://localhost:30000/v1"),
        ("llama.cpp", "http://127.0.0.1:8080/v1"),
        ("llamacpp", "http://127.0.0.1:8080/v1"),
        ("LM Studio", "http://localhost:1234/v1"),
    ],
)
def test_a_server_that_is_known_by_name(word, url):
    assert checked_base_url(word) == url
    assert resolve({"base_url": word}).base_url == url
    assert resolve(DEEPSEEK_BASE_URL=word).base_url == url
    assert resolve({}, {"base_url": word}).dialect in ("deepseek", "ollama", "vllm", "sglang", "llama.cpp", "lmstudio")


@pytest.mark.parametrize(("word", "meant"), [("olama", "ollama"), ("vlm", "vllm"), ("lm-studo", "lmstudio")])
def test_a_misspelt_server_is_told_the_nearest(word, meant):
    with pytest.raises(ConfigurationError, match=f"did you mean '{meant}'"):
        checked_base_url(word)
    with pytest.raises(ConfigurationError, match=f"did you mean '{meant}'"):
        resolve({"dialect": word})


def test_a_word_that_is_near_nothing_is_told_all_names():
    with pytest.raises(
        ConfigurationError, match=r"use a URL, or one of deepseek, ollama, vllm, sglang, llama\.cpp, lmstudio$"
    ):
        checked_base_url("qqq")


def test_the_dialect_goes_with_the_url_that_wins():
    assert resolve().dialect == ""
    assert resolve({}, {"dialect": "vLLM", "base_url": "https://gpu.example/v1"}).dialect == "vllm"
    assert resolve({}, {"dialect": "vllm"}, DEEPSEEK_BASE_URL="https://gpu.example/v1").dialect == "vllm"
    assert resolve({"base_url": "https://other.example"}, {"dialect": "deepseek"}).dialect == ""
    assert resolve({"base_url": "sglang"}, {"dialect": "vllm"}).dialect == "sglang"
    assert resolve({"base_url": "sglang", "dialect": "vllm"}).dialect == "vllm"
    assert resolve({}, {"base_url": "http://a.example"}, DEEPSEEK_BASE_URL="vllm").dialect == ""


def test_a_deepseek_key_goes_to_no_server_known_by_name():
    for word in ("ollama", "vllm", "sglang", "llama.cpp", "lmstudio"):
        assert resolve({"base_url": word}, DEEPSEEK_API_KEY=VALUE).key is None
    assert resolve({"base_url": "deepseek"}, DEEPSEEK_API_KEY=VALUE).key is not None
    assert resolve({"base_url": "vllm"}, DEEPSEEK_API_KEY=VALUE, DEEPSEEK_BASE_URL="vllm").key is not None
    login = checked_key(VALUE, checked_base_url("vllm"), "%deepseek_login")
    assert resolve({"base_url": "vllm"}, login=login).key is login
    assert resolve({"base_url": "sglang"}, login=login).key is None


def test_who_named_the_model():
    assert not resolve().model_named
    assert resolve({"model": "deepseek-flash"}).model_named
    assert resolve({}, {"model": "m"}).model_named
    assert resolve(DEEPSEEK_MODEL="m").model_named


def test_what_becomes_of_think_tags_is_one_of_three():
    assert resolve({}, {"think_tags": "open"}).think_tags == "open"
    with pytest.raises(ConfigurationError, match="expected one of off, split, open"):
        resolve({}, {"think_tags": "yes"})


def test_the_keyword_arguments_of_python_are_the_settings():
    settings = {row.name: row for row in rows(Settings)}
    assert list(Options.__annotations__) == list(settings)
    assert list(Changes.__annotations__) == [name for name, row in settings.items() if "continue" in row.at]
    kinds = get_type_hints(Settings)
    for name, hint in {**get_type_hints(Options), **get_type_hints(Changes)}.items():
        assert hint == (str | Sequence[str] if name == "stop" else kinds[name] if name != "think_tags" else ThinkTags)


@pytest.mark.parametrize("table", [Settings, Asking, MapAsking])
def test_the_default_of_a_parameter_is_one_of_its_values(table):
    for row in rows(table):
        if row.default not in (None, "", ()):
            assert row.kind.checked(row.default) == row.default
