"""What was sent, in one line and in rows: nothing is left unsaid, and many pieces stay readable."""

from __future__ import annotations

import pytest

from deepseek_magic.context.receipt import Entry, Receipt


def cells(count, **more):
    return tuple(Entry("cell", f"cell [{number}]", 10, **more) for number in range(1, count + 1))


@pytest.mark.parametrize(
    ("receipt", "line"),
    [
        (Receipt(), "sent: the question · about 0 tokens"),
        (Receipt(1), "sent: the question · about 1 token"),
        (Receipt(1_234, turns=2), "sent: the question, 2 earlier turns · about 1,234 tokens"),
        (Receipt(9, turns=1, replaced=("{a}", "{b + 1}")), "sent: {a}, {b + 1}, 1 earlier turn · about 9 tokens"),
        (Receipt(50, entries=(Entry("variable", "df", 40),), replaced=("{df}",)), "sent: df · about 50 tokens"),
        (Receipt(5, entries=(Entry("file", "a.py", 0, left_out=9),)),
         "sent: the question · about 5 tokens · 1 cut or left out"),
        (Receipt(5, entries=(Entry("file", "a.py", 0, unchanged=True),)), "sent: a.py · about 5 tokens"),
        (Receipt(5, entries=(Entry("file", "a.py", 3, masked=("key", "key")),), masked=("url",)),
         "sent: a.py · about 5 tokens · 3 secrets masked"),
        (Receipt(5, entries=(Entry("result", "f", 2), Entry("result", "g", 2))),
         "sent: the question, 2 tool results · about 5 tokens"),
    ],
)  # fmt: skip
def test_the_line(receipt, line):
    assert receipt.line() == line


@pytest.mark.parametrize(
    ("entry", "remarks"),
    [
        (Entry("cell", "c", 5), ""),
        (Entry("cell", "c", 0), "left out: the budget (DeepSeek.context_tokens) is used up"),
        (Entry("cell", "c", 5, left_out=1_500), "cut: about 1,500 tokens left out"),
        (Entry("cell", "c", 0, unchanged=True), "in the conversation already, not sent again"),
        (
            Entry("cell", "c", 5, 2, ("key",), ("edited since",)),
            "cut: about 2 tokens left out; edited since; masked: key",
        ),
    ],
)
def test_the_remarks(entry, remarks):
    assert entry.remarks() == remarks


def test_the_line_names_kinds_in_order_and_few_of_many():
    receipt = Receipt(100, entries=(*cells(6), Entry("file", "a.py", 1)))
    assert receipt.line() == "sent: a.py, 6 cells · about 100 tokens"
    variables = tuple(Entry("variable", f"v{number}", 1) for number in range(5_000))
    assert Receipt(9, entries=variables).line() == "sent: v0, v1, v2, v3, 4996 more variables · about 9 tokens"


def test_rows_say_everything_and_alike_ones_of_many_are_one():
    receipt = Receipt(
        100,
        entries=(*cells(41), Entry("cell", "cell [42]", 1, notes=("edited since",))),
        replaced=("{a}",),
        masked=("key",),
    )
    assert receipt.rows() == (
        ("cell [1]", "10", ""),
        ("39 more", "390", "each as the one above"),
        ("cell [41]", "10", ""),
        ("cell [42]", "1", "edited since"),
        ("{a}", "", "replaced in the question"),
        ("question", "", "masked: key"),
    )
    assert len(Receipt(1, entries=cells(40)).rows()) == 40


def test_what_is_sent_beside_is_added():
    first = Receipt(10, turns=1, entries=cells(1))
    both = first.followed_by([Entry("tool", "f", 7), Entry("tool", "g", 8)])
    assert (both.tokens, both.turns, len(both.entries)) == (25, 1, 3)
    assert first.followed_by([]) == first


def test_a_question_as_typed_is_plain():
    assert Receipt(10, turns=3).plain
    assert not Receipt(10, replaced=("{a}",)).plain
    assert not Receipt(10, masked=("key",)).plain
    assert not Receipt(10, entries=cells(1)).plain
