"""Find secrets further on in the line of their name: defaults, alternatives, arguments of calls, tuples."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from .forms import Found
from .secret_names import Certainty, NameFound
from .secret_values import is_secret

_LITERAL = r"""[rbfu]?(?P<quote>\\?["'])(?P<secret>[^"'\s\\]{3,400})(?P=quote)"""
# Between a name and a literal that is its value after all.
_LATER = re.compile(
    r"""[^\n#;]{0,160}?(?:\b(?:or|else)[ ]|\bdefault[ ]?=[ ]?|\bSecret(?:Str|Bytes)?\(|\bsend_keys\("""
    rf"""|(?:\|\||\?\?)[ ]){_LITERAL}"""
)
_HINTS = ('or "', "or '", 'else "', "else '", "default=", "default =", "Secret", "send_keys(", "|| ", "?? ")
_CALLED = re.compile(rf"\(\s{{0,20}}{_LITERAL}(?P<only>\s{{0,20}}\))?")
_SETTER = re.compile(r"(?:\b|_)(?:set|with|use|add)_?[A-Za-z_]{2,40}$|Secret(?:Str|Bytes)$")
#: ``a, b, `` before a name in a tuple of targets.
TARGETS = re.compile(r"(?:^|\n)[ \t]*(?P<before>(?:[\w.]{1,60},[ \t]*){0,5})$")
_FIRST = re.compile(_LITERAL)
_ASSIGNED = re.compile(r"(?P<after>(?:,[ \t]*[\w.]{1,60}){0,5})[ \t]*=(?!=)[ \t]*")
_ITEM = re.compile(
    r"""(?:"[^"\n]{0,400}"|'[^'\n]{0,400}'|[^,"'\n()\[\]]{1,100}|\[[^\]\n]{0,100}\]|\([^)\n]{0,100}\)){1,8},[ \t]*"""
)


def by_later(text: str, names: Iterable[NameFound]) -> Iterator[Found]:
    """Yield the literals of ``text`` that are the values of secret ``names`` earlier in their line, in linear time."""
    holds_later = any(hint in text for hint in _HINTS)
    for start, end, certainty, kind in names:
        found = _argument(text, start, end) or _of_tuple(text, start, end)
        if found is None and holds_later:
            found = _LATER.match(text, end)
        exact = found is not None and (found.re is _FIRST or bool(found.groupdict().get("only")))
        if found and certainty is not Certainty.LONG and is_secret(found["secret"], certainty, exact=exact):
            yield Found(*found.span("secret"), kind)


def _argument(text: str, start: int, end: int) -> re.Match[str] | None:
    found = _CALLED.match(text, end)
    return found if found and _SETTER.search(text[max(0, start - 8) : end]) else None


def _of_tuple(text: str, start: int, end: int) -> re.Match[str] | None:
    """Return the literal for the name in ``a, name, b = …, …, …``; the first if they cannot be matched."""
    assigned = _ASSIGNED.match(text, end)
    targets = TARGETS.search(text[max(0, start - 300) : start]) if assigned else None
    if not assigned or not targets or not (targets["before"] or assigned["after"]):
        return None
    place = assigned.end()
    for _ in range(targets["before"].count(",")):
        item = _ITEM.match(text, place)
        if item is None:
            place = assigned.end()
            break
        place = item.end()
    return _FIRST.match(text, place)
