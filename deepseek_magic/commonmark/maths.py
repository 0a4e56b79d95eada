r"""Formulas in a reply: ``$…$``, ``$$…$$``, ``\(…\)``, ``\[…\]`` and bare environments (``\begin{align}``).

A dollar may be money. The rule is pandoc's (extension ``tex_math_dollars``): the opening ``$`` has no blank space
after it, the closing one has none before it and no digit after it. With a blank on both sides (``$ x $``), the text
must look like maths and not like a price. Further rules: a formula holds no backtick; a ``$`` right after a letter or
digit (``US$``, ``A$``) opens a formula only before a backslash; a ``$`` between a sign and a letter (``$HOME/$USER``)
does not close one; and text that starts with a digit must look like maths, without words (``$5 and 10$ bills``).
Inside ``\text{…}``, a pair of dollars is a formula within the formula.
"""

from __future__ import annotations

import re
from typing import NamedTuple

# Lengths are bounded, so that many groups that do not match take linear time.
_NESTED = r"\\(?:text\w{0,6}|[mh]box)\{[^{}$`\\]{0,200}(?:\$[^$`]{1,200}\$[^{}$`\\]{0,200}){1,4}\}"
_INLINE = re.compile(rf"\$((?:{_NESTED}|[^$\\`]|\\[^`])+)\$(?![0-9])", re.DOTALL)
_SIGN = re.compile(rf"({_NESTED})|(?<!\\)\$", re.DOTALL)
_WORDS_OF_TEX = re.compile(r"\\(?:text\w*|[mh]box|operatorname|math\w+)\*?\{[^{}]*\}?|\\[A-Za-z]+")
_NAME = re.compile(r"(?<![\w{^])[^\W\d_]\w*")
_NUMBERS = re.compile(r"[0-9.,\s]+\\?%?$")
_OPERATOR = re.compile(r"[\\^_{}=<>+*/|!\u00b1\u00d7\u00f7\u2190-\u22ff-]|[0-9][^\W\d_]{1,2}$")
_FUNCTION = re.compile(r"(?:sin|cos|tan|cot|sec|csc|log|exp|min|max|mod|gcd|lcm|lim|sup|inf|det|dim|ker|deg|arg)$")
_SHORT_WORD = re.compile(
    r"(?:am|an|as|at|be|by|do|for|go|he|if|in|is|it|me|my|no|of|on|or|so|to|up|us|vs|we)$", re.IGNORECASE
)
_ENVIRONMENT = (
    r"\{(?:align|alignat|aligned|alignedat|array|[bBvVp]?matrix|smallmatrix|cases|eqnarray|equation|flalign|gather|"
    r"gathered|multline|split)\*?\}"
)
_BEGIN = re.compile(r"\\begin" + _ENVIRONMENT)
_DISPLAY = re.compile(rf"\\\\|\\\$|\$\$|\\\[|\\\]|\\(?:begin|end){_ENVIRONMENT}|(`+).*?(?<!`)\1(?!`)", re.DOTALL)
# Commands that link, load, style or define: not every place where a notebook is opened uses MathJax's safe mode.
_UNSAFE = re.compile(
    r"\\(?:href|url|html\w*|class|cssId|style|data|require|unicode|bbox|mmlToken|includegraphics|"
    r"def|gdef|edef|xdef|let|futurelet|newcommand|renewcommand|providecommand|newenvironment|renewenvironment|"
    r"DeclareMathOperator|csname|input|include|write|texttip|toggle|mathtip|action|special|label|ref|eqref)"
    r"(?![A-Za-z])"
)
# Labels for references are useless in a reply, and MathJax would make an element's id of them.
_PRICE = re.compile(r" ?[0-9]")
_STRONG = re.compile(r"[\\^_=<>+*/(]")  # more than a hyphen
_UNFINISHED = re.compile(r"[-+*/=<>,;:(|&]$")
_LABEL = re.compile(r"\\label\s{0,9}\{[^{}\\]{0,200}\}[ \t]*")


def _is_word(name: str) -> bool:
    """Return whether ``name`` is a word or the name of a variable (``HOME_DIR``), and not TeX."""
    first, _, rest = name.partition("_")
    if 0x2E80 <= ord(name[0]) <= 0xFFFF or (len(first) > 1 and (len(rest) > 1 or first.isupper())):
        return True
    return _SHORT_WORD.match(name) is not None or (len(name) > 2 and name.isalpha() and not _FUNCTION.match(name))


def looks_like_maths(tex: str) -> bool:
    """Return whether ``tex``, which may be unfinished, holds a sign of maths or only numbers, and no words."""
    if not _NUMBERS.match(tex) and not _OPERATOR.search(tex):
        return False
    return not any(map(_is_word, _NAME.findall(_WORDS_OF_TEX.sub("0", tex))))


def without_words_of_tex(text: str) -> str:
    """Return ``text`` without TeX commands and the words in their arguments."""
    return _WORDS_OF_TEX.sub("0", text)


