"""Read link destinations, titles, labels and definitions (CommonMark 0.31.2, sections 4.7 and 6.3).

Also backslash escapes (2.4) and character references (2.5).
"""

from __future__ import annotations

import re
from html.entities import html5
from typing import NamedTuple
from urllib.parse import quote

_UNPRINTABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_STANDIN = re.compile(r"\\([!-/:-@\[-`{-~])|&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_LABEL = re.compile(r"\[((?:[^\[\]\\]|\\.){0,999}?)\]", re.DOTALL)
_BRACKETED = re.compile(r"<((?:[^<>\\\n]|\\.)*)>")
_TITLES = {
    '"': re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL),
    "'": re.compile(r"'((?:[^'\\]|\\.)*)'", re.DOTALL),
    "(": re.compile(r"\(((?:[^()\\]|\\.)*)\)", re.DOTALL),
}
_GAP = re.compile(r"[ \t]*\n?[ \t]*")
_LINE_END = re.compile(r"[ \t]*(?:\n|$)")
_BLANKS = re.compile(r"[ \t\n\r]+")
_ESCAPED = re.compile(r"%(?![0-9A-Fa-f]{2})")
MAX_PARENTHESES = 32


class Target(NamedTuple):
    """The target of a link: its address with escapes resolved, and its title ("" for none)."""

    address: str
    title: str


def printable(text: str) -> str:
    """Return ``text`` with U+FFFD for NUL (2.3), lone surrogates and the control characters that no browser shows.

    Line ends become LF, as in an HTML parser. The text then has no control characters, so that `style` can use some to
    mark what it inserts after cleaning.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNPRINTABLE.sub("\ufffd", text)


def character(reference: str) -> str | None:
    """Return the character for a complete ``&…;`` (2.5 Entity and numeric character references), or ``None``."""
    if reference[1] != "#":
        return html5.get(reference[1:])
    number = int(reference[3:-1], 16) if reference[2] in "xX" else int(reference[2:-1])
    if number == 0 or number > 0x10FFFF:
        return "\ufffd"
    return printable(chr(number))


def reference_at(text: str, position: int) -> tuple[str, int] | None:
    """Return the character for the reference at ``position``, and the end of the reference; ``None`` if invalid."""
    match = _REFERENCE.match(text, position)
    found = character(match[0]) if match else None
    return (found, match.end()) if match and found is not None else None


def resolved(text: str) -> str:
    """Return ``text`` with its backslash escapes and character references replaced."""
    if "\\" not in text and "&" not in text:
        return text
    return _STANDIN.sub(lambda match: match[1] or character(match[0]) or match[0], text)


def encoded(address: str) -> str:
    """Return ``address`` with every character that a URL may not hold percent-encoded; escapes in it are kept.

    A lone surrogate, which cannot be encoded, becomes a question mark.
    """
    return quote(_ESCAPED.sub("%25", address), safe="%;/?:@&=+$,-_.!~*'()#", errors="replace")


def normalised(label: str) -> str:
    """Return the label for comparison: case-folded, with blank space collapsed (6.3, "matches")."""
    return _BLANKS.sub(" ", label.strip(" \t\r\n")).casefold()


def label_at(text: str, position: int) -> tuple[str, int] | None:
    """Return the raw link label in brackets at ``position`` and the end of it, or ``None``."""
    match = _LABEL.match(text, position)
    return (match[1], match.end()) if match else None


def destination_at(text: str, position: int) -> tuple[str, int] | None:
    """Return the link destination at ``position`` and the end of it, or ``None``; only ``<>`` may be empty."""
    if text.startswith("<", position):
        match = _BRACKETED.match(text, position)
        return (resolved(match[1]), match.end()) if match else None
    depth = 0
    end = position
    size = len(text)
    while end < size:
        found = text[end]
        if found == "\\" and text[end + 1 : end + 2] not in {"", " ", "\n"}:
            end += 2
            continue
        if found <= " " or found == "\x7f":
            break
        if found == "(":
            depth += 1
            if depth > MAX_PARENTHESES:
                return None
        elif found == ")":
            if depth == 0:
                break
            depth -= 1
        end += 1
    end = min(end, size)
    return (resolved(text[position:end]), end) if depth == 0 and end > position else None


def title_at(text: str, position: int) -> tuple[str, int] | None:
    """Return the link title at ``position`` and the end of it, or ``None``."""
    pattern = _TITLES.get(text[position : position + 1])
    match = pattern.match(text, position) if pattern else None
    return (resolved(match[1]), match.end()) if match else None


def _skip_gap(text: str, position: int) -> int:
    """Return the index after blanks with at most one line end."""
    match = _GAP.match(text, position)
    return match.end() if match else position


def _target_from(text: str, position: int) -> tuple[str, int, tuple[str, int] | None] | None:
    """Return the address after a gap, its end, and the title with its end, if there is one; ``None`` if invalid."""
    address = destination_at(text, _skip_gap(text, position))
    if address is None:
        return None
    before = _skip_gap(text, address[1])
    return *address, title_at(text, before) if before > address[1] else None


def target_at(text: str, position: int) -> tuple[Target, int] | None:
    """Return the target in parentheses and the end of it, or ``None``; ``position`` is after the opening one."""
    end = _skip_gap(text, position)
    address = title = ""
    if not text.startswith(")", end):
        found = _target_from(text, position)
        if found is None:
            return None
        address, end, titled = found
        title, end = titled or ("", end)
        end = _skip_gap(text, end)
    return (Target(address, title), end + 1) if text.startswith(")", end) else None


def definition_at(text: str, position: int) -> tuple[str, Target, int] | None:
    """Return the label and target of the link reference definition at ``position``, and the start of the next line."""
    label = label_at(text, position)
    # A footnote is shown as text, so its label is not a definition.
    if not label or not label[0].strip() or label[0].startswith("^") or not text.startswith(":", label[1]):
        return None
    found = _target_from(text, label[1] + 1)
    if found is None:
        return None
    address, end, title = found
    if title is not None and (after := _LINE_END.match(text, title[1])):
        return normalised(label[0]), Target(address, title[0]), after.end()
    bare = _LINE_END.match(text, end)
    return (normalised(label[0]), Target(address, ""), bare.end()) if bare else None


def strip_definitions(text: str, found: dict[str, Target]) -> str:
    """Return the text of a paragraph without the definitions at its start, which go to ``found``: the first counts."""
    position = 0
    while text.startswith("[", position):
        definition = definition_at(text, position)
        if definition is None:
            break
        found.setdefault(definition[0], definition[1])
        position = definition[2]
    return text[position:].lstrip(" \t") if position else text
