"""What is wrong with a reply that should have been a value, and where."""

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
        kind: ``empty``, ``cut`` (it ends too early), ``syntax`` (no JSON), ``several`` (more than one value), or
            ``shape`` (it is JSON, and does not fit the schema).
        path: the keys and numbers that lead to the place.
        expected: what should be there, in words.
        found: what is there instead, in words or as JSON; it may quote the reply.
    """

    kind: Kind
    expected: str
    found: str
    path: Path = ()

    @property
    def place(self) -> str:
        """The path in Python's spelling, such as ``rows[3].price``; "the reply" for the whole."""
        return in_words(self.path) or "the reply"

    def __str__(self) -> str:
        return one_line(f"{self.place}: expected {self.expected}, found {self.found}", 400)


class Misfit(DeepSeekError):
    """The reply is not the value that was asked for. ``problems`` says where; the text is kept in ``reply``."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        more = f" (and {len(self.problems) - 1} more)" if len(self.problems) > 1 else ""
        super().__init__(f"the reply does not fit: {self.problems[0]}{more}" if self.problems else "")


def in_words(path: Path) -> str:
    """Return ``path`` in Python's spelling; "" for an empty one."""
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
    """Return ``value`` as short JSON, for a message; of a long list or object only the size is given."""
    if isinstance(value, dict) and len(value) > 3:
        return f"an object with {len(value)} keys"
    if isinstance(value, list) and len(value) > 3:
        return f"a list of {len(value)}"
    if isinstance(value, str) and len(value) > limit:
        value = value[: limit - 1] + "…"
    try:
        return one_line(json.dumps(value, ensure_ascii=False, default=str), limit + 2)
    except Exception:  # noqa: BLE001  # ``str`` of an object may be code of the user's
        return with_article(type(value).__name__)


def called(spec: Any) -> str:
    """Return what ``spec``, a schema of the user's, is called: its name, how it is written, or, if long, its type."""
    written = str(getattr(spec, "__name__", None) or repr(spec))
    is_short = len(written) <= 80 and "\n" not in written
    return one_line(written, 80) if is_short else with_article(type(spec).__name__)
