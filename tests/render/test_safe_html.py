"""Markdown as models write it comes out as CommonMark and GFM would have it; what is ours is tested by itself."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from deepseek_magic.commonmark.blocks import read
from deepseek_magic.commonmark.emphasis import MAX_DEPTH as MAX_EMPHASIS
from deepseek_magic.commonmark.splitter import Block, BlockSplitter, wholes
from deepseek_magic.commonmark.structure import MAX_DEPTH
from deepseek_magic.commonmark.tables import cells
from deepseek_magic.render import panels, safe_html
from tests.commonmark.documents import documents, soups
from tests.commonmark.shapes import SHAPES
from tests.commonmark.test_splitter import LONG
from tests.commonmark.trees import expected, grown, ours, split, tree
from tests.each import each
from tests.growth import is_linear
from tests.sizes import part_of


def html(source: str) -> str:
    """The HTML of a reply without the attributes that are on every element of a kind."""
    return re.sub(r' dir="auto"| style="[^"]*"', "", str(safe_html.answer(source)))


def visible(html: str) -> str:
    """What a reader sees, without blank space and language names."""
    html = re.sub(r'<div class="deepseek-language".*?</div>', "", html)
    return re.sub(r"<[^>]*>|\s", "", html)


# -- CommonMark and GFM


def test_shapes_are_enough() -> None:
    assert len(SHAPES) >= 150


@each("source", SHAPES)
def test_shape_is_what_markdown_it_makes_of_it(source: str) -> None:
    assert ours(source) == expected(source)


@settings(max_examples=120, deadline=None)
@given(documents)
def test_generated_documents_are_what_markdown_it_makes_of_them(source: str) -> None:
    tables = [leaf for top in read(source).finish() for leaf in top.leaves() if leaf.kind == "table"]
    assume(all(len(cells(line)) <= len(table.columns) for table in tables for line in table.lines))  # GFM drops cells
    assert ours(source) == expected(source)


@settings(max_examples=100, deadline=None)
@given(st.one_of(documents, soups))
def test_the_answer_is_its_blocks(source: str) -> None:
    splitter = BlockSplitter()
    blocks = (*splitter.feed(source), *splitter.finish())
    answer = safe_html.whole(wholes(blocks), splitter.definitions)
    assert answer == safe_html.answer(source)
    joined: list[str] = [""]
    for block in blocks:
        joined[-1] += block.source
        if block.last and not (
            block.nodes and block.nodes[-1].kind == "details"
        ):  # its last line may be the next one's
            joined.append("")
    alone = [safe_html.whole(read(source).finish(), splitter.definitions) for source in joined]
    assert answer == safe_html.joined(alone)


# -- where we differ from CommonMark on purpose


@pytest.mark.parametrize(
    ("source", "result"),
    [
        ("**注意：**请看", "<p><strong>注意：</strong>请看</p>"),
        ("请看**“这里”**吧", "<p>请看<strong>“这里”</strong>吧</p>"),
        ("これは**太字。**です", "<p>これは<strong>太字。</strong>です</p>"),
        ("값은**(중요)**입니다", "<p>값은<strong>(중요)</strong>입니다</p>"),
        ("**价格：**100元，**数量：**5个", "<p><strong>价格：</strong>100元，<strong>数量：</strong>5个</p>"),
        ("**注意：**See here", "<p><strong>注意：</strong>See here</p>"),
        ("a**（价）**b", "<p>a<strong>（价）</strong>b</p>"),
        ("这是**“这里”**100", "<p>这是<strong>“这里”</strong>100</p>"),
        ("*价格：**强**100*", "<p><em>价格：<strong>强</strong>100</em></p>"),
        ("say **“here”**100", "<p>say **“here”**100</p>"),
    ],
)
def test_emphasis_in_text_without_spaces(source: str, result: str) -> None:
    assert html(source) == result


@pytest.mark.parametrize(
    ("source", "result"),
    [
        ("a<br>b<br/>c<BR />d", "<p>a<br>b<br>c<br>d</p>"),
        ("H<sub>2</sub>O, x<sup>2</sup>", "<p>H<sub>2</sub>O, x<sup>2</sup></p>"),
        ("<kbd>Ctrl</kbd>+<kbd>C</kbd>", "<p><kbd>Ctrl</kbd>+<kbd>C</kbd></p>"),
        ("<b>*a*</b> <i>**b**</i>", "<p><b><em>a</em></b> <i><strong>b</strong></i></p>"),
        ("**<b>a</b>**", "<p><strong><b>a</b></strong></p>"),
        ("<B>a</B>", "<p><b>a</b></p>"),
        ("<b>a", "<p>&lt;b&gt;a</p>"),
        ("a</b>", "<p>a&lt;/b&gt;</p>"),
        ("<b><i>a</b></i>", "<p><b>&lt;i&gt;a</b>&lt;/i&gt;</p>"),
        ("**<b>a**</b>", "<p><strong>&lt;b&gt;a</strong>&lt;/b&gt;</p>"),
        ("<b>a\n\nb</b>", "<p>&lt;b&gt;a</p><p>b&lt;/b&gt;</p>"),
        ("<b x>a</b>", "<p>&lt;b x&gt;a&lt;/b&gt;</p>"),
        ("| a |\n|---|\n| b<br>c |", None),
        ("`<b>a</b>`", "<p><code>&lt;b&gt;a&lt;/b&gt;</code></p>"),
    ],
)
def test_harmless_raw_tags(source: str, result: str | None) -> None:
    assert (html(source) == result) if result else "b<br>c" in html(source)


_LINK = '<p>{}<a href="{}" rel="noopener noreferrer" target="_blank">{}</a>{}</p>'


@pytest.mark.parametrize(
    ("source", "result"),
    [
        ("![a *b*](https://c.example/d.png)", _LINK.format("", "https://c.example/d.png", "a b", "")),
        ("![a](d.png)", '<p><span title="d.png">a</span></p>'),
        ("[![a](https://b.example)](https://c.example)", _LINK.format("", "https://c.example", "<span>a</span>", "")),
        ("see www.a.example/b_c.", _LINK.format("see ", "http://www.a.example/b_c", "www.a.example/b_c", ".")),
        ("(www.a.example)", _LINK.format("(", "http://www.a.example", "www.a.example", ")")),
        ("mail a@b.example!", _LINK.format("mail ", "mailto:a@b.example", "a@b.example", "!")),
        ("见https://a.example/b，然后", _LINK.format("见", "https://a.example/b", "https://a.example/b", "，然后")),
        ("[see https://a.example](https://b.example)", None),
        ("[x](javascript:y)", '<p><span title="javascript:y">x</span></p>'),
        ("[x](/api)", '<p><span title="/api">x</span></p>'),
        ("www. a", "<p>www. a</p>"),
        ("[^1] and [^1]: a", "<p>[^1] and [^1]: a</p>"),
        ("a[^1]\n\n[^1]: b", "<p>a[^1]</p><p>[^1]: b</p>"),
    ],
)
def test_links_and_images(source: str, result: str | None) -> None:
    found = html(source)
    assert found == result if result else found.count("<a ") == 1


# -- maths


@pytest.mark.parametrize(
    ("source", "formula"),
    [
        ("a $x^2$ b", "$x^2$"),
        ("a \\(x_1 * y_1 * z\\) b", "$x_1 * y_1 * z$"),
        ("\\[ a < b \\& c \\]", "$$ a &lt; b \\&amp; c $$"),
        ("$$\nx\n=\n- y\n+ z\n$$", "$$\nx\n=\n- y\n+ z\n$$"),
        ("text\n\\[\n1. a \\\\\n\\]\nmore", "$$\n1. a \\\\\n$$"),
        ("- a\n  $$\n  x\n  =\n  y\n  $$", "$$\nx\n=\ny\n$$"),
        ("the $n$th", "$n$"),
        ("设$x_1$为", "$x_1$"),
        ("$\\{a_1, \\ldots, a_n\\}$", "$\\{a_1, \\ldots, a_n\\}$"),
        ("$a_{*b*}$ *c*", "$a_{*b*}$"),
        ("**$a$**", "$a$"),
        ("| a |\n|---|\n| $x_1$ |", "$x_1$"),
        (
            "\\begin{align}\na &= b \\\\\n&= c\n\\end{align}",
            "$$\\begin{align}\na &amp;= b \\\\\n&amp;= c\n\\end{align}$$",
        ),
        ("\\(\\text{costs $5}\\)", "$\\text{costs \\$5}$"),
        ("$x$$y$", "$y$"),
        ("# A $x$", "$x$"),
        ("$$a$$ b", "$$a$$"),
        ("[$x_1$](https://a.example)", "$x_1$"),
        ("$f(`a`)$ $x$", "$x$"),
        ("a $\\text{a $b$ c}$ d", "$\\text{a $b$ c}$"),
        ("\\(\\text{a $b$ c}\\)", "$\\text{a $b$ c}$"),
        ("$$\n1 & \\text{if $x>0$} \\\\\n$$", "$$\n1 &amp; \\text{if $x&gt;0$} \\\\\n$$"),
        ("$$\\text{costs $5 or $6}$$", "$$\\text{costs \\$5 or \\$6}$$"),
        *(
            (f"so {tex} is", tex)
            for tex in ("$5$", "$2n$", "$3.14$", "$1, 2, 3$", "$2x + 3y = 5$", "$100\\%$", "$2ab$")
        ),
        *((f"so {tex} is", tex) for tex in ("$10 \\text{ km}$", "$3\\sin x$", "$2^n$", "$0 \\le x_{max} \\le 1$")),
    ],
)
def test_formulas_reach_mathjax_untouched(source: str, formula: str) -> None:
    assert f"<span>{formula}</span>" in html(source)


@pytest.mark.parametrize(
    "source",
    [
        "It costs $5 and $10.",
        "costs $5, or $6.50 each",
        "US$5 to US$10",
        "A$x and B$y",
        "$HOME/$USER/$PATH",
        "$ 5 and 6 $",
        "only one $ here",
        "between $5-$10",
        "($5) or ($6)",
        "$5 in `$x`",
        "`$x$` and `$y$`",
        "\\$x\\$ and &#36;y&#36;",
        "$5\n\n$6",
        "$5 and 10$ bills",
        "$2M; cost: 5$ and",
        "$5 or 10$, $5和10$",
        "$1 = 100 cents, not 5$",
        "[$5](https://a.example) $6",
        "$$ and $$$",
        "\\\\(x\\\\) and \\\\[y\\\\]",
        "$$ never ends",
        "\\( never ends",
        "\\begin{document} x \\end{document}",
        "$\\href{https://a.example}{x}$",
        "$$\\class{a}{b}$$",
        "\\(\\def\\a{b}\\)",
    ],
)
def test_money_and_text_are_no_formulas(source: str) -> None:
    """MathJax finds nothing where it looks: outside code and outside the elements that it is told to ignore."""
    seen = re.sub(r'<span class="tex2jax_ignore mathjax_ignore">[^<]*</span>|<code>.*?</code>', "", html(source))
    assert not re.search(r"\$|\\\(|\\\[|\\begin", seen)


def test_a_display_formula_torn_apart_is_one_and_what_is_none_is_text_with_its_backslashes() -> None:
    assert visible(html("\\[\n\na = b\n\n\\]")) == "$$a=b$$"
    assert visible(html("\\[\n\nNo formula here.\n\n\\]")) == "\\[Noformulahere.\\]"


# -- code, tables, lists as they look


def test_code_names_its_language_and_takes_the_theme_colours() -> None:
    found = str(safe_html.answer("```python\ndef f():\n    return 'a'  # b\n```\n"))
    assert re.search(r'<div class="deepseek-language"[^>]*>python</div><pre [^>]*><code [^>]*>', found)
    assert '<span class="k">def </span>' in found
    assert "<span" not in str(safe_html.answer("```nonsense\ndef f(): 1\n```\n"))
    assert "deepseek-language" not in str(safe_html.answer("```\nx\n```\n"))


@pytest.mark.parametrize(
    "language", ["python", "js", "bash", "json", "c++", "c#", "html", "diff", "sql", "r", "no-such"]
)
@given(code=st.text(alphabet="ab1 \n\t'\"#/*(){}[]<>&=+-\\$`\u00e9"))
@settings(max_examples=15, deadline=None)
def test_coloured_code_is_the_code(language: str, code: str) -> None:
    source = f"````{language}\n{code}\n````\n"
    assert ours(source) == tree(f"<pre><code>{code.translate({38: '&amp;', 60: '&lt;'})}\n</code></pre>")


@pytest.mark.slow
@pytest.mark.parametrize("language", ["python", "java", "cpp", "hcl", "octave"])
@pytest.mark.parametrize("unit", [" \n", "a b c\n", "<<EOF\n", "/*\n"])
def test_colouring_is_linear(language: str, unit: str) -> None:
    """Many of Pygments' lexers take squares of the time for such code; then it stays without colours."""
    assert is_linear(lambda size: safe_html.answer(f"```{language}\n{(unit * size)[:size]}```\n"), 1_000)


