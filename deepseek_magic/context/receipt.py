"""What left the machine with one question, in one line and in a row for each piece."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from deepseek_magic.text import counted

from .sources import KINDS

Row = tuple[str, str, str]
#: Rows that say the same, from so many on gathered into three.
_ALIKE = 40


@dataclass(frozen=True, slots=True)
class Entry:
    """One item as it was sent.

    Attributes:
        kind: that of the item of context; ``tool`` for the definition of a tool, ``result`` for what a tool returned,
            ``rules`` for house rules, ``summary`` for that of earlier turns.
        title: what it is called.
        tokens: estimated tokens of what was sent of it; 0 where nothing was.
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
        elif not self.tokens:
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
        tokens: estimated tokens of all messages together.
        turns: earlier turns that were sent along.
        entries: the context, item by item.
        replaced: the ``{expressions}`` that were replaced in the question, each with what it became.
        masked: the kinds of the secrets that were masked in the question and the system text.
    """

    tokens: int = 0
    turns: int = 0
    entries: tuple[Entry, ...] = ()
    replaced: tuple[str, ...] = ()
    masked: tuple[str, ...] = ()

    @property
    def secrets(self) -> int:
        """How many secrets were masked in all."""
        return len(self.masked) + sum(len(entry.masked) for entry in self.entries)

    @property
    def plain(self) -> bool:
        """Whether nothing went out but the question as typed and the conversation."""
        return not (self.entries or self.replaced or self.secrets)

    def followed_by(self, entries: Sequence[Entry]) -> Receipt:
        """Return the receipt with what was sent beside: ``entries``, whose tokens are added."""
        tokens = self.tokens + sum(entry.tokens for entry in entries)
        return replace(self, tokens=tokens, entries=(*self.entries, *entries))

    def line(self) -> str:
        """Return the receipt in one line."""
        what = [entry.title for entry in self.entries if entry.kind in ("rules", "summary")]
        what += _named([entry for entry in self.entries if entry.tokens or entry.unchanged])
        what += [expression for expression in self.replaced if expression[1:-1] not in what]
        if not what:
            what = ["the question"]
        if results := sum(entry.kind == "result" for entry in self.entries):
            what.append(counted(results, "tool result"))
        if self.turns:
            what.append(counted(self.turns, "earlier turn"))
        parts = [f"sent: {', '.join(what)}", f"about {counted(self.tokens, 'token')}"]
        if left := sum(1 for entry in self.entries if entry.left_out or not (entry.tokens or entry.unchanged)):
            parts.append(f"{left} cut or left out")
        if self.secrets:
            parts.append(f"{counted(self.secrets, 'secret')} masked")
        return " · ".join(parts)

    def rows(self) -> tuple[Row, ...]:
        """Return a row for each piece: what it is, its tokens, what is special about it; alike ones of many are one."""
        rows = [(entry.title, f"{entry.tokens:,}" if entry.tokens else "", entry.remarks()) for entry in self.entries]
        rows = list(_gathered(rows))
        rows += [(expression, "", "replaced in the question") for expression in self.replaced]
        if self.masked:
            rows.append(("question", "", "masked: " + ", ".join(self.masked)))
        return tuple(rows)


def _gathered(rows: Sequence[Row]) -> Iterator[Row]:
    """Yield ``rows``; of a long run that says the same of each, the first, how many follow, and the last."""
    for _, group in groupby(rows, key=lambda row: (bool(row[1]), row[2])):
        run = list(group)
        if len(run) <= _ALIKE:
            yield from run
            continue
        between = run[1:-1]
        tokens = sum(int(tokens.replace(",", "")) for _, tokens, _ in between if tokens)
        yield run[0]
        yield f"{len(between):,} more", f"{tokens:,}" if tokens else "", "each as the one above"
        yield run[-1]


def _named(entries: Sequence[Entry]) -> Iterator[str]:
    """Yield what the entries are called in one line, kind by kind."""
    for kind in KINDS.values():
        yield from kind.named([entry.title for entry in entries if entry.kind == kind.name])
