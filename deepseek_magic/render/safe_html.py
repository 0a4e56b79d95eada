"""Text to safe HTML. Only this module and `panels` make HTML, and nothing shows what is not `SafeHtml`.

Model text is hostile. Two walls stand one behind the other: the renderer (`commonmark`) passes no HTML through and
makes links of safe addresses only, and an allow-list sanitiser cleans what it made. Our own wrappers, colours and
directions are put on after that (`dress`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial

import nh3

from deepseek_magic.commonmark.elements import marked
from deepseek_magic.commonmark.links import Target, printable
from deepseek_magic.commonmark.splitter import Block

from .highlight import STYLES, GrowingCode, coloured
from .html import SCHEMES, Colours, Commonmark, structure_of
from .style import MAY_HOLD_MATHS, QUIET, Cut, dress, escaped

_TOKEN = object()
_TAGS = {
    *("p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "strong", "em", "b", "i", "del", "sub", "sup", "kbd"),
    *("code", "pre", "blockquote", "ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td", "a", "span"),
}
_ATTRIBUTES = {
    "a": {"href", "title"},
    "span": {"class", "title"},
    "pre": {"class"},
    "code": {"class"},
    "li": {"class"},
    "ol": {"start", "class"},
    **{name: {"class"} for name in MAY_HOLD_MATHS - {"ol"}},
    "td": {"align"},
    "th": {"align"},
}


class SafeHtml(str):
    """HTML that this module made. Anything done to it with string methods gives a plain ``str`` again."""

    __slots__ = ()

    def __new__(cls, value: str, token: object = None) -> SafeHtml:
        """Only for `_safe`: raises TypeError without this module's token."""
        if token is not _TOKEN:
            raise TypeError("only deepseek_magic.render.safe_html makes SafeHtml; expected one of its functions")
        return super().__new__(cls, value)

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        """Copied or pickled it is a plain ``str``: on the way it may have been changed."""
        return str, (str(self),)


def _safe(value: str) -> SafeHtml:
    return SafeHtml(value, _TOKEN)


class References:
    """The link reference definitions of a reply. The first one of a label holds (CommonMark 0.31.2, 4.7)."""

    def __init__(self) -> None:
        self.targets: dict[str, Target] = {}

    def collect(self, block: Block) -> None:
        """Add the definitions that one more block, or piece of one, holds."""
        if "]:" in block.source:
            self._read(block.resumes + block.source)

    def _read(self, source: str) -> None:
        structure = structure_of(printable(source))
        structure.finish()
        for label, target in structure.definitions:
            self.targets.setdefault(label, target)


def references(source: str) -> References:
    """The definitions of a whole reply. To gather them block by block use `References.collect`."""
    found = References()
    found.collect(Block(source))
    return found


def block(block: Block, references: References | None = None, code: GrowingCode | None = None) -> SafeHtml:
    """The HTML of one block, or of one piece of a cut block as it stands between its neighbours.

    ``code`` colours the pieces of cut code, in their order; without it each is coloured alone.
    """
    is_whole = block.last and not block.resumes
    return _render(block, references, code.whole if code is not None and is_whole else _growing(block, code))


def tail(block: Block, references: References | None = None, code: GrowingCode | None = None) -> SafeHtml:
    """The HTML of the open rest of a reply: what is begun and not finished looks like what it will be."""
    return _render(block, references, _growing(block, code), open_end=True)


def whole(pieces: Iterable[Block], code: GrowingCode) -> SafeHtml:
    """The HTML of one block whose ``pieces`` were rendered with ``code``: as `answer` makes it, in less time."""
    return joined(_render(one, None, code.whole) for one in _whole(pieces))


def _growing(block: Block, code: GrowingCode | None) -> Colours:
    return coloured if code is None else partial(code.coloured, resumed=bool(block.resumes))


def answer(blocks: Iterable[Block], references: References | None = None) -> SafeHtml:
    """The HTML of a whole reply. Pieces are joined first, so that it does not depend on where blocks were cut.

    Without ``references`` the definitions in ``blocks`` are used.
    """
    whole = tuple(_whole(blocks))
    if references is None:
        references = References()
        for one in whole:
            references.collect(one)
    return joined(_render(one, references) for one in whole)


def _whole(blocks: Iterable[Block]) -> Iterator[Block]:
    """The blocks with the pieces of each joined."""
    sources: list[str] = []
    for piece in blocks:
        sources.append(piece.source)
        if piece.last:
            yield Block("".join(sources))
            sources = []
    if sources:
        yield Block("".join(sources))


def _render(
    block: Block, references: References | None, colours: Colours = coloured, open_end: bool = False
) -> SafeHtml:
    if not block.source.strip():
        return _safe("")
    targets = references.targets if references else {}
    converter = Commonmark(targets, open_end=open_end, resumed=bool(block.resumes), colours=colours)
    html = _clean(converter.convert(printable(block.resumes + block.source)))
    return _safe(dress(html, Cut(bool(block.resumes), not block.last)))


