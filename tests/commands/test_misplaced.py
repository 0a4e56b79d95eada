"""What is sent as part of a question and was meant for us gets one line; what was meant so gets none.

Each row is a cell, the beginning of its line, and the beginning of the question that is sent.
"""

from __future__ import annotations

import pytest

from deepseek_magic.app.options import OPTIONS, ParsedLine
from deepseek_magic.commands.misplaced import notices

SENT = "sent as part of the question: options come before it, on the first line (start the question with -- if "

MISPLACED = [
    # options behind the beginning of the question
    ("%%deepseek\n--think off\nwhat is x?", f"--think off is {SENT}", "--think off\nwhat is x?"),
    ("%%deepseek\n-m other what is x?", f"-m other is {SENT}", "-m other what is x?"),
    ("%%deepseek -t 1\nwhat?\n-c cells:3", f"-c cells:3 is {SENT}", "what?\n-c cells:3"),
    ("%deepseek explain this -c cells", f"-c cells is {SENT}", "explain this -c cells"),
    ("%deepseek explain -c cells, briefly", f"-c cells is {SENT}", "explain -c cells, briefly"),
    ("%deepseek sum up --as json --quiet", f"--as json --quiet is {SENT}", "sum up --as json --quiet"),
    ("%deepseek say more -v df please -m deepseek-pro now", f"-v df and -m deepseek-pro are {SENT}", "say more -v df"),
    ("%deepseek explain this -o answer", f"-o answer is {SENT}", "explain this -o answer"),
    (
        "%deepseek temperature=0.5 what is x?",
        "temperature=0.5 (the option is --temperature 0.5) is sent",
        "temperature",
    ),
    ("%deepseek find the python error -c error", f"-c error is {SENT}", "find the python error"),
    # calls of other magics
    (
        "%%deepseek\none?\n%%deepseek\ntwo?",
        "%%deepseek is sent as part of the question: it needs a cell of its",
        "one?",
    ),
    ("%%deepseek\none?\n%deepseek_chat new", "%deepseek_chat is sent as part of the question", "one?"),
    # options that are given twice
    ("%deepseek -s brief -s long why?", "--system was given twice: the last one counts", "why?"),
    # a wish for help, and a number that was meant for the option before it
    ("%deepseek help", "help is sent as a question: -h, in place of it, shows the help", "help"),
    ("%deepseek -?", "-? is sent as a question: -h, in place of it, shows the help", "-?"),
    ("%deepseek --web 3 rivers?", "3 is sent as part of the question: --web=3 gives it to the option", "3 rivers?"),
    # values that a blank cut off
    (
        "%deepseek -s be brief why?",
        "the system text is only 'be': quote several words, like -s 'be brief'",
        "brief why?",
    ),
    *(
        (
            f"%%deepseek {line}\nwhy?",
            f"{word} is sent as part of the question: several values of {flag} are joined by",
            "",
        )
        for line, word, flag in (
            ("-v df texts, n", "texts", "-v"),
            ("-v df texts; n", "texts", "-v"),
            ("-v df ,texts", "texts", "-v"),
            ("-v df , texts is it?", "texts", "-v"),
            ("-v df texts", "texts", "-v"),
            ("-c none vars", "vars", "-c"),
            ("-c vars, fig is it?", "fig", "-c"),
            ("-c none vars, fig", "vars", "-c"),
            ("-c none cells:3 is it?", "cells:3", "-c"),
            ("-c none file:a.py is it?", "file:a.py", "-c"),
        )
    ),
    # braces
    ("%deepseek is {dff} odd?", "{dff} is sent as typed: did you mean {df}?", "is {dff} odd?"),
    ("%deepseek is {profit} odd?", "{profit} is sent as typed: there is no variable of that name", "is {profit} odd?"),
    (
        "%deepseek Hi {first} {last},",
        "{first}, {last} are sent as typed: there are no variables of",
        "Hi {first} {last},",
    ),
    # what is meant so
    ("%deepseek -- explain -c cells", "", "explain -c cells"),
    ("%deepseek help me with this", "", "help me with this"),
    ("%deepseek -s pirate why?", "", "why?"),
    ("%deepseek -s 'be brief' why?", "", "why?"),
    ("%deepseek -v df df is what?", "", "df is what?"),
    ("%deepseek -v df texts or words?", "", "texts or words?"),
    ("%deepseek -v df n short sentences, please", "", "n short sentences, please"),
    ("%deepseek -v df n", "", "n"),
    ("%deepseek -v df,texts texts", "", "texts"),
    ("%deepseek -c none vars are what, in short?", "", "vars are what, in short?"),
    ("%deepseek -c none fig is empty, why?", "", "fig is empty, why?"),
    ("%deepseek -c none cells: how do they divide?", "", "cells: how do they divide?"),
    ("%deepseek -c none file: what is one?", "", "file: what is one?"),
    ("%deepseek -c none error in line 3?", "", "error in line 3?"),
    ("%deepseek texts are long", "", "texts are long"),
    ("%deepseek 3 rivers?", "", "3 rivers?"),
    ("%deepseek --web=2 3 rivers?", "", "3 rivers?"),
    ("%deepseek --web -- 3 rivers?", "", "3 rivers?"),
    ("%deepseek what does `grep -c cells` do", "", "what does `grep -c cells` do"),
    ("%deepseek what does pip install --quiet", "", "what does pip install --quiet"),
    ("%deepseek git commit -m hello", "", "git commit -m hello"),
    ("%deepseek why does gcc -c vars", "", "why does gcc -c vars"),
    ("%deepseek run train.py --quiet", "", "run train.py --quiet"),
    ("%deepseek timeout=30 in requests means what", "", "timeout=30 in requests"),
    ("%deepseek temperature=20 degrees", "", "temperature=20 degrees"),
    ("%deepseek is it -5 or --five", "", "is it -5 or --five"),
    ("%%deepseek why?\n```\n-c cells\n%%deepseek\n```", "", "why?\n\n```\n-c cells\n%%deepseek\n```"),
    ("%%deepseek\nwhat do these do?\n    -c cells", "", "what do these do?\n    -c cells"),
    ("%deepseek --raw is {profit} odd?", "", "is {profit} odd?"),
    ('%deepseek x = y and $\\frac{profit}{n}$ in "{profit}"', "", "x = y and"),
    ("%deepseek --quiet is {dff} odd?", "", "is {dff} odd?"),
]


@pytest.mark.parametrize(("cell", "line", "sent"), MISPLACED, ids=lambda value: repr(value)[:60])
def test_what_is_sent_as_typed_is_said_in_one_line(run_cell, cell: str, line: str, sent: str) -> None:
    said, questions = run_cell(cell)
    assert said.startswith(line)
    assert len(said.splitlines()) == bool(line)
    (question,) = questions
    assert f"\n\n{question}".find(f"\n\n{sent}") >= 0  # below the context, if any goes along


@pytest.mark.parametrize("text", ["-c cells " * 20_000, "-m a x\n" * 20_000, "`-c " * 50_000, "%deepseek\n" * 20_000])
def test_long_texts_are_looked_at_in_linear_time(text: str) -> None:
    """Where each option were looked at with all that follows it, this would take hours."""
    for typed, body in ((ParsedLine({}, "why?"), text), (ParsedLine({}, text.replace("\n", " ")), "")):
        assert len(list(notices(typed, body, OPTIONS, (), ("deepseek",)))) <= 2
