"""The receipt: what was sent with one question, as one line and as a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from deepseek_magic.text import counted

from .sources import KINDS

Row = tuple[str, str, str]
#: The kinds of everything in a request besides items of context.
PARTS = (
    *("system", "rules", "tool", "summary", "turns", "frame", "question", "format", "gap"),
    *("calls", "result", "reply", "follow-up", "begun"),
)
#: From this many on, equal rows are combined into three.
_ALIKE = 40
# Items of a kind that the line names, where it does not name all.
_FEW = 4


@dataclass(frozen=True, slots=True)
class Entry:
    """One part of a request.

    Attributes:
        kind: the kind of the item of context, or one of `PARTS`.
        title: the title of the item.
        tokens: the estimated tokens that were sent; 0 if nothing was.
        left_out: the estimated tokens that were cut off for the budget.
        masked: the kinds of the secrets that were masked in it.
        notes: notes for the user.
        unchanged: whether it was already in the conversation, so that only its title was sent.
    """

    kind: str
    title: str
    tokens: int
    left_out: int = 0
    masked: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    unchanged: bool = False

    def remarks(self) -> str:
        """Return the remarks about it, on one line."""
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
        entries: the parts of the request, in the order in which they are sent.
        turns: how many earlier turns were sent with it.
        replaced: the ``{expressions}`` that were replaced in the question, each with its replacement.
        masked: the kinds of the secrets that were masked in other parts than the prompt.
    """

    entries: tuple[Entry, ...] = ()
    turns: int = 0
    replaced: tuple[str, ...] = ()
    masked: tuple[str, ...] = ()

    @property
    def tokens(self) -> int:
        """The estimated tokens of all parts together."""
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
        """Return a row for each part: its title, its tokens, remarks. Many equal rows are combined.

        There are no rows if only the question was sent, as typed.
        """
        if all(entry.kind == "question" for entry in self.entries) and not (self.replaced or self.secrets):
            return ()
        rows = list(_gathered(self.entries))
        rows += [(expression, "", "replaced in the question") for expression in self.replaced]
        if self.masked:
            rows.append(("stops", "", "masked: " + ", ".join(self.masked)))
        return tuple(rows)


def _gathered(entries: Sequence[Entry]) -> Iterator[Row]:
    """Yield a row for each entry; for many with equal remarks, the first, how many follow, and the last."""
    for _, group in groupby(entries, key=lambda entry: (entry.kind, bool(entry.tokens), entry.remarks())):
        run = list(group)
        rows = [(entry.title, f"{entry.tokens:,}" if entry.tokens else "", entry.remarks()) for entry in run]
        if len(run) > _ALIKE:
            tokens = sum(entry.tokens for entry in run[1:-1])
            rows[1:-1] = [(f"{len(run) - 2:,} more", f"{tokens:,}" if tokens else "", "each as the one above")]
        yield from rows


def _named(entries: Sequence[Entry]) -> Iterator[str]:
    """Yield the names of the entries for the receipt's line, kind by kind."""
    for kind in KINDS.values():
        titles = kind.named([entry.title for entry in entries if entry.kind == kind.name])
        shown = titles[:_FEW] if kind.noun else titles
        yield from shown
        if more := len(titles) - len(shown):
            yield f"{more} more {kind.noun}"
