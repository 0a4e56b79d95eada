"""What is offered at the cursor in a call of a magic, and in place of what."""

from __future__ import annotations

from pathlib import Path

import pytest

from deepseek_magic.api.catalogue import MODELS
from deepseek_magic.app.options import FIX_OPTIONS, MAP_OPTIONS, OPTIONS, options_at
from deepseek_magic.commands.completion import Completions, KnownNames, offered
from deepseek_magic.commands.table import MAGICS
from deepseek_magic.context.selectors import FORMS
from deepseek_magic.settings.parameters import THINKING

SOURCES = [form for form in FORMS if ":" not in form] + ["file:"]
FLAGS = [option.flag for option in OPTIONS]
(WORDS,) = (list(magic.words) for magic in MAGICS if magic.name == "deepseek_chat")


class Row:
    """A type of the user's."""


def _known(names: dict[str, object]) -> KnownNames:
    return KnownNames(names, ("main", "plots"), ("2", "12"), (7, 3), lambda: ("time",), lambda: ("work", "home"))


def matches(before: str) -> tuple[str, list[str]]:
    names = {"df": 1, "double": lambda x: 2 * x, "Row": Row, "schema": {"type": "object"}, "pytest": pytest}
    found = offered(before, lambda: _known(names))
    return found.typed, list(found.matches)


@pytest.mark.parametrize(
    ("before", "typed", "expected"),
    [
        ("%deepseek ", "", FLAGS),
        ("%deepseek --", "--", FLAGS),
        ("x = %deepseek --", "--", FLAGS),
        ("if x:\n    %%deepseek --", "--", FLAGS),
        ("# note\n%%deepseek --", "--", FLAGS),
        ("%deepseek_map --", "--", [option.flag for option in MAP_OPTIONS]),
        ("%%deepseek_map df --", "--", [option.flag for option in MAP_OPTIONS]),
        ("%deepseek_map df['a b'] --jo", "--jo", ["--jobs"]),
        ("%deepseek_fix --", "--", [option.flag for option in FIX_OPTIONS]),
        ("%deepseek_continue --", "--", [option.flag for option in options_at("continue")]),
        ("%%deepseek_fim --", "--", [option.flag for option in options_at("fim")]),
        ("%deepseek_login --", "--", ["--save", "--forget"]),
        ("%deepseek_demo ", "", ["off", "--if-no-key"]),
        ("%deepseek_chat ", "", [*WORDS, "main", "plots"]),
        ("%deepseek_chat pl", "pl", ["plots"]),
        # behind other options, none twice but those that add up
        ("%deepseek -t 1 --new --th", "--th", ["--think"]),
        ("%deepseek -s 'be brief' --th", "--th", ["--think"]),
        ("%deepseek --think high --think", "--think", []),
        ("%deepseek -c cells --conte", "--conte", ["--context"]),
        # values
        ("%deepseek -c ", "", SOURCES),
        ("%%deepseek --context ", "", SOURCES),
        ("%deepseek --context=", "", SOURCES),
        ("%deepseek -c cells,", "", SOURCES),
        ("%deepseek -c cells,v", "v", ["vars"]),
        ("x = %deepseek -t 1 -c n", "n", [form for form in FORMS if form.startswith("n")]),
        ("%deepseek --think ", "", list(THINKING)),
        ("%deepseek --think=h", "h", ["high"]),
        ("%deepseek --as ", "", ["text", "code", "json", "df"]),
        ("%deepseek -m ", "", list(MODELS)),
        ("%deepseek -m deepseek-f", "deepseek-f", ["deepseek-flash"]),
        ("%deepseek --compare deepseek-flash,deepseek-v4-p", "deepseek-v4-p", ["deepseek-v4-pro"]),
        ("%deepseek --compare th", "th", ["think="]),
        ("%deepseek --compare think=", "", list(THINKING)),
        ("%deepseek --compare think=off,h", "h", ["high"]),
        ("%deepseek --compare raw=on,o", "o", ["on", "off"]),
        ("%deepseek --compare nothing=o", "", []),
        ("%deepseek --compare as=text,j", "j", ["json"]),
        ("%deepseek -v ", "", ["df", "double", "Row", "schema"]),
        ("%deepseek -v 'df,do", "do", ["double"]),
        ("%deepseek -o d", "d", ["df", "double"]),
        ("%deepseek --tools ", "", ["double", "Row", "notebook", "run", "mcp:time"]),
        ("%deepseek --schema ", "", ["Row", "schema"]),
        ("%deepseek --chat ", "", ["main", "plots"]),
        ("%deepseek --base-url oll", "oll", ["ollama"]),
        ("%deepseek --tools double,m", "m", ["mcp:time"]),
        ("%deepseek --profile ", "", ["work", "home"]),
        ("%deepseek --profile=w", "w", ["work"]),
        ("%deepseek_jobs stop ", "", ["2", "12"]),
        ("%deepseek_jobs wait 1", "1", ["12"]),
        ("%deepseek_chat show ", "", ["[7]", "[3]"]),
        ("%deepseek_chat show [3", "[3", ["[3]"]),
        ("%deepseek_code ", "", ["--ran"]),
        ("%deepseek_search --", "--", ["--help"]),
        ("%deepseek_usage -", "-", ["-h", "--help"]),
        ("%deepseek_map d", "d", ["df", "double"]),
        ("%deepseek_map df -o d", "d", ["df", "double"]),
        # names in braces
        ("%deepseek what is {d", "d", ["df", "double"]),
        ("%%deepseek\nwhat is\nin {", "", ["df", "double", "Row", "schema"]),
        ("%%deepseek_map df\nSay {", "", ["value}"]),
        # nothing in the text of a question, behind a value that is any text, or in what calls no magic of ours
        ("%deepseek -t 1 what does -c ", "", []),
        ("%deepseek explain --th", "", []),
        ("%deepseek -- --th", "", []),
        ("%%deepseek\n--th", "", []),
        ("%deepseek -s ", "", []),
        ("%deepseek -t 0.", "", []),
        ("%deepseek_chat new ", "", []),
        ("%deepseek_map df.", "", []),
        ("%deepseek_fix in {d", "", []),
        ("# %deepseek -c ", "", []),
        ("print('%deepseek -c ", "", []),
        ("%deepseeker -c ", "", []),
        ("%%writefile a.py\n%deepseek --", "", []),
        ("%%timeit --", "", []),
        ("in {d", "", []),
    ],
)
def test_what_is_offered(before: str, typed: str, expected: list[str]) -> None:
    assert matches(before) == (typed if expected or typed else "", expected)


