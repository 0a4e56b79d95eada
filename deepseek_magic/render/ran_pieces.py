"""Code that a model proposed as folded cells: the code and what it printed on a click, its figures in sight.

All text is plain and comes from a model or from code that ran; pictures are embedded, and nothing is loaded.
"""

from __future__ import annotations

import base64
import re

from deepseek_magic.api.events import Called, Piece, PieceState
from deepseek_magic.text import counted

from .safe_html import SMALL, SafeHtml, _safe, answer, words
from .style import BAR, CODE_FONT

_ENDED: dict[PieceState, str] = {
    "asked": "",
    "done": "",
    "failed": "failed",
    "stopped": "stopped",
    "refused": "not run: you did not allow it",
    "edited": "not run: you edit it",
}
_FORMATS = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpeg"}
_OUTPUT = (
    "white-space:pre-wrap;overflow-wrap:normal;overflow-x:auto;max-height:24em;overflow-y:auto;"
    f"{CODE_FONT};font-size:.9em;padding-left:.8em;border-left:{BAR}"
)


def title(piece: Piece, seconds: float = 0.0) -> str:
    """Return what ``piece`` is called, and what became of it, on one line."""
    lines = counted(piece.code.rstrip().count("\n") + 1, "line")
    ran = [f"{seconds:.1f} s"] if piece.state in ("done", "failed", "stopped") else []
    return " · ".join(filter(None, [f"Piece {piece.number}", lines, *ran, _ENDED[piece.state]]))


def proposed(piece: Piece) -> SafeHtml:
    """Return ``piece`` while it is asked for, and runs: its code can be read."""
    return _cell(piece, title(piece), "", open=True)


def ran(call: Called) -> SafeHtml:
    """Return the piece of ``call`` with its output, folded; nothing for a call that is not one."""
    piece = call.piece
    return _safe("") if piece is None else _cell(piece, title(piece, call.seconds), call.result, open=False)


def _cell(piece: Piece, summary: str, result: str, *, open: bool) -> SafeHtml:  # noqa: A002 (HTML's own word)
    longest = max((len(run) for run in re.findall("`+", piece.code)), default=0)
    fence = "`" * max(3, longest + 1)
    code = answer(f"{fence}python\n{piece.code}\n{fence}\n")
    output = f'<div class="deepseek-output" dir="auto" style="{_OUTPUT}">{words(result)}</div>' if result else ""
    pictures = "".join(filter(None, (_picture(image, piece.number) for image in piece.images)))
    return _safe(
        f'<details class="deepseek-piece"{" open" if open else ""} style="margin:0 0 .6em">'
        f'<summary style="cursor:pointer;{SMALL}">{words(summary)}</summary>{code}{output}</details>{pictures}'
    )


def _picture(image: bytes, number: int) -> str:
    """Return ``image`` embedded; "" if it does not begin as an image file of a known format does."""
    kind = next((kind for begin, kind in _FORMATS.items() if image.startswith(begin)), "")
    data = base64.b64encode(image).decode()
    return kind and (
        f'<div style="margin:.6em 0"><img alt="figure of piece {number}" style="max-width:100%" '
        f'src="data:image/{kind};base64,{data}"></div>'
    )
