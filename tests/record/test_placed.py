"""What an output says of a turn, and of what a command changed: read back as it was, or not at all."""

from __future__ import annotations

import copy
import json

import pytest

from deepseek_magic.record.placed import Mark, is_mark, is_placed, mark_of, named, read_mark, read_placed, sealed

SAID = {
    "version": 1,
    "conversation": "main",
    "turn": 3,
    "cell": "c1",
    "state": "cut",
    "model": "m",
    "request": "ab",
    "answered": "2026-11-29T20:00:00Z",
    "fresh": True,
    "finish_reason": "length",
    "usage": {"prompt": 3},
}
MARK = Mark("main", "2026-11-29T20:00:00Z", (named(1, "one", "c1"),), "before", (named(2, "two", ""),))


def through_a_file(found):
    return json.loads(json.dumps(found))


def test_a_place_is_read_as_it_was_written():
    placed = read_placed(through_a_file(sealed(SAID, "text\n")), "text\n")
    assert (placed.conversation, placed.turn, placed.cell, placed.state) == ("main", 3, "c1", "cut")
    assert (placed.origin, placed.fresh, placed.answered, placed.text) == ("model", True, SAID["answered"], "text\n")


def test_a_mark_is_read_as_it_was_written():
    found = through_a_file(mark_of(MARK, "said"))["deepseek_magic"]
    assert is_mark(found)
    assert read_mark(found, "said") == MARK
    assert not is_mark(sealed(SAID, ""))
    assert is_placed(sealed(SAID, ""))
    assert not is_placed({**SAID, "state": "failed"})
    assert not is_placed({**SAID, "conversation": ""})


@pytest.mark.parametrize("name", ["conversation", "turn", "cell", "state", "model", "request", "answered", "fresh"])
def test_what_is_changed_by_hand_is_not_read(name):
    """Each of the fields that say where it stands, one that is taken away, and the text."""
    found = sealed(SAID, "text")
    for other in ({**found, name: "other"}, {one: found[one] for one in found if one != name}):
        with pytest.raises(ValueError, match="was changed since it was saved"):
            read_placed(other, "text")
    with pytest.raises(ValueError, match="was changed since it was saved"):
        read_placed(found, "another text")


@pytest.mark.parametrize(
    "change",
    [
        *({"turn": value} for value in (0, -1, True, "1", 1.0, None, 10**9)),
        *({"state": value} for value in ("failed", "partial", 1, None)),
        *({"origin": value} for value in ("mine", 1)),
        *({"answered": value} for value in ("yesterday", 5, None)),
        *({name: value} for name in ("conversation", "cell", "model", "request") for value in (1, None, [], "x" * 501)),
    ],
)
def test_a_form_that_is_not_known_is_refused_whoever_sealed_it(change):
    """Anybody can make a seal."""
    with pytest.raises(ValueError, match="has a form that is not known"):
        read_placed(sealed({**SAID, **change}, "text"), "text")


@pytest.mark.parametrize("gone", [1, "x", [1], [[1, "a"]], [["1", "a", "c"]], [[1, 2, "c"]], [[True, "a", "c"]], None])
def test_so_is_that_of_a_mark(gone):
    found = copy.deepcopy(mark_of(MARK, "said")["deepseek_magic"])
    for name in ("gone", "turns"):
        with pytest.raises(ValueError, match="has a form that is not known"):
            read_mark(sealed({**found, name: gone}, "said"), "said")


def test_versions():
    """A newer one is left alone, and so is what was never sealed."""
    for version, why in ((2, "is of a newer version"), (0, "is of another version"), ("x", "is of another version")):
        with pytest.raises(ValueError, match=why):
            read_placed(sealed({**SAID, "version": version}, "text"), "text")
    with pytest.raises(ValueError, match="is of another version"):
        read_placed(SAID, "text")
