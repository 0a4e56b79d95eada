"""Help where it is asked for, and the slips that are not of an option."""

from __future__ import annotations

import pytest

from deepseek_magic.commands.table import MAGICS
from tests.app.asking import texts
from tests.faults import FaultServer, api_error, error, reply

KEY_TYPED = "sk-" + "0d9a" * 8


@pytest.mark.parametrize("asks", ["-h", "--help"])
@pytest.mark.parametrize("magic", MAGICS, ids=lambda magic: magic.name)
def test_help_is_shown_by_every_magic_and_nothing_is_sent(run_cell, magic, asks: str) -> None:
    assert run_cell(f"%{magic.name} {asks}") == (magic.help, [])


@pytest.mark.parametrize(
    "line", ["deepseek -h why?", "deepseek -m x --help", "deepseek_map texts --help", "deepseek_chat new -h"]
)
def test_help_is_shown_beside_other_words(run_cell, line: str) -> None:
    said, questions = run_cell(f"%{line}")
    assert said == next(magic.help for magic in MAGICS if magic.name == line.split(maxsplit=1)[0])
    assert questions == []


def test_what_only_looks_like_a_wish_for_help_is_a_question(run_cell) -> None:
    assert run_cell("%deepseek what does ls -h do")[1] == ["what does ls -h do"]


def test_the_status_card_says_how_to_ask_and_where_the_settings_are(run_cell) -> None:
    said, _ = run_cell("%deepseek")
    for name in ("%deepseek QUESTION", "%%deepseek ", "%config DeepSeek ", "%deepseek -h"):
        assert name in said


def test_the_number_of_a_code_block_is_one_that_there_is(run_cell, server: FaultServer) -> None:
    server.repeat(reply("```python\nx = 1\n```"))
    run_cell("%deepseek --quiet one?")
    said, _ = run_cell("%deepseek_code 99")
    assert said == "OptionError: %deepseek_code: expected 1, as the last reply holds one code block; found '99'"
    server.repeat(reply("```python\nx = 1\n```\n\n```python\ny = 1\n```"))
    run_cell("%deepseek --quiet two?")
    said, _ = run_cell("%deepseek_code abc")
    assert "expected a number from 1 to 2 (the code blocks of the last reply); found 'abc'" in said


def test_a_key_in_a_question_is_masked(run_cell) -> None:
    _, questions = run_cell(f"%deepseek is {KEY_TYPED} a good key?")
    assert questions == ["is [masked: DeepSeek key] a good key?"]


def test_a_map_whose_values_all_failed_fails(run_cell, server: FaultServer, shell) -> None:
    """What came of them is where the results go; one result is enough for the cell not to fail."""
    server.repeat(error(422, api_error("too odd")))
    said, _ = run_cell("%deepseek_map texts -o out Say {value}")
    assert said.splitlines()[-1].startswith("DeepSeekError: no value has a result: 2 values · 2 asked · 2 failed")
    assert list(shell.user_ns["out"]) == [None, None]
    server.repeat(lambda request: reply("yes") if "one" in texts(request)[-1] else error(422, api_error("too odd")))
    said, _ = run_cell("%deepseek_map texts -o out Say {value}!")
    assert "DeepSeekError" not in said
    assert list(shell.user_ns["out"]) == ["yes", None]


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("%deepseek_doctor --jsno", "did you mean --json?"),
        ("%deepseek_doctor stream", "did you mean --stream?"),
        ("%deepseek_demo of", "did you mean off?"),
        ("%deepseek_login --sav", "did you mean --save?"),
        ("%deepseek_jobs stpo 1", "did you mean stop?"),
    ],
)
def test_a_word_after_a_command_that_is_misspelt_is_recognised(run_cell, line: str, meant: str) -> None:
    said, questions = run_cell(line)
    assert said.startswith("OptionError: ")
    assert said.endswith(meant)
    assert questions == []
