"""The rows of a table (GitHub Flavored Markdown, section 4.10 Tables (extension))."""

from __future__ import annotations

import re

_DELIMITER_ROW = re.compile(r"[|:-][|: \t-]*$")
_DELIMITER = re.compile(r":?-+:?$")


def cells(row: str) -> list[str]:
    """The cells of a row: split at pipes that no backslash escapes; the backslash of ``\\|`` goes."""
    row = row.strip(" \t")
    parts: list[str] = []
    start = 0
    for match in re.finditer(r"(?<!\\)\|", row):
        parts.append(row[start : match.start()])
        start = match.end()
    parts.append(row[start:])
    if parts and not parts[0].strip(" \t"):
        del parts[0]
    if parts and not parts[-1].strip(" \t"):
        del parts[-1]
    return [part.replace("\\|", "|").strip() for part in parts]


def alignments(row: str, head: str) -> list[str] | None:
    """The alignment of each column ("", "left", "center", "right") where ``row`` is the delimiter row of ``head``.

    None where it is not one, or where the two rows do not have the same number of cells.
    """
    row = row.strip(" \t")
    if "|" not in head or not _DELIMITER_ROW.match(row) or (row[0] == "-" and row[1:2] in {"", " ", "\t"}):
        return None
    found = []
    for cell in cells(row):
        if not _DELIMITER.match(cell):
            return None
        found.append(
            {(True, True): "center", (True, False): "left", (False, True): "right"}.get(
                (cell[0] == ":", cell[-1] == ":"), ""
            )
        )
    return found if found and len(found) == len(cells(head)) else None
