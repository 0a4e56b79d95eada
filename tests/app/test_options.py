"""The options of a question: what is read, what is left as text, what is refused and how."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepseek_magic.app.options import OPTIONS, ParsedLine, help_markdown, help_of, help_text, parse
from deepseek_magic.errors import OptionError
from deepseek_magic.text import visible

SPELLINGS = [option.flag for option in OPTIONS] + [option.short for option in OPTIONS if option.short]
SAMPLE = {
    "rounds": "3",
    "replay": "auto",
    "compare": "a,b",
    "model": "m",
    "system": "s",
    "temperature": "1",
    "top-p": "0.5",
    "max-tokens": "5",
    "stop": "END",
    "think": "low",
    "profile": "work",
    "chat": "c",
    "output": "o",
    "timeout": "5",
    "base-url": "http://x",
    "context": "cells:3,vars",
    "vars": "df,scores",
    "as": "code",
    "schema": "Row",
    "tools": "f,g",
    "max-cost": "0.05",
    "web": "3",
}


@pytest.mark.parametrize(
    ("line", "values", "text"),
    [
        ("", {}, ""),
        ("   ", {}, ""),
        ("hello", {}, "hello"),
        ("  hello  there ", {}, "hello  there "),
        ("-m x hello", {"model": "x"}, "hello"),
        ("-m=x hello", {"model": "x"}, "hello"),
        ("--model=x   hello", {"model": "x"}, "hello"),
        ("--model   x hello", {"model": "x"}, "hello"),
        ("-s 'be brief' it's", {"system": "be brief"}, "it's"),
        ('-s "it\'s" x', {"system": "it's"}, "x"),
        ("-s='a \\n b' x", {"system": "a \\n b"}, "x"),
        ("-s '' x", {"system": ""}, "x"),
        ("-s a'b x", {"system": "a'b"}, "x"),
        ("-t 1 -t 0.5 x", {"temperature": 0.5}, "x"),
        ("--stop a --stop 'b c' x", {"stop": ("a", "b c")}, "x"),
        ("--new --quiet x", {"new": True, "quiet": True}, "x"),
        ("-m -x y", {"model": "-x"}, "y"),
        ("hello -m x", {}, "hello -m x"),
        ("-- -m x", {}, "-m x"),
        ("-t 1 -- --new", {"temperature": 1.0}, "--new"),
        ("-5 degrees", {}, "-5 degrees"),
        ("- a list", {}, "- a list"),
        ("--web What is new?", {"web": 12}, "What is new?"),
        ("--web=3 What is new?", {"web": 3}, "What is new?"),
        ("--web 3 news of today", {"web": 12}, "3 news of today"),
        ("--web --new news", {"web": 12, "new": True}, "news"),
        ("--- a rule", {}, "--- a rule"),
        ("-> an arrow", {}, "-> an arrow"),
        ("-m\tx\ty", {"model": "x"}, "y"),
        ("--max-tokens 7 x", {"max_tokens": 7}, "x"),
        ("--base-url http://a?b=c x", {"base_url": "http://a?b=c"}, "x"),
        ("--think off \nWhat is x?", {"thinking": "off"}, "What is x?"),
        ('--stop "\\n" x', {"stop": ("\n",)}, "x"),
        ("--stop \\n\\n x", {"stop": ("\n\n",)}, "x"),
        ("--stop=\\nUser: x", {"stop": ("\nUser:",)}, "x"),
        ("--stop a\\tb x", {"stop": ("a\tb",)}, "x"),
        ("--stop '\\\\n \\e' x", {"stop": ("\\n \\e",)}, "x"),
        ("\N{EM DASH}well, then", {}, "\N{EM DASH}well, then"),
        ("\N{EN DASH} think of it", {}, "\N{EN DASH} think of it"),
        ("-s*t is s times t", {}, "-s*t is s times t"),
        ("-v.mean() is negative", {}, "-v.mean() is negative"),
        ("--foo(x) fails", {}, "--foo(x) fails"),
    ],
)
def test_what_is_read(line, values, text):
    parsed = parse(line)
    assert dict(parsed.values) == values
    assert parsed.text == text


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("--modle x", ["--modle", "did you mean --model?"]),
        ("--themperature=1 x", ["--themperature", "--temperature"]),
        ("-x y", ["unknown option -x"]),
        ("-mx y", ["unknown option -mx"]),
        ("-Q", ["unknown option -Q"]),
        ("--top_p 1", ["--top-p"]),
        ("-m", ["--model needs a value", "a model's name"]),
        ("-m=", ["--model needs a value"]),
        ("--new=1", ["--new takes no value", "--new=1"]),
        ("-s 'open", ["--system", "no ' at its end"]),
        ("-t x", ["--temperature", "a number from 0 to 2", "'x'"]),
        ("-t -1", ["'-1'"]),
        ("--think hihg", ["off, low, high, max", "did you mean high?"]),
        ("--chat 'a b'", ["without spaces"]),
        ("--stop '' x", ["--stop", "not empty"]),
        ("-o 1a", ["a variable's name"]),
        ("--max-tokens 1e3", ["a whole number"]),
        ("-t \x1b[2J x", ["\\x1b[2J"]),
        ("--" + "z" * 500, ["unknown option --zzz"]),
        ("-t0.5 x", ["'-t0.5'", "write -t 0.5 "]),
        ("-t.5 x", ["write -t .5 "]),
        ("-t1 x", ["did you mean -t 1?"]),
        ("-mflash x", ["did you mean -m flash?"]),
        ("-cfile:a.csv x", ["write -c file:a.csv"]),
        ("-s'be brief' x", ["put a space after -s"]),
        ("--temperature0.5 x", ["write --temperature 0.5"]),
        ("--think:off x", ["write --think off"]),
        ("--raw, please", ["write --raw "]),
        ("---think off x", ["write --think "]),
        ("\N{EM DASH}think off x", ["'\N{EM DASH}think'", "write --think "]),
        ("\N{EN DASH}think off x", ["write --think "]),
        ("\N{MINUS SIGN}t 0.5 x", ["write -t "]),
        ("\N{EM DASH}new x", ["write --new "]),
        ("\N{EM DASH}max-tokens=7 x", ["write --max-tokens 7"]),
        ('-s "say \\"hi\\"" x', ["--system", '"say \\" is followed by ', "use the other kind"]),
        ("-s 'a'b x", ["followed by 'b x'"]),
        ("-s \N{LEFT DOUBLE QUOTATION MARK}be brief\N{RIGHT DOUBLE QUOTATION MARK} x", ["straight marks"]),
    ],
)
def test_what_is_refused_in_one_line(line, words):
    with pytest.raises(OptionError) as caught:
        parse(line)
    message = str(caught.value)
    assert message.isprintable()
    assert len(message) < 300
    for word in words:
        assert word in message


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_is_read(spelling):
    option = next(o for o in OPTIONS if spelling in (o.flag, o.short))
    joint = " " if option.bare is None else "="
    line = f"{spelling}{joint}{SAMPLE[option.flag.removeprefix('--')]} text" if option.metavar else f"{spelling} text"
    parsed = parse(line)
    assert list(parsed.values) == [option.name]
    assert parsed.text == "text"


WORDS = st.text(st.characters(exclude_categories=["Cs"]))


@given(WORDS)
def test_what_follows_two_dashes_is_never_parsed(text):
    assert parse(f"-t 1 -- {text}").text == text.lstrip()


@given(WORDS.filter(lambda text: not text.lstrip().startswith("-")))
def test_a_text_without_options_is_returned_as_it_is(text):
    assert parse(text).text == text.lstrip()


@given(WORDS | WORDS.map(lambda text: f"-{text}") | WORDS.map(lambda text: f"-t 1 --new {text}"))
def test_whatever_was_typed_is_read_or_refused_in_one_line(text):
    try:
        parsed = parse(text)
    except OptionError as error:
        said = str(error)
        assert said.isprintable()
        assert said
    else:
        assert text.endswith(parsed.text)
        assert text.lstrip().startswith("-") or parsed == ParsedLine({}, text.lstrip())


@given(WORDS)
def test_whatever_was_typed_the_refusal_is_safe_to_print(text):
    with pytest.raises(OptionError) as caught:
        parse(f"--think x{text}")
    assert visible(str(caught.value)) == str(caught.value)


@given(st.floats(0, 2, allow_nan=False))
def test_a_number_is_the_number(number):
    assert parse(f"-t {number!r} x").values["temperature"] == number


@pytest.mark.parametrize("make", [help_text, help_markdown])
def test_help_holds_every_option_once(make):
    lines = make().splitlines()
    for option in OPTIONS:
        assert len([line for line in lines if option.spelled in line and help_of(option) in line]) == 1


def test_the_table_is_sound():
    assert len(set(SPELLINGS)) == len(SPELLINGS)
    for option in OPTIONS:
        assert option.help
        assert bool(option.metavar) == bool(option.expected)
        assert "|" not in option.help