@pytest.mark.parametrize(
    ("language", "code"),
    [
        ("py", "x = 'a'"),
        ("JavaScript", "let a = 1"),
        ("c++", "int a;"),
        ("c#", "var a;"),
        ("html", "<p>a</p>"),
        ("sh", "echo 'a'"),
        ("console", "$ ls 'a'"),
        ("pycon", ">>> 1"),
        ("json", '{"a": 1}'),
        ("yml", "a: 'b'"),
        ("sql", "SELECT 1"),
        ("diff", "+a\n-b"),
        ("{python}", "x = 1"),
        ("tex", "% a"),
        ("dockerfile", "FROM a"),
        ("php", "<?php echo 1;"),
    ],
)
def test_languages_go_by_the_names_that_models_use(language: str, code: str) -> None:
    assert "<span " in str(safe_html.answer(f"```{language}\n{code}\n```\n"))


def test_html_of_code_is_bounded() -> None:
    code = "for index in range(10):\n    total = total + index * 2  # add\n" * 100
    assert len(safe_html.answer(f"```python\n{code}```\n")) < 10 * len(code)
    long = "x = 1\n" * 20_000
    assert "<span" not in safe_html.answer(f"```python\n{long}```\n")
    assert "<span" not in safe_html.answer(f"```python\n{'x = 1; ' * 400}\n```\n")


