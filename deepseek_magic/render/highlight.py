"""Highlight code: Pygments' tokens, reduced to a handful of styles.

Pygments is imported with the first code block in a known language. Only languages on a list are lexed, because some of
Pygments' five hundred lexers take quadratic time on malicious text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from inspect import getgeneratorlocals
from time import thread_time
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from pygments.lexer import Lexer

MAX_CODE = 100_000
"""The most characters of one piece of code that is coloured."""
MAX_LINE = 2_000
"""The most characters of one line that is coloured: lexers backtrack within lines."""

LEXING = 0.05
LEXING_CHARACTER = 0.00001
"""Seconds of CPU time that lexing may take, for each piece of code and for each of its characters. Lexers need about a
tenth of that; but many of them take seconds for a few thousand blank lines."""
STEPS = 10
"""A step counts for at most this part of what lexing may take. Some are slow once and say nothing of the lexer: it
loads another one, for the styles in a page of HTML, or the interpreter collects its garbage."""

#: The lexers of Pygments that are used, each with the other names that models give its language.
_LANGUAGES = """
python py python3 py3 ipython ipython3 gyp; pycon python-repl; pytb traceback; bash sh shell zsh ksh;
console shell-session terminal; powershell ps1 pwsh; bat batch cmd dosbatch; javascript js node mjs jsx;
typescript ts tsx; json jsonc json5 jsonl ndjson; yaml yml; toml; ini cfg conf properties dosini;
html htm xhtml vue svelte; xml svg xsl xsd rss; css; scss sass less;
sql sqlite mysql postgres postgresql plsql tsql; c h; cpp c++ cxx cc hpp cuda cu arduino; csharp c# cs; java;
kotlin kt; scala; go golang; rust rs; swift; ruby rb; perl pl; php; lua; r rlang splus; julia jl;
octave matlab m; haskell hs; elixir ex exs; erlang erl; clojure clj; dart; groovy gradle; docker dockerfile;
make makefile mk; cmake; nginx; diff patch udiff; latex tex; fortran f90 f95; nasm asm assembly; graphql gql;
protobuf proto; hcl terraform tf; http
"""
_LEXERS = {name: names[0] for names in map(str.split, _LANGUAGES.split(";")) for name in names}
# Styles by token type; the narrowest type that contains a token counts. Other tokens have the colour of text.
_STYLES = {
    f"Token.{token}": style
    for style, tokens in {
        "c": "Comment Generic.Prompt",
        "k": "Keyword Operator.Word Name.Tag",
        "s": "Literal Generic.Deleted",
        "n": "Literal.Number Generic.Inserted",
        "d": "Name.Function Name.Class Name.Decorator Name.Attribute Generic.Heading",
        "b": "Name.Builtin Name.Exception",
    }.items()
    for token in tokens.split()
}
STYLES = frozenset(_STYLES.values())

#: Languages whose lexer gives the same styles when it goes on in the middle as when it reads the whole, unless the code
#: holds what is named here. Python's looks ahead over lines for the end of a docstring, where it passes over escapes,
#: and for the ``as`` and ``import`` of an import.
_STEADY = {"python": re.compile(r"""\\['"]|\n\s*as\s|\bfrom\s+\S+\s*\n\s*import\b""")}

_CHECKED = 4  # tokens of one step: between two looks at the clock
_ROOT: tuple[str, ...] = ("root",)


def coloured(code: str, language: str) -> list[tuple[str, str]]:
    """Return pairs of style ("" for plain) and text; the texts joined are ``code``. Neighbours differ in style."""
    lexer = _lexer_for(code, language)
    return _merged([("", code)] if lexer is None else _lexed(lexer, code).tokens)


class GrowingCode:
    """Colours code while it grows, and lexes its last lines again only, not all of it.

    It goes by what has come so far, also where a look further ahead would tell better, and the pieces of cut code keep
    their colours from one to the next. So it is for what will be shown once more, by `whole`.
    """

    def __init__(self) -> None:
        self._begin("", resumed=False)

    def _begin(self, language: str, *, resumed: bool) -> None:
        self._language, self._resumed = language, resumed
        self._unbroken = not resumed  # whether colouring was never given up for the pieces so far
        self._earlier: list[str] = []  # code of earlier pieces whose tokens are final
        self._before = ""  # the end of the last piece, which is lexed again with this one
        self._text = ""  # `_before` and the code of this piece
        self._done = ""  # the part of `_text` whose tokens are final
        self._tokens: list[tuple[str, str]] = []  # the final tokens of all pieces
        self._first = 0  # the index in `_tokens` of this piece's first token
        self._stack = _ROOT  # the lexer's state after the last final token

    def coloured(self, code: str, language: str, *, resumed: bool) -> list[tuple[str, str]]:
        """Return the same as `coloured`. ``resumed``: ``code`` continues after the last `cut`."""
        lexer = _lexer_for(code, language)
        if lexer is None or type(lexer).get_tokens_unprocessed is not _regular():
            self._begin("", resumed=False)
            return coloured(code, language)
        self._text = self._before + code
        known = (self._language, self._resumed) == (language, resumed) and self._text.startswith(self._done)
        if not known:
            self._begin(language, resumed=resumed)
            self._text = code
        found = _lexed(lexer, self._text[len(self._done) :], self._stack)
        tokens = [*self._tokens[self._first :], *found.tokens]
        self._tokens += found.tokens[: found.safe]
        self._done = self._text[: len(self._done) + found.size]
        self._stack = found.stack
        return _merged(_after(tokens, len(self._before)))

    def cut(self) -> None:
        """End a piece after the code that was coloured last; the next code may continue it."""
        self._earlier.append(self._done)
        self._before = self._text[len(self._done) :]
        self._first, self._resumed, self._text, self._done = len(self._tokens), True, "", ""
        if len(self._before) > MAX_LINE:
            self._before, self._stack, self._unbroken = "", _ROOT, False

    def whole(self, code: str, language: str) -> list[tuple[str, str]]:
        """Return the same as `coloured` for all pieces together, without lexing final tokens again."""
        known = "".join([*self._earlier, self._done])
        lexer = _lexer_for(code, language) if self._unbroken and self._language == language else None
        unsteady = _STEADY.get(_LEXERS.get(language.lower(), ""))
        if lexer is None or unsteady is None or unsteady.search(code) or not code.startswith(known):
            return coloured(code, language)
        rest = _lexed(lexer, code[len(known) :], self._stack).tokens
        return _merged([*self._tokens, *rest])


class _Lexed(NamedTuple):
    """The tokens of some code, and how many of them, of so many characters, stand before a line's start at which the
    lexer, put into the state ``stack``, can go on when there is more code."""

    tokens: list[tuple[str, str]]
    safe: int = 0
    size: int = 0
    stack: tuple[str, ...] = _ROOT


def _lexed(lexer: Lexer, code: str, stack: tuple[str, ...] | None = None) -> _Lexed:
    """Return the tokens of ``code``; all of it as one token if the lexer is too slow or changes the code.

    Args:
        lexer: how to read it.
        code: what to read.
        stack: the state to begin in, for a lexer that is `_regular`.
    """
    found: list[tuple[str, str]] = []
    begun = stack or _ROOT
    end = safe = size = 0
    last = code.rfind("\n", 0, -1) + 1
    near = code.rfind("\n", 0, max(last - 1, 0)) + 1
    spent, limit, before = 0.0, LEXING + LEXING_CHARACTER * len(code), thread_time()
    tokens: Any = lexer.get_tokens_unprocessed(code, *(() if stack is None else (stack,)))
    for number, (start, kind, text) in enumerate(tokens):
        if number % _CHECKED == 0:
            now = thread_time()
            spent, before = spent + min(now - before, limit / STEPS), now
        if start != end or spent >= limit:
            break
        if stack is not None and near <= start <= last and (start > size or not number):
            state = getgeneratorlocals(tokens)
            if state.get("pos") == start:  # else this is one of several tokens of one match
                safe, size, stack = len(found), start, tuple(state["statestack"])
        end += len(text)
        if text:
            found.append((_style(kind), text))
    if end != len(code):
        return _Lexed([("", code)], stack=begun)
    return _Lexed(found, safe, size, stack or _ROOT)


def _merged(tokens: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    made: list[tuple[str, str]] = []
    before = ""
    pieces: list[str] = []
    for style, text in tokens:
        if style != before and (style or text.strip()):
            if pieces and (before or style):
                made.append((before, "".join(pieces)))
                pieces = []
            before = style
        pieces.append(text)
    if any(pieces):
        made.append((before, "".join(pieces)))
    return made


def _after(tokens: list[tuple[str, str]], skipped: int) -> list[tuple[str, str]]:
    """Return the tokens without their first characters."""
    for place, (style, text) in enumerate(tokens):
        if skipped < len(text):
            return [(style, text[skipped:]), *tokens[place + 1 :]]
        skipped -= len(text)
    return []


@lru_cache(maxsize=512)
def _style(kind: object) -> str:
    name = str(kind)
    while name and name not in _STYLES:
        name = name.rpartition(".")[0]
    return _STYLES.get(name, "")


def _lexer_for(code: str, language: str) -> Lexer | None:
    name = _LEXERS.get(language.lower())
    if name is None or len(code) > MAX_CODE or any(len(line) > MAX_LINE for line in code.split("\n")):
        return None
    return _lexer(name)


@lru_cache(maxsize=1)
def _regular() -> Any:
    """Return how a lexer reads code whose state can be read and set: Pygments' own way."""
    from pygments.lexer import RegexLexer

    return RegexLexer.get_tokens_unprocessed


@lru_cache(maxsize=64)
def _lexer(name: str) -> Lexer:
    # Imported here because most replies name no language, and loading must stay light.
    from pygments.lexers import get_lexer_by_name

    return get_lexer_by_name(name, stripnl=False, stripall=False, ensurenl=False, tabsize=0)