def _clean(html: str) -> str:
    """The second wall. What `commonmark` makes passes unchanged; what it never should make does not pass."""
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_attribute,
        url_schemes=set(SCHEMES),
        link_rel="noopener noreferrer",
        strip_comments=True,
        clean_content_tags={"script", "style"},
    )


def _attribute(element: str, attribute: str, value: str) -> str | None:
    """Which classes pass: the notes of `commonmark` to `dress`, no class of the lab's or ours."""
    if attribute == "class":
        if element == "pre":
            language = value.removeprefix("language-")
            known = language != value and language.isascii() and language.translate(_LANGUAGE_SIGNS).isalnum()
            return value if known else None
        return value if value in _NOTES[element] else None
    if attribute == "href" and value.partition(":")[0].lower() not in SCHEMES:
        return None
    return value


_NOTES = {
    **{name: {"maths"} for name in MAY_HOLD_MATHS},
    "span": STYLES | {"link", "open", "done"},
    "li": {"task"},
    "code": {"block"},
}
_LANGUAGE_SIGNS = str.maketrans(dict.fromkeys("_+#.-", "x"))


# -- plain text and our own words


def words(text: str) -> str:
    """Plain text between tags: escaped, printable, its dollars out of MathJax's sight."""
    return dress(_clean(escaped(marked(printable(text)))), Cut())


def text(value: str) -> SafeHtml:
    """Plain text: nothing in it is markup, its lines are kept."""
    return _safe(f'<span dir="auto" style="white-space:pre-wrap">{words(value)}</span>')


def joined(parts: Iterable[SafeHtml]) -> SafeHtml:
    """The parts one after the other. Raises TypeError where one is not `SafeHtml`."""
    checked = list(parts)
    for part in checked:
        if not isinstance(part, SafeHtml):
            raise TypeError(f"expected SafeHtml, found {type(part).__name__}")
    return _safe("".join(checked))


def status(value: str) -> SafeHtml:
    """The live status line."""
    return _safe(f'<div class="deepseek-status" role="status" style="{SMALL}">{words(value)}</div>')


def live(part: SafeHtml) -> SafeHtml:
    """One committed group, or the open tail, for a widget of its own."""
    return _safe(f'<div class="deepseek jp-RenderedHTMLCommon" style="{_WRAPPED}">{joined([part])}</div>')


def thinking(part: SafeHtml) -> SafeHtml:
    """One committed group, or the open tail, of the thinking while it goes on: set apart from the answer."""
    return _safe(
        f'<div class="deepseek jp-RenderedHTMLCommon" role="group" aria-label="Thinking" style="{_WRAPPED};'
        f'padding-left:.8em;margin-left:.2em;border-left:3px solid var(--jp-border-color1,#9e9e9e)">'
        f"{joined([part])}</div>"
    )


def growing(parts: Iterable[SafeHtml]) -> SafeHtml:
    """A reply that is not finished, where there are no widgets."""
    return _safe(f"{REPLY}{joined(parts)}</div>")


def reasoning(body: SafeHtml, *, summary: str, open: bool) -> SafeHtml:  # noqa: A002 (HTML's own word)
    """The thinking section: ``summary`` is its plain-text line, ``body`` its content."""
    return _safe(
        f'<details class="deepseek-reasoning"{" open" if open else ""} style="margin:0 0 .6em">'
        f'<summary style="cursor:pointer;{SMALL}">{words(summary)}</summary>'
        f'<div style="margin:.3em 0 .3em .2em;padding-left:.8em;border-left:3px solid '
        f'var(--jp-border-color1,#9e9e9e)">{joined([body])}</div></details>'
    )


def reply(
    *,
    answer: SafeHtml,
    reasoning: SafeHtml | None,
    footer: str,
    notices: Sequence[str],
    details: str = "",
    receipt: SafeHtml | None = None,
    calls: SafeHtml | None = None,
) -> SafeHtml:
    """The finished reply. ``footer``, ``notices`` and ``details`` (the footer's tooltip) are plain text."""
    parts = [REPLY]
    if reasoning is not None:
        parts.append(joined([reasoning]))
    if calls is not None:
        parts.append(joined([calls]))
    parts.append(f'<div class="deepseek-answer">{joined([answer])}</div>')
    parts.extend(
        f'<div class="deepseek-notice" role="note" style="margin:.6em 0;padding:.4em .8em;border-left:3px solid '
        f'var(--jp-warn-color1,#b45309)">{words(notice)}</div>'
        for notice in notices
    )
    if footer:
        title = f' title="{escaped(printable(details))}"' if details else ""
        parts.append(f'<div class="deepseek-footer"{title} style="margin-top:.4em;{SMALL}">{words(footer)}</div>')
    if receipt is not None:
        parts.append(joined([receipt]))
    return _safe("".join([*parts, "</div>"]))


# Not "anywhere": the lab takes that away from an untrusted reply, and the columns of a table would shrink to a letter.
_WRAPPED = "overflow-wrap:break-word"
# The lab pads the output around a finished reply on the right, and does not pad widgets.
REPLY = f'<div class="deepseek jp-RenderedHTMLCommon" style="{_WRAPPED};padding-right:0">'
SMALL = f"font-size:.85em;{QUIET}"
