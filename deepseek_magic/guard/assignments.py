"""Find values assigned to secret names: ``password = "…"``, ``'api_key': '…'``, ``SECRET_KEY=…``, ``--token …``.

A secret name (`secret_names`) is followed by an operator that assigns it a value: a string literal or bare text. Name,
operator and value together decide whether the value is a secret: ``password=pw`` in code is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from .forms import Found, decoded
from .later_values import TARGETS
from .secret_names import Certainty, NameFound, classify_name
from .secret_values import is_secret, mixes_characters, placeholder, random

_QUOTE = r"\\{0,7}[\"'`]|&quot;|&\#39;"
_LONGEST_VALUE = 2000
_LONGEST_BARE = 500

# The operator between a name and its value, with the closing quote or bracket of the name.
_OPERATOR = re.compile(
    rf"""
    (?:\.[\w.-]{{1,80}}\.windows\.net(?=["']))?  # the account of a key of Azure
    (?P<quote>{_QUOTE})? [ \t]{{0,40}}
    (?: \]? [ \t]{{0,40}}
        (?::[ \t]{{0,4}}[A-Za-z_][\w.\[\], |]{{0,60}}(?==[ "'(]))?   # an annotation
        (?P<equals>:=|={{1,3}}>?|!==?|:(?!//|:)|：|->)
      | (?P<comma>,)
      | (?P<value>\s{{0,4}}(?:(?<=\s)[\w-]{{1,20}}=["'][^"'<>\n]{{0,80}}["']\s{{1,4}}){{0,4}}(?<=\s)value\s?=)
      | (?P<next>\n[ \t]{{1,40}}value:(?=[ ]))  # the environment of a container
      | (?P<cell></(?:t[dh]|name|key)>\s{{0,20}}<(?:t[dh]|value|string)[^<>]{{0,80}}>|(?<=[ ])\|(?=[ ]))
      | (?P<tag>>)
      | (?P<is>(?:\b(?:for|of|to|für|von)(?:[ ][\w@.-]{{1,30}}){{1,5}}?[ ])?
          \b(?:is|was|ist|lautet|es|est|è|é)[ ](?:(?:set|changed)[ ]to[ ]|now[ ])?|[是为為は])
      | (?P<of>\b(?:for|of|für|von)(?:[ ][\w@.-]{{1,30}}){{1,3}}:(?=[ ]))
      | (?P<gap>(?<=[ ])|(?<=\t))
    )
    [ \t]{{0,40}} [「“„«]?
    """,
    re.VERBOSE,
)
_OPENED = re.compile(
    rf"(?:[(\[]\s{{0,40}}|\{{(?=['\"][^'\"\n]{{0,200}}['\"]\s{{0,4}}[,}}])|\\\r?\n\s{{0,40}})?"
    rf"[rRbBfFuUN]{{0,2}}(?P<quote>\"\"\"|'''|{_QUOTE})"
)
_JOINED = re.compile(
    r"[ \t]{0,40}(?:\+[ \t]{0,40})?(?:\\?\r?\n)?[ \t]{0,40}(?:\+[ \t]{0,4})?[rRbBfFuU]{0,2}(?P<quote>[\"'])"
)
_INSERTED = re.compile(r"\{[^{}]{0,200}\}")
_NEXT = re.compile(r"\s{0,8},\s{0,40}[rbu]?(?P<quote>[\"'])")
_BARE = re.compile(r"(?:[^\s\"'`;&<>\\,，。；、」”“»]+|,(?![\s\"']|[\w.-]+=|$)|<(?!/?[a-zA-Z])|\\(?![nrt\"']))+")
_BARE_IN_CHINESE = re.compile(r"[^\s\"'`;&<>\\,\u0080-\U0010ffff]+")  # Chinese has no blanks to end it
_ASSIGNED = re.compile(r"[\w-]{1,60}=")
_BRACED = re.compile(r"\{[^{}\s]{1,200}\}(?=;|$)")
# Bare text that is code, not a value: a call, an item, an attribute, a type.
_CODE = re.compile(
    r"[A-Za-z_][\w.]*[(\[].*|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+|[(\[{].*|(?:lambda|not|await)\b.*|0[xX][0-9a-fA-F_]{1,16}",
    re.DOTALL,
)
# An amount or a time in prose: "the pass is 2,300 m high".
_AMOUNT = re.compile(r"\d{1,3}(?:[.,:]\d{1,3}){1,3}")
# Calls whose first argument is a name and whose second argument is its value.
_GIVEN = re.compile(
    r"\b(?:[gs]et(?:_?[A-Za-z]{1,12}){0,2}|putenv|pop|config|option|define)\([rbf]?\\{0,3}[\"'][\w.:/-]{0,40}$"
)
# Commands that set the variable they name to the text after it.
_COMMAND = re.compile(
    r"(?:%(?:set_)?env|\b(?:setx|setenv|ENV|set(?:[ ]-\w{1,3}){1,2}|config(?:ure)?(?:[ ](?:set|-+\w{1,10})){0,3}))"
    r"[ ]{1,4}[\w./:@-]{0,80}$"
)
_USER = re.compile(
    r"\b(?:user(?:name)?|login|account|admin|benutzer(?:name)?|konto|utente|usuario|utilisateur)\b|логин|账号|用户",
    re.IGNORECASE,
)
_START_OF_LINE = re.compile(
    r"[ \t]*(?:[-*][ \t]+)?(?:export[ \t]+|set[ \t]+|ENV[ \t]+|setx?[ \t]+|\$env:)?(?:\\{0,3}[\"'])?$"
)
# Code follows the quote that closes a label: more arguments, an operator, a method, a closing bracket.
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
    """Yield the values that ``text`` assigns to the secret ``names`` found in it, in linear time."""
    reached = 0
    for start, end, certainty, kind in names:
        operator = _OPERATOR.match(text, end) if start >= reached else None
        if operator is None:
            continue
        for span in _value(text, start, operator, certainty):
            yield Found(*span, kind)
            reached = span[1]


def _value(text: str, start: int, operator: re.Match[str], certainty: Certainty) -> Iterator[tuple[int, int]]:
    if (
        operator["equals"] == "="
        and text[max(0, start - 2) : start].strip(" \t") == ","
        and TARGETS.search(text[max(0, start - 300) : start])
    ):
        return  # `later_values` finds its value in the tuple
    opened = _OPENED.match(text, operator.end())
    by_gap = operator["gap"] is not None
    if opened and (behind := _behind_label(text, start, operator, opened)):
        opened = _OPENED.match(text, behind.end()) if behind["joins"] else None
        joined, exact = behind["joins"] != ",", behind["joins"] in (":", "=")
    elif opened and (not by_gap or _may_follow_blank(text, start, operator, certainty)):
        joined, exact = operator["comma"] is None, _is_assigned(text, start, operator)
    else:
        if bare := (_in_row if operator["comma"] else _bare)(text, start, operator, certainty):
            yield bare
        return
    for span in _literals(text, opened, joined=joined) if opened else ():
        # An f-string or a format fills in the braces later, so they are not part of the secret.
        value = _INSERTED.sub("", text[slice(*span)])
        passed = operator["comma"] and not operator["quote"]  # a variable among arguments
        if is_secret(value, certainty, exact=exact) and (exact or not (passed or _is_name(value))):
            yield span


def _is_assigned(text: str, start: int, operator: re.Match[str]) -> bool:
    """Return whether a literal after ``operator`` is certainly the value of the name at ``start``."""
    if operator["gap"] is not None:
        return text.startswith("PASSWORD ", start) or _is_option(text, start)
    given = operator["equals"] or operator["value"] or operator["next"]
    return bool(given or (operator["comma"] and _GIVEN.search(text[max(0, start - 80) : start])))


def _may_follow_blank(text: str, start: int, operator: re.Match[str], certainty: Certainty) -> bool:
    """Return whether a literal after the name and a blank may be its value: ``PASSWORD '…'`` in SQL and in errors."""
    named = _is_bare_name(text, start, operator) and certainty in (Certainty.PASSWORD, Certainty.SECRET)
    return named or _is_option(text, start)


def _is_bare_name(text: str, start: int, operator: re.Match[str]) -> bool:
    """Return whether the name is neither a string nor the verb in "pass it on"."""
    return not operator["quote"] and text[start : operator.start()].lower() != "pass"


def _behind_label(text: str, start: int, operator: re.Match[str], opened: re.Match[str]) -> re.Match[str] | None:
    """Return the code after a literal that ends in the name and its operator: ``print('password:', pw)``.

    ``None`` if the quote after the operator opens a value.
    """
    quote = opened["quote"]
    if operator["quote"] or opened[0] != quote or not (behind := _BEHIND_LABEL.match(text, opened.end())):
        return None
    line = max(text.rfind("\n", max(0, start - _LONGEST_LABEL), start) + 1, start - _LONGEST_LABEL, 0)
    edge = _SINGLE if quote == "'" else re.compile(rf"(?<!\\){re.escape(quote)}")
    return behind if len(edge.findall(text[line:start])) % 2 else None


def _literals(text: str, opened: re.Match[str], *, joined: bool) -> Iterator[tuple[int, int]]:
    """Yield start and end of the text of each literal: one, or those of a list."""
    span = _literal(text, opened, joined=joined)
    while span:
        yield span
        after = _NEXT.match(text, span[1] + len(opened["quote"]))
        if not after or opened[0][0] not in "[({":
            return
        span = _literal(text, after, joined=joined)


def _literal(text: str, opened: re.Match[str], *, joined: bool) -> tuple[int, int] | None:
    """Return start and end of the text of a string literal, with the literals that are joined to it."""
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
    """Return the end of the literal that starts at ``start``: its quote, the line end, or where the text was cut."""
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
    if (braced := _BRACED.match(text, place)) and operator["equals"] == "=" and mixes_characters(braced[0][1:-1]):
        return place + 1, braced.end() - 1  # ODBC quotes with braces
    bare = _BARE if text[start] < "\u3000" else _BARE_IN_CHINESE
    found = bare.match(text, place, min(len(text), place + _LONGEST_BARE))
    if not found:
        return None
    end = found.end()
    while end > place and text[end - 1] in ")]},.:|" and not (text[end - 1] == "." and end - place < 8):
        end -= 1
    value = text[place:end]
    if not value or _CODE.fullmatch(value) or placeholder(value) or _is_name(value):
        return None
    if operator["is"] and _AMOUNT.fullmatch(value):
        return None
    if _whole_line(text, start, operator, found.end()):
        return (place, end) if _is_line_secret(value, certainty, operator) else None
    if operator["gap"] is not None:
        if value.startswith("-"):
            return None
        if not _is_option(text, start):
            return (place, end) if _is_prose_secret(text, start, operator, value, certainty) else None
    if operator["tag"] and not (text.startswith("</", end) and (text[start - 1] == "<" or operator["quote"])):
        return None
    exact = bool(operator["tag"] or operator["next"])
    return (place, end) if is_secret(value, certainty, exact=exact) else None


def _in_row(text: str, start: int, operator: re.Match[str], certainty: Certainty) -> tuple[int, int] | None:
    """Return the span of the second cell of a CSV row that begins with the name, if a row of two cells is above it."""
    above = text.rfind("\n", max(0, start - 200), max(0, start - 1)) + 1
    if certainty is Certainty.LONG or text[start - 1 : start] != "\n" or text.count(",", above, start) != 1:
        return None
    found = _BARE.match(text, operator.end(), operator.end() + _LONGEST_BARE)
    if found and "," not in found[0] and random(found[0]) and _REST_OF_LINE.match(text, found.end()):
        return found.span()
    return None


def _whole_line(text: str, start: int, operator: re.Match[str], end: int) -> bool:
    """Return whether the line holds only the name and its value, as in a ``.env`` file or in YAML."""
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
        encoded = len(value) >= 12 and decoded(value)  # as in a Secret of Kubernetes
        return bool(certainty is Certainty.PASSWORD and (plain or encoded) and (tight or operator["equals"] == ":"))
    return is_secret(value, certainty, exact=tight or (certainty is Certainty.PASSWORD and not value.isidentifier()))


def _is_option(text: str, start: int) -> bool:
    """Return whether the name at ``start`` is an option (``--password``) or set by a command (``setx API_KEY``)."""
    before = text[max(0, start - 120) : start]
    if text[start] == "-":
        return text.startswith("-", start + 1) or before[-1:].isspace()
    return before.endswith("--") or _COMMAND.search(before) is not None


def _is_prose_secret(text: str, start: int, operator: re.Match[str], value: str, certainty: Certainty) -> bool:
    """Return whether ``value`` is a secret that follows its name and a blank in prose: ``user bob / password …``."""
    if not _is_bare_name(text, start, operator) or _ASSIGNED.match(value) or "<" in value:
        return False
    if certainty is Certainty.PASSWORD:
        return random(value) or (mixes_characters(value) and _USER.search(text[max(0, start - 60) : start]) is not None)
    return certainty is not Certainty.LONG and random(value, 20) and any(map(str.isdigit, value))


def _is_name(value: str) -> bool:
    """Return whether ``value`` is itself the name of a secret: ``password = password1`` copies a variable.

    A digit inside a long word makes it a password and not a name: ``hunter2secret9``.
    """
    name = value.rstrip("0123456789_")
    made_up = any(len(word) > 3 and any(map(str.isdigit, word)) for word in name.split("_"))
    return value.isidentifier() and not made_up and classify_name(name) is not None