def test_tables_and_code_scroll_in_their_boxes() -> None:
    found = str(safe_html.answer("| a |\n|---|\n| b |\n\n```\nx\n```\n"))
    assert re.search(r'<div class="deepseek-table" style="[^"]*overflow-x:auto"><table', found)
    assert re.search(r'<pre style="[^"]*overflow:auto;max-width:100%', found)


_SCROLLS = 'style="overflow-x:auto;overflow-y:hidden"'


@pytest.mark.parametrize(
    ("source", "boxes"),
    [
        ("a $x$\n\nb", ["p"]),
        ("$$x$$", ["p"]),
        ("# A $x$", ["h1"]),
        ("> a $x$", ["p"]),
        ("- a\n  - b $x$", ["ul"]),
        ("- [ ] a $x$\n  1. b", ["ul"]),
        ("1. a\n\n   b **$x$**", ["p"]),
        ("| $x$ |\n|---|\n", []),
        ("a `$x$` $5", []),
    ],
)
def test_what_holds_formulas_scrolls_in_its_box(source: str, boxes: list[str]) -> None:
    assert re.findall(rf'<(\w+)(?: (?:dir|class)="[^"]*")* {_SCROLLS}', str(safe_html.answer(source))) == boxes


def test_long_words_wrap() -> None:
    parts = [
        safe_html.live(safe_html.text("a")),
        safe_html.growing([]),
        panels.card("a", []),
    ]
    assert all("overflow-wrap:break-word" in part.partition(">")[0] for part in parts)


