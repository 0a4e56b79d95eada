"""Profiles: from the user's own file alone, without a key in it, and each key for its own host."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest

import deepseek_magic
from deepseek_magic.app.session import Session
from deepseek_magic.credentials.profiles import load, place
from deepseek_magic.errors import ConfigurationError, MissingKey
from deepseek_magic.settings.keys import Environment, checked_key
from tests.faults import NORMAL_TEXT, FaultServer, completion, document, normal

VALUE = "sk-of-a-profile-93c1d7"
WORK = """
[work]
base_url = "https://llm.example.org/v1"
key = "env:WORK_KEY"
model = "deepseek-v4-pro"
rules = true
dialect = "vllm"

[open]
base_url = "ollama"
key = "none"

[plain]
model = "other"
"""


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    environ = {"XDG_CONFIG_HOME": str(tmp_path), "WORK_KEY": VALUE, "DEEPSEEK_API_KEY": "sk-of-the-usual-endpoint"}
    written(environ, WORK)
    return environ


def written(environ: dict[str, str], text: str, mode: int = 0o644) -> Path:
    path = place(environ)
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def test_a_profile_gives_endpoint_key_model_and_dialect(environ: dict[str, str]) -> None:
    settings, _ = Session(environ).settle({"profile": "work"}, {"model": "configured", "temperature": 0.5})
    assert (settings.base_url, settings.model, settings.dialect) == (
        "https://llm.example.org/v1",
        "deepseek-v4-pro",
        "vllm",
    )
    assert settings.temperature == 0.5
    assert settings.key is not None
    assert settings.key.secret.reveal() == VALUE
    assert settings.key.source == "the profile work, the variable WORK_KEY"
    assert not settings.key.serves("https://api.deepseek.com")


def test_options_override_a_profile_and_a_profile_overrides_the_configuration(environ: dict[str, str]) -> None:
    session, configured = Session(environ), {"profile": "work", "base_url": "https://a.example", "model": "b"}
    assert session.settle({"model": "c"}, configured)[0].model == "c"
    settled = session.settle({}, configured)[0]
    assert (settled.base_url, settled.model) == ("https://llm.example.org/v1", "deepseek-v4-pro")
    assert session.settle({"profile": "plain"}, configured)[0].model == "other"
    assert session.configured_url(configured) == "https://llm.example.org/v1"


def test_the_key_of_a_profile_goes_to_no_other_endpoint(environ: dict[str, str]) -> None:
    settings, _ = Session(environ).settle({"profile": "work", "base_url": "https://evil.example"}, {})
    assert settings.key is None
    assert settings.dialect == ""
    assert Session(environ).settle({"profile": "open"}, {})[0].key is None


def test_a_configured_dialect_says_nothing_of_the_profiles_endpoint(environ: dict[str, str]) -> None:
    settings, _ = Session(environ).settle({}, {"profile": "open", "dialect": "deepseek"})
    assert settings.dialect == "ollama"


def test_a_key_that_is_not_there_is_missed_by_name_and_a_login_stands_in(environ: dict[str, str]) -> None:
    del environ["WORK_KEY"]
    session = Session(environ)
    with pytest.raises(MissingKey, match=r"profile work takes it from the variable WORK_KEY, where there is none"):
        session.settle({"profile": "work"}, {})
    session.keys.give(checked_key("sk-of-the-login", "https://llm.example.org", "%deepseek_login"))
    key = session.settle({"profile": "work"}, {})[0].key
    assert key is not None
    assert key.source == "%deepseek_login"


@pytest.mark.parametrize(
    ("text", "name", "words"),
    [
        (WORK, "wrok", ("no profile 'wrok'", "did you mean work?")),
        (WORK, "home", ("no profile 'home'", "expected one of work, open, plain")),
        ("[a]\nbaseurl = 'x'", "a", ("unknown field 'baseurl'", "did you mean base_url?")),
        ("[a]\nrules = 'yes'", "a", ("rules must be true or false",)),
        (f"[a]\nkey = '{VALUE}'", "a", ("key says where the key comes from", "revoke it")),
        (f"[a]\nkey = {VALUE}", "a", ("is not TOML (line 2)",)),
        (f"[a]\nbase_url = 'https://me:{VALUE}@x.example'", "a", ("carries a login",)),
    ],
)
def test_what_is_not_understood_costs_one_line_that_shows_no_key(
    environ: dict[str, str], text: str, name: str, words: tuple[str, ...]
) -> None:
    written(environ, text)
    with pytest.raises(ConfigurationError) as caught:
        load(name, Environment(environ))
    assert all(word in str(caught.value) for word in words)
    error = caught.value
    shown = traceback.TracebackException(type(error), error, error.__traceback__, capture_locals=True)
    frames = [frame for frame in shown.stack if frame.filename.endswith("/profiles.py")]
    assert VALUE not in f"{error}{[frame.locals for frame in frames]}"


def test_a_file_that_others_may_write_or_that_is_not_there_is_refused(environ: dict[str, str]) -> None:
    path = written(environ, WORK, 0o666)
    with pytest.raises(ConfigurationError, match=r"are not used: others may write it"):
        load("work", environ)
    path.unlink()
    with pytest.raises(ConfigurationError, match=r"^there are no profiles: write "):
        load("work", environ)


def test_python_and_maps_take_a_profile_by_name(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    with FaultServer() as server:
        server.repeat(
            lambda request: normal(request) if request.json.get("stream") else document(completion("a value"))
        )
        written(environ, f'[here]\nbase_url = "{server.url}"\nmodel = "deepseek-v4-pro"\nkey = "none"\n')
        for name in ("DEEPSEEK_API_KEY", "DEEPSEEK_BASE_URL", "DEEPSEEK_MODEL"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("XDG_CONFIG_HOME", environ["XDG_CONFIG_HOME"])
        assert deepseek_magic.ask("hi", profile="here").text == NORMAL_TEXT
        assert len(deepseek_magic.map(["a"], "of {value}", profile="here", show=False)) == 1
        assert {request.json["model"] for request in server.requests} == {"deepseek-v4-pro"}
        assert all("authorization" not in request.headers for request in server.requests)
