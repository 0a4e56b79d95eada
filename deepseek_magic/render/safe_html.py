"""Text to safe HTML. Only this module and `panels` make HTML, and nothing shows what is not `SafeHtml`.

Text of a model is hostile. There are two lines of defence: the renderer (`html`) passes no HTML through and makes
links only of safe URLs, and an allow-list sanitiser cleans its output. Our own wrappers, colours and text directions
are added after that (`style`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from types import MappingProxyType

import nh3

from deepseek_magic.commonmark.blocks import read
from deepseek_magic.commonmark.links import Target, printable
from deepseek_magic.commonmark.splitter import Block
from deepseek_magic.commonmark.tree import Node
from deepseek_magic.text import unreordered

from .citations import CITED
from .front_ends import Needs
from .highlight import STYLES, GrowingCode, coloured
from .html import SCHEMES, Colours, marked, raw_html
from .style import BAR, MAY_HOLD_MATHS, QUIET, WARNING_BAR, Cut, dress, escaped, inline_colours

#: What finished HTML still goes through for a front end; see `look_of`.
Look = Callable[["SafeHtml"], "SafeHtml"]

_TOKEN = object()
_NONE: Mapping[str, Target] = MappingProxyType({})
_WHOLE = Cut()
_TAGS = {
    *("p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "strong", "em", "b", "i", "del", "sub", "sup", "kbd"),
    *("code", "pre", "blockquote", "ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td", "a", "span"),
    *("details", "summary"),
}
# The notes of `html` to `style`: classes that pass.
_NOTES = {
    **{name: {"maths"} for name in MAY_HOLD_MATHS},
    "span": STYLES | {"link", "open", "done", CITED},
    "li": {"task-list-item"},
    "code": {"block"},
}
_ATTRIBUTES = {
    **{name: {"class"} for name in {*_NOTES, "pre"}},
    "a": {"href", "title"},
    "span": {"class", "title"},
    "ol": {"class", "start"},
    "details": {"open"},
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
        """Return a plain ``str`` for a copy or a pickle, which may be changed on the way."""
        return str, (str(self),)


def _safe(value: str) -> SafeHtml:
    return SafeHtml(value, _TOKEN)


def block(part: Block, code: GrowingCode | None = None, cites: Collection[int] = ()) -> SafeHtml:
    """Return the HTML of one block, of one piece of a cut block as it stands between its neighbours, or of the open
    rest of a reply.

    ``code`` colours the pieces of cut code, in their order; without it each is coloured alone. The labels of links lead
    nowhere yet: a definition may come last. ``cites`` are the numbers of the sources so far.
    """
    colours: Colours = coloured
    if code is not None:
        is_whole = part.last and not part.resumed and not part.open
        colours = code.whole if is_whole else partial(code.coloured, resumed=part.resumed)
    return _html(part.nodes, _NONE, colours, Cut(part.resumed, not part.last), cites)


def whole(
    nodes: Iterable[Node],
    definitions: Mapping[str, Target] = _NONE,
    colours: Colours = coloured,
    cites: Collection[int] = (),
) -> SafeHtml:
    """Return the HTML of whole blocks, which does not depend on where they were cut while the reply came."""
    return joined(_html([node], definitions, colours, cites=cites) for node in nodes)


def answer(markdown: str) -> SafeHtml:
    """Return the HTML of a whole reply."""
    parser = read(markdown)
    return whole(parser.finish(), parser.definitions)


def _html(
    nodes: Sequence[Node],
    definitions: Mapping[str, Target],
    colours: Colours,
    cut: Cut = _WHOLE,
    cites: Collection[int] = (),
) -> SafeHtml:
    html = raw_html(nodes, definitions, resumed=cut.before, colours=colours, cites=cites)
    return _safe(dress(_clean(html), cut) if html else "")


# The time that the cleaner takes for the "&" of one text grows with their square.
_TOGETHER = 500
_CROWD = re.compile(r"(?:\A|>)[^<>]*")


def _divided(found: re.Match[str]) -> str:
    """Return a text after a tag in parts, by comments: these the cleaner takes away."""
    parts = found[0].split("&")
    for number in range(_TOGETHER, len(parts), _TOGETHER):
        parts[number] = parts[number].replace(";", ";<!---->", 1)
    return "&".join(parts)


def _clean(html: str) -> str:
    """Return ``html`` cleaned: the second wall. What `html` makes passes unchanged; what it never should does not."""
    return nh3.clean(
        _CROWD.sub(_divided, html) if html.count("&") > _TOGETHER else html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_attribute,
        url_schemes=set(SCHEMES),
        link_rel="noopener noreferrer",
        strip_comments=True,
        clean_content_tags={"script", "style"},
    )


def _attribute(element: str, attribute: str, value: str) -> str | None:
    """Return ``value`` if it passes. Of classes these are the notes of `html` to `style`, none of the lab's or ours."""
    if attribute == "class":
        if element == "pre":
            language = value.removeprefix("language-")
            known = language != value and language.isascii() and language.translate(_LANGUAGE_SIGNS).isalnum()
            return value if known else None
        return value if value in _NOTES[element] else None
    if attribute == "open":
        return ""
    if attribute == "href" and value.partition(":")[0].lower() not in SCHEMES:
        return None
    return value


