"""What the terminal back end prints of markdown: every word of it, laid out; and nothing that a terminal acts on."""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from pathlib import Path

import pyte
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from deepseek_magic.api.events import Event, ReasoningDelta, TextDelta
from deepseek_magic.commonmark.blocks import read
from deepseek_magic.commonmark.links import resolved
from deepseek_magic.render.back_ends.terminal import TerminalRenderer
from deepseek_magic.render.renderer import Ending, Rounds
from deepseek_magic.render.rich_text import formatted
from deepseek_magic.render.word_wrap import columns
from deepseek_magic.text import visible
from tests.commonmark.documents import documents, soups
from tests.commonmark.shapes import SHAPES
from tests.render.events import TEXT, events
from tests.render.hostile import CORPUS
from tests.render.test_plain import ROUNDS, SAID

EXAMPLES = json.loads((Path(__file__).parents[1] / "commonmark" / "commonmark.json").read_text(encoding="utf-8"))[
    "examples"
]
_WORD = re.compile(r"[^\W\d_]{2,}")
# Signs of markup that are words.
_TAG = re.compile(r"</?(?:b|i|kbd)>|<br *\/?>", re.IGNORECASE)


def printed(markdown: str, width: int = 100, **console: object) -> str:
    out = io.StringIO()
    Console(file=out, width=width, highlight=False, markup=False, **console).print(
        formatted(read(visible(markdown)).finish()), crop=False
    )  # type: ignore[arg-type]
    return out.getvalue()


def missing(markdown: str) -> Counter[str]:
    """The words that are printed less often than they are in the source."""
    out = printed(markdown, 3_000 + len(markdown)).casefold()
    read = resolved(out)  # in code a character reference stays as it is
    words = Counter(_WORD.findall(_TAG.sub(" ", resolved(visible(markdown))).casefold()))
    return Counter({word: n for word, n in words.items() if max(out.count(word), read.count(word)) < n})


def test_no_word_of_a_hostile_reply_vanishes() -> None:
    assert {name: lost for name, text in CORPUS if (lost := missing(text))} == {}


def test_no_word_of_any_known_shape_vanishes() -> None:
    texts = [*(example["markdown"] for example in EXAMPLES), *SHAPES.values()]
    assert len(texts) > 500
    assert {text: lost for text in texts if (lost := missing(text))} == {}


@pytest.mark.slow
@settings(deadline=None, max_examples=80)
@given(st.one_of(documents, soups))
def test_no_word_vanishes(text: str) -> None:
    assert not missing(text)


@pytest.mark.slow
@settings(deadline=None, max_examples=40)
@given(st.one_of(documents, soups), st.integers(4, 40))
def test_none_vanishes_in_a_narrow_terminal(text: str, width: int) -> None:
    """However a word is cut between lines: its letters are all there."""
    wide, narrow = (Counter(re.findall(r"[^\W\d_]", printed(text, columns))) for columns in (3_000, width))
    assert wide == narrow


