"""Make safe HTML for everything beside the text of a reply: lists of calls, receipts, sent messages, tables, cards.

All values are plain text. `safe_html` makes the HTML of replies, and all text here safe.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import TypeVar

from deepseek_magic.text import one_line, visible

from .safe_html import _EDGE, BELOW, HEARD_STATUS, REPLY, SMALL, STATUS, SafeHtml, _safe, joined, live, text, words
from .style import BAR, BORDER, CODE_FONT, COLUMN_WIDTH, QUIET, START, UNLISTED, escaped

_Column = TypeVar("_Column")

#: A call in words, what it took, and its result; all plain text.
Row = tuple[str, str, str]
#: Calls that are shown one by one; of more, one line says how many they are.
FEW = 4
# Characters of a call on its line.
_LINE = 140
#: Functions that a line names.
_NAMED = 4
_NAME = re.compile(r"[!-~]{1,60}-[!-~]{1,60}")
# Lines wrap between words; what is longer than a line, such as a path, scrolls. The lab breaks any word of a `pre`.
SENT = f"white-space:pre-wrap;overflow-wrap:normal;overflow-x:auto;{CODE_FONT}"


def fold(summary: str, body: SafeHtml) -> SafeHtml:
    """Return ``body`` folded below a line of plain text, for use inside other HTML."""
    return _safe(
        f'<details><summary style="cursor:pointer;{SMALL}">{words(summary)}</summary>{joined([body])}</details>'
    )


def folded(summary: str, body: SafeHtml) -> SafeHtml:
    """Return ``body`` folded below a line of plain text."""
    return live(fold(summary, body))


def scrolling(body: SafeHtml) -> SafeHtml:
    """Return thinking in a box of some ten lines that shows its end, where it is drawn whole each time."""
    return _safe(
        '<div class="deepseek-thinking" style="display:flex;flex-direction:column-reverse;max-height:16em;'
        f'overflow:auto;margin:0 0 .6em .2em;padding-left:.8em;border-left:{BAR}"><div>{joined([body])}</div></div>'
    )


_HEARD = '<div aria-live="polite">'


def heard(part: SafeHtml, follows: bool, *, goes_on: bool = False) -> SafeHtml:
    """Return ``part`` of HTML that is redrawn as a whole, so that a screen reader reads it out.

    It must be `unheard` the next time, or it is read out again. If it ``follows`` something or the text ``goes_on``,
    its first or last block is not that of the reply: see `safe_html.live`.
    """
    return _safe(f"{_HEARD}{_EDGE if follows else ''}{joined([part])}{_EDGE if goes_on else ''}</div>")


def unheard(part: SafeHtml) -> SafeHtml:
    """Return ``part`` with nothing in it that is read out, and as it looks. No text holds such a tag."""
    return _safe(joined([part]).replace(_HEARD, "<div>").replace(HEARD_STATUS, STATUS))


def history(title: str, entries: Sequence[tuple[str, str, SafeHtml]]) -> SafeHtml:
    """Return past questions and answers, each folded: its line and its question, both plain text, and its answer."""
    asked = f'<div class="deepseek-question" style="margin:.3em 0;padding-left:.8em;border-left:{BAR}">'
    parts = [
        folded(line, joined([_safe(f"{asked}{text(question)}</div>"), answer])) for line, question, answer in entries
    ]
    return _safe(f'{REPLY}<div dir="auto" style="{SMALL}">{words(title)}</div>{joined(parts)}</div>')


def calls(rows: Sequence[Row]) -> SafeHtml:
    """Return the calls that ran, each a line that unfolds to its result; many of them are folded into one line."""
    return _safe(
        f'<details class="deepseek-calls"{" open" if len(rows) <= FEW else ""} style="margin:0 0 .6em">'
        f'<summary style="cursor:pointer;{SMALL}">{words(_called(rows))}</summary>'
        f"{''.join(map(_call, rows))}</details>"
    )


def _call(row: Row) -> str:
    """Return one call: its name, the beginning of its arguments and what it took, which unfold to all of it."""
    call, facts, result = row
    body = f"{call}\n\n{result}" if len(one_line(call, len(call) + 1)) > _LINE else result
    return (
        '<details class="deepseek-call" style="margin:.1em 0 .1em 1.2em">'
        f'<summary style="cursor:pointer;{SMALL}"><code>{words(one_line(call, _LINE))}</code>'
        f" · {words(facts)}</summary>"
        f'<div dir="auto" style="{SENT};max-height:18em;overflow-y:auto;margin:.2em 0 .4em 1.2em;{SMALL}">'
        f"{words(body)}</div></details>"
    )


def _called(rows: Sequence[Row]) -> str:
    """Return in words how often each function was called; for many functions, only their number."""
    times = Counter(one_line(call.partition("(")[0], 60) for call, _, _ in rows)
    if len(times) > _NAMED:
        return f"{len(rows):,} calls of {len(times)} functions"
    words_of = {1: "once", 2: "twice"}
    return ", ".join(f"{name} called {words_of.get(count, f'{count} times')}" for name, count in times.items())


def receipt(line: str, rows: Sequence[tuple[str, str, str]]) -> SafeHtml:
    """Return the receipt: ``line`` in plain text, which unfolds to a row for each part (title, tokens, remarks)."""
    if not rows:
        return _safe(f'<div class="deepseek-receipt" style="{BELOW}">{words(line)}</div>')
    return _safe(
        f'<details class="deepseek-receipt" style="{BELOW}"><summary style="cursor:pointer">{words(line)}</summary>'
        f"{table(('sent', 'tokens', ''), rows)}</details>"
    )


def messages(title: str, facts: Sequence[tuple[str, str]], parts: Sequence[tuple[str, str, str]]) -> SafeHtml:
    """Return a request: ``facts`` about it (pairs), and messages (role, remark, text), a line each; all plain text."""
    shown = "".join(
        f'<details{" open" if place == len(parts) - 1 else ""} style="margin:.3em 0">'
        f'<summary style="cursor:pointer"><strong>{words(role)}</strong> '
        f'<span style="{SMALL}">{words(remark)}</span></summary>'
        f'<div class="deepseek-sent" dir="auto" style="{SENT}">{words(content)}</div>'
        "</details>"
        for place, (role, remark, content) in enumerate(parts)
    )
    return joined([card(title, facts), live(_safe(shown))])


def table(head: Sequence[str], rows: Sequence[Sequence[str]], caption: str = "") -> SafeHtml:
    """Return a table of ours; all cells are plain text."""
    cell = f'<{{0}} dir="auto" style="text-align:{START}{{2}}"{{3}}>{{1}}</{{0}}>'
    title = f'<caption style="text-align:{START};{QUIET}">{words(caption)}</caption>' if caption else ""
    top = "".join(cell.format("th", words(value), "", ' scope="col"') for value in head)
    body = "".join(
        f"<tr>{''.join(cell.format('td', words(value), _unbroken(value), '') for value in row)}</tr>" for row in rows
    )
    return _safe(
        f'<div class="deepseek-table" style="margin:.6em 0;overflow-x:auto"><table style="margin:0">{title}'
        f"<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _unbroken(value: str) -> str:
    """Return the style that keeps a name such as that of a model on one line, which has hyphens and no blank."""
    return ";white-space:nowrap" if _NAME.fullmatch(value) else ""


def column_title(title: str) -> SafeHtml:
    """Return the heading of a column, plain text."""
    return _safe(
        f'<div class="deepseek-label" style="font-weight:600;margin:0 0 .5em;padding:0 0 .2em;border-bottom:{BORDER}">'
        f"{words(title)}</div>"
    )


def columns(parts: Sequence[tuple[str, SafeHtml]], closing: str = "") -> SafeHtml:
    """Return replies side by side, each below its title; one below the other if there is no room.

    ``closing`` is a line of plain text below them.
    """
    shown = [
        f'<div class="deepseek-column" role="group" aria-label="{escaped(visible(title))}" '
        f'style="flex:1 1 {COLUMN_WIDTH};min-width:0">{column_title(title)}{joined([reply])}</div>'
        for title, reply in parts
    ]
    style = "display:flex;flex-wrap:wrap;gap:1em 2em"
    rows = [
        f'<div class="deepseek-columns" style="{style}{";margin-top:1em" if place else ""}">{"".join(row)}</div>'
        for place, row in enumerate(in_rows(shown))
    ]
    below = f'<div style="margin-top:.8em">{joined([closing_line(closing)])}</div>' if closing else ""
    return _safe(f"{REPLY}{''.join(rows)}{below}</div>")


def closing_line(words_below: str) -> SafeHtml:
    """Return the line of plain text below replies that stand side by side."""
    return _safe(f'<div class="deepseek-closing" style="{SMALL}">{words(words_below)}</div>')


def in_rows(columns: Sequence[_Column]) -> list[Sequence[_Column]]:
    """Return ``columns`` in the rows that they stand in at most: four are two and two, not three and a wide one."""
    return [columns[:2], columns[2:]] if len(columns) == 4 else [columns]


_EXAMPLE = "Example: "
_ENTRY = re.compile(r" {4}(\S.*?)(?: {2,}(\S.*))?")


def manual(text: str) -> SafeHtml:
    """Return plain text of ours: indented lines are what can be typed, and after two spaces what it does."""
    shown = []
    for paragraph in text.strip("\n").split("\n\n"):
        for kind, lines in groupby(paragraph.split("\n"), _kind):
            if kind == _EXAMPLE:
                shown += [
                    f"<p>{_EXAMPLE}<code>{words(line.strip().removeprefix(_EXAMPLE))}</code></p>" for line in lines
                ]
            elif kind == "typed":
                rows = "".join(_entry(entry[1], entry[2] or "") for entry in map(_ENTRY.fullmatch, lines) if entry)
                shown.append(
                    f'<div style="overflow-x:auto"><table style="margin:0 0 .6em"><tbody>{rows}</tbody></table></div>'
                )
            else:
                shown.append(f"<p>{words(chr(10).join(lines))}</p>")
    return _safe(f"{REPLY}{''.join(shown)}</div>")


def _kind(line: str) -> str:
    if line.strip().startswith(_EXAMPLE):
        return _EXAMPLE
    return "typed" if _ENTRY.fullmatch(line) else ""


def _entry(typed: str, does: str) -> str:
    style = f"text-align:{START};white-space:nowrap"
    # The lab's own style lets code wrap, at every hyphen.
    name = f'<th scope="row" style="{style}"><code style="white-space:nowrap">{words(typed)}</code></th>'
    return f'<tr>{name}<td style="text-align:{START}">{words(does)}</td></tr>' if does else f"<tr>{name}</tr>"


def card(title: str, rows: Sequence[tuple[str, str]]) -> SafeHtml:
    """Return the status card: a title and pairs of label and value, all plain text."""
    body = "".join(
        f'<tr><th scope="row" dir="auto" style="text-align:{START}">{words(label)}</th>'
        f'<td dir="auto" style="text-align:{START}">{words(value)}</td></tr>'
        for label, value in rows
    )
    return _safe(
        f'{REPLY}<h3 class="{UNLISTED}">{words(title)}</h3>'
        f'<div class="deepseek-table" style="overflow-x:auto"><table style="margin:0"><tbody>{body}</tbody></table>'
        "</div></div>"
    )
