"""What lasts from one question to the next: settings and notes said once, keys, prices, the guard, the demo."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from threading import Barrier

import pytest

from deepseek_magic.api import catalogue
from deepseek_magic.api.events import Usage
from deepseek_magic.app.session import Session, process_session, session_of
from deepseek_magic.errors import MissingKey, QuestionError
from deepseek_magic.notebook.kernel import Kernel
from deepseek_magic.settings.parameters import Settings

NOW = datetime(2026, 11, 29, tzinfo=timezone.utc)
KEY = "sk-" + "4f9c" * 8


def environment(**more):
    return {"DEEPSEEK_API_KEY": KEY, **more}


def test_option_over_configuration_over_environment():
    session = Session(environment(DEEPSEEK_MODEL="c"))
    assert session.settle({"model": "a"}, {"model": "b"})[0].model == "a"
    assert session.settle({}, {"model": "b"})[0].model == "b"
    assert session.settle({}, {})[0].model == "c"
    assert Session(environment()).settle({}, {})[0].model == Settings().model


def test_the_environment_is_read_at_each_question():
    environ = {}
    session = Session(environ)
    with pytest.raises(MissingKey):
        session.ready(session.settle({}, {})[0])
    environ["DEEPSEEK_API_KEY"] = KEY
    assert session.ready(session.settle({}, {})[0]).key is not None


def test_a_note_is_said_once():
    session = Session(environment())
    first = session.question("one", {"model": "deepseek-chat"}, {})
    again = session.question("two", {"model": "deepseek-chat"}, {})
    assert len(first.notes) == 1
    assert first.notes[0].startswith("Deepseek-chat is retired")
    assert again.notes == ()
    assert first.settings.model == again.settings.model != "deepseek-chat"


def test_thinking_is_off_for_values_unless_it_was_asked_for():
    session = Session(environment())
    assert session.settle({}, {}, thinks=False)[0].thinking == "off"
    assert session.settle({"thinking": "high"}, {}, thinks=False)[0].thinking == "high"
    assert session.settle({}, {})[0].thinking is None
    assert session.settle({"base_url": "ollama"}, {}, thinks=False)[0].thinking is None


def test_the_users_prices_are_read_again_when_the_file_changed(tmp_path):
    table = tmp_path / "prices.json"
    session = Session(environment())

    def priced():
        return session.question("one", {}, {"prices": str(table)}).prices

    for price, changed in ((1, 1_000), (2, 2_000)):
        table.write_text(
            json.dumps({"as_of": "2026-11-01", "models": {"mine": {"cache_miss": price, "output": price}}})
        )
        os.utime(table, (changed, changed))
        first = priced()
        assert priced() is first
        cost = first.cost(Settings().base_url, "mine", Usage(prompt=1_000_000, completion=0), NOW, 1)
        assert cost.low == price
    assert session.question("one", {}, {}).prices is catalogue.PRICES


def test_a_guard_lasts_while_its_secrets_do():
    environ = environment()
    session = Session(environ)
    first = session.question("one", {}, {}).guard
    assert session.question("two", {}, {}).guard is first
    environ["OTHER_TOKEN"] = "Zq7Wm3Rt9Lx5Vb1Nc8Hd4Jf6Gs2Kp0Ty3Ua"
    later = session.question("three", {}, {}).guard
    assert later is not first
    assert environ["OTHER_TOKEN"] not in later.clean(f"is it {environ['OTHER_TOKEN']}?", "x").text


def test_the_demo_takes_the_place_of_the_endpoint_until_it_stops():
    session = Session({})
    config = {"base_url": "https://other.example", "model": "llama"}
    url = session.start_demo(config)
    try:
        assert session.start_demo(config) == url
        settings = session.ready(session.settle({}, config)[0])
        assert (settings.base_url, settings.model) == (url, Settings().model)
        assert session.configured_url(config) == "https://other.example"
    finally:
        assert session.stop_demo()
    assert not session.stop_demo()
    assert session.settle({}, config)[0].base_url == "https://other.example"
    session.close()


def test_an_endpoint_that_is_configured_while_the_demo_is_on_counts_and_says_so():
    session = Session({})
    config = {"base_url": "https://other.example", "model": "llama"}
    url = session.start_demo({})
    try:
        assert session.settle({}, {"model": "llama"})[0].base_url == url
        settings, notes = session.settle({}, config)
        assert (settings.base_url, settings.model) == ("https://other.example", "llama")
        assert notes[0].startswith("Questions go to https://other.example, which was chosen after the demo")
        session.once(notes)
        assert session.settle({}, config)[1] == ()
        session.start_demo(config)
        assert session.settle({}, config)[0].base_url == url
    finally:
        session.close()


def test_an_empty_question_is_refused():
    with pytest.raises(QuestionError):
        Session(environment()).question(" ", {}, {})


def test_without_the_extension_it_is_that_of_the_process(shell):
    assert session_of(Kernel(None))[0] is session_of(Kernel(shell))[0] is process_session()
    assert session_of(Kernel(None))[1]() == {}


def test_threads_that_ask_first_share_one_session(monkeypatch):
    """Each may make one; but what is asked, spent and allowed counts in one."""
    both = Barrier(2)

    class Made(Session):
        def __init__(self) -> None:
            both.wait(60)
            super().__init__(environment())

    monkeypatch.setattr("deepseek_magic.app.session.Session", Made)
    monkeypatch.setattr("deepseek_magic.app.session._of_process", {})
    with ThreadPoolExecutor(2) as threads:
        one, other = threads.map(lambda _: process_session(), range(2))
    assert one is other is process_session()


def test_the_key_is_in_no_view_of_a_session():
    session = Session(environment())
    session.question("one", {}, {})
    assert KEY not in f"{session!r} {vars(session)} {session.guard!r} {vars(session.keys)}"
