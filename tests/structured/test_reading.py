"""Reading the JSON of a reply: what is tolerated with a note, and what is wrong and where."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepseek_magic.structured.reading import MAX_DIGITS, Parsed, parse
from tests.growth import is_linear

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
FENCED = "the code fence around the value was taken away"
COMMA = "a trailing comma was ignored"
SINGLE = "single quotes were read as double ones"
BACKSLASH = "a backslash that escapes nothing was read as a character"
AROUND = "the text around the value was ignored"


@pytest.mark.parametrize(
    ("text", "value", "notes"),
    [
        ('{"a": 1}', {"a": 1}, ()),
        ('\ufeff\r\n \t{"a": 1}\n\n \n', {"a": 1}, ()),
        ("\n" * 10_000 + '{"a": 1}' + " " * 10_000, {"a": 1}, ()),
        ("[1, 2]", [1, 2], ()),
        ('"text"', "text", ()),
        ("null", None, ()),
        ('```json\n{"a": 1}\n```', {"a": 1}, (FENCED,)),
        ('```\r\n{"a": 1}\r\n```\r\n', {"a": 1}, (FENCED,)),
        ('~~~~ json\n{"a": "```"}\n~~~~', {"a": "```"}, (FENCED,)),
        ('```json\n{"a": 1}', {"a": 1}, (FENCED,)),
        ('Here you are:\n```json\n{"a": 1}\n```\nAnything else?', {"a": 1}, (AROUND,)),
        ('As [1] and {this} say: {"a": {"b": 1}}.', {"a": {"b": 1}}, (AROUND,)),
        ('The rows: [{"a": 1}, {"a": 2}]', [{"a": 1}, {"a": 2}], (AROUND,)),
        ('{"a": 1} }', {"a": 1}, (AROUND,)),
        (
            '{"a": 1, "b": 2, "a": 3}',
            {"a": 3, "b": 2},
            ('the key "a" appears twice in one object: the last one counts',),
        ),
        ('{"a": -Infinity}', {"a": -math.inf}, ("-Infinity is not JSON: it was read as Python reads it",)),
        ('{"a": 1e999}', {"a": math.inf}, ("a number is too large for a float: it was read as infinity",)),
        ('{"a": 123456789012345678901234567890}', {"a": 123456789012345678901234567890}, ()),
        ('{"a": "one\ntwo\tthree"}', {"a": "one\ntwo\tthree"}, ()),
        ('{"a": "\\ud83d\\ude80 \\ud83d"}', {"a": "🚀 \ufffd"}, ()),
        ('{"\\udc00": ["\\udc00", 1]}', {"\ufffd": ["\ufffd", 1]}, ()),
        ('{"a": [1, {"b": 2,},],}', {"a": [1, {"b": 2}]}, (COMMA,)),
        ('[{"a": 1}, {"a": 2},\n]', [{"a": 1}, {"a": 2}], (COMMA,)),
        ("[1, 2,]", [1, 2], (COMMA,)),
        ("{'a': 'it\\'s \"so\"', 'b': \"it's\"}", {"a": 'it\'s "so"', "b": "it's"}, (SINGLE,)),
        ('{“a”: “one "b"”}', {"a": 'one "b"'}, ("curly quotes were read as double ones",)),
        ('{"a": True, "b": None}', {"a": True, "b": None}, ("True was read as true", "None was read as null")),
        ("{'a': nan and_more}", None, None),
        (
            '{"a": 1, // one\n"u": "http://x/*y*/" /* a, "b" */, "c": [2]} # end',
            {"a": 1, "u": "http://x/*y*/", "c": [2]},
            (AROUND, "comments were ignored"),
        ),
        ("{a: 1, $b: 2}", None, None),
        ("{a: 1, größe: 'x'}", {"a": 1, "größe": "x"}, ("names without quotes were read as strings", SINGLE)),
        ('{"a": [.5, 5., +1, -.5e3]}', {"a": [0.5, 5.0, 1, -500.0]}, None),
        ('{"a": "\\alpha \\_x C:\\dir"}', {"a": "\\alpha \\_x C:\\dir"}, (BACKSLASH,)),
        ("Here you are: {'a': 1,} - right?", {"a": 1}, (AROUND, SINGLE, COMMA)),
        ("```python\n{'a': (1)}\n```", None, None),
        ("```json\n{'a': 1}\n```", {"a": 1}, (FENCED, SINGLE)),
        ('{"a": 9007199254740993,}', {"a": 9007199254740993}, (COMMA,)),
    ],
)
def test_what_is_read(text, value, notes):
    parsed = parse(text)
    if value is None and notes is None:
        assert not isinstance(parsed, Parsed)
    else:
        assert parsed == Parsed(value, parsed.notes if notes is None else notes)


def test_not_a_number_is_read_and_noted():
    parsed = parse('{"a": NaN}')
    assert isinstance(parsed, Parsed)
    assert math.isnan(parsed.value["a"])
    assert parsed.notes == ("NaN is not JSON: it was read as Python reads it",)


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        ("", "empty", "the reply: expected a JSON value, found an empty reply"),
        ("\n \t\n" * 500, "empty", "the reply: expected a JSON value, found 2,000 blank characters"),
        ("I cannot say.", "syntax", 'the reply: expected a JSON value, found "I cannot say."'),
        ('{"a": [1, 2, {"b": "cu', "cut", "a[2].b: expected the rest of the JSON, found the end of the reply after"),
        ('Here: {"a": [1', "cut", "a[0]: expected the rest of the JSON"),
        ('{"a": 1', "cut", "a: expected the rest"),
        ('{"a": 1, ', "cut", "the reply: expected the rest"),
        ('{"a": 1,, }', "syntax", 'the reply: expected valid JSON, found ", }" at line 1, column 9'),
        ('{"a":\n [1, tru]}', "syntax", 'a[1]: expected valid JSON, found "tru]}" at line 2, column 6'),
        ("{'a': 'it's'}", "syntax", "the reply: expected valid JSON, found \"'a': 'it's'}\" at line 1, column 2"),
        ("{'a': 'cut he", "cut", "a: expected the rest of the JSON, found the end of the reply after 13 characters"),
        ('{"a": [1,], // one\n "b": {', "cut", "b: expected the rest of the JSON"),
        ('{"a": "x" "b": 1}', "syntax", "a: expected valid JSON"),
        ('{"a": "x"y"}', "syntax", "a: expected valid JSON"),
        ('{"a": 1,000}', "syntax", "the reply: expected valid JSON"),
        ('{"a": 007}', "syntax", "a: expected valid JSON"),
        ('{"a": undefined}', "syntax", "a: expected valid JSON"),
        ("[1, 2, ...]", "syntax", "[2]: expected valid JSON"),
        ('{"a": "\\u12"}', "syntax", "a: expected valid JSON"),
        ("{'a': 1}\n{'a': 2}", "several", "found two values, one after the other"),
        ('{"a": "\\x"}', "syntax", "a: expected valid JSON"),
        ('{"a": 1}\n{"a": 2}', "several", "the reply: expected one JSON value, found two values, one after the other"),
        ('{"a": 1}\n{"a": 2}\n{"a": 3}', "several", "found several values, one after the other"),
        ("[" * 100_000, "syntax", "the reply: expected at most 200 levels, found deeper nesting"),
        ('{"a": ' + "[" * 201 + "]" * 201 + "}", "syntax", "expected at most 200 levels, found deeper nesting"),
        (
            '{"a": ' + "1" * (MAX_DIGITS + 1) + "}",
            "syntax",
            "expected a number of at most 4,000 digits, found one of 4,001",
        ),
    ],
)
def test_what_is_wrong(text, kind, said):
    problem = parse(text)
    assert not isinstance(problem, Parsed)
    assert problem.kind == kind
    assert said in str(problem)


@pytest.mark.thorough
@pytest.mark.parametrize(
    "text",
    [
        "{" * 50_000,
        '[{"a":' * 20_000,
        '{"a":1}x' * 20_000,
        "`" * 100_000,
        "```\n" * 20_000,
        '{"' + "a" * 200_000,
        "{}[" * 9_999,
        "{'a':" * 20_000,
        "[/*" * 50_000,
        "{'a': 1 x} " * 20_000,
    ],
)
def test_a_flood_ends(text):
    assert not isinstance(parse(text), Parsed)


def test_many_keys_of_which_the_last_comes_twice_are_linear():
    def work(size):
        keys = [*range(size), size - 1]
        return parse("{" + ",".join(f'"{key}":1' for key in keys) + "}")

    assert "appears twice" in work(500).notes[0]
    assert is_linear(work, 500)


@settings(deadline=None)
@given(JSON, st.booleans(), st.sampled_from([None, 2]))
def test_json_is_read_as_it_was_written(value, escaped, indent):
    assert parse(json.dumps(value, ensure_ascii=escaped, indent=indent)) == Parsed(value)


@settings(deadline=None)
@given(JSON.filter(lambda value: isinstance(value, (dict, list))))
def test_a_value_as_python_writes_it_is_read(value):
    parsed = parse(repr(value))
    assert isinstance(parsed, Parsed)
    assert parsed.value == value


@given(st.text())
def test_any_text_gives_a_value_or_a_problem(text):
    first, second = parse(text), parse(f"\n{text}  ")
    assert type(first) is type(second)
    assert isinstance(first, Parsed) or first.kind == second.kind
