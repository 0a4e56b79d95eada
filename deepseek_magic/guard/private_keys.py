"""Find private keys: PEM, OpenSSH, PGP and PuTTY; complete, indented, in string literals, or cut at either end."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .forms import Found

_HEADER = re.compile(r"-{4,5} ?BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)? ?-{4,5}")
_FOOTER = re.compile(r"-{4,5} ?END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)? ?-{4,5}")
_PUTTY = re.compile(r"Private-Lines: [0-9]{1,5}")
# Between two lines of a block: line ends, real or as escapes, and quotes, line numbers or indents.
_BETWEEN = r"""(?:\\{1,4}[nrt]|[\s"'+,>|#\\()]|[0-9]{1,5}[ ])"""
_FIELDS = rf"(?:{_BETWEEN}{{1,60}}(?:Proc-Type|DEK-Info|Version|Comment|Hash|Charset|MessageID): [^\n\\]{{0,200}})"
_LINE = r"[A-Za-z0-9+/=]"
_BODY = re.compile(
    rf"{_FIELDS}{{0,6}}(?:{_BETWEEN}{{0,60}}{_LINE}{{16,}})+"
    rf"(?:{_BETWEEN}{{1,60}}{_LINE}{{1,100}}(?=[\s\\\"'-]|$))?"
)
# Before a footer whose header was cut off, read from the right: the short last line, long lines, the rest of one.
_REVERSED_BETWEEN = r"""(?:[nrt]\\{1,4}|[\s"'+,>|#()]|[ ][0-9]{1,5})"""
_REVERSED = re.compile(
    rf"(?:{_REVERSED_BETWEEN}{{0,60}}{_LINE}{{1,100}}(?=[\s\\nrt\"']))?(?:{_REVERSED_BETWEEN}{{0,60}}{_LINE}{{16,}})+"
    rf"(?:{_REVERSED_BETWEEN}{{1,60}}{_LINE}{{1,15}}$)?"
)
_LONGEST = 20_000


def by_block(text: str) -> Iterator[Found]:
    """Yield every private key in ``text``, with its BEGIN and END lines, in linear time."""
    reached = 0
    if "PRIVATE KEY" in text:
        for header in _HEADER.finditer(text):
            if header.start() >= reached and (end := _end(text, header.end())):
                yield Found(header.start(), end, "private key")
                reached = end
        yield from _headless(text)
    if "Private-Lines: " in text:
        for found in _PUTTY.finditer(text):
            if body := _BODY.match(text, found.end()):
                yield Found(found.end(), body.end(), "private key")


def _end(text: str, start: int) -> int:
    """Return the end of the block whose header ends at ``start``; 0 if the text only mentions a header."""
    body = _BODY.match(text, start, min(len(text), start + _LONGEST))
    after = body.end() if body else start
    following = text.find("BEGIN ", start, start + _LONGEST)
    limit = following if following >= 0 else min(len(text), start + _LONGEST)
    footer = _FOOTER.search(text, after, limit)
    if body is None:
        # Lines as short as words are a key only between a header and a footer.
        held = text[start : footer.start()] if footer else ""
        return footer.end() if footer and sum(map(str.isalnum, held)) >= 16 and " " not in held.strip() else 0
    # A short rest before the footer belongs to the block, whatever it holds.
    return footer.end() if footer and footer.start() - after < 400 else after


def _headless(text: str) -> Iterator[Found]:
    for footer in _FOOTER.finditer(text):
        before = text[max(0, footer.start() - _LONGEST) : footer.start()][::-1]
        if (body := _REVERSED.match(before)) and sum(map(str.isalnum, body[0])) >= 32:
            yield Found(footer.start() - body.end(), footer.end(), "private key")
