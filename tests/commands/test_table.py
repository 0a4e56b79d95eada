"""The table of magics: every function is there, help says what each does, and what takes nothing refuses words."""

from __future__ import annotations

import html
import re
from importlib import import_module

import pytest

from deepseek_magic.app.command_words import CONVERSATIONS, DOCTOR, HISTORY, JOBS, RECORD
from deepseek_magic.app.session import Session
from deepseek_magic.commands.call import Call, Result
from deepseek_magic.commands.cards import manual
from deepseek_magic.commands.table import CELL_NAMES, LINE_NAMES, MAGICS
from deepseek_magic.errors import OptionError
from deepseek_magic.notebook.kernel import Kernel
from deepseek_magic.settings.rows import Parameter

EACH = pytest.mark.parametrize("magic", MAGICS, ids=lambda magic: magic.name)


@EACH
def test_its_function_is_there(magic):
    module, _, name = magic.function.partition(":")
    assert callable(getattr(import_module(module), name))


@EACH
def test_its_help_begins_with_what_it_does_and_names_its_options_and_words(magic):
    said = magic.help
    assert said.lower().startswith(f"{magic.summary.lower()}.\n")
    assert magic.summary[0].islower()
    assert not magic.summary.endswith(".")
    for word in magic.words:
        assert word in said
    if magic.name in ("deepseek", "deepseek_map"):
        assert [option.flag for option in magic.options if option.flag not in said] == []
    assert all(isinstance(option, Parameter) for option in magic.options)


@pytest.mark.parametrize(
    ("magic", "words"),
    [
        ("deepseek_chat", CONVERSATIONS),
        ("deepseek_record", RECORD),
        ("deepseek_history", HISTORY),
        ("deepseek_jobs", JOBS),
        ("deepseek_doctor", DOCTOR),
    ],
)
def test_what_is_typed_and_what_it_does_are_two_columns_in_a_notebook(magic, words):
    """However long the longest word is."""
    [help_of] = [one.help for one in MAGICS if one.name == magic]
    shown = html.unescape(manual(help_of).data["text/html"])
    start = "" if magic == "deepseek_doctor" else f"%{magic} "
    for word, does in words.items():
        assert re.search(rf">{re.escape(f'{start}{word}'.strip())} *</code></th><td[^>]*>{re.escape(does)}</td>", shown)


def test_names_are_spelled_as_they_are_called():
    assert len({magic.name for magic in MAGICS}) == len(MAGICS)
    assert {magic.spelled.count("%") for magic in MAGICS if magic.kind == "cell"} == {2}
    assert {magic.spelled.count("%") for magic in MAGICS if magic.kind != "cell"} == {1}
    assert set(CELL_NAMES) == {magic.name for magic in MAGICS if magic.kind != "line"}
    assert set(LINE_NAMES) == {magic.name for magic in MAGICS}


def test_the_words_of_conversations_are_those_of_its_help():
    (chat,) = (magic for magic in MAGICS if magic.name == "deepseek_chat")
    assert set(chat.words) == CONVERSATIONS.keys() - {"NAME"}
    assert all(does in chat.help for does in CONVERSATIONS.values())


@pytest.mark.parametrize("name", ["deepseek_models", "deepseek_balance", "deepseek_usage"])
@pytest.mark.parametrize("line", ["x", "--now", " \t y"])
def test_what_takes_nothing_says_so(name, line):
    (magic,) = (magic for magic in MAGICS if magic.name == name)
    with pytest.raises(OptionError, match=f"^%{name} takes no arguments, found '{line.strip()}': leave it out$"):
        magic.run(Call(Session({}), {}, Kernel(None), line))


def test_a_call_runs_the_function_of_its_row():
    (usage,) = (magic for magic in MAGICS if magic.name == "deepseek_usage")
    result = usage.run(Call(Session({}), {}, Kernel(None)))
    assert isinstance(result, Result)
    assert "Nothing has been asked yet" in result.show[0].data["text/plain"]
