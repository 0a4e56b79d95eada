"""The results of a map: a list in order, tables of it, and the line that says what happened."""

from __future__ import annotations

import copy
import pickle
from collections import namedtuple
from dataclasses import dataclass

import pytest

from deepseek_magic.api.catalogue import Cost
from deepseek_magic.api.events import Usage
from deepseek_magic.batch.results import STOPPED, Mapped, ValueOutcome, dtype_of, fields_of

Pair = namedtuple("Pair", "a b")


@dataclass
class Review:
    topic: str
    stars: int = 0


class Unshown:
    def __repr__(self) -> str:
        raise RuntimeError


def test_an_outcome_has_failed_without_a_result():
    """An error and a stop are failures; an empty reply without an error is a result."""
    assert [
        one.failed for one in (ValueOutcome(), ValueOutcome("x", cut="early"), ValueOutcome(error="no"), STOPPED)
    ] == [0, 0, 1, 1]


def test_results_are_a_list_that_shows_its_first_five():
    """It equals the list of its results, and one that cannot be shown hides no other."""
    assert Mapped([1, "a"]) == [1, "a"]
    assert repr(Mapped(range(5))) == "[0, 1, 2, 3, 4]"
    assert repr(Mapped(range(1234))) == "[0, 1, 2, 3, 4, … (1,234 in all)]"
    assert repr(Mapped([Unshown(), None])) == "[<Unshown>, None]"


def test_the_line_about_a_run_without_trouble_is_short():
    """What did not happen is not said."""
    assert Mapped().summary() == "0 values · 0 asked"
    assert Mapped(["a"], asked=1, usage=Usage(10, None)).summary() == "1 value · 1 asked · 10 + 0 tokens"


def test_the_line_about_a_run_says_all_that_happened():
    """Each fact stands in it with its figure, and the first position of what failed and of what was cut."""
    mapped = Mapped(
        [None] * 2000,
        errors={3: "refused", 5: "no"},
        cut={7: "at the token limit"},
        usage=Usage(12_345, 6),
        cost=Cost(0.5, 1.0),
        asked=1995,
        waiting=2,
        missing=1,
        secrets=1,
        masked=2,
    )
    assert mapped.summary().split(" · ") == [
        *("2,000 values", "1,995 asked", "1 missing", "2 failed (the first at position 3: refused)"),
        *("1 cut at the token limit (the first at position 7)", "1 secret masked in 2 values"),
        *("2 not asked yet: run it again to go on", "12,345 + 6 tokens", "about $0.50 to $1.00"),
    ]


def test_a_series_and_a_frame_keep_labels_and_order():
    """Labels may repeat; a column has the type that its values have, and ``None`` stays ``None``."""
    mapped = Mapped([Review("a", 1), None, Review("b", 2)], labels=[7, 3, 7], fields=("stars",))
    assert mapped.to_series().index.tolist() == [7, 3, 7]
    frame = mapped.to_frame()
    assert frame.index.tolist() == [7, 3, 7]
    assert {name: frame[name].tolist() for name in frame} == {"stars": [1, None, 2], "topic": ["a", None, "b"]}
    assert Mapped([1, 2]).to_frame()["value"].dtype == "int64"
    assert list(Mapped().to_frame()) == ["value"]
    assert (dtype_of([1, None]), dtype_of([1])) == (object, None)


def test_the_fields_of_one_result():
    """A mapping, a dataclass and a named tuple have fields; anything else is a single value."""
    assert fields_of({1: 2}) == {"1": 2}
    assert fields_of(Review("t", 3)) == {"topic": "t", "stars": 3}
    assert fields_of(Pair(1, 2)) == {"a": 1, "b": 2}
    assert (fields_of([1]), fields_of(None)) == ({"value": [1]}, {})


def test_it_is_shown_except_where_its_summary_was():
    """It declines IPython's question where the summary stands, and a copy knows nothing of that."""
    mapped = Mapped(["a"], asked=1, errors={0: "x"})
    with pytest.raises(NotImplementedError):
        mapped._ipython_display_()
    mapped.shown(lambda: True)
    mapped._ipython_display_()
    for other in (pickle.loads(pickle.dumps(Mapped(["a"], errors={0: "x"}))), copy.copy(mapped)):
        assert (other, other.errors) == (["a"], {0: "x"})
        with pytest.raises(NotImplementedError):
            other._ipython_display_()
