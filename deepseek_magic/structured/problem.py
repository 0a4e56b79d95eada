"""Describe what is wrong with a reply that should have been a value, and where."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from deepseek_magic.errors import DeepSeekError
from deepseek_magic.text import one_line, with_article

Path: TypeAlias = tuple[str | int, ...]
Kind = Literal["empty", "cut", "syntax", "several", "shape"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a reply.

    Attributes:
        kind: ``empty``, ``cut`` (it ends too early), ``syntax`` (it is not JSON), ``several`` (more than one value),
            or ``shape`` (it is JSON, but does not fit the schema).
        expected: what should be there, in words.
        found: what is there instead, in words or as JSON; it may quote the reply.
        path: the keys and indices that lead to the place.
    """

    kind: Kind
    expected: str
    found: str
    path: Path = ()

    @property
    def place(self) -> str:
        """The path as Python would write it, such as ``rows[3].price``; "the reply" for an empty path."""
        return path_text(self.path) or "the reply"

    def __str__(self) -> str:
        return one_line(f"{self.place}: expected {self.expected}, found {self.found}", 400)


class Misfit(DeepSeekError):
    """The reply is not the value that was asked for.

    Attributes:
        problems: what is wrong with it, and where.
        reply: its text.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        more = f" (and {len(self.problems) - 1} more)" if len(self.problems) > 1 else ""
        super().__init__(f"the reply does not fit: {self.problems[0]}{more}" if self.problems else "")


def path_text(path: Path) -> str:
    """Return ``path`` as Python would write it, such as ``rows[3].price``; "" for an empty path."""
    words = ""
    for part in path:
        if isinstance(part, int):
            words += f"[{part}]"
        elif part.isidentifier():
            words += f".{part}" if words else part
        else:
            words += f"[{json.dumps(part, ensure_ascii=False)}]"
    return words


def quoted(value: Any, limit: int = 60) -> str:
    """Return ``value`` as JSON of about ``limit`` characters, for a message; for a long list or object, its size."""
    if isinstance(value, dict) and len(value) > 3:
        return f"an object with {len(value)} keys"
    if isinstance(value, list) and len(value) > 3:
        return f"a list of {len(value)}"
    if isinstance(value, str) and len(value) > limit:
        value = value[: limit - 1] + "…"
    try:
        return one_line(json.dumps(value, ensure_ascii=False, default=str), limit + 2)
    except Exception:  # noqa: BLE001  # ``str`` of an object may run the user's code
        return with_article(type(value).__name__)


def spec_name(spec: Any) -> str:
    """Return a name for ``spec``, a type or schema of the user, for a message: its name, its repr, or else its type."""
    written = str(getattr(spec, "__name__", None) or repr(spec))
    is_short = len(written) <= 80 and "\n" not in written
    return one_line(written, 80) if is_short else with_article(type(spec).__name__)
