"""What was sent, in one line and in rows: nothing is left unsaid, and many pieces stay readable."""

from __future__ import annotations

import pytest

from deepseek_magic.context.receipt import Entry, Receipt

ASKED = Entry("question", "question", 5)


def cells(count, **more):
    return tuple(Entry("cell", f"cell [{number}]", 10, **more) for number in range(1, count + 1))


@pytest.mark.parametrize(
    ("receipt", "line"),
    [
        (Receipt(), "sent: the question · about 0 tokens"),
        (Receipt((Entry("question", "question", 1),)), "sent: the question · about 1 token"),
        (Receipt((Entry("turns", "2 earlier turns", 1_229), ASKED), turns=2),
         "sent: the question, 2 earlier turns · about 1,234 tokens"),
        (Receipt((ASKED,), turns=1, replaced=("{a}", "{b + 1}")),
         "sent: {a}, {b + 1}, 1 earlier turn · about 5 tokens"),
        (Receipt((Entry("variable", "df", 40), Entry("frame", "f", 5), ASKED), replaced=("{df}",)),
         "sent: df · about 50 tokens"),
        (Receipt((Entry("file", "a.py", 0, left_out=9), ASKED)),
         "sent: the question · about 5 tokens · 1 cut or left out"),
        (Receipt((Entry("file", "a.py", 0, unchanged=True), ASKED)), "sent: a.py · about 5 tokens"),
        (Receipt((Entry("file", "a.py", 3, masked=("key", "key")), ASKED), masked=("url",)),
         "sent: a.py · about 8 tokens · 3 secrets masked"),
        (Receipt((ASKED, Entry("result", "f", 2), Entry("result", "g", 2, left_out=1))),
         "sent: the question, 2 tool results · about 9 tokens · 1 cut or left out"),
        (Receipt((Entry("system", "system text", 3), Entry("tool", "definition of f", 2), ASKED,
                  Entry("format", "JSON instructions", 9))),
         "sent: the question, system text, JSON instructions, 1 tool · about 19 tokens"),
        (Receipt((Entry("gap", "code before the gap", 3), Entry("gap", "code after the gap", 4))),
         "sent: the code around the gap · about 7 tokens"),
    ],
)  # fmt: skip
def test_the_line(receipt, line):
    assert receipt.line() == line


@pytest.mark.parametrize(
    ("entry", "remarks"),
    [
        (Entry("cell", "c", 5), ""),
        (Entry("cell", "c", 0), "left out: the budget (DeepSeek.context_tokens) is used up"),
        (Entry("question", "question", 0), ""),
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
    receipt = Receipt((*cells(6), Entry("file", "a.py", 1)))
    assert receipt.line() == "sent: a.py, 6 cells · about 61 tokens"
    variables = tuple(Entry("variable", f"v{number}", 1) for number in range(5_000))
    assert Receipt(variables).line() == "sent: v0, v1, v2, v3, 4996 more variables · about 5,000 tokens"


def test_rows_say_everything_and_alike_ones_of_many_are_one():
    entries = (*cells(41), Entry("cell", "cell [42]", 1, notes=("edited since",)), ASKED)
    receipt = Receipt(entries, replaced=("{a}",), masked=("key",))
    assert receipt.rows() == (
        ("cell [1]", "10", ""),
        ("39 more", "390", "each as the one above"),
        ("cell [41]", "10", ""),
        ("cell [42]", "1", "edited since"),
        ("question", "5", ""),
        ("{a}", "", "replaced in the question"),
        ("stops", "", "masked: key"),
    )
    assert sum(int(tokens) for _, tokens, _ in receipt.rows() if tokens) == receipt.tokens
    assert len(Receipt(cells(40)).rows()) == 40
    assert len(Receipt((Entry("system", "system text", 1), *cells(40), ASKED)).rows()) == 42


def test_a_question_as_typed_has_no_rows():
    assert Receipt((ASKED,)).rows() == ()
    for more in (
        Receipt((ASKED,), replaced=("{a}",)),
        Receipt((ASKED,), masked=("key",)),
        Receipt((Entry("question", "question", 5, masked=("key",)),)),
        Receipt((*cells(1), ASKED)),
        Receipt((Entry("turns", "1 earlier turn", 9), ASKED), turns=1),
    ):
        assert more.rows()[-1]
