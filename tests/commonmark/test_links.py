"""Destinations, titles, labels and definitions: what is one, where it ends, and what a hostile one cannot cost."""

from __future__ import annotations

import pytest

from deepseek_magic.commonmark import links
from deepseek_magic.commonmark.links import MAX_PARENTHESES, Target


@pytest.mark.parametrize(
    ("text", "address", "end"),
    [
        ("a)", "a", 1),
        ("a(b)c)", "a(b)c", 5),
        ("a\\)b", "a)b", 4),
        ("<a b>c", "a b", 5),
        ("<>", "", 2),
        ("a&amp;b c", "a&b", 7),
        ("(" * MAX_PARENTHESES + "a" + ")" * MAX_PARENTHESES, "(" * MAX_PARENTHESES + "a" + ")" * MAX_PARENTHESES, 65),
    ],
)
def test_destination(text: str, address: str, end: int) -> None:
    assert links.destination_at(text, 0) == (address, end)


@pytest.mark.parametrize("text", ["", " a", ")", "(a", "<a\nb>", "<a", "(" * (MAX_PARENTHESES + 1) + "a" + ")" * 99])
def test_no_destination(text: str) -> None:
    assert links.destination_at(text, 0) is None


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ('"a\\"b"', 'a"b'),
        ("'a\nb'", "a\nb"),
        ("(a&lt;)", "a<"),
        ('""', ""),
        ('"a', None),
        ("(a(b))", None),
        ("a", None),
    ],
)
def test_title(text: str, title: str | None) -> None:
    assert links.title_at(text, 0) == (None if title is None else (title, len(text)))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a)", (Target("a", ""), 2)),
        (")", (Target("", ""), 1)),
        (' a\n "b" ) c', (Target("a", "b"), 9)),
        ("a 'b' c)", None),
        ('a"b")', (Target('a"b"', ""), 5)),
        ("a", None),
        ("a\n\n)", None),
    ],
)
def test_target_in_parentheses(text: str, found: object) -> None:
    assert links.target_at(text, 0) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[a]: b\nc", ("a", Target("b", ""), 7)),
        ("[A \n b]:\n<c d>\n'e\nf'\n", ("a b", Target("c d", "e\nf"), 21)),
        ('[a]: b "c" d', None),
        ('[a]: b\n"c" d', ("a", Target("b", ""), 7)),
        ("[ẞ]: b", ("ss", Target("b", ""), 6)),
        ("[^a]: b", None),
        ("[ ]: b", None),
        ("[a]", None),
        ("[a]:", None),
        (f"[{'a' * 1000}]: b", None),
    ],
)
def test_definition(text: str, found: object) -> None:
    assert links.definition_at(text, 0) == found


def test_definitions_leave_the_paragraph_and_the_first_counts() -> None:
    found = {"a": Target("kept", "")}
    assert links.strip_definitions("[a]: x\n[b]: y\n[c]\n[d]: z", found) == "[c]\n[d]: z"
    assert found == {"a": Target("kept", ""), "b": Target("y", "")}


@pytest.mark.parametrize(
    ("reference", "stands_for"),
    [
        ("&copy;", "©"),
        ("&#x41;", "A"),
        ("&#0;", "\ufffd"),
        ("&#x110000;", "\ufffd"),
        ("&#xD800;", "\ufffd"),
        ("&no;", None),
    ],
)
def test_reference(reference: str, stands_for: str | None) -> None:
    assert links.character(reference) == stands_for
    assert links.reference_at(f"a{reference}", 1) == (stands_for and (stands_for, len(reference) + 1))
    assert links.resolved(reference) == (stands_for or reference)


def test_addresses_are_encoded_once() -> None:
    assert links.encoded('a b%20ü"<%zz') == "a%20b%20%C3%BC%22%3C%25zz"
    assert links.encoded(links.encoded("ä%")) == links.encoded("ä%")


def test_what_no_browser_shows_is_replaced() -> None:
    assert links.printable("a\r\nb\rc\x00\x1b\ud800\t") == "a\nb\nc\ufffd\ufffd\ufffd\t"