_LANGUAGE_SIGNS = str.maketrans(dict.fromkeys("_+#.-", "x"))


# -- plain text and our own words


def words(text: str) -> str:
    """Return plain text between tags: escaped, printable, its dollars out of MathJax's sight."""
    return dress(_clean(escaped(marked(printable(unreordered(text))))), Cut())


def text(value: str) -> SafeHtml:
    """Return plain text: nothing in it is markup, its lines are kept."""
    return _safe(f'<span dir="auto" style="white-space:pre-wrap">{words(value)}</span>')


def joined(parts: Iterable[SafeHtml]) -> SafeHtml:
    """Return the parts one after the other. Raises TypeError if one is not `SafeHtml`."""
    checked = list(parts)
    for part in checked:
        if not isinstance(part, SafeHtml):
            raise TypeError(f"expected SafeHtml, found {type(part).__name__}")
    return _safe("".join(checked))


def status(value: str, *, heard: bool = False) -> SafeHtml:
    """Return the live status line. It counts seconds: a screen reader is to read it out only where it is ``heard``."""
    return _safe(f'{HEARD_STATUS if heard else STATUS} style="{SMALL}">{words(value)}</div>')


def live(part: SafeHtml, *, heard: bool = False, follows: bool = False, goes_on: bool = False) -> SafeHtml:
    """Return one committed group, or the open tail, for a widget of its own.

    If it is ``heard`` a screen reader reads it out when it comes: so it must come once, and stay. If it
    ``follows`` another, or the text ``goes_on`` after it, its first and last block are not those of the reply: the lab
    would give a heading half its margin there, and what follows would move when the reply ends.
    """
    spoken = ' aria-live="polite"' if heard else ""
    inner = f"{_EDGE if follows else ''}{joined([part])}{_EDGE if goes_on else ''}"
    return _safe(f'<div class="deepseek jp-RenderedHTMLCommon"{spoken} style="{_WRAPPED}">{inner}</div>')


def look_of(needs: Needs) -> Look:
    """Return what HTML goes through for a front end that has ``needs``."""
    made: list[Look] = [*([recoloured] if needs.colours else []), *([with_mathml] if needs.mathml else [])]
    if len(made) > 1:
        return lambda part: with_mathml(recoloured(part))
    return made[0] if made else as_made


def as_made(part: SafeHtml) -> SafeHtml:
    """Return ``part``: for a front end that colours code by Pygments' classes, and typesets TeX."""
    return part


