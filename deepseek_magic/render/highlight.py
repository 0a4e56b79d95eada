"""Colours for code: Pygments' tokens reduced to a handful of styles.

Pygments is imported with the first code block that names a language it knows. Only languages of a list are lexed:
some of Pygments' five hundred lexers take quadratic time on text made for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from time import thread_time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pygments.lexer import Lexer

MAX_CODE = 100_000
"""Characters of one piece of code past which it is not coloured."""
MAX_LINE = 2_000
"""Characters of one line past which it is not coloured: lexers backtrack within lines."""

LEXING = 0.05
LEXING_CHARACTER = 0.00001
"""Seconds of CPU time that lexing may take, for each piece of code and for each of its characters. Lexers need about a
tenth of that; but many of them take seconds for a few thousand blank lines."""

_LEXERS = {
    name: lexer
    for lexer, names in {
        "python": "python py python3 py3 ipython ipython3 gyp",
        "pycon": "pycon python-repl",
        "pytb": "pytb traceback",
        "bash": "bash sh shell zsh ksh",
        "console": "console shell-session terminal",
        "powershell": "powershell ps1 pwsh",
        "bat": "bat batch cmd dosbatch",
        "javascript": "javascript js node mjs jsx",
        "typescript": "typescript ts tsx",
        "json": "json jsonc json5 jsonl ndjson",
        "yaml": "yaml yml",
        "toml": "toml",
        "ini": "ini cfg conf properties dosini",
        "html": "html htm xhtml vue svelte",
        "xml": "xml svg xsl xsd rss",
        "css": "css",
        "scss": "scss sass less",
        "sql": "sql sqlite mysql postgres postgresql plsql tsql",
        "c": "c h",
        "cpp": "cpp c++ cxx cc hpp cuda cu arduino",
        "csharp": "csharp c# cs",
        "java": "java",
        "kotlin": "kotlin kt",
        "scala": "scala",
        "go": "go golang",
        "rust": "rust rs",
        "swift": "swift",
        "ruby": "ruby rb",
        "perl": "perl pl",
        "php": "php",
        "lua": "lua",
        "r": "r rlang splus",
        "julia": "julia jl",
        "octave": "matlab octave m",
        "haskell": "haskell hs",
        "elixir": "elixir ex exs",
        "erlang": "erlang erl",
        "clojure": "clojure clj",
        "dart": "dart",
        "groovy": "groovy gradle",
        "docker": "docker dockerfile",
        "make": "make makefile mk",
        "cmake": "cmake",
        "nginx": "nginx",
        "diff": "diff patch udiff",
        "latex": "latex tex",
        "fortran": "fortran f90 f95",
        "nasm": "nasm asm assembly",
        "graphql": "graphql gql",
        "protobuf": "protobuf proto",
        "hcl": "hcl terraform tf",
        "http": "http",
    }.items()
    for name in names.split()
}
# The first of these that a token's type lies in decides; what matches none stays in the colour of text.
_STYLES = (
    ("Token.Comment", "c"),
    ("Token.Keyword", "k"),
    ("Token.Operator.Word", "k"),
    ("Token.Literal.String", "s"),
    ("Token.Literal.Number", "n"),
    ("Token.Literal", "s"),
    ("Token.Name.Function", "d"),
    ("Token.Name.Class", "d"),
    ("Token.Name.Decorator", "d"),
    ("Token.Name.Builtin", "b"),
    ("Token.Name.Exception", "b"),
    ("Token.Name.Tag", "k"),
    ("Token.Name.Attribute", "d"),
    ("Token.Generic.Deleted", "s"),
    ("Token.Generic.Inserted", "n"),
    ("Token.Generic.Heading", "d"),
    ("Token.Generic.Prompt", "c"),
)
STYLES = frozenset(style for _, style in _STYLES)


def coloured(code: str, language: str) -> Iterator[tuple[str, str]]:
    """Pairs of style ("" for plain) and text; the texts joined are ``code``. Neighbours differ in style."""
    lexer = _LEXERS.get(language.lower())
    if lexer is None or len(code) > MAX_CODE or any(len(line) > MAX_LINE for line in code.split("\n")):
        if code:
            yield "", code
        return
    before = ""
    pieces: list[str] = []
    for kind, text in _tokens(code, lexer):
        style = _style(kind)
        if style != before and (style or text.strip()):
            if pieces and (before or style):
                yield before, "".join(pieces)
                pieces = []
            before = style
        pieces.append(text)
    if pieces:
        yield before, "".join(pieces)


def _tokens(code: str, name: str) -> list[tuple[str, str]]:
    """The tokens of ``code``; all of it as one where the lexer takes too long or gives back something else."""
    found: list[tuple[str, str]] = []
    end = 0
    lexer = _lexer(name)  # its first use compiles it, which is not the code's fault
    deadline = thread_time() + LEXING + LEXING_CHARACTER * len(code)
    for start, kind, text in lexer.get_tokens_unprocessed(code):
        if start != end or thread_time() > deadline:
            break
        end += len(text)
        if text:
            found.append((str(kind), text))
    return found if end == len(code) else [("Token.Text", code)]


@lru_cache(maxsize=512)
def _style(kind: str) -> str:
    return next((style for name, style in _STYLES if kind == name or kind.startswith(name + ".")), "")


@lru_cache(maxsize=64)
def _lexer(name: str) -> Lexer:
    # Imported here because most replies name no language, and loading must stay light.
    from pygments.lexers import get_lexer_by_name

    return get_lexer_by_name(name, stripnl=False, stripall=False, ensurenl=False, tabsize=0)
