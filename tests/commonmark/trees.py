"""HTML as a tree that can be compared: ours without our wrappers, markdown-it-py's with our decisions put in."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from markdown_it import MarkdownIt
from mdit_py_plugins.tasklists import tasklists_plugin

from deepseek_magic.commonmark.splitter import Block, BlockSplitter
from deepseek_magic.render import safe_html
from deepseek_magic.render.page import Page

_BLOCKS = frozenset(
    {"root", "p", "li", "ul", "ol", "blockquote", "table", "thead", "tbody", "tr", "td", "th", "hr", "pre", "br"}
    | {f"h{level}" for level in range(1, 7)}
)
_VOID = frozenset({"br", "hr", "img"})
_LINE_END = re.compile(r"[ \t]*\n[ \t]*")


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    children: list[Element | str] = field(default_factory=list)


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("root", {})
        self.open = [self.root]
        self.ends: list[str | None] = []  # what each open tag of the source ends: an element, a label, or nothing
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "input":
            self.handle_data("☑" if "checked" in given else "☐")
            return
        if given.get("class") == "deepseek-language":
            self.silent += 1
            self.ends.append("label")
            return
        tag, kept = _normal(tag, given)
        if not tag:
            self.ends.append(None)
            return
        element = Element(tag, kept)
        self.open[-1].children.append(element)
        if tag not in _VOID:
            self.open.append(element)
            self.ends.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID or tag == "input":
            return
        end = self.ends.pop()
        if end == "label":
            self.silent -= 1
        elif end:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.silent:
            return
        children = self.open[-1].children
        if children and isinstance(children[-1], str):
            children[-1] += data
        else:
            children.append(data)


def _normal(tag: str, given: dict[str, str]) -> tuple[str, dict[str, str]]:
    """The tag and attributes that are compared; tag "" for what is only ours."""
    if tag == "div":
        return "", {}
    if tag == "s":
        return "del", {}
    if tag == "a":
        address = given.get("href", "")
        if address.partition(":")[0].lower() in {"http", "https", "mailto"}:
            return "a", {name: given[name] for name in ("href", "title") if name in given}
        return "span", {"title": address}
    if tag == "span":
        return ("span", {"title": given["title"]}) if "title" in given else ("", {})
    if tag in {"td", "th"}:
        found = re.search(r"(center|right)", given.get("align", "") or given.get("style", ""))
        return tag, {"align": found[1]} if found else {}
    if tag == "img":
        return tag, given
    if tag == "ol":
        return tag, {name: given[name] for name in ("start",) if name in given}
    return tag, {}


def tree(html: str) -> tuple[object, ...]:
    """``html`` as nested tuples; blank space that no reader sees is normalised."""
    builder = _Builder()
    builder.feed(html)
    builder.close()
    assert not builder.ends, f"unclosed: {builder.ends}"
    return _frozen(builder.root, verbatim=False)


def _frozen(element: Element, verbatim: bool) -> tuple[object, ...]:
    verbatim = verbatim or element.tag == "pre"
    children: list[object] = []
    siblings = element.children
    for index, child in enumerate(siblings):
        if isinstance(child, Element):
            children.append(_frozen(child, verbatim))
            continue
        text = child
        if not verbatim:
            text = _LINE_END.sub(" ", text)
            edge = element.tag in _BLOCKS
            if _is_block(siblings[index - 1]) if index else edge:
                text = text.lstrip(" \t\n")
            if _is_block(siblings[index + 1]) if index + 1 < len(siblings) else edge:
                text = text.rstrip(" \t\n")
        if text:
            children.append(text)
    return (element.tag, tuple(sorted(element.attributes.items())), *children)


def _is_block(child: Element | str) -> bool:
    return isinstance(child, Element) and child.tag in _BLOCKS


def _reference() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": True})
    parser.enable(["table", "strikethrough", "linkify"])
    parser.linkify.set({"fuzzy_link": False})  # GFM links no bare domains; www. is tested on its own
    return parser.use(tasklists_plugin)


_MARKDOWN_IT = _reference()


def expected(source: str) -> tuple[object, ...]:
    """What markdown-it-py makes of ``source``."""
    return tree(_MARKDOWN_IT.render(source))


def split(source: str, *cuts: int) -> tuple[Block, ...]:
    """The blocks of ``source`` fed in parts that end at ``cuts``."""
    splitter = BlockSplitter()
    closed: tuple[Block, ...] = ()
    for start, end in zip((0, *cuts), (*cuts, len(source)), strict=True):
        closed += splitter.feed(source[start:end])
    return closed + splitter.finish()


def ours(source: str) -> tuple[object, ...]:
    """What we make of it, through the splitter."""
    page = Page()
    page.feed(source)
    return tree(page.finish())


def grown(source: str) -> safe_html.SafeHtml:
    """What is seen of ``source`` while more of it may come."""
    splitter = BlockSplitter()
    return safe_html.joined([*map(safe_html.block, splitter.feed(source)), safe_html.block(splitter.tail)])
