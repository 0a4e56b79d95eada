"""Make the static form of a reply, which the saved notebook holds and which outlives the kernel."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from deepseek_magic.api.events import Called
from deepseek_magic.text import one_line, visible

from . import found_pages, panels, ran_pieces, safe_html
from .cited_text import citing
from .front_ends import Needs
from .ledger import cited, facts
from .renderer import Ending

# The most characters of a tool's result that are shown: in the end, and while the reply streams.
_LONGEST, _LIVE = 20_000, 400
#: Characters that are drawn within about a second. Only for more of them can drawing be stopped.
_SOON = 100_000
#: The share of an output's size limit for what is shown: the rest is for metadata and for JSON escapes.
ROOM = 0.8
_LETTERS = re.compile(r"[^\W\d_]+")
# Markup that may drop letters: of tables, fences, entities, elements, formulas, links and tasks.
_MARKUP = re.compile(r"[|`~<$\\\[]|&[#A-Za-z]")
UNDRAWN = "Drawing this was stopped, so it is shown as it was written."


def bundle(
    ending: Ending,
    answer: Callable[[], safe_html.SafeHtml] | None = None,
    look: safe_html.Look | None = None,
) -> dict[str, str]:
    """Return ``ending`` as a MIME bundle: safe ``text/html``, and the exact source as ``text/plain``.

    Args:
        ending: how the reply ended.
        answer: returns the HTML of its text, if most of that has been made already.
        look: what the front end needs done to the HTML; ``None`` for what ``ending`` says.

    There is no ``text/markdown``: tools that prefer it would render the model's text without our protection.
    """
    look = look or safe_html.look_of(ending.needs)
    if is_overfull(ending):
        return _cut_short(ending, look)
    made = None if ending.sources else answer  # in the end, citations lead to the list of sources
    html = look(drawn(ending, lambda: whole(ending, made() if made else None)) or undrawn(ending))
    return fitted({"text/html": str(html), "text/plain": ending.text}, ending, look)


def fitted(data: dict[str, str], ending: Ending, look: safe_html.Look) -> dict[str, str]:
    """Return ``data``, which shows ``ending``, or only its beginning if the front end would cut or drop the output.

    A front end cuts anywhere and without a note, and drops everything below the text.
    """
    return data if fits(data.values(), ending.needs) else _cut_short(ending, look)


def fits(shown: Iterable[str], needs: Needs) -> bool:
    """Return whether a front end with ``needs`` shows all of ``shown``."""
    return not needs.most or sum(map(size, shown)) <= room(needs)


def room(needs: Needs) -> float:
    """Return the most bytes that may be shown."""
    return needs.most * ROOM


def is_overfull(ending: Ending) -> bool:
    """Return whether the text alone is too large to be shown, so that drawing it would be useless."""
    most = room(ending.needs)
    return 0 < most < size(ending.text) * 6 and most < size(ending.text) + _least(ending.view)


def _least(text: str) -> int:
    """Return a lower limit of the bytes in the HTML of ``text``: its letters and "&" that no markup drops."""
    if "]:" in text:  # it may be a link definition, which is not shown
        return 0
    plain = [line for line in text.splitlines() if not _MARKUP.search(line)]
    return sum(size("".join(_LETTERS.findall(line))) + len("&amp;") * line.count("&") for line in plain)


def _cut_short(ending: Ending, look: safe_html.Look) -> dict[str, str]:
    html, text = beginning(ending, look, room(ending.needs))
    return {"text/html": str(look(html)), "text/plain": text}


def beginning(
    ending: Ending,
    look: safe_html.Look,
    most: float,
    where: str = "{result}.text and in %deepseek_chat export FILE",
) -> tuple[safe_html.SafeHtml, str]:
    """Return the beginning of the source of ``ending``, as HTML and as text with ``most`` bytes together.

    ``where`` says where all of it is; ``{result}`` in it stands for the result of the cell.
    """
    result = f"Out[{ending.execution}]" if ending.execution else "_"  # ``_`` changes with the next cell
    text, length = _cut(ending.text, most / 2), len(ending.view)
    said = (
        f"This output would have more than {ending.needs.most / 1e6:.0f} MB, which this front end does not show: "
        f"this is the beginning of the text, as it was written. All of it is in {where.format(result=result)}."
    )
    while True:
        short = replace(
            ending, shown=ending.view[:length], reasoning="", calls=(), notices=(*ending.notices, said), receipt_rows=()
        )
        html = whole(short, safe_html.text(visible(short.view) if length else ""))
        if not length or size(look(html)) + size(text) <= most:
            return html, text
        length //= 2


def _cut(text: str, most: float) -> str:
    """Return the beginning of ``text`` with ``most`` bytes."""
    return text if size(text) <= most else text.encode("utf-8", "replace")[: int(most)].decode("utf-8", "ignore")


def size(text: str) -> int:
    """Return the size of ``text`` in bytes."""
    return len(text.encode("utf-8", "replace"))


def is_long(ending: Ending) -> bool:
    """Return whether drawing ``ending`` takes so long that the user is told, and can stop it."""
    return to_draw(ending) > _SOON


def to_draw(ending: Ending) -> int:
    """Return how many characters of ``ending`` are drawn, in its text and its thinking."""
    return len(ending.view) + len(ending.reasoning)


def drawn(ending: Ending, make: Callable[[], safe_html.SafeHtml]) -> safe_html.SafeHtml | None:
    """Return the result of ``make`` for ``ending``; ``None`` if the user stops it, which only a long one allows."""
    if not is_long(ending):
        return make()
    html: safe_html.SafeHtml | None = ending.attempt(make)
    return html


def shown(ending: Ending, look: safe_html.Look) -> safe_html.SafeHtml:
    """Return ``ending`` as HTML for a front end, drawn unless the user stops that."""
    return look(drawn(ending, lambda: whole(ending)) or undrawn(ending))


def undrawn(ending: Ending) -> safe_html.SafeHtml:
    """Return ``ending`` with its texts as source, which takes almost no time."""
    draws = "%deepseek_chat show draws it."
    if ending.execution:  # by then, another reply may be the last one
        draws = f"While this kernel runs, %deepseek_chat show [{ending.execution}] draws it."
    said = replace(ending, notices=(*ending.notices, f"{UNDRAWN} {draws}"))
    return whole(said, safe_html.text(visible(ending.view)), safe_html.text(visible(ending.reasoning)))


def whole(
    ending: Ending, answer: safe_html.SafeHtml | None = None, thinking: safe_html.SafeHtml | None = None
) -> safe_html.SafeHtml:
    """Return ``ending`` as HTML; ``answer`` and ``thinking`` are the HTML of its texts, if made already."""
    reasoning = None
    if ending.reasoning:
        summary = visible(ending.thought) or "Thinking"
        body = safe_html.answer(ending.reasoning) if thinking is None else thinking
        reasoning = safe_html.reasoning(body, summary=summary, open=False)
    return safe_html.reply(
        answer=_answer(ending) if answer is None else answer,
        reasoning=reasoning,
        closing=closing(ending),
        calls=calls_html(ending.calls) if ending.calls else None,
    )


def _answer(ending: Ending) -> safe_html.SafeHtml:
    """Return the HTML of the text, with its citations as links to the sources below it."""
    if not ending.sources:
        return safe_html.answer(ending.view)
    return citing(ending.view, {one.number: one.title for one in ending.sources}, _anchor(ending))


def closing(ending: Ending) -> safe_html.SafeHtml:
    """Return the HTML below the text: sources, notices, footer, receipt."""
    return safe_html.closing(
        footer=visible(ending.footer),
        details=visible(ending.details),
        notices=[visible(notice) for notice in ending.notices],
        receipt=_receipt(ending) if ending.receipt else None,
        sources=_sources(ending) if ending.sources else None,
    )


def calls_html(calls: Sequence[Called], *, live: bool = False) -> safe_html.SafeHtml:
    """Return the HTML of calls and code that ran; ``live``: cut results, which are sent again with each call."""
    rows = [(visible(one.call), facts(one), _result(one, live=live)) for one in calls if one.piece is None]
    listed = [panels.calls(rows)] if rows else []
    return safe_html.joined([*listed, *map(ran_pieces.ran, calls)])


def _result(one: Called, *, live: bool) -> str:
    shown = visible(one.result)
    most = _LIVE if live else _LONGEST
    rest = "the finished reply shows all of it" if live else f"{len(shown) - most:,} characters are not shown"
    return shown if len(shown) <= most else f"{shown[:most]}…\n({rest})"


def _sources(ending: Ending) -> safe_html.SafeHtml:
    rows = [
        (one.number, visible(one.title), one.url, ", ".join(filter(None, (_host(one.url), visible(one.date)))))
        for one in ending.sources
    ]
    return found_pages.sources(rows, [one.number for one in cited(ending)], _anchor(ending))


def _host(url: str) -> str:
    return one_line(url.partition("://")[2].partition("/")[0].rpartition("@")[2] or url, 80)


def _anchor(ending: Ending) -> str:
    """Return the prefix of anchors in the list of sources: constant for a reply, and different for each reply."""
    said = "\n".join([ending.text, *(one.url for one in ending.sources)])
    return f"deepseek-{hashlib.sha256(said.encode('utf-8', 'replace')).hexdigest()[:10]}"


def _receipt(ending: Ending) -> safe_html.SafeHtml:
    rows = [(visible(what), tokens, visible(remarks)) for what, tokens, remarks in ending.receipt_rows]
    return panels.receipt(visible(ending.receipt), rows)
