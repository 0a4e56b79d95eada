"""Stands in until the guard and the wrapping are there."""

from __future__ import annotations
from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """A secret that was found."""

    kind: str = ""


@dataclass(frozen=True)
class Cleaned:
    """A text without its secrets."""

    text: str
    findings: tuple[Finding, ...] = ()


class Guard:
    """Finds nothing yet."""

    def __init__(self, mode: str, environ: object, values: object = ()) -> None:
        pass

    def clean(self, text: str, where: str = "") -> Cleaned:
        """Return the text as it is."""
        return Cleaned(text)


def safe_cut(text: str, place: int) -> int:
    """Return the place as it is."""
    return place


def wrap(pieces: object, *, marker: str) -> str:
    """Return the pieces between markers."""
    return "\n".join(f"<{marker} {t}>\n{x}\n</{marker}>" for t, x in pieces)  # type: ignore
