"""No reply, however hostile, gets anything into the page but text, structure and links to plain web addresses.

Two independent readers look at the HTML: Python's ``html.parser``, strict about what it finds, and the sanitiser's
HTML5 parser, which must find nothing to take away.
"""

from __future__ import annotations

import copy
import pickle
import re
from html.parser import HTMLParser

import nh3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepseek_magic.commonmark import blocks
from deepseek_magic.commonmark.open_markup import open_end
from deepseek_magic.commonmark.splitter import BlockSplitter
from deepseek_magic.render import panels, safe_html
from deepseek_magic.render.html import raw_html
from deepseek_magic.render.style import Cut, dress
from tests.commonmark.documents import soups
from tests.commonmark.trees import grown
from tests.each import each
from tests.render.hostile import CORPUS

_DIRECTED = {"dir", "style"}
_BARE = ["strong", "em", "b", "i", "del", "sub", "sup", "br", "hr", "thead", "tbody", "tr"]
ALLOWED: dict[str, set[str]] = {
    **{tag: {*_DIRECTED} for tag in ["p", "blockquote", "li", "summary"]},
    **{f"h{level}": {*_DIRECTED, "class"} for level in range(1, 7)},
    **{tag: set() for tag in _BARE},
    **{tag: {"style"} for tag in ["pre", "table", "ul", "caption"]},
    "a": {"href", "title", "rel", "style", "target"},
    "span": {"class", "style", "title", "dir", "role", "aria-label"},
    "code": _DIRECTED,
    "kbd": {"dir"},
    "div": {"class", "dir", "style", "title", "role", "aria-label", "aria-live", "inert", "id"},
    "details": {"class", "style", "open"},
    "ol": {"style", "start"},
    "td": _DIRECTED,
    "th": {*_DIRECTED, "scope"},
}
VOID = {"br", "hr"}
CLASSES = {
    "deepseek jp-RenderedHTMLCommon",
    *(
        f"deepseek-{name}"
        for name in (
            "answer",
            "call",
            "calls",
            "sources",
            "reasoning",
            "footer",
            "notice",
            "status",
            "language",
            "table",
            "section",
            "sent",
        )
    ),
    "deepseek-code highlight",
    "jp-toc-ignore",
    *"ksm",
    "tex2jax_ignore mathjax_ignore",
}
STYLE = re.compile(
    r"(?:(?:margin|margin-top|padding|padding-left|padding-right|max-height|max-width|width|overflow|overflow-[xy]|overflow-wrap|white-space|"
    r"border|border-top|border-bottom|border-left|background|color|font-size|font-family|font-style|text-align|"
    r"text-decoration|list-style|cursor|display|vertical-align|table-layout):"
    r"(?:[a-z0-9.%# -]|rgba\(128,128,128,\.\d\)|var\(--jp-[a-z0-9-]+,[a-z#0-9-]+\))+(?:;|$))+$"
)
PLACE = re.compile(r"#deepseek-[0-9a-f]{10}-\d+")
ADDRESS = re.compile(r"(?:https?|mailto):[!#-;=?-Z\\_a-z~]*$", re.IGNORECASE)


class Strict(HTMLParser):
    """Fails on anything that is not in the lists above, and on tags that do not balance."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.events: list[object] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ALLOWED, tag
        assert len(attrs) == len(dict(attrs)), attrs
        for name, value in attrs:
            assert name in ALLOWED[tag], (tag, name)
            self.check(tag, name, value or "")
        self.events.append((tag, sorted((name, value or "") for name, value in attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def check(self, tag: str, name: str, value: str) -> None:
        assert not re.search("[\x00-\x08\x0e-\x1f\x7f]", value), value
        if name == "class":
            assert value in CLASSES
        elif name == "style":
            assert STYLE.match(value), value
        elif name == "href":
            assert ADDRESS.match(value) or PLACE.fullmatch(value), value
        elif name == "id":
            assert PLACE.fullmatch(f"#{value}"), value
        elif name == "rel":
            assert value == "noopener noreferrer"
        elif name == "start":
            assert value.isdigit()
        elif name == "aria-live":
            assert value in {"off", "polite"}
        elif name not in {"title", "aria-label"}:
            assert value in {"auto", "ltr", "_blank", "img", "note", "status", "group", "col", "row", ""}, (name, value)

    def handle_endtag(self, tag: str) -> None:
        assert tag not in VOID
        assert self.open.pop() == tag
        self.events.append(tag)

    def handle_data(self, data: str) -> None:
        assert not re.search("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]", data)
        if self.events and isinstance(self.events[-1], list):
            self.events[-1].append(data)
        else:
            self.events.append([data])

    def handle_comment(self, data: str) -> None:
        pytest.fail(f"a comment: {data}")

    def handle_decl(self, decl: str) -> None:
        pytest.fail(f"a declaration: {decl}")

    def unknown_decl(self, data: str) -> None:
        pytest.fail(f"a declaration: {data}")

    def handle_pi(self, data: str) -> None:
        pytest.fail(f"a processing instruction: {data}")


def read(html: str) -> list[object]:
    parser = Strict()
    parser.feed(html)
    parser.close()
    assert not parser.open
    return [["".join(event)] if isinstance(event, list) else event for event in parser.events]


def shown(html: str) -> list[str]:
    """The texts between the tags of ``html``, which is harmless."""
    return ["".join(event) for event in read(html) if isinstance(event, list)]


def check(html: safe_html.SafeHtml) -> None:
    assert isinstance(html, safe_html.SafeHtml)
    cleaned = nh3.clean(
        html,
        tags=set(ALLOWED),
        attributes={tag: names - {"rel"} for tag, names in ALLOWED.items() if names},
        url_schemes={"http", "https", "mailto"},
    )
    assert read(cleaned) == read(html)


def everything(text: str) -> list[safe_html.SafeHtml]:
    """All that is ever made of a model's text: the answer, the thinking, the small print."""
    answer = safe_html.answer(text)
    thinking = safe_html.reasoning(safe_html.text(text), summary=text[:200], open=True)
    return [
        answer,
        safe_html.live(safe_html.joined([answer, safe_html.text(text)])),
        safe_html.reasoning(answer, summary=text, open=False),
        safe_html.status(text),
        safe_html.reply(
            answer=answer,
            reasoning=thinking,
            closing=safe_html.closing(footer=text, notices=[text, text], details=text),
        ),
        panels.table([text], [[text], []], caption=text),
        panels.card(text, [(text, text)]),
        panels.manual(f"{text}\n\n    a  {text}"),
    ]


