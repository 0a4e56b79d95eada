"""Workbooks of a few kilobytes that say they hold much: the time is bounded by the cells that are read."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pandas
import pytest

from deepseek_magic.context import workbooks
from deepseek_magic.context.workbooks import MOST_CELLS, MOST_OF_OTHERS, excess, sheets

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
        for name in old.namelist():
            text = old.read(name).decode()
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
    with pytest.raises(ValueError, match="a row has more than 16,384 columns"):
        read(holding(book, f"<row>{'<c><v>1</v></c>' * 20_000}</row>"))


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


def test_what_holds_no_cells_may_be_of_some_size_only(book):
    """A megabyte of styles takes seconds, and a hundred megabytes of memory."""
    assert excess(book) == ""
    much = " " * (MOST_OF_OTHERS + 1)
    assert excess(holding(book, much, "xl/styles.xml")) == "4 MB when it is unpacked"
    assert excess(holding(book, f"<row/>{much}")) == ""


def test_what_is_read_at_once_is_measured_before(book):
    far = holding(book, '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')
    assert excess(far) == ""
    assert excess(far, at_once=True) == "a sheet that spans 17,179,869,184 cells"
    assert excess(book, at_once=True) == ""
    with pytest.raises(ValueError, match="it has a sheet that spans"):
        list(sheets(far, None, "polars"))