def test_tasks_have_words() -> None:
    found = str(safe_html.answer("- [ ] a\n- [x] b\n"))
    assert '<span role="img" aria-label="to do">☐</span> a' in found
    assert '<span role="img" aria-label="done">☑</span> b' in found
    assert "<input" not in found


def test_directions_are_found_by_the_browser() -> None:
    found = str(safe_html.answer("# א\n\nב\n\n- ג\n\n> ד\n\n| ה |\n|---|\n| ו |\n"))
    assert found.count('dir="auto"') == 7


# -- pieces of cut blocks


@pytest.mark.parametrize("name", LONG)
def test_pieces_show_together_what_the_whole_shows(name: str) -> None:
    blocks = split(LONG[name])
    pieces = [safe_html.block(block) for block in blocks]
    assert visible("".join(pieces)) == visible(safe_html.whole(wholes(blocks)))
    assert sum("deepseek-language" in piece for piece in pieces) == (name == "fence")


def test_pieces_of_a_fence_touch_and_pieces_of_a_table_align() -> None:
    fence = [str(safe_html.block(block)) for block in split(LONG["fence"])]
    assert 'style="margin:.6em 0 0;' in fence[0]
    assert 'style="margin:0 0 0;' in fence[1]
    table = [str(safe_html.block(block)) for block in split(LONG["table"])[:-1]]
    assert all("table-layout:fixed;width:100%" in piece for piece in table)
    assert [piece.count("<thead>") for piece in table] == [1] + [0] * (len(table) - 1)
    assert "table-layout" not in safe_html.answer(LONG["table"])


