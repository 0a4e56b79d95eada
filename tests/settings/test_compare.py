"""What ``--compare`` names."""

from __future__ import annotations

import pytest

from deepseek_magic.errors import OptionError
from deepseek_magic.settings.compare import MOST, columns_from, columns_of


@pytest.mark.parametrize(
    ("spec", "columns"),
    [
        ("deepseek-flash,deepseek-v4-pro", [("deepseek-flash", {"model": "deepseek-flash"})]),
        ("model=a, b", [("a", {"model": "a"}), ("b", {"model": "b"})]),
        ("think=off,high", [("think=off", {"thinking": "off"}), ("think=high", {"thinking": "high"})]),
        ("--think=off,high", [("think=off", {"thinking": "off"})]),
        ("temperature=0,1.5", [("temperature=0", {"temperature": 0.0}), ("temperature=1.5", {"temperature": 1.5})]),
        ("t=0,1", [("temperature=0", {"temperature": 0.0})]),
        ("top_p=0.5,1", [("top-p=0.5", {"top_p": 0.5})]),
        ("as=text,json", [("as=text", {"form": "text"})]),
        ("context=cells,none", [("context=cells", {"context": ("cells",)})]),
        ("context=cells,error|none", [("context=cells,error", {"context": ("cells,error",)})]),
        ("system=Be short.|Be kind, and long.", [("system=Be short.", {"system": "Be short."})]),
        ("raw=on,off", [("raw=on", {"raw": True}), ("raw=off", {"raw": False})]),
    ],
)
def test_columns(spec, columns):
    made = [(one.label, dict(one.options)) for one in columns_of(spec)]
    assert made[: len(columns)] == columns
    assert len(made) == 2


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("a", "expected two values or more"),
        ("think=off", "expected two values or more"),
        ("a,,b", "expected two values or more"),
        (",".join("abcdefg"), f"7 columns, and at most {MOST}"),
        ("a,b,a", "a appears twice"),
        ("tempratur=0,1", "did you mean temperature? one of these can differ: model, system, "),
        ("max-cost=1,2", "one of these can differ"),
        ("chat=a,b", "one of these can differ"),
        ("think=off,deep", "--compare think: expected one of off, low, high, max, found 'deep'"),
        ("temperature=0,9", "--compare temperature: expected a number from 0 to 2, found '9'"),
        ("raw=yes,no", "expected on or off, found 'yes'"),
    ],
)
def test_what_is_refused_in_one_line(spec, words):
    with pytest.raises(OptionError, match=r"(?s).") as refused:
        columns_of(spec)
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


def test_columns_from_python():
    assert columns_from("think=off,high") == columns_of("think=off,high")
    assert [(one.label, one.name, one.options) for one in columns_from(["a", "b"])] == [
        ("a", "a", {"model": "a"}),
        ("b", "b", {"model": "b"}),
    ]
    assert [dict(one.options) for one in columns_from({"as it is": {}, "b": {"model": "b"}})] == [{}, {"model": "b"}]
    named = {"fast": {"thinking": "off"}, "slow": {"thinking": "high", "model": "b"}}
    assert [(one.label, one.options) for one in columns_from(named)] == list(named.items())


@pytest.mark.parametrize(
    ("columns", "error", "words"),
    [
        (["a"], OptionError, "expected two columns or more"),
        (["a", "a"], OptionError, "is named twice"),
        (list("abcdefg"), OptionError, f"7 columns, and at most {MOST}"),
        ([1, 2], TypeError, r"expected models, such as \['deepseek-flash', 'deepseek-v4-pro'\], .*; found 1$"),
        (5, TypeError, "expected models, .*; found 5$"),
        ([["a"], "b"], TypeError, r"expected models, .*; found \['a'\]$"),
        ({1: {}, "b": {}}, TypeError, "expected a string as the label, .*; found 1$"),
        ({"a": "high", "b": {}}, TypeError, "expected settings for 'a', such as {'thinking': 'high'}; found 'high'$"),
        ("a", OptionError, "^compare a: expected two values or more"),
        (
            {"a": {"replay": "only"}, "b": {"model": "b"}},
            TypeError,
            "'replay' cannot differ: expected one of base_url, ",
        ),
    ],
)
def test_what_python_may_not_say(columns, error, words):
    with pytest.raises(error, match=words):
        columns_from(columns)