def recoloured(part: SafeHtml) -> SafeHtml:
    """Return ``part`` with the colours of code in it: for a front end that has no rules for those classes."""
    return _safe(inline_colours(joined([part])))


def with_mathml(part: SafeHtml) -> SafeHtml:
    """Return ``part`` with its formulas as MathML, too: for a front end in which no MathJax runs."""
    from .mathml import in_both_ways  # with what it needs, as heavy as all else here, and few front ends need it

    return _safe(in_both_ways(joined([part])))


def growing(parts: Iterable[SafeHtml]) -> SafeHtml:
    """Return a reply that is not finished, if there are no widgets; or what is as wide as one."""
    return _safe(f"{REPLY}{joined(parts)}</div>")


def reasoning(body: SafeHtml, *, summary: str, open: bool) -> SafeHtml:  # noqa: A002 (HTML's own word)
    """Return the thinking section: ``summary`` is its plain-text line, ``body`` its content."""
    return _safe(
        f'<details class="deepseek-reasoning"{" open" if open else ""} style="margin:0 0 .6em">'
        f'<summary style="cursor:pointer;{SMALL}">{words(summary)}</summary>'
        f'<div style="margin:.3em 0 .3em .2em;padding-left:.8em;'
        f'border-left:{BAR}">{joined([body])}</div></details>'
    )


def reply(
    *, answer: SafeHtml, reasoning: SafeHtml | None, closing: SafeHtml, calls: SafeHtml | None = None
) -> SafeHtml:
    """Return the finished reply."""
    before = [part for part in (reasoning, calls) if part is not None]
    return _safe(f"{REPLY}{joined(before)}{answering(answer)}{joined([closing])}</div>")


def answering(part: SafeHtml) -> SafeHtml:
    """Return the text of a reply in the box in which it stands below its thinking."""
    return _safe(f'<div class="deepseek-answer">{joined([part])}</div>')


def closing(
    *,
    footer: str,
    notices: Sequence[str],
    details: str = "",
    receipt: SafeHtml | None = None,
    sources: SafeHtml | None = None,
) -> SafeHtml:
    """Return what stands below a reply: sources, notices, the footer with ``details`` behind it, the receipt."""
    parts = [] if sources is None else [str(joined([sources]))]
    parts += [
        f'<div class="deepseek-notice" role="note" style="margin:.6em 0;padding:.4em .8em;border-left:{WARNING_BAR}">'
        f"{words(notice)}</div>"
        for notice in notices
    ]
    if footer and details:
        parts.append(
            f'<details class="deepseek-footer" style="{BELOW}"><summary style="cursor:pointer">'
            f"{words(footer)}</summary>{words(details)}</details>"
        )
    elif footer:
        parts.append(f'<div class="deepseek-footer" style="{BELOW}">{words(footer)}</div>')
    if footer and receipt is not None:
        parts.append(" ")  # they stand on one line, and are copied as two things
    return _safe("".join([*parts, *([] if receipt is None else [joined([receipt])])]))


#: How the tag of the status line begins, if it is not read out and where it is.
STATUS = '<div class="deepseek-status" role="status" aria-live="off"'
HEARD_STATUS = STATUS.replace("off", "polite")
_EDGE = "<span></span>"  # not seen, and takes no room
# Not "anywhere": the lab takes that away from an untrusted reply, and the columns of a table would shrink to a letter.
_WRAPPED = "overflow-wrap:break-word"
# The lab pads the output around a finished reply on the right, and does not pad widgets.
REPLY = f'<div class="deepseek jp-RenderedHTMLCommon" style="{_WRAPPED};padding-right:0">'
SMALL = f"font-size:.85em;{QUIET}"
#: Figures and receipt stand side by side, or below each other where the page is narrow, or one is open and wide.
BELOW = f"display:inline-block;vertical-align:top;max-width:100%;margin:.4em 1.5em 0 0;{SMALL}"
