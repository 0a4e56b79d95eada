"""Convert the output of cells to plain text of limited length."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_LEFT_OUT = re.compile(r"\[… ([\d,]+) characters? left out …\]")
# Colours and cursor movements (ECMA-48 control sequences), and operating system commands such as window titles.
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")


def plain(text: str) -> str:
    """Return ``text`` as a screen shows it in the end: without colours, progress bars in their last state."""
    text = _ESCAPES.sub("", text).replace("\r\n", "\n")
    if "\r" not in text:
        return text
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))


def left_out(count: int) -> str:
    """Return the line that replaces ``count`` omitted characters."""
    return f"[… {count:,} character{'' if count == 1 else 's'} left out …]"


def cut_middle(text: str, limit: int) -> str:
    """Return ``text`` with its middle left out, so that about ``limit`` characters stay, and a line that says so.

    The cuts fall on line ends if there are any nearby. Earlier cuts within the part that goes are counted in.
    """
    if len(text) <= limit:
        return text
    half = max(1, limit // 2)
    head, tail = text[:half], text[-half:]
    line_end, line_start = head.rfind("\n"), tail.find("\n")
    if line_end > half * 3 // 4:
        head = head[:line_end]
    if 0 <= line_start < half // 4:
        tail = tail[line_start + 1 :]
    gone = text[len(head) : len(text) - len(tail)]
    earlier = sum(int(found[1].replace(",", "")) - len(found[0]) for found in _LEFT_OUT.finditer(gone))
    return f"{head.rstrip()}\n{left_out(len(gone) + earlier)}\n{tail}"


def bundle_text(data: Mapping[str, Any]) -> str:
    """Return a display bundle (MIME type to content) as plain text; "" for widgets and our replies."""
    if any(kind.startswith("application/vnd.jupyter.widget") for kind in data):
        return ""
    if joined(data.get("text/html")).lstrip().startswith('<div class="deepseek '):
        return ""
    text = joined(data.get("text/plain"))
    if not text or text.startswith("<IPython.core.display."):
        # Markdown and Latex objects have no text of their own but their address
        text = joined(data.get("text/markdown")) or joined(data.get("text/latex")) or text
    return plain(text).rstrip("\n")


def joined(value: object) -> str:
    """Read nbformat's multi-line string: one string, or a list of them."""
    if isinstance(value, list):
        return "".join(part for part in value if isinstance(part, str))
    return value if isinstance(value, str) else ""
