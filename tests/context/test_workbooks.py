"""Workbooks of a few kilobytes that say they hold much: the time is bounded by the cells that are read."""

from __future__ import annotations

import tracemalloc
import zipfile
from pathlib import Path

import pandas
import pytest

from deepseek_magic.context import workbooks
from deepseek_magic.context.workbooks import MOST_CELLS, MOST_PARSED, excess, sheets

SHEET = "xl/worksheets/sheet1.xml"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A workbook whose one sheet has the cells A1 and A2; `holding` replaces its rows."""
    path = tmp_path / "a.xlsx"
    pandas.DataFrame({"a": [1]}).to_excel(path, sheet_name="S", index=False)
    return path


def holding(path: Path, rows: str, part: str = SHEET) -> Path:
    """Return a copy of the workbook with these rows in its sheet, or with a part of this text."""
    made = path.with_name("made.xlsx")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in dict.fromkeys([*old.namelist(), part]):
            text = old.read(name).decode() if name in old.namelist() else ""
            if name == part == SHEET:
                before, _, rest = text.partition("<sheetData>")
                text = f"{before}<sheetData>{rows}</sheetData>{rest.partition('</sheetData>')[2]}"
            new.writestr(name, rows if name == part != SHEET else text)
    return made


def read(path: Path):
    return list(sheets(path, pandas, "pandas"))


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


@pytest.mark.parametrize(
    "rows",
    [
        "<row>" + "<c/>" * 2_000_000 + "</row>",
        "<row>" + "<c><v/>" * 20_000 + "</c>" * 20_000 + "</row>",
        "<row>" + ("<c/>" * 10_000 + "<row/>") * 100 + "</row>",
        "<row>" + ("<c/>" * 10_000 + "<!-- </row><row> -->") * 100 + "</row>",
        "<row>" + "<v/>" * 500_000 + "</row>",
        "<c/>" * 2_000_000,
    ],
    ids=["wide", "deep", "nested", "with comments", "without cells", "without a row"],
)
def test_a_row_is_refused_before_it_is_held(book, rows):
    """A megabyte of its cells takes ninety of memory in the reader, and a second: here what is held does not grow."""
    made = holding(book, rows)
    assert made.stat().st_size < 100_000
    tracemalloc.start()
    assert excess(made).startswith(("a row with more", "more elements in a row"))
    held = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert held < 5_000_000


@pytest.mark.parametrize("strings", ["<si/>" * 1_000_001, "<si>" + "<r/>" * 3_000_001 + "</si>"], ids=["many", "long"])
def test_strings_are_counted_before_they_are_held(book, strings):
    whole = '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{}</sst>'
    said = "more than 1,000,000 strings, or pieces of strings"
    assert excess(holding(book, whole.format(strings), "xl/sharedStrings.xml")) == said
    assert excess(holding(book, whole.format("<si><t>a</t></si>" * 10_000), "xl/sharedStrings.xml")) == ""


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


def test_what_is_read_at_once_is_measured_before(book):
    far = holding(book, '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')
    assert excess(far) == ""
    assert excess(far, at_once=True) == "a sheet that spans 17,179,869,184 cells"
    assert excess(book, at_once=True) == ""
    with pytest.raises(ValueError, match="it has a sheet that spans"):
        list(sheets(far, None, "polars"))