def test_pieces_of_a_list_count_on() -> None:
    pieces = [str(safe_html.block(block)) for block in split(LONG["numbers"])]
    starts = [int(found[1]) for piece in pieces[1:] if (found := re.search(r'<ol start="(\d+)"', piece))]
    counts = [piece.count("<li") for piece in pieces]
    assert starts == [1 + sum(counts[: n + 1]) for n in range(len(counts) - 1)]


def test_only_the_cut_block_itself_is_dressed_as_a_piece() -> None:
    nodes = read("- a\n\n  ```python\n  x\n  ```\n").finish()
    piece = safe_html.block(Block("", tuple(nodes), resumed=True, last=False))
    assert "deepseek-language" in piece
    assert "border-top:0" not in piece


# -- references


def test_the_first_definition_of_a_label_holds_wherever_it_stands() -> None:
    source = "[a] [B]\n\n[a]: https://one.example\n[a]: https://two.example\n\n> [b]: https://three.example\n"
    found = safe_html.answer(source)
    assert "https://one.example" in found
    assert "two.example" not in found
    assert "three.example" in found
    assert str(safe_html.answer("[a]")) == '<p dir="auto">[a]</p>'


# -- the open end of a growing reply

HEALED = {
    "**bo": "**bo**",
    "a **bo*": "a **bo**",
    "a **bold** and *it": "a **bold** and *it*",
    "***a**": "***a***",
    "**a *b": "**a *b***",
    "**": "",
    "a **": "a",
    "~~go": "~~go~~",
    "~~go~": "~~go~~",
    "a `co": "a `co`",
    "a ``co`": "a ``co``",
    "a `": "a",
    "> **a": "> **a**",
    "- a\n- **b": "- a\n- **b**",
    "# a **b": "# a **b**",
    "| a | **b": "| a | **b** |\n|---|---|",
    "| a | b |\n|-": "| a | b |\n|---|---|",
    "| a | b |\n|---|---|\n| **c": "| a | b |\n|---|---|\n| **c** |",
    "text\n| a | b": "text\n| a | b |\n|---|---|",
    "```py": "```py\n```",
    "```py\nx = 1": "```py\nx = 1\n```",
    "```py\nx = 1\n``": "```py\nx = 1\n```",
    "- a\n  ```\n  x\n  `": "- a\n  ```\n  x\n  ```",
    "text\n-": "text",
    "text\n--": "text",
    "text\n=": "text",
    "text\n#": "text",
    "text\n1.": "text",
    "text\n``": "text",
    "- a\n-": "- a",
    "- a\n  -": "- a",
    "1. a\n2": "1. a",
    "- [": "",
    "- a\n- [x": "- a",
    "a <su": "a",
    "a H<sub>2</su": "a H<sub>2</sub>",
    "a\\": "a",
    "a_b_": "a_b_",
    "5 * 3": "5 * 3",
    "2 < 3": "2 < 3",
    "It costs $5 and": "It costs $5 and",
    "see a[i": "see a[i",
    "as said [1": "as said [1",
    "a[^1": "a[^1",
    "$x$ and": "$x$ and",
    "Set $HOME_DIR and then run": "Set $HOME_DIR and then run",
    "Set $HOME_D": "Set $HOME_D",
    "Set ${HOME": "Set ${HOME",
    "costs $x_1 and then we see": "costs $x_1 and then we see",
    "> ```py\n> x = 1\n> ``": "> ```py\n> x = 1\n> ```",
    "> ```py\n> x = 1\n``": "> ```py\n> x = 1\n> ```",
    "> - ```\n>   x\n>   `": "> - ```\n>   x\n>   ```",
    "> - | a | b |\n>   |--": "> - | a | b |\n>   |---|---|",
    "> | a | b |\n>": "> | a | b |\n> |---|---|",
    "- | a | b |\n ": "- | a | b |\n  |---|---|",
    "> 1. a\n> 2": "> 1. a",
    "> a\n> --": "> a",
    "> a\n>\n> -": "> a",
    "**价格：**100": "**价格：**100",
}


