"""Workbooks of a few kilobytes that say they hold much: the time is bounded by the cells that are read."""

from __future__ import annotations

from pathlib import Path

import pandas
import pytest

from deepseek_magic.context import workbooks
from deepseek_magic.context.workbooks import MOST_CELLS, MOST_PARSED, excess, sheets
from tests.context.books import holding


def read(path: Path):
    return list(sheets(path, pandas, "pandas"))


@pytest.mark.thorough
def test_of_wide_rows_there_are_few(book):
    """Each is as wide as its last cell is far, whatever the sheet says of its size."""
    ((name, frame, cut),) = read(holding(book, '<row><c r="XFD1"><v>1</v></c></row>' * 20_000))
    assert (name, len(frame), cut) == ("sheet S", 24, 24)
    assert frame.size <= MOST_CELLS


def test_a_row_without_an_end_is_refused(book):
    endless = holding(book, f"<row>{'<c><v>1</v></c>' * 20_000}</row>")
    assert excess(endless) == "a row with more than 16,384 cells"
    with pytest.raises(ValueError, match="a row has more than 16,384 columns"):
        read(endless)
    assert excess(holding(book, f"<row>{'<c/>' * 16_384}</row>" * 2)) == ""


def test_rows_without_cells_are_counted(book, monkeypatch):
    monkeypatch.setattr(workbooks, "MOST_CELLS", 100)
    rows = "<row><c><v>1</v></c></row>" + "<row/>" * 1_000 + "<row><c><v>2</v></c></row>"
    ((_, frame, cut),) = read(holding(book, rows))
    assert (len(frame), cut) == (0, 100)


def test_the_sheets_share_the_cells(tmp_path, monkeypatch):
    """What a short one leaves is for those after it."""
    monkeypatch.setattr(workbooks, "MOST_CELLS", 90)
    frame = pandas.DataFrame({"a": range(100)})
    with pandas.ExcelWriter(tmp_path / "a.xlsx") as book:
        frame.to_excel(book, sheet_name="one", index=False)
        frame.head(4).to_excel(book, sheet_name="two", index=False)
        frame.to_excel(book, sheet_name="three", index=False)
    assert [(len(one), cut) for _, one, cut in read(tmp_path / "a.xlsx")] == [(30, 30), (4, 0), (55, 55)]


def test_what_is_parsed_whole_may_be_of_some_size_only(book):
    """A megabyte of styles takes seconds, and a hundred megabytes of memory."""
    assert excess(book) == ""
    much = " " * (MOST_PARSED + 1)
    for part in ("xl/styles.xml", "xl/workbook.xml", "[Content_Types].xml", "xl/_rels/workbook.xml.rels"):
        assert excess(holding(book, much, part)) == f"4 MB in its part {part} when that is unpacked"
    assert excess(holding(book, f"<row/>{much}")) == ""


@pytest.mark.parametrize(
    "part",
    [
        *("xl/calcChain.xml", "xl/model/item.data", "customXml/item1.xml", "xl/comments1.xml", "xl/tables/table1.xml"),
        *("xl/threadedComments/threadedComment1.xml", "xl/richData/rdrichvalue.xml", "docProps/thumbnail.emf"),
        *("xl/vbaProject.bin", "xl/media/image1.png", "xl/pivotCache/pivotCacheRecords1.xml"),
    ],
)
def test_what_no_reader_looks_into_may_be_as_large_as_cells(book, part, monkeypatch):
    much = holding(book, " " * (MOST_PARSED + 1), part)
    assert excess(much) == ""
    assert [len(frame) for _, frame, _ in read(much)] == [1]
    monkeypatch.setattr(workbooks, "MOST_OF_A_PART", MOST_PARSED)
    assert excess(much) == f"4 MB in its part {part} when that is unpacked"
