"""The grammar of names and values: ``password = "…"``, ``'api_key': '…'``, ``SECRET_KEY=…``, ``--token …``.

A name that says "secret" (`names`) is followed by something that gives it a value (an operator); the value is a string
literal or bare text; how it is judged (`values`) depends on all three, since ``password=pw`` in code is no secret.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .forms import Found
from .names import STEMS, Sure, told
from .values import firm, placeholder, random, sentence

_QUOTE = r"\\{0,7}[\"'`]|&quot;|&\#39;"
_NAME_BEFORE = re.compile(r"[\w.-]*")  # read from the right
_NAME_AFTER = re.compile(r"[\w-]{0,60}")
_LONGEST_NAME = 60
_LONGEST_VALUE = 2000
_LONGEST_BARE = 500

# What gives a name its value, with the closing quote or bracket of the name before it.
_OPERATOR = re.compile(
    rf"""
    (?P<quote>{_QUOTE})? [ \t]{{0,40}}
    (?: \]? [ \t]{{0,40}}
        (?::[ \t]{{0,4}}[A-Za-z_][\w.\[\], |]{{0,60}}(?==[^=]))?
        (?P<equals>:=|={{1,3}}>?|!==?|:(?!//|:)|：|->)
      | (?P<comma>,)
      | (?P<value>\s{{0,4}}(?:(?<=\s)[\w-]{{1,20}}=["'][^"'<>\n]{{0,80}}["']\s{{1,4}}){{0,4}}(?<=\s)value\s?=)
      | (?P<cell></t[dh]>\s{{0,20}}<t[dh][^<>]{{0,80}}>|\|)
      | (?P<tag>>)
      | (?P<is>\b(?:is|ist|lautet|es|est)[ ]|是)
      | (?P<gap>(?<=[ ])|(?<=\t))
    )
    [ \t]{{0,40}}
    """,
    re.VERBOSE,
)
_OPENED = re.compile(rf"(?:[(\[]\s{{0,40}}|\\\r?\n\s{{0,40}})?[rRbBfFuU]{{0,2}}(?P<quote>\"\"\"|'''|{_QUOTE})")
_JOINED = re.compile(
    r"[ \t]{0,40}(?:\+[ \t]{0,40})?(?:\\?\r?\n)?[ \t]{0,40}(?:\+[ \t]{0,4})?[rRbBfFuU]{0,2}(?P<quote>[\"'])"
)
_BARE = re.compile(r"(?:[^\s\"'`;&<>\\,]+|,(?![\s\"']|[\w.-]+=|$)|<(?!/?[a-zA-Z])|\\(?![nrt\"']))+")
_BRACED = re.compile(r"\{[^{}\s]{1,200}\}(?=;|$)")
# Bare text that is code, not a value: a call, an item, an attribute; a type.
_CODE = re.compile(
    r"[A-Za-z_][\w.]*[(\[].*|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+|[(\[{].*|(?:lambda|not|await)\b.*", re.DOTALL
)
_GIVEN = re.compile(r"(?:get|getenv|setdefault|putenv|setenv|set|pop|set_password)\([rbf]?\\{0,3}[\"']$")
_START_OF_LINE = re.compile(
    r"[ \t]*(?:[-*][ \t]+)?(?:export[ \t]+|set[ \t]+|ENV[ \t]+|setx?[ \t]+|\$env:)?(?:\\{0,3}[\"'])?$"
)
_REST_OF_LINE = re.compile(r"[ \t]*(?:#[^\n]*|\\n)?\r?(?:\n|$|\\)")


def by_name(text: str) -> Iterator[Found]:
    """Yield the values in ``text`` whose names say that they are secrets. The time is linear in ``text``."""
    reached = 0
    for start, end in _names(text):
        if start < reached:
            continue
        judged = told(text[start:end].strip("-."))
        operator = _OPERATOR.match(text, end) if judged else None
        if judged is None or operator is None:
            continue
        sure, kind = judged
        for span in _value(text, start, operator, sure):
            yield Found(*span, kind)
            reached = span[1]


def _names(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each name stands that may say "secret", in order."""
    # Of all letters only this one changes the length of a text when it is put in lower case.
    lowered = text.replace("İ", "I").lower()
    reached = 0
    for found in _STEM.finditer(lowered):
        if found.start() < reached:
            continue
        window = max(reached, found.start() - _LONGEST_NAME)
        before = _NAME_BEFORE.match(lowered[window : found.start()][::-1])
        start = found.start() - (before.end() if before else 0)
        after = _NAME_AFTER.match(text, found.end())
        reached = after.end() if after else found.end()
        # An escape before a name is no part of it: "\npassword" in the repr of a string.
        if start and text[start - 1] == "\\" and text[start] in "nrt" and reached - start > 1:
            start += 1
        yield start, reached


_STEM = re.compile("|".join(sorted(map(re.escape, STEMS), key=len, reverse=True)))


def _value(text: str, start: int, operator: re.Match[str], sure: Sure) -> Iterator[tuple[int, int]]:
    place = operator.end()
    opened = _OPENED.match(text, place)
    by_gap = operator["gap"] is not None
    if opened and not (by_gap and not _option(text, start)):
        span = _literal(text, opened)
        exact = operator["equals"] or operator["value"] or _GIVEN.search(text[max(0, start - 20) : start]) or by_gap
        if span and _is_secret(text[span[0] : span[1]], sure, exact=bool(exact)):
            yield span
        return
    if operator["comma"]:
        return
    span = _bare(text, start, operator, sure)
    if span:
        yield span


def _literal(text: str, opened: re.Match[str]) -> tuple[int, int] | None:
    """Return where the text of a string literal stands, with those that are joined to it."""
    start = opened.end()
    end = _closed(text, start, opened["quote"])
    after = end + len(opened["quote"])
    while len(opened["quote"]) == 1 and (joined := _JOINED.match(text, after)) and "\n" in joined[0] + "\n":
        if not joined[0].strip("rRbBfFuU\"'"):  # two quotes in a row without a space are an empty string
            break
        end = _closed(text, joined.end(), joined["quote"])
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


def _bare(text: str, start: int, operator: re.Match[str], sure: Sure) -> tuple[int, int] | None:
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
    if not value or _CODE.fullmatch(value) or placeholder(value):
        return None
    if _whole_line(text, start, operator, found.end()):
        return (place, end) if _is_line_secret(value, sure, operator) else None
    if operator["gap"] is not None and (not _option(text, start) or value.startswith("-")):
        return None
    if operator["tag"] and not (text[start - 1 : start] == "<" and text.startswith("</", end)):
        return None
    return (place, end) if _is_secret(value, sure, exact=bool(operator["tag"])) else None


def _whole_line(text: str, start: int, operator: re.Match[str], end: int) -> bool:
    """Whether name and value are all that a line holds, as in a ``.env`` file or in YAML."""
    if not (operator["equals"] or (operator["gap"] is not None and operator.end() - operator.start() > 1)):
        return False
    line = text.rfind("\n", max(0, start - 100), start) + 1
    before = text[max(line, start - 100) : start]
    return bool(_START_OF_LINE.match(before) and _REST_OF_LINE.match(text, end))


def _is_line_secret(value: str, sure: Sure, operator: re.Match[str]) -> bool:
    if operator["gap"] is not None:
        return _is_secret(value, sure, exact=False)
    # "password: SecretStr" is a field of a class and "password = pw" is code; PASSWORD=letmein is a file.
    tight = operator[0] in ("=", ":")
    word = value.isidentifier() and not any(map(str.isdigit, value))
    if sure is Sure.PASSWORD and word:
        return len(value) >= 6 and value.islower() and (tight or operator["equals"] == ":") and "_" not in value
    return _is_secret(value, sure, exact=not value.isidentifier() or tight)


def _option(text: str, start: int) -> bool:
    """Whether the name at ``start`` is an option of a command line: ``--password``."""
    return text.startswith("--", start) or text[max(0, start - 2) : start] == "--"


def _is_secret(value: str, sure: Sure, *, exact: bool) -> bool:
    """Whether ``value`` is a secret: ``exact`` where it is a literal that the name is certainly given."""
    match sure:
        case Sure.PASSWORD if exact:
            return len(value) >= 3 and not placeholder(value) and not sentence(value)
        case Sure.PASSWORD:
            return firm(value)
        case Sure.SECRET if exact:
            return len(value) >= 6 and not any(map(str.isspace, value)) and (firm(value) or _made_up(value))
        case Sure.LONG:
            return random(value, 16)
        case _:
            return random(value)


def _made_up(value: str) -> bool:
    """Whether ``value``, of plain words, may be a secret that a person made up: it names nothing and leads nowhere."""
    return len(value) >= 10 and not (placeholder(value) or value.isupper() or told(value) or set(value) & set("/\\ :."))
