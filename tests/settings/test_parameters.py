"""The table of parameters: each row is whole, its default fits its kind, and no two options are spelled alike."""

from __future__ import annotations

import pytest

from deepseek_magic.errors import MissingKey
from deepseek_magic.settings.keys import checked_key
from deepseek_magic.settings.kinds import Several
from deepseek_magic.settings.parameters import IN_REQUEST, PARAMETERS, Changes, Options, Settings
from deepseek_magic.settings.rows import rows

OPTIONS = [row for row in PARAMETERS if row.spelled]


@pytest.mark.parametrize("row", PARAMETERS, ids=lambda row: f"{row.name}-{'-'.join(row.at)}")
def test_the_default_of_a_row_fits_its_kind(row):
    """A default is what the kind would hold, or stands for nothing given."""
    assert row.default in (None, "", ()) or row.kind.checked(row.default) == row.default
    assert row.spelled or row.trait
    assert bool(row.help) == bool(row.spelled)


@pytest.mark.parametrize("place", ["question", "continue", "fim", "map", "shell"])
def test_in_one_place_each_option_has_its_own_letters_and_name(place):
    """No flag, no letter and no field stands twice where a user may write it."""
    rows = [row for row in OPTIONS if place in row.at]
    for spelled in ([row.flag for row in rows], [row.short for row in rows if row.short], [row.name for row in rows]):
        assert len(set(spelled)) == len(spelled) > 0


def test_what_a_flag_is_called():
    """The parts of a row's spelling, worked out by hand for three rows."""
    rows = {(row.name, row.at[0]): (row.flag, row.short, row.metavar, isinstance(row.kind, Several)) for row in OPTIONS}
    assert rows["model", "question"] == ("--model", "-m", "NAME", False)
    assert rows["stop", "question"] == ("--stop", "", "TEXT", True)
    assert rows["jobs", "map"] == ("--jobs", "-j", "N", False)


def test_what_may_be_changed_for_the_rest_is_what_its_options_change():
    """The keyword arguments of a continuation are settings with an option there; those of a question are settings."""
    settings = {row.name for row in PARAMETERS if row.name in Settings.__dataclass_fields__}
    assert {row.name for row in OPTIONS if "continue" in row.at} & settings == set(Changes.__annotations__)
    assert set(Options.__annotations__) == settings


def test_only_deepseek_is_known_to_need_a_key():
    """Without a key the question is refused before it is sent to DeepSeek; another server may need none."""
    with pytest.raises(MissingKey, match=r"^no key for api\.deepseek\.com: set the variable DEEPSEEK_API_KEY"):
        Settings().require_key()
    Settings(base_url="http://127.0.0.1:8000").require_key()
    Settings(key=checked_key("sk-1", "https://api.deepseek.com", "a test")).require_key()


def test_what_changes_a_request():
    """A parameter whose row is new is one of them, until it is said that it is not."""
    known = {"model", "system", "temperature", "top_p", "max_tokens", "stop", "thinking", "base_url"}
    assert known <= set(IN_REQUEST)
    assert {row.name for row in rows(Settings) if row.spelled} - set(IN_REQUEST) == {"timeout", "max_cost"}
