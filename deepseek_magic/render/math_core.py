"""What MathML Core has (https://www.w3.org/TR/mathml-core/), which values of it pass, and how cells and signs look."""

from __future__ import annotations

import re
import unicodedata
from xml.etree.ElementTree import Element

_LENGTH = re.compile(r"(-?)([0-9]{0,3}(?:\.[0-9]{1,4})?)(em|ex|pt|px|cm|mm|in|mu|)")
_COLOUR = re.compile(r"[A-Za-z]{1,20}|#[0-9A-Fa-f]{3,8}")
#: The longest of each unit, so that nothing reaches far out of its place.
_LONGEST = {"em": 20.0, "ex": 40.0, "pt": 240.0, "px": 320.0, "cm": 8.0, "mm": 80.0, "in": 3.0, "mu": 360.0, "": 0.0}
_NAMED = {
    "negativethinmathspace": "-0.167em",
    "negativemediummathspace": "-0.222em",
    "negativethickmathspace": "-0.278em",
    "thinmathspace": "0.167em",
    "mediummathspace": "0.222em",
    "thickmathspace": "0.278em",
}
_BOOLEANS = frozenset({"true", "false"})
_WORDS = {
    "stretchy": _BOOLEANS,
    "fence": _BOOLEANS,
    "separator": _BOOLEANS,
    "largeop": _BOOLEANS,
    "movablelimits": _BOOLEANS,
    "displaystyle": _BOOLEANS,
    "form": frozenset({"prefix", "infix", "postfix"}),
    "scriptlevel": frozenset("012"),
    "mathvariant": frozenset({"normal"}),
}
_LENGTHS = frozenset({"width", "height", "depth", "lspace", "rspace", "voffset", "minsize", "maxsize", "linethickness"})
_OF_OPERATORS = frozenset(
    {"stretchy", "fence", "separator", "largeop", "movablelimits", "form", "minsize", "maxsize", "lspace", "rspace"}
)
_SPACED = frozenset({"width", "height", "depth", "lspace", "voffset"})
ATTRIBUTES: dict[str, frozenset[str]] = {
    "mrow": frozenset(),
    "mi": frozenset({"mathvariant"}),
    "mn": frozenset(),
    "mtext": frozenset(),
    "mo": _OF_OPERATORS,
    "mspace": frozenset({"width", "height", "depth"}),
    "mstyle": frozenset({"displaystyle", "scriptlevel", "mathcolor"}),
    "mpadded": _SPACED,
    "mphantom": frozenset(),
    "mfrac": frozenset({"linethickness"}),
    **dict.fromkeys(("msqrt", "mroot", "msub", "msup", "msubsup", "munder", "munderover"), frozenset()),
    "mover": frozenset(),
    "mtable": frozenset({"displaystyle"}),
    "mtr": frozenset(),
    "mtd": frozenset(),
}
COUNTS = {"mfrac": 2, "mroot": 2, "msub": 2, "msup": 2, "munder": 2, "mover": 2, "msubsup": 3, "munderover": 3}

LETTERS = frozenset("∞∅⊤∘⋯⋮⋱⋰…ℓ∠")  # written like letters: without space on their sides
# What it has no elements for, in styles of ours.
RULES = {"―": "border-{}:.06em solid;padding-{}:.12em"}
_STRUCK = "background:linear-gradient(to {} right,transparent 46%,currentColor 46%,currentColor 54%,transparent 54%)"
ENCLOSED = {
    "box": "border:1px solid;padding:.25em .4em",
    "updiagonalstrike": _STRUCK.format("bottom"),
    "downdiagonalstrike": _STRUCK.format("top"),
    "updiagonalstrike downdiagonalstrike": _STRUCK.format("bottom"),
    "horizontalstrike": "text-decoration:line-through",
}
# A cell holds no line of text: Chromium and Safari move what is in it only by the name of their own.
SIDES = {side: f"text-align:{side};text-align:-webkit-{side}" for side in ("left", "right")}
FACES = {
    "bold": "font-weight:bold",
    "italic": "font-style:italic",
    "mono": "font-family:monospace",
    "sans": "font-family:sans-serif",
}


def attributes(tag: str, element: Element) -> str:
    """Return those attributes that MathML Core has, and whose values are as expected."""
    made = []
    for name in sorted(ATTRIBUTES[tag]):
        value = _NAMED.get(element.get(name, ""), element.get(name, ""))
        if name in _LENGTHS:
            value = _length(value)
        elif name == "mathcolor":
            value = value if _COLOUR.fullmatch(value) else ""
        elif value not in _WORDS[name]:
            value = ""
        if value:
            made.append(f' {name}="{value}"')
    return "".join(made)


def _length(value: str) -> str:
    """Return a length, if it is one and not too long; "mu" is an eighteenth of an em."""
    found = _LENGTH.fullmatch(value.strip())
    if not found or not found[2] or found[2] == ".":
        return ""
    number = float(found[2])
    if number > _LONGEST[found[3]]:
        return ""
    return f"{found[1]}{number / 18:.3f}em" if found[3] == "mu" else f"{found[1]}{number:g}{found[3]}"


def line(lines: list[str], place: int) -> str:
    """Return the line before a column, if there is one."""
    return "border-left:1px solid" if place and lines[place - 1 : place] == ["solid"] else ""


def padding(place: int, count: int, tight: bool, wide: bool) -> str:
    """Return the room around a cell: none between the two columns of an equation."""
    if not tight:
        return "padding:.25em .4em" if wide else ""
    last = place == count - 1
    return f"padding:.25em {0 if place % 2 == 0 or last else '2em'} .25em 0"


def is_operator(text: str) -> bool:
    """Return whether a character other than a letter stands between others, or opens or closes a bracket."""
    if len(text) != 1 or text in LETTERS:
        return False
    category = unicodedata.category(text)
    return category in {"Sm", "Ps", "Pe", "Pi", "Pf"} or text == ":" or "\u2190" <= text <= "\u21ff"
