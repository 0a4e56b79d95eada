r"""TeX as models write it, made ready for ``latex2mathml``, which knows less of it than MathJax.

Each token is looked at once. Words (``\text{…}``, names of functions) do not pass through that library, which cuts them
at the first brace: it is given their number, and `mathml` puts them in. Environments that it does not know become those
that it does; what has no meaning without a numbered page goes. What is not understood is refused: it is shown as TeX.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from .tex_commands import BINOMIAL, DROPPED, ENVIRONMENTS, FUNCTIONS, IN_TEXT, REFUSED, TEXT, WITH_ARGUMENT, Word

LONGEST = 10_000
"""Characters of one formula at most."""

DEEPEST = 100
"""How deep its groups may nest."""


class Unconvertible(ValueError):
    """A formula that is shown as TeX, and why."""


class PreparedTex(NamedTuple):
    """TeX in which ``\\text{N}`` stands for the N-th of ``words``."""

    tex: str
    words: list[Word]


_TOKEN = re.compile(
    r"\\(?:(?:operatorname|tag|hspace)\*|[A-Za-z]+|\\\*?|[\s\S])|(?<!\\)%[^\n]*\n?|\s+|[^\\%\s]|\\", re.DOTALL
)
_COLOUR = re.compile(r"[A-Za-z]{1,20}|#[0-9A-Fa-f]{3,8}")
_LENGTH = re.compile(r"-?[0-9]{0,3}(?:\.[0-9]{1,4})?(?:em|ex|pt|px|cm|mm|in|mu)")
_DISTANCE = re.compile(rf"\[\s*(?:{_LENGTH.pattern})\s*\]")
_SIDE = re.compile(r"\[[tbclr]\]")


def prepared(tex: str) -> PreparedTex:
    """Return ``tex``, which stands between delimiters, ready for ``latex2mathml``.

    Raises:
        Unconvertible: it is too long, nested too deep, or holds what has no place in a formula.
    """
    if len(tex) > LONGEST:
        raise Unconvertible("too long")
    tokens = [token for token in _TOKEN.findall(tex) if token[0] != "%"]
    depth = deepest = 0
    for token in tokens:
        if token in REFUSED:
            raise Unconvertible(token)
        depth += token in {"{", r"\begin", r"\left"}
        depth -= token in {"}", r"\end", r"\right"}
        deepest = max(deepest, depth)
    if deepest > DEEPEST:
        raise Unconvertible("nested too deep")
    reading = _Reading(tokens)
    made = reading.until("")
    if reading.is_open:
        raise Unconvertible("an environment does not end")
    return PreparedTex(rf"\begin{{displaylines}}{made}\end{{displaylines}}" if reading.lines else made, reading.words)


class _Reading:
    """Reads the tokens from left to right, and recursively what stands in braces."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._place = 0
        self._ends: list[tuple[str, str]] = []  # of the environments that are open: their names, what ends them
        self.words: list[Word] = []
        self.lines = False  # whether lines end outside of every environment

    @property
    def is_open(self) -> bool:
        """Whether an environment has not ended."""
        return bool(self._ends)

    def until(self, end: str) -> str:
        """Return what comes up to the token ``end``, which is taken; "" for the end of all."""
        made: list[str] = []
        while self._place < len(self._tokens):
            token = self._next()
            if token == end:
                return "".join(made)
            made.append(self._one(token))
        if end:
            raise Unconvertible(f"{end} is missing")
        return "".join(made)

    def _next(self) -> str:
        if self._place >= len(self._tokens):
            raise Unconvertible("it ends too early")
        self._place += 1
        return self._tokens[self._place - 1]

    def _one(self, token: str) -> str:
        """Return what ``token`` becomes, with all that belongs to it."""
        if token == "{":
            return f"{{{self.until('}')}}}"
        if token[0] != "\\":
            if token in "}$" or (token == "&" and not self._ends):
                raise Unconvertible(f"{token} stands alone")
            return " " if token.isspace() else token
        if token in DROPPED:
            return ""
        if token in TEXT:
            return f"{{{self._text(TEXT[token])}}}"
        if token in FUNCTIONS:
            return self._word(*FUNCTIONS[token])
        if token == "\\":
            raise Unconvertible("a backslash stands alone")
        own = _OWN.get(token)
        # A command takes all letters after it; what stands there now may be one.
        return own(self, token) if own else f"{token} " if token[-1].isalpha() else token

    def _word(self, text: str, kind: str) -> str:
        self.words.append(Word(text, kind))
        return rf"\text{{{len(self.words) - 1}}}"

    # -- arguments

    def _blanks(self) -> None:
        while self._place < len(self._tokens) and self._tokens[self._place].isspace():
            self._place += 1

    def _argument(self) -> str:
        """Return the argument of a command, prepared and in braces."""
        self._blanks()
        made = self._one(self._next())
        return made if made.startswith("{") else f"{{{made}}}"

    def _raw(self) -> str:
        """Return an argument as it was written, which holds no braces."""
        self._blanks()
        if self._next() != "{":
            raise Unconvertible("expected {")
        start = self._place
        while (token := self._next()) != "}":
            if token == "{":
                raise Unconvertible("unexpected {")
        return "".join(self._tokens[start : self._place - 1]).strip()

    def _optional(self, pattern: re.Pattern[str]) -> None:
        """Take an argument in square brackets that is as ``pattern`` says, if there is one."""
        here = self._place
        self._blanks()
        end = self._place
        # A bound, because a bracket that opens an interval may never close.
        while end < min(self._place + 12, len(self._tokens)) and self._tokens[end] != "]":
            end += 1
        if pattern.fullmatch("".join(self._tokens[self._place : end + 1])):
            self._place = end + 1
        else:
            self._place = here

    # -- words

    def _text(self, kind: str) -> str:
        """Return what becomes of words in braces, and of the formulas in them."""
        self._blanks()
        if self._next() != "{":
            raise Unconvertible("expected {")
        made, said = [], [""]

        def say() -> None:
            if said[0]:
                made.append(self._word(said[0], kind))
            said[0] = ""

        depth = 1
        while depth:
            token = self._next()
            depth += (token == "{") - (token == "}")
            if token in {"$", r"\("}:
                say()
                made.append(f"{{{self.until('$' if token == '$' else chr(92) + ')')}}}")
            elif token in TEXT:
                say()
                made.append(self._text(TEXT[token] if TEXT[token] != "plain" else kind))
            elif token in IN_TEXT:
                said[0] += IN_TEXT[token]
            elif token[0] == "\\":
                raise Unconvertible(token)
            elif token not in "{}":
                said[0] += " " if token.isspace() else token
        say()
        return "".join(made)

    def _operator(self, token: str) -> str:
        count = len(self.words)
        made = self._text("plain")
        if len(self.words) != count + 1 or made != rf"\text{{{count}}}":
            raise Unconvertible("expected a name")
        self.words[-1] = Word(self.words[-1].text, "limits" if token.endswith("*") else "function")
        return made

    # -- commands that are ours

    def _label(self, _: str) -> str:
        self._raw()
        return ""

    def _tag(self, token: str) -> str:
        text = self._raw()
        return rf"\qquad{{{self._word(text if token.endswith('*') else f'({text})', 'plain')}}}"

    def _modulo(self, _: str) -> str:
        return rf"\quad({self._word('mod', 'plain')}\ {self._argument()})"

    def _binomial(self, token: str) -> str:
        above, below = self._argument(), self._argument()
        return rf"{{\left({{{BINOMIAL[token]}{{{above} \atop {below}}}}}\right)}}"

    def _colour(self, token: str) -> str:
        name = self._raw()
        if not _COLOUR.fullmatch(name):
            raise Unconvertible(name)
        return f"{token}{{{name}}}"

    def _space(self, _: str) -> str:
        length = self._raw().replace(" ", "")
        if not _LENGTH.fullmatch(length):
            raise Unconvertible(length)
        return rf"\hspace{{{length}}}"

    def _break(self, _: str) -> str:
        self._optional(_DISTANCE)
        self.lines |= not self._ends
        return r"\\ "

    def _begin(self, _: str) -> str:
        name = self._raw()
        plain = name.removesuffix("*")
        if plain not in ENVIRONMENTS:
            raise Unconvertible(name)
        begin, end = ENVIRONMENTS[plain]
        self._ends.append((name, end))
        self._optional(_SIDE)
        if plain == "array":
            return f"{begin}{{{self._columns()}}}"
        if plain in WITH_ARGUMENT:
            self._raw()
        return begin

    def _columns(self) -> str:
        """Return the columns of an array, without what stands between them."""
        self._blanks()
        depth, found = int(self._next() == "{"), ""
        while depth:
            token = self._next()
            depth += (token == "{") - (token == "}")
            found += token if depth == 1 and token in "lcr|" else ""
        return found or "c"

    def _end(self, _: str) -> str:
        name = self._raw()
        if not self._ends or self._ends[-1][0] != name:
            raise Unconvertible(f"\\end{{{name}}} stands alone")
        return self._ends.pop()[1]


_OWN = {
    r"\operatorname": _Reading._operator,
    r"\operatorname*": _Reading._operator,
    r"\label": _Reading._label,
    r"\vspace": _Reading._label,
    r"\tag": _Reading._tag,
    r"\tag*": _Reading._tag,
    r"\pmod": _Reading._modulo,
    **dict.fromkeys(BINOMIAL, _Reading._binomial),
    r"\color": _Reading._colour,
    r"\textcolor": _Reading._colour,
    r"\hspace": _Reading._space,
    r"\hspace*": _Reading._space,
    r"\\": _Reading._break,
    r"\\*": _Reading._break,
    r"\begin": _Reading._begin,
    r"\end": _Reading._end,
}
