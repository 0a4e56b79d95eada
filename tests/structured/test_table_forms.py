"""A table in every form that a model gives one: its rows, what is said of it, and what is not taken for one."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import pytest

from deepseek_magic.structured.frames import to_frame
from deepseek_magic.structured.problem import Misfit
from deepseek_magic.structured.schema import ROWS
from deepseek_magic.structured.shape import Shape

TABLE = replace(Shape.of(ROWS), table=True)
TWO = {"a": [1, 3], "b": ["x", "y"]}
TURNED = "the reply's columns were turned into rows"
TOGETHER = "the names and the rows stood apart, and were put together"
LABELS = "the labels of the rows were ignored"
LINES, CSV, MARKDOWN = (f"the reply was a table in {form}" for form in ("JSON lines", "CSV", "markdown"))


@dataclass
class Row:
    code: str
    size: float | None = None
    sold: bool = False


@dataclass
class Sheet:
    title: str
    rows: list[Row]


def frame(text, shape=TABLE):
    result = shape.read(text)
    return to_frame(result.data, shape.schema).to_dict("list"), result.notes


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        ('{"items": [{"a": 1, "b": "x"}, {"a": 3, "b": "y"}]}', ()),
        ('[{"a": 1, "b": "x"}, {"a": 3, "b": "y"}]', ()),
        ('{"rows": [{"a": 1, "b": "x"}, {"a": 3, "b": "y"}]}', ()),
        ('{"result": {"table": [{"a": 1, "b": "x"}, {"a": 3, "b": "y"}]}}', ()),
        (
            '{"title": "T", "rows": [{"a": 1, "b": "x"}, {"a": 3, "b": "y"}]}',
            ("beside the rows title was ignored",),
        ),
        ('{"a": [1, 3], "b": ["x", "y"]}', (TURNED,)),
        ('{"items": {"a": [1, 3], "b": ["x", "y"]}}', (TURNED,)),
        ('{"a": {"0": 1, "1": 3}, "b": {"0": "x", "1": "y"}}', (TURNED,)),
        ('{"1": {"a": 1, "b": "x"}, "2": {"a": 3, "b": "y"}}', (LABELS,)),
        ('{"columns": ["a", "b"], "data": [[1, "x"], [3, "y"]]}', (TOGETHER,)),
        ('{"columns": ["a", "b"], "index": [0, 1], "data": [[1, "x"], [3, "y"]]}', (TOGETHER,)),
        ('{"headers": ["a", "b"], "rows": [[1, "x"], [3, "y"]]}', (TOGETHER,)),
        ('[["a", "b"], [1, "x"], [3, "y"]]', ("the first row was read as the names of the columns",)),
        ('{"a": 1, "b": "x"}\n\n{"a": 3, "b": "y"}\n', (LINES,)),
        ('{"a": 1, "b": "x"},\n{"a": 3, "b": "y"},\n', (LINES,)),
        ('```jsonl\n{"a": 1, "b": "x"}\n{"a": 3, "b": "y"}\n```', (LINES,)),
        ("a,b\n1,x\n3,y\n", (CSV,)),
        ("a;b\r\n1;x\r\n3;y", (CSV,)),
        ("Here:\n\n```csv\na, b\n1, x\n3, y\n```\n", (CSV,)),
        ("```tsv\na\tb\n1\tx\n3\ty\n```", (CSV,)),
        ("| a | b |\n|---|---|\n| 1 | x |\n| 3 | y |", (MARKDOWN,)),
        ("The table:\n\n| **a** | b |\n|:--|--:|\n| 1 | `x` |\n| **3** | y |\n\nThat is all, really.", (MARKDOWN,)),
        ("```markdown\n| a | b |\n|---|---|\n| 1 | x |\n| 3 | y |\n```", None),
    ],
)
def test_every_form_gives_the_same_rows(text, notes):
    columns, said = frame(text)
    assert columns == TWO
    assert notes is None or said == notes


def test_cells_have_types_where_the_whole_column_has():
    columns, _ = frame("n,zip,x,ok,when,none\n1,01234,0.50,true,2026-01-31,\n,5,1e3,FALSE,,\n")
    assert columns["n"][0] == 1
    assert math.isnan(columns["n"][1])
    assert columns["zip"] == ["01234", "5"]
    assert columns["x"] == [0.5, 1000.0]
    assert columns["ok"] == [True, False]


def test_the_schema_says_what_the_cells_are():
    shape = replace(Shape.of(list[Row]), table=True)
    rows = shape.read("| code | size | sold |\n|---|---|---|\n| 12 | 1.5 | true |\n| 13 | - | false |").value
    assert rows == [Row("12", 1.5, sold=True), Row("13")]
    assert shape.read('{"columns": ["code"], "data": [["7"]]}').value == [Row("7")]
    with pytest.raises(Misfit, match=r"items: expected a value \(a list\), found nothing"):
        shape.read('{"columns": ["codes"], "data": [["7"]]}')


def test_whole_numbers_keep_their_digits_and_what_cannot_be_read_stays_text():
    """As floats, those of more than 16 digits would be others, and those of more than 308 infinite."""
    for digits in (100, 101, 400, 4_000):
        (row,) = replace(Shape.of(ROWS), table=True).read(f"| a | b |\n|---|---|\n| {'7' * digits} | 1 |").value
        assert row == {"a": int("7" * digits), "b": 1}
    (row,) = replace(Shape.of(ROWS), table=True).read(f"| a | b |\n|---|---|\n| {'7' * 5_000} | 1 |").value
    assert row == {"a": "7" * 5_000, "b": 1}


def test_rows_go_into_the_one_list_of_an_object():
    shape = replace(Shape.of({"type": "object", "properties": {"rows": ROWS}, "required": ["rows"]}), table=True)
    assert shape.read("a,b\n1,2").value == {"rows": [{"a": 1, "b": 2}]}
    with pytest.raises(Misfit):
        replace(Shape.of(Sheet), table=True).read("code,size\n1,2")


@pytest.mark.parametrize(
    "text",
    [
        "I cannot do that, sorry.",
        "Sorry, no.\nPlease, again.",
        '{"error": "no such table"}',
        '{"a": 1, "b": 2}',
        '{"a": [1, 2], "b": [3]}',
        '{"columns": ["a", "b"], "data": [[1, 2], [3]]}',
        '{"columns": ["a", "a"], "data": [[1, 2]]}',
        '{"x": [{"a": 1}], "y": [{"a": 2}]}',
        '[["a", "b"], ["c", "d"]]',
        "| a | b |\n|---|---|\n| 1 | 2 |\n\n| c | d |\n|---|---|\n| 1 | 2 |",
        "```csv\na,b\n1,2\n```\n```csv\nc,d\n1,2\n```",
        "a,b\n1,2,3",
        '{"a": 1}\n{"a": 2',
        "[]x",
    ],
)
def test_what_could_mean_several_things_is_no_table(text):
    with pytest.raises(Misfit):
        TABLE.read(text)


def test_without_the_wish_for_a_table_the_reply_must_be_json():
    for text in ("a,b\n1,2", '{"a": [1]}'):
        with pytest.raises(Misfit):
            Shape.of(ROWS).read(text)
