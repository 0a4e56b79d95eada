"""Slips as a kernel answers them: one line each, said before anything is sent; those of other magics are IPython's."""

from __future__ import annotations

import pytest

from tests.faults import NORMAL_TEXT, api_error, error
from tests.kernel import Kernel

FIRST = "must be the first line of its cell: move it, with what is below it, into a cell of its own"
REFUSED = {
    "x = 1\n%%deepseek why?": f"OptionError: %%deepseek {FIRST}",
    "import math\n\n%%deepseek -c vars\nis it, then?\n'": f"OptionError: %%deepseek {FIRST}",
    "if True:\n    %%deepseek_map texts {value}": f"OptionError: %%deepseek_map {FIRST}",
    "x = %%deepseek why?": "OptionError: %%deepseek is for a whole cell: write NAME",
    "if True:\n    x = y = %%deepseek_map texts {value}": "OptionError: %%deepseek_map is for a whole cell: ",
    "%deepseek_config": "OptionError: there is no %deepseek_config: did you mean %config DeepSeek?",
    "%deepseek_mdels": "OptionError: there is no %deepseek_mdels: did you mean %deepseek_models?",
    "%%deepseek_fim": "QuestionError: %%deepseek_fim needs the code in the lines below it, with <fill> where it is to "
    "be filled in",
    "%deepseek_fim x = <fill>": "OptionError: %%deepseek_fim: expected ",
    "%deepseek -m hi": "EmptyQuestion: there is no question: 'hi' is the value of --model; write the question after it "
    "(%config DeepSeek.model = 'hi' sets it for every question)",
    "%%deepseek --as JSON\nwhy?": "OptionError: --as: expected one of text, code, json, df, found 'JSON'; did you mean "
    "json?",
    "%deepseek_login sk-typed-by-mistake-into-it": "OptionError: a key does not belong in a cell: ",
}


@pytest.mark.parametrize("cell", REFUSED)
def test_what_cannot_be_asked_is_one_line(kernel: Kernel, server, cell: str) -> None:
    ran = kernel.run(cell)
    assert ran.failed
    assert ran.error.startswith(REFUSED[cell])
    assert "mistake" not in ran.error
    assert ran.printed == ""
    assert server.requests == []


SENT = [
    ("%%deepseek\n--think off\nwhat is x?", "--think off is sent as part of the question: ", "--think off\nwhat is x?"),
    ("%%deepseek\nwhat is x?\n%%deepseek\nwhat is y?", "%%deepseek is sent as part of the question: it needs ", None),
    (
        "%deepseek is {profit} odd?",
        "{profit} is sent as typed: there is no variable of that name\n",
        "is {profit} odd?",
    ),
    ("reply = %deepseek why? -c cells", "-c cells is sent as part of the question: ", "why? -c cells"),
]


@pytest.mark.parametrize(("cell", "said", "question"), SENT)
def test_what_is_sent_as_typed_is_said_before(kernel: Kernel, server, cell: str, said: str, question: str) -> None:
    ran = kernel.run(cell)
    assert not ran.failed
    assert ran.printed.startswith(said)
    assert ran.printed.count("\n") == 1
    assert ran.text == NORMAL_TEXT
    kinds = [message["msg_type"] for message in ran.messages]
    assert kinds.index("stream") < kinds.index("display_data")
    assert server.requests[-1].json["messages"][-1]["content"] == (question or cell.partition("\n")[2])


def test_help_is_shown_where_it_is_asked_for(kernel: Kernel, server) -> None:
    for cell in ("%deepseek -h", "%%deepseek --help\nwhy?", "%deepseek -m x --help", "%%deepseek_fim -h"):
        ran = kernel.run(cell)
        assert not ran.failed
        assert "-m, --model NAME" in ran.text
    assert server.requests == []


def test_other_magics_and_assignments_are_left_to_ipython(kernel: Kernel, server) -> None:
    for cell in ("%deepsek why?", "x = %deepseek_config", "%deepseek_zzzzzzzz", "%%deepseek_fix\nplease"):
        ran = kernel.run(cell)
        assert "not found" in ran.printed
    kernel.quietly(
        "from IPython.core.magic import register_line_magic\n@register_line_magic\ndef deepseek_set(line): pass"
    )
    assert not kernel.run("%deepseek_set x").failed
    assert server.requests == []


def test_a_map_without_a_result_fails_its_cell(kernel: Kernel, server) -> None:
    kernel.run("texts = ['one', 'two']")
    server.repeat(error(422, api_error("too odd")))
    ran = kernel.run("%deepseek_map texts -o out Say {value}")
    assert ran.failed
    assert "no value has a result: 2 values · 2 asked · 2 failed (the first at position 0: " in ran.error
    assert kernel.value("list(out)") == [None, None]


@pytest.mark.parametrize("above", ["", "# why\n", "# why\n\n# so\n"])
def test_a_console_is_told_that_a_question_ends_with_a_blank_line(kernel: Kernel, server, above: str) -> None:
    for body in ("What's this (?", "def f(x): return x)\nis that right?"):
        assert [kernel.is_complete(f"{above}%%deepseek hi\n{body}{end}") for end in ("", "\n\n")] == [
            "incomplete",
            "complete",
        ]
