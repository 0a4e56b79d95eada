"""Markdown for a terminal: how each block looks, what stays as it was typed, and how it fits a narrow one."""

from __future__ import annotations

import io

import pytest
from rich.console import Console
from rich.text import Text

from deepseek_magic.commonmark.blocks import read
from deepseek_magic.render.rich_text import LastLines, formatted


def printed(markdown: str, width: int = 40, **options) -> list[str]:
    out = io.StringIO()
    console = Console(file=out, width=width, highlight=False, markup=False, **options)
    console.print(formatted(read(markdown).finish()), crop=False)
    return [line.rstrip() for line in out.getvalue().rstrip().split("\n")]


@pytest.mark.parametrize(
    ("markdown", "lines"),
    [
        ("", [""]),
        ("a **b** *c* `d` ~~e~~", ["a b c d e"]),
        ("a\nb\n\nc", ["a b", "", "c"]),
        ("a  \nb", ["a", "b"]),
        ("# a", ["a"]),
        ("---", ["─" * 40]),
        ("- a\n  - b\n- c", ["• a", "  • b", "• c"]),
        ("9. a\n10. b", ["9. a", "10. b"]),
        ("- a\n\n- b", ["• a", "", "• b"]),
        ("> a\n> > b", ["▌ a", "▌", "▌ ▌ b"]),
        ("```py x=1\nif a:\n\tb\n```", ["  py x=1", "  if a:", "      b"]),
        ("<details>\n<summary>a</summary>\n\nb\n</details>\nc", ["▾ a", "", "b", "", "c"]),
        ("|a|b|\n|-|-:|\n|1|22|", ["a    b", "─────", "1   22"]),
    ],
)
def test_blocks(markdown: str, lines: list[str]) -> None:
    found = printed(markdown)
    assert [" ".join(line.split()) for line in found] == [" ".join(line.split()) for line in lines]


@pytest.mark.parametrize(
    ("markdown", "line"),
    [
        ("[a *b*](https://c.example 'd')", "[a b](https://c.example 'd')"),
        ("![a](b.png)", "![a](b.png)"),
        ("<https://a.example>", "https://a.example"),
        ("$x_1 * y_1$ and \\(z\\)", "$x_1 * y_1$ and \\(z\\)"),
        ("x<sup>2</sup>", "x<sup>2</sup>"),
        ("- [x] a", "• [x] a"),
        ("<script>", "<script>"),
        ("[red]a[/red] :smile:", "[red]a[/red] :smile:"),
    ],
)
def test_what_html_would_hide_is_printed_as_typed(markdown: str, line: str) -> None:
    assert printed(markdown) == [line]


def test_definitions_are_printed_where_they_stand() -> None:
    assert printed("[a]: https://b.example\n[c]: /d\ne [a]") == ["[a]: https://b.example", "[c]: /d", "e [a]"]


def test_a_table_without_room_is_lines_and_loses_no_cell() -> None:
    table = "|a|b|c|\n|-|-|-|\n|one|two|three|\n|1|2|3|\n"
    assert printed(table, width=12) == ["a | b | c", "one | two |", "three", "1 | 2 | 3"]
    assert "4" in " ".join(printed("|a|\n|-|\n|1|2|3|4|\n"))


def test_nesting_without_room_is_not_cut_off() -> None:
    lines = printed("> " * 30 + "deep words", width=20)
    assert {"deep", "words"} <= set(" ".join(lines).split())


@pytest.mark.parametrize("width", [1, 2, 5, 9])
def test_the_narrowest_terminal_prints_every_letter(width: int) -> None:
    found = "".join("".join(printed("- abc **def**\n\n|gh|ij|\n|-|-|\n|kl|mn|\n\n```\nop\n```\n", width=width)).split())
    assert set("abcdefghijklmnop") <= set(found)


def test_there_is_no_terminal_link() -> None:
    out = "\n".join(printed("[a](https://b.example) https://c.example", force_terminal=True, color_system="truecolor"))
    assert "\x1b]8" not in out
    assert "\x1b[" in out or out


def test_the_last_lines_are_those_of_the_width() -> None:
    out = io.StringIO()
    Console(file=out, width=5).print(LastLines(Text("one two three four"), 2))
    assert out.getvalue().split() == ["three", "four"]
