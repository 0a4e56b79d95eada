"""Places in which a secret is planted, and texts that hold none: four parts, of which the guard was fitted to three.

``sets/planted.txt`` and ``sets/harmless.txt`` were at hand while the guard was changed; of the files ``…_held_out.txt``
only the totals were looked at first; ``…_later.txt`` were written to find what was still missed, and ``…_fresh.txt``
last, after the guard had learned from all others.

The secrets are made up at run time, so that no scanner finds one in the files.
"""

from __future__ import annotations

import base64
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from string import digits
from urllib.parse import quote

from tests.guard.made import ALNUM, HEX, WORD, _token, password, some

_SETS = Path(__file__).with_name("sets")
_WORDS = ("tigerlily", "moonbeam", "butterscotch", "wintergreen")
_KINDS: dict[str, Callable[[Random, int], str]] = {
    "sk": lambda random, _: "s" + "k-" + some(random, HEX, 32),
    "ghp": lambda random, _: "gh" + "p_" + some(random, ALNUM, 36),
    "akia": lambda random, _: "AK" + "IA" + some(random, "ABCDEFGHJKLMNPQRSTUVWXYZ234567", 16),
    "hf": lambda random, _: "h" + "f_" + some(random, ALNUM, 34),
    "slack": lambda random, _: "xo" + "xb-" + some(random, digits + "abcdef", 40),
    "pcsk": lambda random, _: "pc" + "sk_" + some(random, ALNUM, 6) + "_" + some(random, ALNUM, 60),
    "dckr": lambda random, _: "dckr" + "_pat_" + some(random, ALNUM, 9) + "-" + some(random, ALNUM, 8) + "_" + "x7Kq9v",
    "teams": lambda random, _: some(random, HEX, 32),
    "discordhook": lambda random, _: some(random, WORD, 68),
    "slackhook": lambda random, _: some(random, ALNUM, 24),
    "sas": lambda random, _: some(random, ALNUM, 43),
    "jwt": lambda random, _: _token(random),
    "uuid": lambda random, _: str(uuid.UUID(int=random.getrandbits(128), version=4)),
    "word": lambda random, _: random.choice(_WORDS),
    "pw": lambda random, _: password(random),
    "hex": lambda random, size: some(random, HEX, size),
    "alnum": lambda random, size: some(random, ALNUM, size),
    "b64": lambda random, size: some(random, ALNUM + "+/", size),
    "b64u": lambda random, size: some(random, WORD, size),
    "b64e": lambda random, _: password(random),
    "pem": lambda random, _: "\\n".join(some(random, ALNUM + "+/", 64) for _ in range(12)),
    "gcp": lambda random, _: "\\n".join(some(random, ALNUM + "+/", 64) for _ in range(12)),
    "pemlines": lambda random, _: "\n".join(some(random, ALNUM + "+/", 64) for _ in range(4)),
}


@dataclass(frozen=True, slots=True)
class Planted:
    """A text with a secret in it, the pieces of that which must not be read, and how CredData would call it."""

    name: str
    category: str
    text: str
    pieces: tuple[str, ...]

    def leaks(self, cleaned: str) -> bool:
        """Return whether eight characters in a row of a piece stand in ``cleaned``, or a shorter piece."""
        return any(
            piece[start : start + 8] in cleaned for piece in self.pieces for start in range(max(1, len(piece) - 7))
        )


def planted(part: str, seed: int = 0) -> list[Planted]:
    """Return the planted places of a ``part``: the name of a file in ``sets``."""
    rows = re.split(r"^=== ", (_SETS / f"{part}.txt").read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return [_planted(*row.split("\n", 1), seed) for row in rows]


def harmless(part: str) -> list[str]:
    """Return the texts of a ``part``: the name of a file in ``sets``."""
    return (_SETS / f"{part}.txt").read_text(encoding="utf-8").rstrip("\n").split("\n---\n")


def _planted(header: str, text: str, seed: int) -> Planted:
    category, kind, name = header.split(" | ")
    kind, _, size = kind.partition(" ")
    random = Random(f"{header} {seed}")
    secret = _KINDS[kind](random, int(size or 0))
    half, third = len(secret) // 2, len(secret) // 3
    written = {
        "": secret,
        "%": quote(secret, safe=""),
        "64": base64.b64encode(f"bob:{secret}".encode()).decode(),
        "64e": base64.b64encode(secret.encode()).decode(),
        "a": secret[:half],
        "b": secret[half:],
        "a2": secret[2:half],
        "b2": secret[half:],
        "a3": secret[:third],
        "b3": secret[third : 2 * third],
        "c3": secret[2 * third :],
    }
    marks = set(re.findall("«([^»]*)»", text)) - {"K", "uuid"}
    pieces = [written[mark] for mark in sorted(marks)]
    if kind == "uuid":
        pieces = [secret]
    elif "a" in marks or "a3" in marks:
        # What begins a form is the same for every key.
        pieces = [piece for piece in pieces if len(piece) >= 8]
    elif kind in ("pem", "gcp", "pemlines"):
        pieces = re.split(r"\\n|\n", secret)

    def filled(mark: re.Match[str]) -> str:
        if mark[1] == "K":
            return "KEY"
        if mark[1] == "uuid":
            return secret if kind == "uuid" else str(uuid.UUID(int=random.getrandbits(128), version=4))
        return written[mark[1]]

    return Planted(name, category, re.sub("«([^»]*)»", filled, text.rstrip("\n")), tuple(pieces))
