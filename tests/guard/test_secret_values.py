"""Values judged by themselves, and by how certain their name is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from deepseek_magic.guard.secret_names import Certainty
from deepseek_magic.guard.secret_values import (
    distinctive,
    is_secret,
    is_secret_cell,
    mixes_characters,
    path,
    placeholder,
    plain,
    random,
    sentence,
)

MADE = "aB3dE5fG7hI9"
LONGER = MADE + "jK1mN"


@pytest.mark.parametrize(
    ("judge", "yes", "no"),
    [
        (placeholder, ["changeme", "<token>", "${KEY}", "xxxx", "your-key-here", "%(key)s", "sk-…"], ["tiger", MADE]),
        (sentence, ["This field is required.", "Wrong password"], ["tiger", "open sesame", MADE]),
        (path, ["/etc/passwd", "~/keys/mine", r"C:\Users\me"], ["tiger", "a/b", MADE]),
        (plain, ["production", "gpt-4", "1234", "LOCAL_HOST", "https://example.org"], [MADE, "p4s5w0rd!x"]),
        (random, [MADE, "a1b2c3d4e5"], ["production", "a1b2", "a1b2 c3d4e5", "1234567890"]),
        (distinctive, [MADE, "#!tiger-7$"], ["a#1", "production", "a#a#a#a#a#"]),
        (mixes_characters, ["tiger7", "123456", MADE], ["tiger", "a1b2", "12345", "changeme"]),
    ],
)
def test_a_value_by_itself(judge: Callable[[str], bool], yes: list[str], no: list[str]) -> None:
    assert [value for value in yes if not judge(value)] == []
    assert [value for value in no if judge(value)] == []


@pytest.mark.parametrize(
    ("certainty", "exact", "loose", "cell"),
    [
        (Certainty.PASSWORD, ["tiger", "tiger7", "openSesameNow", MADE, LONGER], ["tiger7", MADE, LONGER], "tiger"),
        (Certainty.SECRET, ["tiger7", "openSesameNow", MADE, LONGER], [MADE, LONGER], "tiger7"),
        (Certainty.RANDOM, [MADE, LONGER], [MADE, LONGER], MADE),
        (Certainty.LONG, [LONGER], [LONGER], LONGER),
    ],
)
def test_a_more_certain_name_makes_more_values_secret(
    certainty: Certainty, exact: list[str], loose: list[str], cell: str
) -> None:
    values = ["changeme", "tiger", "tiger7", "openSesameNow", MADE, LONGER]
    assert [value for value in values if is_secret(value, certainty, exact=True)] == exact
    assert [value for value in values if is_secret(value, certainty, exact=False)] == loose
    first = next(value for value in values if is_secret_cell(value, certainty))
    assert first == cell
