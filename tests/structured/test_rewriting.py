"""Text that is nearly JSON: what means one thing only is read, with a note; what could mean several is not touched."""

from __future__ import annotations

import ast
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepseek_magic.structured.rewriting import rewritten

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


@given(st.lists(VALUES) | st.dictionaries(st.text(), VALUES))
def test_json_stays_and_python_is_read_as_python_reads_it(value):
    found = rewritten(json.dumps(value))
    assert json.loads(found.json) == value
    assert (found.notes, found.whole) == ((), True)
    written = repr(value)
    made = rewritten(written)
    if made is not None:  # an escape that Python and JavaScript read otherwise is left to its reader
        assert json.loads(made.json) == ast.literal_eval(written)
        assert made.end == len(written)


@pytest.mark.parametrize(
    ("text", "value", "note"),
    [
        ("[1, 2,]", [1, 2], "a trailing comma was ignored"),
        ("{a: 1}", {"a": 1}, "names without quotes were read as strings"),
        ("[True, None]", [True, None], "True was read as true"),
        ("[.5, +1, 2.]", [0.5, 1, 2.0], ".5 was read as 0.5"),
        ("['a', \u201cb\u201d]", ["a", "b"], "single quotes were read as double ones"),
        ("['a \"b\" c']", ['a "b" c'], "single quotes were read as double ones"),
        ("[1, // one\n /* two */ 2 # three\n]", [1, 2], "comments were ignored"),
        ("['it\\'s']", ["it's"], "single quotes were read as double ones"),
        ("['\\x41']", ["A"], "Python's escapes were read"),
        ('["\\d"]', ["\\d"], "a backslash that escapes nothing was read as a character"),
    ],
)
def test_what_means_one_thing_is_read_with_a_note(text, value, note):
    found = rewritten(text)
    assert json.loads(found.json) == value
    assert note in found.notes


@pytest.mark.parametrize(
    "text", ["[yes]", "[1}", "]", "[1 000 €]", "['\\0']", '["\\u12"]', "[1.2.3]", "{a b: 1}", "[\u201ea\u201c]", "x"]
)
def test_what_could_mean_several_things_is_not_touched(text):
    assert rewritten(text) is None


@pytest.mark.parametrize(
    "text", ["[1,,2]", "[1 2]", "[1 .5]", "[1 /* and */ 2]", "[1 000]", "[,]", "[007]", "{'a' 'b'}", "[1_000]"]
)
def test_what_is_missing_is_not_made_up(text):
    found = rewritten(text)
    assert found is None or _is_no_json(found.json)


def _is_no_json(text):
    try:
        json.loads(text)
    except ValueError:
        return True
    return False


def test_a_value_is_read_from_its_bracket_to_its_end():
    text = "so: {'a': [1]} and more"
    found = rewritten(text, text.index("{"))
    assert json.loads(found.json) == {"a": [1]}
    assert text[found.end :] == " and more"


@pytest.mark.parametrize("text", ["[1, [2", "{'a': 'b", "[", "[// no end"])
def test_a_text_that_ended_first_is_not_whole(text):
    found = rewritten(text)
    assert not found.whole
    assert found.end == len(text)