@each("text", dict(CORPUS))
def test_hostile_reply(text: str) -> None:
    for html in everything(text):
        check(html)


@pytest.mark.thorough
@each("text", dict(CORPUS))
def test_hostile_reply_while_it_streams(text: str) -> None:
    text = text[:400]
    splitter = BlockSplitter()
    step = max(1, len(text) // 12)
    for start in range(0, len(text), step):
        for block in splitter.feed(text[start : start + step]):
            check(safe_html.block(block))
        check(safe_html.block(splitter.tail))


def test_the_corpus_is_large_and_its_names_are_distinct() -> None:
    assert len({text for _, text in CORPUS}) == len({name for name, _ in CORPUS}) >= 200


def test_the_check_can_fail() -> None:
    harmful = [
        "<script>x</script>",
        '<p onclick="x">y</p>',
        '<a href="javascript:x">y</a>',
        '<span class="jp-Dialog">y</span>',
        '<p style="background:url(x)">y</p>',
        '<p style="position:fixed">y</p>',
        '<span id="x">y</span>',
        "<p>y",
        "<img>",
        "<!-- x -->",
    ]
    for html in harmful:
        with pytest.raises((AssertionError, pytest.fail.Exception)):
            check(safe_html._safe(html))


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '<img src="http://a.b/c.png" onerror="x">',
        "<svg onload=x>",
        "<iframe srcdoc='<p>'></iframe>",
        "<style>* { display: none }</style>",
        '<button data-commandlinker-command="x">y</button>',
        "</div></div><div class='jp-Dialog'>",
        "<b onclick=x>y</b>",
        '<sub class="x">y</sub>',
        "<!-- x --><?php x ?><![CDATA[x]]>",
        "<b>x",
        "x</b> <i>",
    ],
)
def test_raw_html_is_shown_as_text(text: str) -> None:
    assert "".join(shown(safe_html.answer(text))) == text


@settings(max_examples=250, deadline=None)
@given(st.one_of(soups, st.text(), st.text(alphabet="<>&\"'/=[]()!`*_~$\\|#-: \n\tabx1\x00\x02\x1a\ud800")))
def test_any_text_is_safe(text: str) -> None:
    for html in (
        safe_html.answer(text),
        grown(text),
        safe_html.text(text),
        safe_html.status(text),
    ):
        check(html)


def test_only_markup_makes_safe_html() -> None:
    with pytest.raises(TypeError, match="only deepseek_magic"):
        safe_html.SafeHtml("<p>x</p>")
    html = safe_html.text("x")
    changed = (html + "<b>", html.upper(), html[1:], html.replace("x", "<script>"), f"{html}", "".join([html]))
    for other in (*changed, copy.copy(html), copy.deepcopy(html), pickle.loads(pickle.dumps(html))):
        assert type(other) is str
    with pytest.raises(TypeError, match="expected SafeHtml"):
        safe_html.joined(["<script>"])  # type: ignore[list-item]
    with pytest.raises(TypeError, match="expected SafeHtml"):
        safe_html.live("<script>")  # type: ignore[arg-type]


@each("text", dict(CORPUS))
def test_the_first_wall_stands_alone(text: str) -> None:
    """Were there no sanitiser, the renderer's own HTML would still be harmless."""
    parser = blocks.read(text)
    for nodes in (open_end(parser, ""), parser.finish()):
        raw = raw_html(nodes, parser.definitions)
        assert shown(dress(raw, Cut())) == shown(dress(safe_html._clean(raw), Cut()))


@pytest.mark.parametrize(
    "html",
    [
        '<p onclick="x">y</p>',
        "<script>x</script>y",
        '<span class="jp-Dialog">y</span>',
        '<pre class="language-a jp-Dialog"><code>y</code></pre>',
        '<pre class="language-a&quot;b">y</pre>',
        '<a href="javascript:x">y</a>',
        '<a href="/api">y</a>',
        '<img src="x">y',
        '<p style="color:red" id="x" name="x" data-x="x">y</p>',
        "<div>y</div><!-- x -->",
    ],
)
def test_the_second_wall_stands_alone(html: str) -> None:
    """Were the renderer to let harmful HTML through, the sanitiser would still stop it."""
    cleaned = safe_html._clean(html)
    check(safe_html._safe(dress(cleaned, Cut())))
    assert "y" in cleaned
    assert "jp-Dialog" not in cleaned
