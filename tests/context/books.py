"""Workbooks that say they hold much."""

from __future__ import annotations

import zipfile
from pathlib import Path

#: The part that is the sheet of a workbook with one.
SHEET = "xl/worksheets/sheet1.xml"


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
