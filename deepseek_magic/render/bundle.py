"""The static form of a reply: what a saved notebook holds, and what outlives the kernel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from deepseek_magic.api.events import Called
from deepseek_magic.text import one_line, visible

from . import panels, ran_pieces, safe_html
from .renderer import Ending

#: Characters that are drawn within a second or so. The rest of that is not worth a stop; that of more is.
_SOON = 100_000
UNDRAWN = "Drawing this was stopped, so it is shown as it was written. %deepseek_chat show draws it."


def bundle(
    ending: Ending,
    answer: Callable[[], safe_html.SafeHtml] | None = None,
    look: safe_html.Look | None = None,
) -> dict[str, str]:
    """Return ``ending`` as a MIME bundle: safe ``text/html``, and the exact source as ``text/plain``.

    Args:
        ending: how the reply ended.
        answer: makes its text as HTML, where most of that is at hand already.
        look: what the front end needs done to it; as ``ending`` says where it is ``None``.

    No ``text/markdown``: tools that prefer it would parse the model's text again, without our walls.
    """
    look = look or safe_html.look_of(ending.needs)
    html = drawn(ending, lambda: look(whole(ending, answer() if answer else None))) or look(undrawn(ending))
    return {"text/html": str(html), "text/plain": ending.text}


def drawn(ending: Ending, make: Callable[[], safe_html.SafeHtml]) -> safe_html.SafeHtml | None:
    """Return what ``make`` makes of ``ending``; ``None`` where the user stops it, which only a long one is worth."""
    if len(ending.view) + len(ending.reasoning) <= _SOON:
        return make()
    html: safe_html.SafeHtml | None = ending.attempt(make)
    return html


def undrawn(ending: Ending) -> safe_html.SafeHtml:
    """Return ``ending`` with its texts as they were written, which costs next to nothing."""
    said = replace(ending, notices=(*ending.notices, UNDRAWN))
    return whole(said, safe_html.text(visible(ending.view)), safe_html.text(visible(ending.reasoning)))


def whole(
    ending: Ending, answer: safe_html.SafeHtml | None = None, thinking: safe_html.SafeHtml | None = None
) -> safe_html.SafeHtml:
    """Return ``ending`` as HTML; ``answer`` and ``thinking`` are its texts as HTML, where they are at hand already."""
    reasoning = None
    if ending.reasoning:
        summary = visible(ending.thought) or "Thinking"
        body = safe_html.answer(ending.reasoning) if thinking is None else thinking
        reasoning = safe_html.reasoning(body, summary=summary, open=False)
    return safe_html.reply(
        answer=safe_html.answer(ending.view) if answer is None else answer,
        reasoning=reasoning,
        closing=closing(ending),
        calls=calls_html(ending.calls) if ending.calls else None,
    )


def closing(ending: Ending) -> safe_html.SafeHtml:
    """Return what stands below the text: notices, footer, receipt."""
    return safe_html.closing(
        footer=visible(ending.footer),
        details=visible(ending.details),
        notices=[visible(notice) for notice in ending.notices],
        receipt=_receipt(ending) if ending.receipt else None,
    )


def calls_html(calls: Sequence[Called], *, live: bool = False) -> safe_html.SafeHtml:
    """Return the functions that ran, and the code; while the reply is ``live`` the list is open."""
    rows = [
        (visible(one.call), f"{'failed: ' if one.failed else ''}{one_line(one.result, 300)}", f"{one.seconds:.1f} s")
        for one in calls
        if one.piece is None
    ]
    listed = [panels.calls(rows, open=live)] if rows else []
    return safe_html.joined([*listed, *map(ran_pieces.ran, calls)])


def _receipt(ending: Ending) -> safe_html.SafeHtml:
    rows = [(visible(what), tokens, visible(remarks)) for what, tokens, remarks in ending.receipt_rows]
    return panels.receipt(visible(ending.receipt), rows)
