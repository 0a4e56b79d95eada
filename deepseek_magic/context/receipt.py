"""What left the machine with one question, in one line and in a row for each piece."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from deepseek_magic.text import counted

from .sources import KINDS

Row = tuple[str, str, str]
#: The kinds of all that a request holds beside items of context.
PARTS = (
    *("system", "rules", "tool", "summary", "turns", "frame", "question", "format", "gap"),
    *("calls", "result", "reply", "follow-up", "begun"),
)
#: Rows that say the same, from so many on gathered into three.
_ALIKE = 40
# Items of a kind that the line names, where it does not name all.
_FEW = 4


@dataclass(frozen=True, slots=True)
class Entry:
    """One item as it was sent.

    Attributes:
        kind: that of the item of context, or one of `PARTS`.
        title: what it is called.
        tokens: estimated tokens of what was sent of it; 0 if nothing was.
        left_out: estimated tokens that the budget cut off.
        masked: the kinds of the secrets that were masked in it.
        notes: what the user should know about it.
        unchanged: it stands in the conversation already, so that it was named and not sent again.
    """

    kind: str
    title: str
    tokens: int
    left_out: int = 0
    masked: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    unchanged: bool = False

    def remarks(self) -> str:
        """Return what is special about it, on one line."""
        parts = list(self.notes)
        if self.unchanged:
            parts.insert(0, "in the conversation already, not sent again")
        elif not self.tokens and self.kind not in PARTS:
            parts.insert(0, "left out: the budget (DeepSeek.context_tokens) is used up")
        elif self.left_out:
            parts.insert(0, f"cut: about {self.left_out:,} tokens left out")
        if self.masked:
            parts.append("masked: " + ", ".join(self.masked))
        return "; ".join(parts)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was sent with a question.

    Attributes:
        entries: all that the request holds, piece by piece, in the order in which it is sent.
        turns: earlier turns that were sent along.
        replaced: the ``{expressions}`` that were replaced in the question, each with what it became.
        masked: the kinds of the secrets that were masked in what is not part of the prompt.
    """

    entries: tuple[Entry, ...] = ()
    turns: int = 0
    replaced: tuple[str, ...] = ()
    masked: tuple[str, ...] = ()

    @property
    def tokens(self) -> int:
        """Estimated tokens of all pieces together."""
        return sum(entry.tokens for entry in self.entries)

    @property
    def secrets(self) -> int:
        """How many secrets were masked in all."""
        return len(self.masked) + sum(len(entry.masked) for entry in self.entries)

    def line(self) -> str:
        """Return the receipt in one line."""
        items = [entry for entry in self.entries if entry.kind not in PARTS]
        what = [entry.title for entry in self.entries if entry.kind in ("rules", "summary")]
        what += _named([entry for entry in items if entry.tokens or entry.unchanged])
        what += [expression for expression in self.replaced if expression[1:-1] not in what]
        if not what:
            what = ["the code around the gap" if self._count("gap") else "the question"]
        what += ["system text"] if self._count("system") else []
        what += [entry.title for entry in self.entries if entry.kind == "format"]
        what += [counted(count, noun) for noun, count in self._numbers() if count]
        parts = [f"sent: {', '.join(what)}", f"about {counted(self.tokens, 'token')}"]
        if left := sum(entry.left_out > 0 or not (entry.tokens or entry.unchanged) for entry in self._cut()):
            parts.append(f"{left} cut or left out")
        if self.secrets:
            parts.append(f"{counted(self.secrets, 'secret')} masked")
        return " · ".join(parts)

    def _count(self, kind: str) -> int:
        return sum(entry.kind == kind for entry in self.entries)

    def _numbers(self) -> Iterator[tuple[str, int]]:
        yield "tool", self._count("tool")
        yield "tool result", self._count("result")
        yield "earlier turn", self.turns

    def _cut(self) -> Iterator[Entry]:
        return (entry for entry in self.entries if entry.kind not in PARTS or entry.kind == "result")

    def rows(self) -> tuple[Row, ...]:
        """Return a row for each piece: what it is, its tokens, what is special about it; alike ones of many are one.

        There is none if only the question went out, as it was typed.
        """
        if all(entry.kind == "question" for entry in self.entries) and not (self.replaced or self.secrets):
            return ()
        rows = list(_gathered(self.entries))
        rows += [(expression, "", "replaced in the question") for expression in self.replaced]
        if self.masked:
            rows.append(("stops", "", "masked: " + ", ".join(self.masked)))
        return tuple(rows)


def _gathered(entries: Sequence[Entry]) -> Iterator[Row]:
    """Yield a row for each entry; of many that say the same, the first, how many follow, and the last."""
    for _, group in groupby(entries, key=lambda entry: (entry.kind, bool(entry.tokens), entry.remarks())):
        run = list(group)
        rows = [(entry.title, f"{entry.tokens:,}" if entry.tokens else "", entry.remarks()) for entry in run]
        if len(run) > _ALIKE:
            tokens = sum(entry.tokens for entry in run[1:-1])
            rows[1:-1] = [(f"{len(run) - 2:,} more", f"{tokens:,}" if tokens else "", "each as the one above")]
        yield from rows


def _named(entries: Sequence[Entry]) -> Iterator[str]:
    """Yield what the entries are called in one line, kind by kind."""
    for kind in KINDS.values():
        titles = kind.named([entry.title for entry in entries if entry.kind == kind.name])
        shown = titles[:_FEW] if kind.noun else titles
        yield from shown
        if more := len(titles) - len(shown):
            yield f"{more} more {kind.noun}"
