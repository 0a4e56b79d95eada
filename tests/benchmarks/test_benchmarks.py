"""The benchmarks run, and what they count is within the limits. Times are measured, not judged: machines differ."""

from __future__ import annotations

import dataclasses
import json

import pytest

from tests.benchmarks import plan, report, texts
from tests.benchmarks.contenders import BARE, BARE_MARKDOWN, CONTENDERS, NAIVE, OURS
from tests.benchmarks.counting import most_within_a_second
from tests.benchmarks.limits import Check, Results, checks, exponent
from tests.benchmarks.replies import found

_SIZES = plan.SIZES
_NOISE = {"least": 0.01, "median": 0.01, "most": 0.01, "load": None}


@pytest.fixture(scope="module")
def results() -> Results:
    """One short run."""
    return plan.run(plan.quick(), quiet=True)


@pytest.mark.parametrize("kind", texts.KINDS)
@pytest.mark.parametrize("tokens", [50, *_SIZES])
def test_a_reply_has_exactly_its_tokens(kind: str, tokens: int) -> None:
    """Figures for each token are worth nothing if the text is longer or shorter than it says."""
    assert len(texts.text(kind, tokens)) == tokens * texts.TOKEN


def test_the_busiest_second_is_found_wherever_it_lies() -> None:
    """A second is open at its end, and begins at any message."""
    assert most_within_a_second([]) == 0
    assert most_within_a_second([0.0, 1.0, 2.0]) == 1
    assert most_within_a_second([0.0, 0.9, 1.5, 1.6, 1.8, 3.0]) == 4


@pytest.mark.slow
def test_every_row_is_there(results: Results) -> None:
    """Each contender has rows, ours and the bare reader at every length of every kind."""
    assert {row.contender for row in results.rows} == {contender.name for contender in CONTENDERS}
    for contender in (OURS, BARE):
        rows = found(results.rows, contender=contender.name, delay=0.0)
        assert [(row.kind, row.tokens) for row in rows] == [
            (kind, size) for kind in ("prose", "code", "table") for size in _SIZES
        ]
    assert found(results.rows, contender=OURS.name, delay=plan.PACE)


@pytest.mark.slow
def test_no_reply_loses_its_text(results: Results) -> None:
    """Ours and the bare reader end with the exact reply; the naive loop may lose its end, and is not asked."""
    assert [row for row in results.rows if row.contender != NAIVE.name and not row.whole] == []


@pytest.mark.slow
def test_loading_imports_nothing_heavy(results: Results) -> None:
    """The modules of the first question are not those of loading."""
    assert results.load.heavy == ()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["prose", "code", "table"])
def test_bytes_grow_with_the_reply_and_not_faster(results: Results, kind: str) -> None:
    """Repainting everything would come near a power of 2.

    How often a reply at full speed is painted depends on how busy the machine is, so the pair of lengths of
    CONTRIBUTING.md gets some room here; the table of the benchmarks judges it strictly.
    """
    size = {row.tokens: row.bytes for row in found(results.rows, contender=OURS.name, kind=kind, delay=0.0)}
    assert exponent(size[500], size[8000], times=16) <= 1.1
    assert exponent(size[2000], size[8000]) <= 1.3


@pytest.mark.slow
def test_the_bytes_of_every_reply_are_within_the_allowance(results: Results) -> None:
    """At full speed and at 200 tokens a second, long or short: the limit of CONTRIBUTING.md, times apart."""
    assert {row.kind: row.allowed for row in found(results.rows, contender=OURS.name) if row.allowed > 1} == {}


@pytest.mark.slow
def test_text_is_shown_all_the_while(results: Results) -> None:
    """A reply of five seconds is painted many times, and the status line's own updates are not taken for text."""
    (row,) = found(results.rows, contender=OURS.name, delay=plan.SLOW)
    assert row.paints >= 10
    assert 0 < row.still < row.wall / 2


@pytest.mark.slow
def test_a_map_is_right_and_keeps_results_alone(results: Results) -> None:
    """One request in twenty fails, and none of its results is wrong."""
    mapping = results.mapping
    assert mapping.wrong == 0
    assert mapping.values < mapping.requests < 1.2 * mapping.values
    assert mapping.grown * 1e6 < mapping.many * 10_000


@pytest.mark.slow
def test_a_reply_is_a_handful_of_messages(results: Results) -> None:
    """A message for each token would be thousands; the naive loop shows that the count can tell."""
    ours = found(results.rows, contender=OURS.name, tokens=8000)
    assert max(row.messages for row in ours) < 400
    assert max(row.painted for row in found(results.rows, contender=OURS.name)) <= 10
    assert min(row.messages for row in found(results.rows, contender=NAIVE.name)) > 400
    for contender in (BARE, BARE_MARKDOWN):
        assert {row.messages for row in found(results.rows, contender=contender.name)} == {4}


@pytest.mark.slow
def test_the_report_names_every_limit(results: Results) -> None:
    """The table has a line for each row and each figure, and the JSON holds the same."""
    table = report.table(results, _NOISE, _NOISE)
    judged = checks(results)
    for check in judged:
        assert check.name in table
    assert table.count("\n") >= len(results.rows) + len(judged)
    whole = json.loads(report.document(results, _NOISE, _NOISE))
    assert len(whole["rows"]) == len(results.rows)
    fields = {field.name for field in dataclasses.fields(Check)} | {"kept"}
    assert all(set(check) == fields for check in whole["checks"])
