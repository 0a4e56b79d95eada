"""The grammar of names and values: ``password = "…"``, ``'api_key': '…'``, ``SECRET_KEY=…``, ``--token …``.

A name that says "secret" (`secret_names`) is followed by something that gives it a value (an operator); the value is a
string literal or bare text. All three decide how it is judged: ``password=pw`` in code is not a secret.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from .forms import Found
from .secret_names import Certainty, NameFound, classify_name
from .secret_values import firm, is_secret, placeholder

_QUOTE = r"\\{0,7}[\"'`]|&quot;|&\#39;"
_LONGEST_VALUE = 2000
_LONGEST_BARE = 500

# What gives a name its value, with the closing quote or bracket of the name before it.
_OPERATOR = re.compile(
    rf"""
    (?P<quote>{_QUOTE})? [ \t]{{0,40}}
    (?: \]? [ \t]{{0,40}}
        (?::[ \t]{{0,4}}[A-Za-z_][\w.\[\], |]{{0,60}}(?==[ "'(]))?   # an annotation
        (?P<equals>:=|={{1,3}}>?|!==?|:(?!//|:)|：|->)
      | (?P<comma>,)
      | (?P<value>\s{{0,4}}(?:(?<=\s)[\w-]{{1,20}}=["'][^"'<>\n]{{0,80}}["']\s{{1,4}}){{0,4}}(?<=\s)value\s?=)
      | (?P<cell></t[dh]>\s{{0,20}}<t[dh][^<>]{{0,80}}>|(?<=[ ])\|(?=[ ]))
      | (?P<tag>>)
      | (?P<is>(?:\b(?:for|of|to|für|von)(?:[ ][\w@.-]{{1,30}}){{1,5}}?[ ])?\b(?:is|ist|lautet|es|est)[ ]|是)
      | (?P<gap>(?<=[ ])|(?<=\t))
    )
    [ \t]{{0,40}}
    """,
    re.VERBOSE,
)
_OPENED = re.compile(
    rf"(?:[(\[]\s{{0,40}}|\{{(?=['\"][^'\"\n]{{0,200}}['\"]\s{{0,4}}[,}}])|\\\r?\n\s{{0,40}})?"
    rf"[rRbBfFuU]{{0,2}}(?P<quote>\"\"\"|'''|{_QUOTE})"
)
_JOINED = re.compile(
    r"[ \t]{0,40}(?:\+[ \t]{0,40})?(?:\\?\r?\n)?[ \t]{0,40}(?:\+[ \t]{0,4})?[rRbBfFuU]{0,2}(?P<quote>[\"'])"
)
_INSERTED = re.compile(r"\{[^{}]{0,200}\}")
_NEXT = re.compile(r"\s{0,8},\s{0,40}[rbu]?(?P<quote>[\"'])")
_BARE = re.compile(r"(?:[^\s\"'`;&<>\\,]+|,(?![\s\"']|[\w.-]+=|$)|<(?!/?[a-zA-Z])|\\(?![nrt\"']))+")
_BRACED = re.compile(r"\{[^{}\s]{1,200}\}(?=;|$)")
# Bare text that is code, not a value: a call, an item, an attribute; a type.
_CODE = re.compile(
    r"[A-Za-z_][\w.]*[(\[].*|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+|[(\[{].*|(?:lambda|not|await)\b.*|0[xX][0-9a-fA-F_]{1,16}",
    re.DOTALL,
)
_GIVEN = re.compile(r"(?:get|getenv|setdefault|putenv|setenv|set|pop|set_password)\([rbf]?\\{0,3}[\"']$")
_START_OF_LINE = re.compile(
    r"[ \t]*(?:[-*][ \t]+)?(?:export[ \t]+|set[ \t]+|ENV[ \t]+|setx?[ \t]+|\$env:)?(?:\\{0,3}[\"'])?$"
)
# Behind the quote that closes a label stands code: more arguments, an operator, a method, a closing bracket.
_BEHIND_LABEL = re.compile(
    r"""
    [ \t]{0,40} (?:
        (?P<joins>[,+:=])(?!=)[ \t]{0,40}
      | [)\]}%*;] | [=!]= | \.[a-z]+\( | (?:in|if|else|for|and|or|not|is)\b | \\n | \r?$
    )
    """,
    re.VERBOSE | re.MULTILINE,
)
# A quote that opens or closes a literal; an apostrophe within a word does neither.
_SINGLE = re.compile(r"(?<!\\)(?:(?:(?<!\w)|(?<=\b[rbfuRBFU])|(?<=\b[rR][fbFB])|(?<=\b[fbFB][rR]))'|'(?!\w))")
_LONGEST_LABEL = 400
_REST_OF_LINE = re.compile(r"[ \t]*(?:#[^\n]*|\\n)?\r?(?:\n|$|\\)")


def by_name(text: str, names: Iterable[NameFound]) -> Iterator[Found]:
    """Yield the values in ``text`` that are given to the secret ``names`` in it. The time is linear in ``text``."""
    reached = 0
    for start, end, certainty, kind in names:
        operator = _OPERATOR.match(text, end) if start >= reached else None
        if operator is None:
            continue
        for span in _value(text, start, operator, certainty):
            yield Found(*span, kind)
            reached = span[1]


def _value(text: str, start: int, operator: re.Match[str], certainty: Certainty) -> Iterator[tuple[int, int]]:
    opened = _OPENED.match(text, operator.end())
    by_gap = operator["gap"] is not None
    if opened and (behind := _behind_label(text, start, operator, opened)):
        opened = _OPENED.match(text, behind.end()) if behind["joins"] else None
        joined, exact = behind["joins"] != ",", behind["joins"] in (":", "=")
    elif opened and (not by_gap or _option(text, start)):
        given = operator["equals"] or operator["value"] or _GIVEN.search(text[max(0, start - 20) : start])
        joined, exact = operator["comma"] is None, bool(given or by_gap)
    else:
        if not operator["comma"] and (bare := _bare(text, start, operator, certainty)):
            yield bare
        return
    for span in _literals(text, opened, joined=joined) if opened else ():
        # What stands in braces is put in later, by an f-string or a format.
        if is_secret(_INSERTED.sub("", text[span[0] : span[1]]), certainty, exact=exact):
            yield span


def _behind_label(text: str, start: int, operator: re.Match[str], opened: re.Match[str]) -> re.Match[str] | None:
    """Return what stands behind a literal that ends in the name and its operator: ``print('password:', pw)``.

    ``None`` where the quote after the operator opens a value.
    """
    quote = opened["quote"]
    if operator["quote"] or opened[0] != quote or not (behind := _BEHIND_LABEL.match(text, opened.end())):
        return None
    line = max(text.rfind("\n", max(0, start - _LONGEST_LABEL), start) + 1, start - _LONGEST_LABEL, 0)
    edge = _SINGLE if quote == "'" else re.compile(rf"(?<!\\){re.escape(quote)}")
    return behind if len(edge.findall(text[line:start])) % 2 else None


def _literals(text: str, opened: re.Match[str], *, joined: bool) -> Iterator[tuple[int, int]]:
    """Yield where the text of each literal stands: one, or those of a list."""
    span = _literal(text, opened, joined=joined)
    while span:
        yield span
        after = _NEXT.match(text, span[1] + len(opened["quote"]))
        if not after or opened[0][0] not in "[({":
            return
        span = _literal(text, after, joined=joined)


def _literal(text: str, opened: re.Match[str], *, joined: bool) -> tuple[int, int] | None:
    """Return where the text of a string literal stands, with those that are joined to it."""
    start = opened.end()
    end = _closed(text, start, opened["quote"])
    after = end + len(opened["quote"])
    while joined and len(opened["quote"]) == 1 and (following := _JOINED.match(text, after)):
        if not following[0].strip("rRbBfFuU\"'"):  # two quotes in a row without a space are an empty string
            break
        end = _closed(text, following.end(), following["quote"])
        after = end + 1
    return (start, end) if end > start else None


def _closed(text: str, start: int, quote: str) -> int:
    """Return where the literal that starts at ``start`` ends: at its quote, its line, or where the text was cut."""
    limit = min(len(text), start + _LONGEST_VALUE)
    if len(quote) < 3 or quote.startswith("\\"):
        line = text.find("\n", start, limit)
        limit = line if line >= 0 else limit
    end = text.find(quote, start, limit)
    while end > start and len(quote) == 1 and _escaped(text, start, end):
        end = text.find(quote, end + 1, limit)
    return limit if end < 0 else end


def _escaped(text: str, start: int, end: int) -> bool:
    before = text[max(start, end - 16) : end]
    return (len(before) - len(before.rstrip("\\"))) % 2 == 1


def _bare(text: str, start: int, operator: re.Match[str], certainty: Certainty) -> tuple[int, int] | None:
    place = operator.end()
    if (braced := _BRACED.match(text, place)) and operator["equals"] == "=" and firm(braced[0][1:-1]):
        return place + 1, braced.end() - 1  # ODBC quotes by braces
    found = _BARE.match(text, place, min(len(text), place + _LONGEST_BARE))
    if not found:
        return None
    end = found.end()
    while end > place and text[end - 1] in ")]},.:|" and not (text[end - 1] == "." and end - place < 8):
        end -= 1
    value = text[place:end]
    if not value or _CODE.fullmatch(value) or placeholder(value) or _is_name(value):
        return None
    if _whole_line(text, start, operator, found.end()):
        return (place, end) if _is_line_secret(value, certainty, operator) else None
    if operator["gap"] is not None and (not _option(text, start) or value.startswith("-")):
        return None
    if operator["tag"] and not (text[start - 1 : start] == "<" and text.startswith("</", end)):
        return None
    return (place, end) if is_secret(value, certainty, exact=bool(operator["tag"])) else None


def _whole_line(text: str, start: int, operator: re.Match[str], end: int) -> bool:
    """Return whether name and value are all that a line holds, as in a ``.env`` file or in YAML."""
    if not (operator["equals"] or (operator["gap"] is not None and operator.end() - operator.start() > 1)):
        return False
    line = text.rfind("\n", max(0, start - 100), start) + 1
    before = text[max(line, start - 100) : start]
    return bool(_START_OF_LINE.match(before) and _REST_OF_LINE.match(text, end))


def _is_line_secret(value: str, certainty: Certainty, operator: re.Match[str]) -> bool:
    if operator["gap"] is not None:
        return is_secret(value, certainty, exact=False)
    # "password: SecretStr" is a field of a class and "password = pw" is code; PASSWORD=letmein is a file.
    tight = operator[0] in ("=", ":")
    word = value.isidentifier() and not any(map(str.isdigit, value))
    if word:
        plain = len(value) >= 6 and value.islower() and "_" not in value
        return certainty is Certainty.PASSWORD and plain and (tight or operator["equals"] == ":")
    return is_secret(value, certainty, exact=tight or (certainty is Certainty.PASSWORD and not value.isidentifier()))


def _option(text: str, start: int) -> bool:
    """Return whether the name at ``start`` is an option of a command line: ``--password``."""
    return text.startswith("--", start) or text[max(0, start - 2) : start] == "--"


def _is_name(value: str) -> bool:
    """Return whether ``value`` is itself a name for a secret: ``password = password1`` copies a variable."""
    return value.isidentifier() and classify_name(value.rstrip("0123456789_")) is not None