@pytest.mark.parametrize("source", HEALED)
def test_the_open_end_looks_like_what_it_will_be(source: str) -> None:
    assert tree(grown(source)) == ours(HEALED[source])


@pytest.mark.parametrize(
    "source", ["a [te", "a [text]", "a [text](", "a [text](https://b.ex", 'a [text](https://b "c', "a ![te"]
)
def test_an_open_link_shows_its_text_only(source: str) -> None:
    assert visible(grown(source)) == ("atext" if "text" in source else "ate")


@pytest.mark.parametrize("source", ["a $x^2", "a \\(x^2", "\\[\nx^2", "$$\nx^2\n", "$$x^2$", "\\[x^2\\", "- $$\n  x^2"])
def test_an_open_formula_shows_its_source_as_code(source: str) -> None:
    found = str(grown(source))
    assert "<code>x^2</code>" in found
    assert "$" not in found


REPLY = """# The plan

Some **bold text**, *italics*, `code span` and ~~old~~ [a link](https://a.example/b_c "title"):
- one **two**
- three `four`
  - five ***six***

1. a
2. b

| Head | **Other** |
|------|:-----:|
| `x`  | [y](https://z.example) |

```python
print("hello")  # **not bold**
```
> quote **with bold**

The formula $a_1 + b_2$ and
$$
x
=
y
$$
costs $5.
"""


def test_no_half_written_marker_is_ever_seen() -> None:
    splitter = BlockSplitter()
    for position, character in enumerate(REPLY):
        splitter.feed(character)
        seen = re.sub(r"<code[^>]*>.*?</code>|<[^>]*>", "", str(safe_html.block(splitter.tail)), flags=re.DOTALL)
        assert not re.search(r"\*\*|~~|`|\]\(|^\s*[|#>-]+\s*$|\|-", seen, re.MULTILINE), REPLY[: position + 1][-60:]


