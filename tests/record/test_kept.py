"""What is kept of a reply: to JSON and back, and what is refused of what anybody may have written."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepseek_magic.api.events import Called, Usage
from deepseek_magic.context.receipt import Entry
from deepseek_magic.record.kept import Kept, Round, ToolAnswer, block, read_block

WORDS = st.text(max_size=8)
NUMBERS = st.integers(0, 10**6)
TUPLES = st.lists(WORDS, max_size=3).map(tuple)


@st.composite
def kept_replies(draw):
    """A reply with everything that it may have; times are whole milliseconds."""
    text, thinking = draw(st.text(max_size=40)), draw(st.text(max_size=40))
    ends = sorted(draw(st.lists(st.integers(0, len(text)), max_size=3)))
    thought = sorted(draw(st.lists(st.integers(0, len(thinking)), min_size=len(ends), max_size=len(ends))))
    answers = st.lists(st.builds(ToolAnswer, WORDS, WORDS, WORDS, WORDS), max_size=3).map(tuple)
    seconds = NUMBERS.map(lambda count: count / 1000)
    return Kept(
        request=draw(st.text("0123456789abcdef", min_size=64, max_size=64)),
        text=text,
        answered="2026-11-29T20:00:00Z",
        parts=draw(st.dictionaries(WORDS, WORDS, max_size=4)),
        thinking=thinking,
        seconds=draw(seconds),
        model=draw(WORDS),
        fingerprint=draw(WORDS),
        finish_reason=draw(WORDS),
        usage=draw(st.none() | st.builds(Usage, NUMBERS, NUMBERS, st.none() | NUMBERS)),
        rounds=tuple(Round(*both, draw(answers)) for both in zip(ends, thought, strict=True)),
        calls=tuple(draw(st.lists(st.builds(Called, WORDS, WORDS, seconds, st.booleans()), max_size=3))),
        notes=draw(TUPLES),
        remarks=draw(TUPLES),
        entries=tuple(draw(st.lists(st.builds(Entry, WORDS, WORDS, NUMBERS, NUMBERS, TUPLES, TUPLES), max_size=3))),
    )


def written(kept):
    """The metadata of ``kept`` as a file holds it."""
    return json.loads(json.dumps({"version": 1, **block(kept)}))


@given(kept=kept_replies())
def test_what_is_written_is_read(kept):
    """All of it, exactly, after a turn through JSON."""
    assert read_block(written(kept), kept.text) == kept


@given(kept=kept_replies())
def test_a_front_end_may_write_the_numbers_in_its_own_way(kept):
    """JavaScript has one kind of number: there is none that it would write differently."""

    def numbers(value):
        for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            yield from numbers(one)
        if isinstance(value, float):
            yield value

    assert list(numbers(block(kept))) == []


KEPT = Kept(
    request="0" * 64,
    text="text",
    answered="2026-11-29T20:00:00Z",
    thinking="thought",
    usage=Usage(1, 2),
    rounds=(Round(2, 3, (ToolAnswer("f", "{}", "result of f", "1"),)),),
    calls=(Called("f()", "1"),),
)


def test_a_plain_reply_takes_little_room():
    """What is empty is left out."""
    plain = Kept("0" * 64, "text", "2026-11-29T20:00:00Z", model="m")
    assert set(block(plain)) == {"request", "answered", "model", "finish_reason", "usage", "checksum"}


def test_a_result_stands_there_once():
    """A long result of a tool is named by its number in the list of calls."""
    kept = Kept(**{name: getattr(KEPT, name) for name in KEPT.__dataclass_fields__} | {
        "rounds": (Round(0, 0, (ToolAnswer("f", "{}", "t", "long " * 100),)),), "calls": (Called("f()", "long " * 100),)
    })  # fmt: skip
    assert json.dumps(block(kept)).count("long long") == json.dumps("long " * 100).count("long long")
    assert read_block(written(kept), kept.text) == kept


@pytest.mark.parametrize("field", [name for name in block(KEPT) if name != "checksum"])
def test_each_field_is_covered_by_the_checksum(field):
    """A change by hand is seen; a front end that leaves a field out is one, too."""
    found = written(KEPT)
    del found[field]
    with pytest.raises(ValueError, match=r"^was changed since it was kept$"):
        read_block(found, KEPT.text)
    with pytest.raises(ValueError, match=r"^was changed since it was kept$"):
        read_block(written(KEPT), "other text")


@pytest.mark.parametrize(
    ("version", "why"), [(2, "is of a newer version"), ("1", "is of another version"), (None, "is of another version")]
)
def test_other_versions_are_left_alone(version, why):
    """Not guessed at."""
    with pytest.raises(ValueError, match=f"^{why}$"):
        read_block({**written(KEPT), "version": version}, KEPT.text)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)


@given(field=st.sampled_from([name for name in block(KEPT) if name != "checksum"]), junk=JUNK)
def test_whatever_stands_in_a_field_is_refused_or_has_its_form(field, junk):
    """Also where the checksum was made to fit, as whoever wants to can."""
    from deepseek_magic.record import kept as module

    found = {**written(KEPT), field: junk}
    content = {name: found[name] for name in module._FIELDS if name in found}
    found["checksum"] = module._checksum(content, KEPT.text)
    made = None
    with suppress(ValueError):
        made = read_block(found, KEPT.text)
    assert made is None or read_block(written(made), made.text) == made


@pytest.mark.parametrize("field", ["rounds", "calls", "entries", "usage", "parts"])
def test_a_form_that_is_not_known_is_said(field):
    """In words that fit behind "each"."""
    from deepseek_magic.record import kept as module

    found = {**written(KEPT), field: [{}]}
    found["checksum"] = module._checksum({name: found[name] for name in module._FIELDS if name in found}, KEPT.text)
    with pytest.raises(ValueError, match=r"^has a form that is not known$"):
        read_block(found, KEPT.text)