@pytest.mark.parametrize(
    ("markdown", "shown"),
    [
        ("See [the *docs*](https://a.example/b_c_d 'A title').", "See [the docs](https://a.example/b_c_d 'A title')."),
        ("![a picture](https://a.example/p.png)", "![a picture](https://a.example/p.png)"),
        ("[![in](https://a.example/p.png)](https://b.example)", "[![in](https://a.example/p.png)](https://b.example)"),
        ("It is so[^1].\n\n[^1]: A *note*.", "It is so[^1].\n\n[^1]: A note."),
        (
            "[Label]: https://a.example 'T'\n[b]: /c\ntext [Label]",
            "[Label]: https://a.example 'T'\n[b]: /c\ntext [Label]",
        ),
        ("[a]: /b\nTitle\n===\n", "[a]: /b\n\nTitle"),
        ("<div>\nThis **counts**.\n</div>", "<div> This counts. </div>"),
        ("a Vec<T>, x<sup>2</sup>, <!-- a remark -->", "a Vec<T>, x<sup>2</sup>, <!-- a remark -->"),
        (r"\(a\_1\) and $a_1 * b$ and $c * d_2$", r"\(a\_1\) and $a_1 * b$ and $c * d_2$"),
        ("\\[\n\\begin{pmatrix} 1 \\\\ 2 \\end{pmatrix}\n\\]", "\\[\n\\begin{pmatrix} 1 \\\\ 2 \\end{pmatrix}\n\\]"),
        ("\\[\n\na \\\\ b\n\n\\]", "\\[\na \\\\ b\n\\]"),
        ("C:\\new, $5 &amp; \\*no\\*", "C:\\new, $5 & *no*"),
        ("- [x] done\n- [ ] open\n\n  more", "• [x] done\n\n• [ ] open\n\n  more"),
        ("3. c\n4. d\n   - e", "3. c\n4. d\n   • e"),
        ("> a\n>\n> > b", "▌ a\n▌\n▌ ▌ b"),
        ("```python title=x\nif x:\n    y\n```", "  python title=x\n  if x:\n      y"),
        ("# A `b` #\n\na  \nb\nc", "A b\n\na\nb c"),
        ("| a | b |\n|---|--:|\n| `x \\| y` | 1 | more |", "a             b\n────\nx | y  1 | more"),
    ],
)
def test_it_is_laid_out_and_what_html_would_hide_stays_as_typed(markdown: str, shown: str) -> None:
    lines = [line.strip() if "─" in line else line.rstrip() for line in printed(markdown).strip().splitlines()]
    if markdown.startswith("|"):
        lines = [re.sub("─+", "────", line.strip()) for line in lines]
    assert "\n".join(lines) == shown.strip()


def test_a_table_without_room_is_lines_of_text() -> None:
    assert printed("| a | b | c |\n|--|--|--|\n| **d** | e | f |", 6).split("\n") == [
        "a | b",
        "| c",
        "d | e",
        "| f",
        "",
    ]


WORDS = "| word | duplicates | membership, and more words than fit |\n|:-:|--:|---|\n| a | insertion | `x` |\n"
PROSE = (
    "See https://example.org/a/very/long/address/that/fits/no/line/of/this/terminal?of=it and on it goes.\n\n"
    "中文段落：运行平均值只需要一个数字和一个计数器，不需要保存全部数据。「这句话」很长。\n\n"
    "- a rather long item, so that it is broken\n\n> and a rather long quotation, so that it is broken, too\n"
)


@pytest.mark.parametrize("width", [40, 60, 80])
def test_no_word_is_broken(width: int) -> None:
    """Neither in prose nor in a table; an address stays whole, and Chinese is broken between its characters."""
    out = printed(PROSE + "\n" + WORDS, width)
    for word in re.findall(r"[A-Za-z]{2,}", PROSE.replace("https", "") + WORDS):
        assert re.search(rf"\b{word}\b", out), word
    assert "https://example.org/a/very/long/address/that/fits/no/line/of/this/terminal?of=it" in out
    chinese = [line for line in out.splitlines() if "一" in line or "。" in line]
    assert not any(line.startswith(tuple("，。」")) for line in chinese)
    assert all(columns(line) <= width for line in out.splitlines() if "http" not in line)


def test_code_is_never_broken() -> None:
    """So that it can be copied; while its block is open it is folded, so that its end is in sight."""
    line = "x = '" + "word " * 30 + "'"
    assert f"  {line}\n" in printed(f"```python\n{line}\n```\n", 40)
    assert f"{line}\n" in printed(f"1. item\n\n   ```python\n   {line}\n   ```\n", 40)
    out = io.StringIO()
    renderer = TerminalRenderer(Console(file=out, width=40, height=12, force_terminal=True, legacy_windows=False))
    renderer.open()
    renderer.show([TextDelta(f"```python\n{line}")])
    renderer._paint()
    screen = pyte.Screen(40, 12)
    pyte.Stream(screen).feed(out.getvalue().replace("\n", "\r\n"))
    renderer.close(Ending(f"```python\n{line}"))
    assert any("word '" in row for row in screen.display)


def test_thinking_is_set_apart_by_a_bar() -> None:
    """In words and in signs, not by its style alone."""
    shown = in_terminal([ReasoningDelta("First. " * 30 + "\nSecond."), TextDelta("The answer.")], Ending("The answer."))
    thought, _, answer = shown.partition("\n\n")
    assert thought.startswith("│ Thinking: First.")
    assert thought.count("\n") == thought.count("│ ") - 1 >= 2
    assert answer == "The answer.\n"