def test_the_final_view_is_the_whole() -> None:
    splitter = BlockSplitter()
    blocks = [block for character in REPLY for block in splitter.feed(character)] + [*splitter.finish()]
    assert safe_html.whole(wholes(blocks)) == safe_html.answer(REPLY)


@settings(max_examples=150, deadline=None)
@given(st.one_of(documents, soups, st.text()), st.data())
def test_any_open_end_is_balanced_html(source: str, data: st.DataObject) -> None:
    splitter = BlockSplitter()
    reached = source[: data.draw(st.integers(0, len(source)))]
    parts = [safe_html.block(block) for block in (*splitter.feed(reached), splitter.tail)]
    assert [tree(part)[0] for part in parts] == ["root"] * len(parts)


# -- our own parts


def test_plain_text_keeps_its_lines_and_is_no_markup() -> None:
    assert str(safe_html.text("a\n  <b> & *c* $5\x00\ud800")) == (
        '<span dir="auto" style="white-space:pre-wrap">a\n  &lt;b&gt; &amp; *c* '
        '<span class="tex2jax_ignore mathjax_ignore">$</span>5\ufffd\ufffd</span>'
    )


def test_the_bundle() -> None:
    thinking = safe_html.reasoning(safe_html.text("hm"), summary="thought for 3 s", open=False)
    found = str(
        safe_html.reply(
            answer=safe_html.answer("yes"),
            reasoning=thinking,
            closing=safe_html.closing(
                footer="model · 3 s", notices=["cut <short>", "b"], details='prices "as of" today'
            ),
        )
    )
    assert found.startswith('<div class="deepseek jp-RenderedHTMLCommon"')
    assert '<details class="deepseek-reasoning" style' in found
    assert '<div class="deepseek-answer"><p dir="auto">yes</p></div>' in found
    assert len(re.findall(r'<div class="deepseek-notice" role="note" [^>]*>', found)) == 2
    assert "cut &lt;short&gt;" in found
    assert re.search(
        r'<details class="deepseek-footer"[^>]*><summary[^>]*>model · 3 s</summary>prices "as of" today</d', found
    )
    order = [found.index(part) for part in ("reasoning", "deepseek-answer", "deepseek-notice", "deepseek-footer")]
    assert order == sorted(order)


def test_small_parts() -> None:
    assert '<details class="deepseek-reasoning" open ' in safe_html.reasoning(
        safe_html.text("x"), summary="y", open=True
    )
    assert 'role="status"' in safe_html.status("thinking · 12 s")
    assert safe_html.live(safe_html.text("x")).startswith('<div class="deepseek jp-RenderedHTMLCommon"')
    found = str(panels.table(["a", "b"], [["1", "<2>"], ["3", "4"]], caption="c"))
    assert found.count("<tr>") == 3
    assert "&lt;2&gt;" in found
    assert re.search(r"<caption [^>]*>c</caption>", found)
    found = str(panels.card("title", [("key", "from <env>")]))
    assert re.search(r'<h3[^>]*>title</h3>.*<th scope="row"[^>]*>key</th><td[^>]*>from &lt;env&gt;</td>', found)
    assert safe_html.answer("") == safe_html.answer(" \n") == grown("") == ""


# -- work


