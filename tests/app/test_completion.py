"""What is offered at the cursor in a call of a magic."""

from __future__ import annotations

import pytest

from deepseek_magic.api.catalogue import MODELS
from deepseek_magic.app.commands import CONVERSATIONS
from deepseek_magic.app.completion import Known, completions
from deepseek_magic.context.selectors import FORMS
from deepseek_magic.settings.parameters import THINKING

WORDS = [word for word in CONVERSATIONS if word != "NAME"]
SOURCES = [form for form in FORMS if ":" not in form] + ["file:"]


def offered(typed: str, symbol: str = "") -> list[str]:
    return completions(typed, symbol, lambda: Known({"df": 1, "double": lambda x: 2 * x}, ("main", "plots")))


@pytest.mark.parametrize(
    ("typed", "symbol", "expected"),
    [
        ("%deepseek -c ", "", SOURCES),
        ("%%deepseek --context ", "", SOURCES),
        ("%deepseek --context=", "", SOURCES),
        ("%deepseek -c cells,", "", SOURCES),
        ("x = %deepseek -t 1 -c n", "n", [form for form in FORMS if form.startswith("n")]),
        ("%deepseek --think ", "", list(THINKING)),
        ("%deepseek --think=h", "h", ["high"]),
        ("%deepseek --as ", "", ["text", "code", "json", "df"]),
        ("%deepseek -m ", "", list(MODELS)),
        ("%deepseek -v ", "", ["df", "double"]),
        ("%deepseek -v df,do", "do", ["double"]),
        ("%deepseek --tools ", "", ["double", "notebook"]),
        ("%deepseek --chat ", "", ["main", "plots"]),
        ("%deepseek --base-url oll", "oll", ["ollama"]),
        ("%deepseek_chat ", "", [*WORDS, "main", "plots"]),
        ("%deepseek_chat p", "p", ["plots"]),
        ("%deepseek_login --", "--", ["--save", "--forget"]),
        ("%deepseek_demo ", "", ["off", "--if-no-key"]),
        ("%deepseek_continue --ch", "--ch", ["--chat"]),
        ("%%deepseek_fim --qu", "--qu", ["--quiet"]),
        ("%deepseek_map df.a --jo", "--jo", ["--jobs"]),
        ("%deepseek_map df.a --think ", "", list(THINKING)),
        # nothing in the text of a question, behind a value that is any text, or in what calls no magic of ours
        ("%deepseek -t 1 what does -c ", "", []),
        ("%deepseek explain --th", "--th", []),
        ("%deepseek -s ", "", []),
        ("%deepseek ", "", []),
        ("%deepseek_chat new ", "", []),
        ("# %deepseek -c ", "", []),
        ("print('%deepseek -c ", "", []),
        ("%deepseeker -c ", "", []),
    ],
)
def test_what_is_offered(typed: str, symbol: str, expected: list[str]) -> None:
    assert offered(typed, symbol) == expected


def test_every_option_is_offered_where_it_is_understood() -> None:
    assert {"-c", "--context", "--dry-run"} <= set(offered("%deepseek -", "-"))
    assert not {"--context", "--dry-run"} & set(offered("%deepseek_continue --", "--"))
