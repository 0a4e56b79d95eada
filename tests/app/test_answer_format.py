"""What an answer is to be: which format the options ask for, and how each is asked for."""

from __future__ import annotations

import pytest

from deepseek_magic.app.answer_format import FORMATS, FormatInput, format_of
from deepseek_magic.chat.question import Question
from deepseek_magic.errors import OptionError
from deepseek_magic.notebook.kernel import Kernel
from deepseek_magic.settings.parameters import Asking, Settings


def planned(asking, shell=None, **names):
    question = Question("the question", Settings())
    return format_of(asking).plan(FormatInput(question, asking, Kernel(shell), names, "m0123456789abcdef"))


@pytest.mark.parametrize(
    ("asking", "name"),
    [
        (Asking(), "text"),
        (Asking(form="code"), "code"),
        (Asking(form="json"), "json"),
        (Asking(form="df"), "df"),
        (Asking(schema="int"), "json"),
        (Asking(form="df", schema="int"), "df"),
        (Asking(tools=("f",)), "tools"),
    ],
)
def test_the_options_choose_the_format(asking, name):
    assert format_of(asking) is FORMATS[name]


@pytest.mark.parametrize(
    ("asking", "words"),
    [
        (Asking(tools=("f",), form="json"), "leave --as and --schema out"),
        (Asking(tools=("f",), schema="int"), "leave --as and --schema out"),
        (Asking(form="code", schema="int"), "not with code"),
    ],
)
def test_options_that_do_not_go_together_are_refused(asking, words):
    with pytest.raises(OptionError, match=words):
        format_of(asking)


def test_only_text_and_tools_think_by_themselves_and_only_values_are_values():
    assert {name for name, one in FORMATS.items() if one.thinks} == {"text", "tools", "web"}
    assert {name for name, one in FORMATS.items() if one.is_value} == {"json", "df"}
    assert {name for name, one in FORMATS.items() if one.is_code} == {"code"}


def test_text_is_asked_as_it_is():
    assert format_of(Asking()).plan is None


def test_a_value_is_asked_for_with_its_schema_evaluated_in_the_users_names():
    question, plan = planned(Asking(schema="list[Row]"), Row=int)
    assert question.text == "the question"
    ((title, schema),) = question.added
    assert title == "schema with instructions"
    assert '"integer"' in schema
    assert plan is not None
    with pytest.raises(OptionError, match="--schema Nothing: NameError"):
        planned(Asking(schema="Nothing"))
    with pytest.raises(OptionError, match=r"^--schema 1 / 0: ZeroDivisionError"):
        planned(Asking(schema="1 / 0"))


def test_a_frame_is_asked_for_as_rows():
    ((_, schema),) = planned(Asking(form="df"))[0].added
    assert '"array"' in schema


def test_code_and_tools_leave_the_question_as_it_is(shell):
    def double(number: int) -> int:
        """Return twice the number."""
        return 2 * number

    for asking in (Asking(form="code"), Asking(tools=("double",)), Asking(tools=("double, double",))):
        question, plan = planned(asking, shell, double=double)
        assert question.text == "the question"
        assert plan is not None
    with pytest.raises(OptionError, match="nothing_like_it"):
        planned(Asking(tools=("nothing_like_it",)), shell)