UNITS = [
    "[", "[[", "![", "![a", "](", "[a](", "[a](b '", "[a](<", "[a](b)", "[a][", '[a]: b "\n', "[a]: ", "(", ")",
    "*", "**", "*a ", "a**", "*a_", "**a *b ", "_", "_a", "a_b@", "~~", "~~a", "`", "`a``", "`x`", "<", "<a@",
    "<a:", "<b>", "<b></i>", "<b>*a", "$", "$$", "$a ", "$a\\$", "\\(", "\\[", "\\]\\[", "\\begin{align}", "$$\n",
    "&", "&a", "&#", "\\", "a  \n", "> ", ">", "- ", "- a\n", "1. a\n", "-\t", "# ", "a\n=\n", "| a\n", "|", "|-",
    "|a|\n|-|\n|b|\n", "```\n", "~~~a\n", "\t", "    a\n", "\r", "http://", "http://a.b/)", "www.a.", "a@b.",
    "a.", "http://a.b&c;", "https://a.b(", "[^a]", "- [ ] a\n", "*a**b", "***a", "字**，", "a\\\n", "&amp;", "\x00",
    "\ud800", "'", '"', "$\\text{$1$}", "\\text{$", "$\\text{a$b", "$1 a", "：**a",
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("unit", part_of(UNITS))
def test_rendering_is_linear(unit: str) -> None:
    assert is_linear(lambda size: safe_html.answer((unit * size)[:size]), 600)


@pytest.mark.slow
@pytest.mark.parametrize("unit", part_of(UNITS))
def test_rendering_the_open_end_is_linear(unit: str) -> None:
    assert is_linear(lambda size: grown((unit * size)[:size]), 500)


@pytest.mark.thorough
@pytest.mark.parametrize("make", [safe_html.words, lambda text: safe_html._clean(f"<p>{text.replace('&', '&amp;')}")])
def test_many_signs_that_are_escaped_are_linear(make: Callable[[str], str]) -> None:
    """The cleaner alone takes squares of the time for them, which shows from a hundred thousand."""
    assert is_linear(lambda size: make("&" * size), 30_000)
    assert is_linear(lambda size: make("&" * 600 + "a" * size), 2_000)


@pytest.mark.parametrize("attribute", ["", '<a href="https://a.b/?c&amp;d" title="&amp;&gt;">'])
def test_escaped_signs_stay_as_they_are_however_many(attribute: str) -> None:
    made = f"<p>{attribute}{'a &amp;&lt; &quot;b' * 2_000}{'</a>' if attribute else ''}</p>"
    wanted = made.replace('">', '" rel="noopener noreferrer">').replace("&quot;", '"')
    assert safe_html._clean(made) == wanted


def test_nesting_is_bounded() -> None:
    assert html("> " * 1000 + "a").count("<blockquote") == MAX_DEPTH
    assert html("1. " * 1000 + "a").count("<ol") == MAX_DEPTH
    assert html("*a " * 1000 + "a*" * 1000).count("<em>") <= MAX_EMPHASIS


@pytest.mark.slow
@pytest.mark.parametrize(
    "build",
    [
        lambda size: "![a" * (size // 8) + "](b)" * (size // 8),
        lambda size: "*a " * (size // 5) + "a*" * (size // 5),
        lambda size: "[" * (size // 2) + "a" + "](b)" * (size // 8),
        lambda size: " ".join("`" * count for count in range(1, int((2 * size) ** 0.5))),
        lambda size: "|a" * (size // 4) + "|\n" + "|-" * (size // 4) + "|\n" + "|b\n" * (size // 6),
        lambda size: "[a]: b\n" * (size // 14) + "\n" + "[a]" * (size // 6),
        lambda size: "- a\n" + "".join(f"{'  ' * (depth % 40)}- b\n" for depth in range(size // 40)),
    ],
    ids=["images", "emphasis", "links", "ticks", "table", "references", "staircase"],
)
def test_nested_work_is_linear(build: Callable[[int], str]) -> None:
    assert is_linear(lambda size: safe_html.answer(build(size)), 1_000)


def test_scripts_that_run_from_right_to_left() -> None:
    """Their paragraphs begin at the right edge, their lists have room for signs there, and code keeps its own way."""
    html = str(safe_html.answer("- \u05d0\u05d1 `f()`\n\n  \u05d2\n"))
    assert html.startswith('<ul style="padding:0 2em">')
    assert html.count('<p dir="auto" style="text-align:right;text-align:start">') == 2
    assert '<code dir="ltr">f()</code>' in html
    assert "text-align" not in str(safe_html.answer("plain"))
    code = str(safe_html.answer("```python\n# \u0639\n```\n"))
    assert code.startswith('<div dir="ltr" class="deepseek-code highlight"')
