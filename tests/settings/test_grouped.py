"""Help and the status card in groups: nothing is missing, and nothing stands apart."""

from __future__ import annotations

import pytest

from deepseek_magic.app.options import FIX_OPTIONS, MAP_OPTIONS, OPTIONS, help_text, options_at, parse
from deepseek_magic.settings.grouped import options


@pytest.mark.parametrize("table", [OPTIONS, FIX_OPTIONS, MAP_OPTIONS, options_at("fim"), options_at("continue")])
def test_every_option_is_in_one_group(table) -> None:
    groups = list(options(table))
    rows = [row.name for _, group, _ in groups for row in group]
    assert sorted(rows) == sorted(row.name for row in table)


def test_the_groups_of_a_question_are_those_of_its_rows() -> None:
    groups = {heading: [row.name for row in group] for heading, group, _ in options(OPTIONS)}
    assert list(groups) == ["What is sent", "How it answers", "Where it goes"]
    assert {"system", "context", "chat"} <= {*groups["What is sent"]}
    assert {"model", "thinking", "tools"} <= {*groups["How it answers"]}
    assert {"form", "output", "bg"} <= {*groups["Where it goes"]}


def test_the_groups_of_a_map_are_those_of_its_rows() -> None:
    groups = {heading: [row.name for row in group] for heading, group, _ in options(MAP_OPTIONS)}
    assert {"system", "fresh"} <= {*groups["What is sent"]}
    assert {"output", "jobs", "sample"} <= {*groups["Where it goes"]}


def test_the_examples_are_questions_as_they_stand() -> None:
    examples = [example for _, _, example in options(OPTIONS, examples=True)]
    assert len(examples) == 3
    for example in examples:
        parsed = parse(example.removeprefix("%deepseek "))
        assert parsed.values
        assert parsed.text
        assert example in help_text()
        assert example not in help_text(FIX_OPTIONS)