def test_no_address_becomes_a_terminal_hyperlink() -> None:
    """Its target would be the model's to choose, and unseen."""
    found = printed("[a](https://a.example) <https://b.example> https://c.example", force_terminal=True)
    assert "\x1b[" in found
    assert "\x1b]8" not in found


def test_the_open_block_is_followed_to_its_last_line_and_reads_as_in_the_whole() -> None:
    """Code that is longer than the screen stays code, and the status stays in sight."""
    out = io.StringIO()
    renderer = TerminalRenderer(Console(file=out, width=60, height=12, force_terminal=True, legacy_windows=False))
    renderer.open()
    code = "".join(f"# remark {number}\n" for number in range(200))
    for place in range(0, len(code), 50):
        renderer.show([TextDelta(("" if place else "Here:\n\n```python\n") + code[place : place + 50])])
    renderer._paint()
    screen = pyte.Screen(60, 12)
    pyte.Stream(screen).feed(out.getvalue().replace("\n", "\r\n"))
    lines = [line.rstrip() for line in screen.display if line.strip()]
    renderer.close(Ending(f"Here:\n\n```python\n{code}"))
    assert lines[-1].startswith("writing · ")
    assert lines[-3:-1] == ["  # remark 198", "  # remark 199"]
    assert len(lines) >= 10


def test_a_reply_in_pieces_is_printed_as_the_whole() -> None:
    text = "# Title\n\nSome <b>text</b>[^1] and [a](b).\n\n[^1]: note\n\n[d]: /e\n\n```c\nint x;\n```\n"
    outputs = []
    for step in (len(text), 5, 1):
        out = io.StringIO()
        renderer = TerminalRenderer(Console(file=out, width=80, highlight=False, markup=False))
        renderer.open()
        for place in range(0, len(text), step):
            renderer.show([TextDelta(text[place : place + step])])
        renderer.close(Ending(text))
        outputs.append([line.rstrip() for line in out.getvalue().splitlines() if line.strip()])
    assert outputs[0] == outputs[1] == outputs[2]
    assert "[d]: /e" in outputs[0]


def test_prose_is_in_the_terminals_own_colours() -> None:
    written = io.StringIO()
    Console(file=written, force_terminal=True, color_system="truecolor", width=60).print(
        formatted(read("Some **bold** words.\n").finish())
    )
    assert written.getvalue() == "Some \x1b[1mbold\x1b[0m words.\n"


def in_terminal(shown: list[Event], ending: Ending) -> str:
    out = io.StringIO()
    renderer = TerminalRenderer(Console(file=out, width=80, force_terminal=False))
    renderer.open()
    for event in shown:
        renderer.show([event])
    renderer.close(ending)
    return out.getvalue()


def test_the_terminal_ends_with_the_whole_however_it_came() -> None:
    """Word for word, whole or in pieces, also where a failed view missed some."""
    ending = Ending(TEXT, footer="a footer")
    once = in_terminal([ReasoningDelta("Let me think."), TextDelta(TEXT)], ending).split()
    assert in_terminal(events(), ending).split() == once
    assert {"heading", "one", "two", "end.", "footer"} <= set(once)
    missed = in_terminal(events()[:4], ending).split()
    assert {"two", "end."} <= set(missed)


def test_rounds_of_calls_stand_apart() -> None:
    """What was said before a call stands above it; without one between them a rule parts two rounds."""
    rounds = Rounds()
    shown = "".join(rounds.drawn(event) for event in ROUNDS if isinstance(event, TextDelta))
    for left_out, between in (((), "[weather('Rome')"), (ROUNDS[2:7], "────")):
        out = io.StringIO()
        renderer = TerminalRenderer(Console(file=out, width=60, highlight=False, markup=False))
        renderer.open()
        for event in ROUNDS:
            if event not in left_out:
                renderer.show((event,))
        renderer.close(Ending(SAID, shown=shown))
        text = out.getvalue()
        places = [text.index(words) for words in ("One moment", between, "3 and 9 degrees.")]
        assert places == sorted(places)
        assert text.count("One moment") == 1
        assert ("────" in text) == bool(left_out)
        assert not re.search(r"\n *\n *\n", text)