def test_every_option_is_offered_where_it_is_understood() -> None:
    assert {"-c", "--context", "--dry-run"} <= set(matches("%deepseek -")[1])
    assert not {"--context", "--dry-run"} & set(matches("%deepseek_continue --")[1])


def test_files_and_folders_are_offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data").mkdir()
    for name in ("data/a.csv", "data/b.csv", "data.txt", "two words.txt", ".hidden"):
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    assert matches("%deepseek -c file:") == ("file:", ["file:data/", "file:data.txt"])
    assert matches("%deepseek -c cells,file:data/") == ("file:data/", ["file:data/a.csv", "file:data/b.csv"])
    assert matches(f"%deepseek -c file:{tmp_path}/data.") == (f"file:{tmp_path}/data.", [f"file:{tmp_path}/data.txt"])
    assert matches("%deepseek_chat import data/") == ("data/", ["data/a.csv", "data/b.csv"])
    assert matches("%deepseek_record export data") == ("data", ["data/", "data.txt"])
    assert matches("%deepseek -c file:nowhere/")[1] == []
    assert matches("%deepseek -c file:\0")[1] == []


def test_the_kernel_is_asked_only_where_it_knows() -> None:
    def known() -> KnownNames:
        raise AssertionError

    assert offered("%deepseek --th", known) == Completions("--th", ("--think",))
    assert offered("print(d", known) == Completions()
