"""How a question is asked beside its settings: what each option takes and refuses, where it applies, its default."""

from __future__ import annotations

import pytest

from deepseek_magic.app import options
from deepseek_magic.errors import ConfigurationError, OptionError
from deepseek_magic.settings.asking import Asking
from deepseek_magic.settings.map_asking import MapAsking
from deepseek_magic.settings.resolve import resolve_asking
from deepseek_magic.settings.rows import rows


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ("-c cells -c error", "context", ("cells", "error")),
        ("-v a,b -v c", "vars", ("a,b", "c")),
        ("--as df", "form", "df"),
        ("--schema 'list[int]'", "schema", "list[int]"),
        ("--tools f,g", "tools", ("f,g",)),
        ("--raw", "raw", True),
        ("--chat my-chat", "chat", "my-chat"),
        ("-o answer", "output", "answer"),
    ],
)
def test_an_option_gives_its_field(line, name, value):
    values = options.parse(f"{line} the text").values
    assert values == {name: value}
    assert getattr(resolve_asking(values, {}), name) == value


@pytest.mark.parametrize(
    "line",
    [
        "--as yaml",
        "--chat 'a b'",
        f"--chat {'a' * 61}",
        "-o 3x",
        "-o a.b",
        "-o class",
        "--schema ''",
        "-v 3",
        "--tools 'f g'",
    ],
)
def test_a_value_that_cannot_be_meant_is_refused_in_one_line(line):
    with pytest.raises(OptionError) as caught:
        options.parse(f"{line} the text")
    assert str(caught.value).isprintable()


def test_options_override_the_configuration_and_defaults_do_nothing():
    assert resolve_asking({}, {}) == Asking()
    assert resolve_asking({"guard": "off"}, {"guard": "refuse"}).guard == "off"
    assert resolve_asking({}, {"guard": "refuse", "footer": False}) == Asking(guard="refuse", footer=False)
    with pytest.raises(ConfigurationError):
        resolve_asking({}, {"guard": "none"})


@pytest.mark.parametrize("table", [Asking, MapAsking])
def test_every_row_says_where_it_applies_or_that_it_is_configured(table):
    for row in rows(table):
        assert row.spelled or row.trait
        assert bool(row.spelled) == bool(row.help)
        assert row.at


@pytest.mark.parametrize(
    ("line", "output"),
    [
        ("-o df.b {value}", "df.b"),
        ('-o df["a b"] {value}', 'df["a b"]'),
        ("-o df['a'] {value}", "df['a']"),
        ('-o frame["wet days"] {value}', 'frame["wet days"]'),
        ('-o=target["a b"] {value}', 'target["a b"]'),
        ("-o x y", "x"),
    ],
)
def test_the_target_of_a_map_may_be_a_column(line, output):
    found = options.parse(line, options.MAP_OPTIONS)
    assert found.values["output"] == output


def test_jobs_are_a_whole_number_from_one():
    assert options.parse("-j 5 x", options.MAP_OPTIONS).values == {"jobs": 5}
    for wrong in ("0", "-1", "1.5", "many"):
        with pytest.raises(OptionError):
            options.parse(f"-j {wrong} x", options.MAP_OPTIONS)
