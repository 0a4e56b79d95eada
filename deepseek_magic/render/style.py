"""Our own wrappers, colours and directions, put onto HTML that has been cleaned.

The cleaner's output is canonical: text holds no ``<``, attributes are in double quotes. So one pass over its tags is
enough, and nothing of the model's can look like one. Classes only ever were notes of `html` to this module, which
puts its own in their place. Every colour is the theme's, with a fallback that is legible on white; text without a theme
inherits. What carries meaning (boxes, alignment, line breaks, the bar of the thinking) also stands in a form that the
lab's sanitiser keeps, so that a notebook that is not trusted reads the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape

from .citations import CITED

MONEY = "\x1a"
BACKSLASH = "\x1c"
"""Marks in text: a dollar and a backslash that MathJax must not see. `printable` keeps model text free of control
characters, so nobody else can write them."""

_TAG = re.compile(r'<(/?)([a-z][a-z0-9]*)((?:\s+[a-z-]+="[^"]*")*)\s*>')
_ATTRIBUTE = re.compile(r'\s+([a-z-]+)="([^"]*)"')
_MARKS = re.compile(f"[{MONEY}{BACKSLASH}]+")
_IGNORED = '<span class="tex2jax_ignore mathjax_ignore">{}</span>'
_SHORT = re.compile(r'<span class="([ksm])">')
# The most frequent tags of tables and code, each with one attribute that needs no quotes.
_QUOTED = re.compile(r'(<(?:td|th|span) (?:style|class)=)"([\w:-]+)">')
_SEEN = str.maketrans({MONEY: "$", BACKSLASH: "\\"})
_DIRECTED = frozenset({"p", "li", "summary", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote"})
_CELLS = frozenset({"td", "th"})
_DRESSED = _DIRECTED | _CELLS | {"pre", "table", "ul", "ol", "details"}
MAY_HOLD_MATHS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol"})
"""What is noted as holding formulas. Its own box scrolls: a formula does not wrap, and may paint far outside itself."""
# Hebrew, Arabic and the other scripts that run from right to left.
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
_LETTER = re.compile(r"[^\W\d_]")
_NO_WORDS = re.compile(r"<(code|kbd)\b.*?</\1>|<[^>]*>|&#?\w+;", re.DOTALL)
_SIDED = _CELLS | {"p"}
# Where the lab's own style knows only left to right: the side of a paragraph, and the room for a list's signs.
_MIRRORED = {"p": "text-align:start", "ul": "padding:0 2em", "ol": "padding:0 2em"}

_MATHS = "overflow-x:auto;overflow-y:hidden"
QUIET = "color:var(--jp-content-font-color2,inherit)"
# Borders are seen on both themes without a variable: the lab drops those from a notebook that is not trusted.
BORDER = "1px solid rgba(128,128,128,.4)"
#: Twice: what is not trusted keeps the first.
CODE_FONT = "font-family:monospace;font-family:var(--jp-code-font-family,monospace)"
BAR = "3px solid rgba(128,128,128,.7)"
WARNING_BAR = "3px solid #c2680c"
#: The width below which replies stand one below the other, not side by side.
COLUMN_WIDTH = "28em"
#: Where text runs from right to left; what is not trusted keeps the first.
START = "left;text-align:start"
#: The notes of code that the lab, Notebook 7 and nbconvert colour by themselves, inside the class ``highlight`` and by
#: Pygments' short names: in both themes, trusted or not, and for a quarter of the bytes.
SHORT_NAMES = {"k": "k", "s": "s", "n": "m"}
_COLOURS = {
    # The theme's own comment colour has a contrast of 4.2 on the dark background.
    "c": "var(--jp-content-font-color2,inherit);font-style:italic",
    "d": "var(--jp-mirror-editor-def-color,#3b6fd4)",
    "b": "var(--jp-mirror-editor-builtin-color,#008a00)",
    "link": "var(--jp-content-link-color,inherit);text-decoration:underline",
}
#: The same three as colours, for front ends that have no such rules.
_INLINE = {
    "k": "var(--jp-mirror-editor-keyword-color,#008a00)",
    "s": "var(--jp-mirror-editor-string-color,#d03f3f)",
    "m": "var(--jp-mirror-editor-number-color,#008a00)",
}
_TASKS = {"open": ("to do", "☐"), "done": ("done", "☑")}
# What is inert is shown, and not copied with the code below it. Screen readers skip it: the box names the language.
_LANGUAGE = (
    '<div class="deepseek-language" inert style="padding:.3em .8em 0;font-size:.8em;'
    f'font-family:var(--jp-ui-font-family,sans-serif);{QUIET}">{{}}</div>'
)
_CODE = '<pre style="margin:0;padding:{};overflow:auto;max-width:100%;white-space:pre;background:none">'
#: Keeps a heading out of the notebook's own table of contents, where the lab also lists those of outputs.
UNLISTED = "jp-toc-ignore"
_LOOKS = {
    **{f"h{level}": {"class": UNLISTED} for level in range(1, 7)},
    "details": {"class": "deepseek-section", "style": "margin:.6em 0"},
    "summary": {"style": "cursor:pointer"},
}
_TABLE = '<table style="margin:0;display:table{}">'


@dataclass(frozen=True, slots=True)
class Cut:
    """How a piece of a block stands to its neighbours: whether it continues one before, and goes on in one after."""

    before: bool = False
    after: bool = False

    @property
    def margins(self) -> str:
        """Vertical margins: none if the piece meets another."""
        return f"margin:{'0' if self.before else '.6em'} 0 {'0' if self.after else '.6em'}"

    @property
    def padding(self) -> str:
        """What is around code in its box, likewise: its lines stand at one distance across the pieces."""
        return f"{'0' if self.before else '.5em'} .8em {'0' if self.after else '.5em'}"


_WHOLE = Cut()


def dress(html: str, cut: Cut) -> str:
    """Return cleaned ``html`` of one block as the reader gets it. Only its first, outermost element is what was cut."""
    tag = _mirrored if _RIGHT_TO_LEFT.search(html) else _tag
    known: dict[str, str] = {}  # a table or a code block has hundreds of tags, and a handful of different ones

    def dressed(match: re.Match[str]) -> str:
        if match.start() == 0:
            return tag(match, cut)
        if tag is _mirrored and match[2] in _SIDED:  # its side is that of its own words
            return tag(match, _WHOLE)
        made = known.get(match[0])
        if made is None:
            made = known[match[0]] = tag(match, _WHOLE)
        return made

    html = _TAG.sub(dressed, html)
    return _MARKS.sub(lambda match: _IGNORED.format(match[0].translate(_SEEN)), html)


def _tag(match: re.Match[str], cut: Cut) -> str:
    """Return what a tag becomes."""
    closing, name, raw = match.groups()
    if closing:
        return f"</{name}></div>" if name in {"pre", "table"} else f"</{name}>"
    if not raw and name not in _DRESSED:
        return match[0]
    attributes = dict(_ATTRIBUTE.findall(raw))
    note = attributes.pop("class", "")
    if name in _DIRECTED:
        attributes["dir"] = "auto"
    if name == "span" and note:
        return _span(note, attributes)
    if name == "pre":
        return _code_box(note.removeprefix("language-"), cut)
    if name == "table":
        return _table_box(cut)
    attributes |= _look(name, note, attributes.pop("align", "left"), cut)
    return _opening(name, attributes)


def _look(name: str, note: str, align: str, cut: Cut) -> dict[str, str]:
    """Return what a tag gets for its looks."""
    if name in _CELLS:
        return {"style": f"text-align:{align}"}
    if note == "block":
        return {"style": "white-space:pre"}  # the lab's own style wraps code
    if note == "task-list-item":
        return {"style": "list-style:none"}
    if note == "maths" or (name in {"ul", "ol"} and cut != _WHOLE):
        margins = cut.margins if cut != _WHOLE else ""
        return {**_LOOKS.get(name, {}), "style": ";".join(filter(None, (margins, _MATHS if note else "")))}
    if name == "a":
        # Without a target a link in a widget would take the reader out of the lab. And the lab marks links only by
        # their colour.
        return {"target": "_blank", "style": "text-decoration:underline"}
    return _LOOKS.get(name, {})


def _span(note: str, attributes: dict[str, str]) -> str:
    """Return what the tag of a noted piece of text becomes."""
    if note == CITED:
        return '<span class="deepseek-cite">'
    if note in SHORT_NAMES:
        return f'<span class="{SHORT_NAMES[note]}">'
    if note in _TASKS:
        label, sign = _TASKS[note]
        return _opening("span", {"role": "img", "aria-label": label}) + sign
    return _opening("span", {**attributes, "style": f"color:{_COLOURS[note]}"})


def _mirrored(match: re.Match[str], cut: Cut) -> str:
    """Return what a tag becomes in a block in which some text runs from right to left. Code never does."""
    made = _tag(match, cut)
    closing, name, _ = match.groups()
    if not closing and name in {"code", "kbd", "pre"}:
        return re.sub(r"^<\w+", r'\g<0> dir="ltr"', made)
    if not closing and name in _CELLS:  # only here: a table has hundreds, and to say it of each makes it a fifth longer
        made = made.replace(name, f'{name} dir="auto"', 1)
        return made if "align=" in match[3] else made.replace("left", f"{_side(match)};text-align:start")
    if not closing and name in _MIRRORED:
        side = "text-align:right;" if name == "p" and _side(match) == "right" else ""
        style = f'style="{side}{_MIRRORED[name]}'
        return made.replace('style="', f"{style};", 1) if 'style="' in made else f'{made[:-1]} {style}">'
    return made


def _side(match: re.Match[str]) -> str:
    """Return the side on which the text of an element begins, by its first letter, as ``dir="auto"`` finds it.

    The lab drops ``start`` from what is not trusted, and keeps a plain side that is given before it.
    """
    inner = match.string[match.end() : match.string.find(f"</{match[2]}>", match.end())]
    letter = _LETTER.search(_NO_WORDS.sub("", inner))
    return "right" if letter and _RIGHT_TO_LEFT.match(letter[0]) else "left"


def _code_box(language: str, cut: Cut) -> str:
    edge = f"{'border-top:0;' if cut.before else ''}{'border-bottom:0;' if cut.after else ''}"
    label = f' role="group" aria-label="{language}"' if language and not cut.before else ""
    style = f"{cut.margins};max-width:100%;background:none;border:{BORDER};{edge}"
    return (
        f'<div class="deepseek-code highlight"{label} style="{style}">'
        + (_LANGUAGE.format(language) if language and not cut.before else "")
        + _CODE.format(cut.padding)
    )


def _table_box(cut: Cut) -> str:
    # Every piece of a cut table has the same columns only if their widths do not depend on what is in them.
    fixed = ";table-layout:fixed;width:100%" if cut.before or cut.after else ""
    return f'<div class="deepseek-table" style="{cut.margins};overflow-x:auto">{_TABLE.format(fixed)}'


def inline_colours(html: str) -> str:
    """Return finished ``html`` with the colours of code in it, for a front end that has no rules for them."""
    return _SHORT.sub(lambda match: f'<span style="color:{_INLINE[match[1]]}">', html)


def unquoted(html: str) -> str:
    """Return finished ``html`` for a message that is shown and not kept, without the quotes that cells and spans need
    not have: escaped, they are a tenth of an open table, which is sent again and again."""
    return _QUOTED.sub(r"\1\2>", html)


def _opening(name: str, attributes: dict[str, str]) -> str:
    """Return the tag; values come from cleaned HTML or from this module, so they are escaped already."""
    return f"<{name}{''.join([f' {key}={chr(34)}{value}{chr(34)}' for key, value in attributes.items()])}>"


def escaped(text: str) -> str:
    """Return ``text`` for use between tags and in attributes, its dollars out of MathJax's sight only between tags."""
    return escape(text, quote=True)
