"""What a change is to the names that a value is from."""

from __future__ import annotations

import pytest

from deepseek_magic.notebook.slice.effects import Change


@pytest.mark.parametrize(
    ("deep", "how", "found"),
    [
        (False, "same", Change("a", "m")),
        (True, "same", Change("a", "m", deep=True)),
        (False, "part", Change("a", "m", deep=True)),
        (False, "holds", None),
        (True, "holds", Change("a", "m")),
        (False, "copy", None),
        (True, "copy", Change("a", "m", deep=True)),
    ],
)
def test_what_a_change_is_to_an_origin(deep, how, found):
    assert Change("x", "m", deep=deep).on(("a", how)) == found