class Formula(NamedTuple):
    """A formula: its TeX without delimiters, whether it is displayed, and the index of its end in the text."""

    tex: str
    display: bool
    end: int


def open_formula(line: str, closing: str) -> str:
    """Return the delimiter that would close the display formula open after ``line``; "" if none is open.

    ``closing`` is that delimiter before the line. A delimiter opens a formula only at the start or end of its line: in
    the middle of a sentence, ``$$`` is text.
    """
    stripped = line.strip()
    for match in _DISPLAY.finditer(stripped):
        token = match[0]
        if closing:
            if token == closing:
                closing = ""
        elif match.start() == 0 or match.end() == len(stripped):
            closing = _end_of(token)
    return closing


def _end_of(token: str) -> str:
    """Return the delimiter that closes the display formula that ``token`` opens; "" if it opens none."""
    if token == "$$":
        return token
    if token.startswith("\\begin"):
        return token.replace("begin", "end", 1)
    return "\\]" if token == "\\[" else ""


class Formulas:
    """Finds formulas in one text. Remembers which closing delimiters do not follow, so that all work is linear."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._missing: set[str] = set()

    def at(self, position: int) -> Formula | None:
        """Return the formula that starts at ``position``, at a ``$`` or a backslash; ``None`` if there is none."""
        text = self._text
        if text.startswith("\\begin", position):
            begin = _BEGIN.match(text, position)
            end = self.end_of(begin) if begin else 0
            return Formula(text[position:end], True, end) if end else None
        if text[position] == "\\":
            display = text[position + 1] == "["
            found = self._closed(position, "\\]" if display else "\\)", display)
            # An escaped link: \[text\](address).
            return None if found and display and text.startswith("(", found.end) else found
        if text.startswith("$$", position):
            return None if text.startswith("$$$", position) else self._closed(position, "$$", True)
        match = _INLINE.match(text, position)
        return Formula(match[1].strip(" "), False, match.end()) if match and _is_formula(match) else None

    def end_of(self, begin: re.Match[str]) -> int:
        """Return the end of the environment whose ``begin`` was matched, whatever its name; 0 if it does not end."""
        closing = _end_of(begin[0])
        end = self._find(closing, begin.end())
        return end + len(closing) if end >= 0 else 0

    def _closed(self, position: int, closing: str, display: bool) -> Formula | None:
        end = self._find(closing, position + 2)
        tex = self._text[position + 2 : end]
        return Formula(tex, display, end + 2) if end >= 0 and tex.strip() else None

    def _find(self, closing: str, start: int) -> int:
        """Return the index of the next ``closing`` that is not escaped, or -1."""
        text = self._text
        while closing not in self._missing and (end := text.find(closing, start)) >= 0:
            slash = end
            while slash > start and text[slash - 1] == "\\":
                slash -= 1
            after = end + 2
            while closing == "$$" and text.startswith("$", after):
                after += 1
            if (end - slash) % 2 == 0 and after == end + 2:
                return end
            start = after if after > end + 2 else end + 1
        self._missing.add(closing)
        return -1


def _is_formula(found: re.Match[str]) -> bool:
    """Return whether the text between two dollars is a formula, by the rules above."""
    tex, text = found[1], found.string
    before, after = text[found.start() - 1 : found.start()], text[found.end() : found.end() + 1]
    if tex[0] == tex[-1] == " ":
        return _is_apart(tex.strip(" "), before, text[found.end() : found.end() + 9])
    if tex[0] in " \t\n" or tex[-1] in " \t\n" or (before.isascii() and before.isalnum() and tex[0] != "\\"):
        return False
    if after.isascii() and after.isalpha() and tex[-1] in "/,:;-+*=<&|([{":
        return False
    return not tex.lstrip(".")[:1].isdigit() or looks_like_maths(tex)


def _is_apart(tex: str, before: str, after: str) -> bool:
    """Return whether ``tex``, with a blank between it and each dollar, is a formula by its own signs.

    Between the dollars of two prices are words, or text that starts like a number and does not end like a formula.
    """
    if not tex or "\n" in tex or before.isalnum() or after[:1].isalnum() or _PRICE.match(after):
        return False
    if len(tex) == 1:
        return tex.isalpha()
    return looks_like_maths(tex) and _STRONG.search(tex) is not None and not _UNFINISHED.search(tex)


def typeset(formula: Formula) -> str | None:
    """Return the formula for MathJax; ``None`` if it holds an unsafe command."""
    tex = _LABEL.sub("", formula.tex)
    if not tex.strip() or _UNSAFE.search(tex):
        return None
    sign = "$$" if formula.display else "$"
    return f"{sign}{_SIGN.sub(_nested, tex)}{sign}"


def _nested(found: re.Match[str]) -> str:
    """Return the TeX for a dollar in the text of a formula, or for ``\\text{…}`` with formulas in it."""
    if not found[1]:
        return r"\$"
    inner = found[1].split("$")[1::2]
    prices = any(tex[0] in " \t\n" or (tex[0].isdigit() and not looks_like_maths(tex)) for tex in inner)
    return found[1].replace("$", r"\$") if prices else found[1]
