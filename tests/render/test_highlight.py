"""Code that is coloured while it grows: nothing of it is lost, and it looks like the whole at the end."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pygments.lexers import get_lexer_by_name

from deepseek_magic.render import highlight, safe_html
from deepseek_magic.render.highlight import GrowingCode, coloured
from deepseek_magic.render.page import Page

CODE = {
    "python": 'def f(x):\n    """A long\n    text %s of `many`\n    lines.\n    """\n    return f"{x!r:>{9}} y"\n\n',
    "html": '<p class="a">x<b>y</b></p>\n<script>\nvar a = 1;\n</script>\n',
    "rust": "fn a() -> i32 { /* one */ 1 }\n",
    "json": '{"a": [1, true],\n "b": null}\n',
    "none of these": "just text\n",
}


@pytest.mark.parametrize("language", CODE)
def test_growing_code_ends_as_the_whole_looks(language: str) -> None:
    """Lexing goes on where it stopped, inside of a string, too."""
    code = CODE[language] * 5
    growing = GrowingCode()
    for end in range(1, len(code) + 1, 7):
        shown = code[:end].removesuffix("\n") + "\n"  # as the open line of a fence is shown
        assert "".join(text for _, text in growing.coloured(shown, language, resumed=False)) == shown
    assert list(growing.coloured(code, language, resumed=False)) == list(coloured(code, language))


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(["python", "html", "rust"]), st.lists(st.integers(1, 9), min_size=1))
def test_pieces_keep_their_colours(language: str, sizes: list[int]) -> None:
    """A piece that begins inside of a string is a string."""
    lines = (CODE[language] * 4).splitlines(keepends=True)
    growing, shown, start = GrowingCode(), [], 0
    for size in itertools.cycle(sizes):
        piece = lines[start : start + size]
        for end in range(1, len(piece) + 1):
            pairs = list(growing.coloured("".join(piece[:end]), language, resumed=start > 0))
            assert "".join(text for _, text in pairs) == "".join(piece[:end])
        shown += pairs
        growing.cut()
        start += size
        if start >= len(lines):
            break
    styles = [style for style, text in shown for _ in text]
    whole = [style for style, text in coloured("".join(lines), language) for _ in text]
    text = "".join(lines)
    assert [style for style, sign in zip(styles, text, strict=True) if sign.strip()] == [
        style for style, sign in zip(whole, text, strict=True) if sign.strip()
    ]


_PYTHON = (
    *(
        "def f(x):\n",
        '    """A doc\n',
        "    text %s {x!r} of `many`\n",
        '    """\n',
        '"""',
        "'''\n",
        'f"""a {x} ',
        "f'{x!r:>{9}}'\n",
    ),
    *(
        '"',
        "'",
        "\\\n",
        "\\",
        "class",
        " ",
        "\n",
        "\n\n\n",
        "A",
        "(",
        ")",
        "from",
        "import",
        " as ",
        ".y",
        "@d\n",
        '# c "\n',
    ),
    *(
        "1_000.5e3j",
        "async ",
        "match x:\n",
        "case 1:\n",
        "%s",
        "{",
        "}}",
        "b'a\\n'",
        "    return 1\n",
        "except E as e:\n",
    ),
    *(
        "\\N{DASH}",
        "\\x41",
        "€",
        "ñ",
        "%%time\n",
        ">>> ",
        'rb"""\n',
        "from . import (\n a,\n b)\n",
        "import \\\n os\n",
        "def\n",
    ),
)


@settings(deadline=None, max_examples=300)
@given(st.lists(st.sampled_from(_PYTHON), min_size=1, max_size=60), st.randoms(use_true_random=False))
def test_python_that_has_grown_looks_like_the_whole(words: list[str], chance: Random) -> None:
    """What was lexed piece by piece need not be lexed again for the end."""
    code = "".join(words) + "\n"
    growing = GrowingCode()
    most = chance.choice((3, 9, 30, 120))
    start = end = 0
    while end < len(code):
        end = min(len(code), end + chance.randint(1, most))
        list(growing.coloured(code[start:end].removesuffix("\n") + "\n", "python", resumed=start > 0))
        if code[end - 1] == "\n" and end < len(code) and chance.random() < 0.2:
            growing.cut()
            start = end
    assert _styles(growing.whole(code, "python")) == _styles(coloured(code, "python"))


def test_python_that_has_grown_is_not_lexed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Colouring a long reply once more at its end would cost as much as all its paints."""
    code = CODE["python"] * 200
    page = Page()
    for line in f"```python\n{code}```\n".splitlines(keepends=True):
        page.feed(line)
        page.take_group()
        page.tail()
    read: list[int] = []
    lexer = get_lexer_by_name("python")
    before = type(lexer).get_tokens_unprocessed

    def counted(self: Any, text: str, *args: Any) -> Any:
        read.append(len(text))
        return before(self, text, *args)

    monkeypatch.setattr(type(lexer), "get_tokens_unprocessed", counted)
    whole = page.finish()
    monkeypatch.undo()
    assert sum(read) < len(code) / 50
    assert whole == safe_html.answer(f"```python\n{code}```\n")


def test_one_slow_step_says_nothing_of_a_lexer(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first page of HTML loads two more lexers; a collection of garbage may come at any time."""
    seconds = itertools.chain([0.0], itertools.repeat(60.0))
    monkeypatch.setattr(highlight, "thread_time", lambda: next(seconds))
    assert len(list(coloured(CODE["python"] * 5, "python"))) > 1


def test_a_lexer_that_is_slow_all_the_time_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    code, step = CODE["python"] * 100, highlight.LEXING / 100
    seconds = itertools.count(step=step)
    monkeypatch.setattr(highlight, "thread_time", lambda: next(seconds))
    assert list(coloured(code, "python")) == [("", code)]
    assert next(seconds) < highlight.LEXING + highlight.LEXING_CHARACTER * len(code) + 4 * step


def _styles(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(style, sign) for style, text in pairs for sign in text if sign.strip()]


def test_another_block_begins_anew() -> None:
    """Neither the language nor an open string of the block before goes on."""
    growing = GrowingCode()
    list(growing.coloured('x = """open\n', "python", resumed=False))
    growing.cut()
    assert list(growing.coloured("y = 1\n", "python", resumed=False)) == list(coloured("y = 1\n", "python"))
    assert list(growing.coloured("fn a() {}\n", "rust", resumed=True)) == list(coloured("fn a() {}\n", "rust"))


def test_a_page_shows_a_cut_string_as_one() -> None:
    """While it grows, too: the second half of a long string has the colour of the first."""
    page = Page()
    page.feed('```python\nx = """\n' + "some words of it\n" * 60)
    page.take_group()
    assert 'class="s"' in page.tail()
    assert "keyword-color" not in page.tail()
