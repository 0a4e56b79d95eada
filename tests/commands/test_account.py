"""The endpoint and the account: what the cards say, how a key is given, and that it never shows."""

from __future__ import annotations

import getpass

import pytest

from deepseek_magic.app.ask import Ask, ask
from deepseek_magic.app.session import Session
from deepseek_magic.commands import account
from deepseek_magic.commands.call import Call
from deepseek_magic.commands.table import GROUPS, MAGICS
from deepseek_magic.errors import ConfigurationError, MissingKey, OptionError
from deepseek_magic.notebook.kernel import Kernel
from tests.app.conftest import KEY
from tests.faults import Fault

TYPED = "sk-" + "7b21" * 8


def said(function, session, line="", **config):
    (shown,) = function(Call(session, config, Kernel(None), line)).show
    text = shown if isinstance(shown, str) else shown.data["text/plain"]
    html = "" if isinstance(shown, str) else shown.data["text/html"]
    assert KEY not in text + html
    assert TYPED not in text + html
    return text


@pytest.fixture
def typed(monkeypatch):
    """Has the hidden prompt answered, as a front end does."""
    asked = []

    def answer(text):
        def prompt(question=""):
            asked.append(question)
            if isinstance(text, BaseException):
                raise text
            return text

        monkeypatch.setattr(getpass, "getpass", prompt)
        return asked

    return answer


def test_the_status_says_where_questions_go_and_what_they_cost(session, server):
    before = said(account.status, session)
    assert server.url in before
    assert "nothing asked yet" in before
    assert "%deepseek_login" in before
    ask(session, Ask("one", {"quiet": True}))
    after = said(account.status, session)
    assert "main, 1 turn, about" in after
    assert "nothing asked yet" not in after


def test_every_command_is_on_the_card_in_its_group(session):
    (card,) = account.status(Call(session, {}, Kernel(None))).show
    rows = dict(line.strip().split("  ", 1) for line in card.data["text/plain"].splitlines()[1:])
    for magic in MAGICS:
        if magic.name != "deepseek":
            assert magic.spelled in rows[magic.group].strip().split(", "), magic.name
    assert [name for name in rows if name in GROUPS] == list(GROUPS)


def test_usage_is_by_model(session, server):
    assert "Nothing has been asked yet" in said(account.usage, session)
    found = ask(session, Ask("one", {"quiet": True}))
    ask(session, Ask("two", {"quiet": True}))
    row = next(line for line in said(account.usage, session).splitlines() if line.startswith(found.model))
    assert row.split()[1:3] == ["2", f"{2 * found.usage.prompt:,}"]


def test_models_and_balance_are_what_the_endpoint_says(session, server):
    server.enqueue(
        Fault((b'{"data": [{"id": "deepseek-flash"}, {"id": "other\\u001b[2J"}]}',), content_type="application/json")
    )
    text = said(account.models, session)
    assert "deepseek-flash" in text
    assert "asked by default here" in text
    assert "\x1b" not in text
    balance = b'{"is_available": false, "balance_infos": [{"currency": "USD", "total_balance": "0.10"}]}'
    server.enqueue(Fault((balance,), content_type="application/json"))
    text = said(account.balance, session)
    assert "too little" in text
    assert "0.10" in text


def test_what_was_copied_around_a_key_is_taken_off_and_said(typed):
    session = Session({})
    typed(f"'Bearer {TYPED}'")
    said_of_it = "Key for api.deepseek.com kept in memory, without what was copied around it."
    assert said(account.log_in, session) == said_of_it
    assert session.settle({}, {})[0].key.secret.reveal() == TYPED


def test_without_a_key_the_endpoint_is_not_asked():
    with pytest.raises(MissingKey):
        said(account.models, Session({}))


def test_a_key_is_given_by_hidden_prompt_and_forgotten(typed):
    session = Session({})
    asked = typed(f" {TYPED}\n")
    assert said(account.log_in, session) == "Key for api.deepseek.com kept in memory."
    assert asked == ["Key for api.deepseek.com (not shown): "]
    assert session.settle({}, {})[0].key.secret.reveal() == TYPED
    assert session.settle({}, {"base_url": "https://other.example"})[0].key is None
    assert said(account.log_in, session, "--forget").startswith("Forgot the key for api.deepseek.com")
    assert session.settle({}, {})[0].key is None
    assert "no key to forget" in said(account.log_in, session, "--forget")


@pytest.mark.parametrize(
    ("line", "text", "kind"),
    [
        (TYPED, "", OptionError),
        ("--save x", "", OptionError),
        ("", " ", ConfigurationError),
        ("", "two words", ConfigurationError),
        ("", "caf\u00e9" * 9, ConfigurationError),
        ("", EOFError(), ConfigurationError),
        ("", NotImplementedError(), ConfigurationError),
    ],
)
def test_what_is_no_key_is_refused_and_not_repeated(typed, line, text, kind):
    typed(text)
    with pytest.raises(kind) as caught:
        said(account.log_in, Session({}), line)
    assert TYPED not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_demo_is_switched():
    session = Session({})
    try:
        assert said(account.demo, session, "off") == "The demo was not on."
        on = said(account.demo, session, "--if-no-key")
        assert session.demo.url in on
        assert "(the embedded endpoint: not a model)" in said(account.status, session)
        assert said(account.demo, session, "off").startswith("Demo off: questions go to https://api.deepseek.com")
        with pytest.raises(OptionError, match="found 'on'"):
            said(account.demo, session, "on")
    finally:
        session.close()


def test_no_demo_where_there_is_a_key(session, server):
    assert said(account.demo, session, "--if-no-key").startswith("No demo is needed: questions go to ")
    assert session.demo is None
