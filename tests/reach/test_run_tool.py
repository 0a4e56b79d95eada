"""The tool that runs code: what is asked for in which words, and what each answer comes to."""

from __future__ import annotations

import json

import pytest

from deepseek_magic.api.messages import ToolCall
from deepseek_magic.errors import OptionError
from deepseek_magic.reach.consent import Consent, answered
from deepseek_magic.reach.run_tool import _code


def answers(*given: str):
    left = list(given)

    def ask(_prompt: str) -> str:
        if not left:
            raise EOFError
        return left.pop(0)

    return ask


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        *(([word], "y") for word in ("y", "Y", " yes ")),
        *(([word], "n") for word in ("n", "", "no")),
        *(([word], "e") for word in ("e", "edit")),
        *(([word], "a") for word in ("a", "ALL")),
        (["what?", "y"], "y"),
        (["?", "?", "?", "y"], "n"),
        ([], "n"),
    ],
)
def test_answers(given, meant):
    assert answered("Run?", ["y", "n", "e", "a"], answers(*given)) == meant


def test_all_is_no_answer_where_it_is_not_offered():
    assert answered("Run?", ["y", "n", "e"], answers("a", "all", "a")) == "n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ('{"code": "1"}', "1"),
        ('{"code": "\\n1\\n"}', "1"),
        ('{"code": ""}', None),
        ('{"code": ["1"]}', None),
        ('{"script": "1"}', None),
        ("not JSON", None),
        (json.dumps({"code": "a\u2066b"}), None),
        (json.dumps({"code": "a\x1b[2K"}), None),
    ],
)
def test_only_code_that_can_be_read_is_asked_for(arguments, said):
    code = _code(ToolCall("a", "run", arguments))
    assert code == said if said else isinstance(code, ValueError)


def test_who_may_allow_what():
    Consent(watched=True, yes=False).check(run=True)
    Consent(watched=False, yes=True).check(run=True)
    Consent(watched=False, yes=False).check(run=False)
    for consent in (Consent(watched=True, yes=True), Consent(watched=False, yes=False)):
        with pytest.raises(OptionError):
            consent.check(run=True)
