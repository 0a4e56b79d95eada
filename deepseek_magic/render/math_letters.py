"""Letters of mathematics in bold, double-struck and the like, which Unicode has as characters of their own.

MathML Core has no attribute for them: a browser shows the character (Unicode 15, Mathematical Alphanumeric Symbols).
"""

from __future__ import annotations

# Where the capital A, the small a and the digit 0 of each style stand; 0 if it has none.
_LATIN = {
    "bold": (0x1D400, 0x1D41A, 0x1D7CE),
    "italic": (0x1D434, 0x1D44E, 0),
    "bold-italic": (0x1D468, 0x1D482, 0x1D7CE),
    "script": (0x1D49C, 0x1D4B6, 0),
    "fraktur": (0x1D504, 0x1D51E, 0),
    "double-struck": (0x1D538, 0x1D552, 0x1D7D8),
    "sans-serif": (0x1D5A0, 0x1D5BA, 0x1D7E2),
    "sans-serif-italic": (0x1D608, 0x1D622, 0x1D7E2),
    "monospace": (0x1D670, 0x1D68A, 0x1D7F6),
}
_GREEK = {"bold": (0x1D6A8, 0x1D6C2), "bold-italic": (0x1D71C, 0x1D736)}
_GREEK_SIGNS = {"∂": 0, "ϵ": 1, "ϑ": 2, "ϰ": 3, "ϕ": 4, "ϱ": 5, "ϖ": 6}  # behind the small letters
# Older than the others, and in other places.
_ELSEWHERE = {
    ("italic", "h"): "ℎ",
    **{("script", letter): sign for letter, sign in zip("BEFHILMRego", "ℬℰℱℋℐℒℳℛℯℊℴ", strict=True)},
    **{("fraktur", letter): sign for letter, sign in zip("CHIRZ", "ℭℌℑℜℨ", strict=True)},
    **{("double-struck", letter): sign for letter, sign in zip("CHNPQRZ", "ℂℍℕℙℚℝℤ", strict=True)},
}
_NAMES = {r"\{": "{", r"\}": "}", r"\|": "‖", r"\lbrace": "{", r"\rbrace": "}", r"\vert": "|", r"\Vert": "‖"}


def named(command: str) -> str:
    """Return the sign that a TeX ``command`` stands for; the command if it is none that is known."""
    from latex2mathml.symbols_parser import convert_symbol  # as for the rest of that package

    known = _NAMES.get(command)
    if known is not None:
        return known
    code = convert_symbol(command)
    return chr(int(code, 16)) if code else command


def styled(text: str, variant: str) -> tuple[str, str]:
    """Return ``text`` in the style ``variant`` of MathML 3, and the attribute of ours that it needs beside ("")."""
    made = "".join(_letter(letter, variant) for letter in text)
    is_bold = made == text and variant.startswith("bold")
    return made, ' style="font-weight:bold"' if is_bold else ""


def _letter(letter: str, variant: str) -> str:
    if (variant, letter) in _ELSEWHERE:
        return _ELSEWHERE[variant, letter]
    capital, small, digit = _LATIN.get(variant, (0, 0, 0))
    if letter.isascii() and letter.isalpha() and capital:
        return chr(capital + ord(letter) - ord("A") if letter.isupper() else small + ord(letter) - ord("a"))
    if letter.isascii() and letter.isdigit() and digit:
        return chr(digit + ord(letter) - ord("0"))
    if variant in _GREEK:
        upper, lower = _GREEK[variant]
        if "Α" <= letter <= "Ω":
            return chr(upper + ord(letter) - ord("Α"))
        if "α" <= letter <= "ω":
            return chr(lower + ord(letter) - ord("α"))
        if letter in _GREEK_SIGNS:
            return chr(lower + 25 + _GREEK_SIGNS[letter])
    return letter
