"""What of a workbook would be held at once: counted as its reader would find it, before that."""

from __future__ import annotations

import tracemalloc
import zipfile

import pandas
import pytest

from deepseek_magic.context.workbooks import excess, sheets
from tests.context.books import SHEET, holding


@pytest.mark.thorough
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


@pytest.mark.parametrize("kind", ["worksheet", "styles"])
def test_a_sheet_of_another_name_is_found_as_its_reader_finds_it(book, kind):
    """By the relationships of the workbook, whatever they say of its kind."""
    wide, made = holding(book, "<row>" + "<c><v>1</v></c>" * 20_000 + "</row>"), book.with_name("renamed.xlsx")
    with zipfile.ZipFile(wide) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            text = old.read(name).decode().replace("worksheets/sheet1.xml", "S/One.dat")
            new.writestr(name.replace(SHEET, "xl/S/One.dat"), text.replace("ships/worksheet", f"ships/{kind}"))
    with pytest.raises(ValueError, match="a row has more than 16,384 columns"):
        list(sheets(made, pandas, "pandas"))
    assert excess(made) == "a row with more than 16,384 cells"


@pytest.mark.thorough
@pytest.mark.parametrize("strings", ["<si/>" * 1_000_001, "<si>" + "<r/>" * 3_000_001 + "</si>"], ids=["many", "long"])
def test_strings_are_counted_before_they_are_held(book, strings):
    whole = '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{}</sst>'
    said = "more than 1,000,000 strings, or pieces of strings"
    assert excess(holding(book, whole.format(strings), "xl/sharedStrings.xml")) == said
    assert excess(holding(book, whole.format("<si><t>a</t></si>" * 10_000), "xl/sharedStrings.xml")) == ""


def test_what_is_read_at_once_is_measured_before(book):
    far = holding(book, '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')
    assert excess(far) == ""
    said = "a sheet that spans more than 4,000,000 cells"
    assert excess(far, at_once=True) == said
    assert excess(book, at_once=True) == ""
    for cell in ('r="XFD&#49;048576"', "r = '&#x58;FD1048576'", 'r="xfd1048576"', 'x:r="XFD1048576" xmlns:x="x"'):
        assert excess(holding(book, f"<row><c {cell}/></row>"), at_once=True) == said
    assert excess(holding(book, '<row r="1000000"/><row><c r="E1"/></row>'), at_once=True) == said
    torn = holding(book, "<row><c r='A1'/></row>&none;")
    assert excess(torn) == ""
    assert excess(torn, at_once=True) == f"a part {SHEET} that is not well-formed XML"
    far = holding(book, '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')
    with pytest.raises(ValueError, match="it has a sheet that spans"):
        list(sheets(far, None, "polars"))
