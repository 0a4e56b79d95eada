"""Make the cards and tables that magics show, each as safe HTML and as plain text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from deepseek_magic.text import one_line, visible

if TYPE_CHECKING:
    from deepseek_magic.chat.reply import Reply
    from deepseek_magic.render.choose import FrontEnd
    from deepseek_magic.render.columns import Columns
    from deepseek_magic.render.front_ends import Needs
    from deepseek_magic.render.renderer import Ending


@dataclass(frozen=True, slots=True)
class Card:
    """A MIME bundle to be displayed, the metadata of its output, and whether a terminal breaks its lines at words."""

    data: Mapping[str, Any]
    metadata: Mapping[str, Any] = field(default_factory=dict)
    is_prose: bool = False


def card(title: str, rows: Sequence[tuple[str, str]]) -> Card:
    """Return a titled list of facts; everything in it is plain text."""
    from deepseek_magic.render import panels  # heavy, and only needed where something is shown

    width = max((len(name) for name, _ in rows), default=0)
    plain = "\n".join([one_line(title), *(f"  {name:<{width}}  {one_line(value, 1000)}" for name, value in rows)])
    shown = [(name, one_line(value, 1000)) for name, value in rows]
    return Card({"text/html": str(panels.card(title, shown)), "text/plain": plain}, is_prose=True)


def table(head: Sequence[str], rows: Sequence[Sequence[str]], caption: str = "") -> Card:
    """Return a table; every cell is plain text."""
    from deepseek_magic.render import panels

    cells = [[one_line(cell, 200) for cell in row] for row in (head, *rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]
    plain = "\n".join([*([one_line(caption, 300)] if caption else []), *lines])
    html = str(panels.table(cells[0], cells[1:], one_line(caption, 300)))
    return Card({"text/html": html, "text/plain": plain}, is_prose=True)


def manual(text: str) -> Card:
    """Return the help on a magic."""
    from deepseek_magic.render import panels

    return Card({"text/html": str(panels.manual(text)), "text/plain": text}, is_prose=True)


def folded_code(summary: str, source: str, language: str) -> Card:
    """Return ``source`` as a coloured code block, folded behind a line; its plain text is the code."""
    from deepseek_magic.render import panels, safe_html

    longest = max((len(run) for run in re.findall("`+", source)), default=0)
    fence = "`" * max(3, longest + 1)
    block = safe_html.answer(f"{fence}{language}\n{source}\n{fence}\n")
    html = safe_html.growing([panels.fold(summary, block)])
    return Card({"text/html": str(html), "text/plain": visible(source)})


def history(title: str, found: Sequence[tuple[str, str, str]], plain: str, needs: Needs) -> Card:
    """Return what was asked and answered (each a line, a question and an answer), and the same as ``plain`` text."""
    from deepseek_magic.render import panels, safe_html

    entries = [(line, question, safe_html.answer(answer)) for line, question, answer in found]
    made = panels.history(one_line(title, 300), entries)
    return Card({"text/html": str(safe_html.look_of(needs)(made)), "text/plain": visible(plain)}, is_prose=True)


def folded(summary: str, reply: Reply, needs: Needs) -> Card:
    """Return ``reply`` folded behind a line; its plain text is only that line. ``needs`` are the front end's."""
    from deepseek_magic.render import panels, safe_html

    html = safe_html.look_of(needs)(panels.folded(summary, safe_html.answer(reply.text)))
    return Card({"text/html": str(html), "text/plain": one_line(summary)})


def shown(ending: Ending, front_end: FrontEnd) -> Card:
    """Return the reply that ended as ``ending`` says, whole, for ``front_end``."""
    from deepseek_magic.render.bundle import bundle

    data = bundle(replace(ending, needs=front_end.needs))
    if not front_end.in_kernel:  # a terminal prints the text: controls are shown, not sent
        data["text/plain"] = visible("\n\n".join((ending.text, *ending.notices)))
    return Card(data, ending.metadata)


def side_by_side(columns: Columns, front_end: FrontEnd) -> Card:
    """Return replies that were asked for at the same time, for ``front_end``."""
    from deepseek_magic.render.columns import bundle

    data = bundle(replace(columns, endings=[replace(one, needs=front_end.needs) for one in columns.endings]))
    if not front_end.in_kernel:
        data["text/plain"] = visible(data["text/plain"])
    return Card(data, columns.metadata)
