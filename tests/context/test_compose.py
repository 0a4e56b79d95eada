"""From items to one message: order, budget, what is told of what is missing, and the receipt."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepseek_magic.context import budget
from deepseek_magic.context.compose import Composed, compose
from deepseek_magic.context.items import Item
from deepseek_magic.context.receipt import PARTS, Entry
from deepseek_magic.context.sources import KINDS
from deepseek_magic.context.sources.cells import select_cells
from deepseek_magic.context.sources.needs import needs
from deepseek_magic.guard import Guard, safe_cut
from deepseek_magic.notebook.cells import ExecutedCell
from deepseek_magic.text import estimate_tokens

_MARKER = "m0123456789abcdef"


def composed(items: list[Item], budget: int = 1_000, known: Mapping[str, str] | None = None) -> Composed:
    return compose("the question", items, budget=budget, guard=Guard("mask", {}), marker=_MARKER, known=known or {})


def cells(count: int) -> list[Item]:
    return [Item("cell", f"cell [{number}]", f"x{number} = {number}\n" * 9) for number in range(1, count + 1)]


_ITEMS = st.lists(
    st.builds(
        Item,
        st.sampled_from(list(KINDS)),
        st.text("abc", min_size=1, max_size=8),
        st.text(max_size=60).map(lambda text: text * 40) | st.text("word \n", max_size=3_000),
    ),
    max_size=12,
    unique_by=lambda item: (item.kind, item.title),  # `gather` sees to that
)


def items_of(result: Composed) -> list[Entry]:
    return [entry for entry in result.receipt.entries if entry.kind not in PARTS]


@settings(deadline=None)
@given(_ITEMS, st.integers(60, 3_000))
def test_the_items_keep_within_the_budget_and_in_their_order(items, budget):
    result = composed(items, budget)
    entries = items_of(result)
    assert sum(entry.tokens for entry in entries) <= budget
    data = result.content.partition("\n\n<<<context ")[2].partition("left out for length")[0]
    assert estimated_in_full(data) <= budget + 20 or len(items) == 1
    order = list(KINDS)
    assert [order.index(entry.kind) for entry in entries] == sorted(order.index(entry.kind) for entry in entries)
    assert len(entries) == len(items)
    assert result.content.endswith("the question")
    assert result.receipt.tokens == pytest.approx(estimated_in_full(result.content), rel=0.1, abs=12)


def estimated_in_full(text: str) -> int:
    """Estimate the tokens of ``text`` in pieces that are read whole: of a longer one only a sample is."""
    return sum(estimate_tokens(text[start : start + 1_000]) for start in range(0, len(text), 1_000))


@given(_ITEMS)
def test_what_was_sent_whole_is_not_sent_again(items):
    """Each change costs itself alone: the rest of the conversation is served from the cache."""
    first = composed(items, 10**6)
    again = composed(items, 10**6, first.known)
    assert all(entry.unchanged or not entry.tokens for entry in items_of(again))
    assert not any(entry.left_out for entry in again.receipt.entries)


def conversation(*questions: tuple[list[Item], int]) -> list[Composed]:
    """What is sent with these items and budgets, one question after the other."""
    known: dict[str, str] = {}
    sent = []
    for items, tokens in questions:
        sent.append(composed(items, tokens, known))
        known |= sent[-1].known
    return sent


def test_what_stands_above_is_the_latest_of_each_title_not_any():
    one, two = [Item("variable", "a", "a = 1")], [Item("variable", "a", "a = 2")]
    sent = conversation((one, 1_000), (two, 1_000), (one, 1_000), (one, 1_000))
    assert ["a = " in each.content for each in sent] == [True, True, True, False]
    assert sent[3].receipt.entries[0].unchanged


def test_a_variable_of_another_size_is_the_same_variable():
    short = [Item("variable", "a (list of 2)", "a = [1, 2]")]
    long = [Item("variable", "a (list of 3)", "a = [1, 2, 3]")]
    sent = conversation((short, 1_000), (long, 1_000), (short, 1_000))
    assert "a = [1, 2]" in sent[2].content


def test_what_was_sent_in_part_since_is_sent_again():
    whole, other = [Item("file", "file a", "x = 1\n" * 30)], [Item("file", "file a", "y = 2\n" * 2_000)]
    sent = conversation((whole, 1_000), (other, 100), (whole, 1_000))
    assert sent[1].receipt.entries[0].left_out
    assert "x = 1\nx = 1" in sent[2].content


def test_of_very_many_items_the_message_and_the_receipt_name_a_few():
    result = composed(cells(2_000), 1_000)
    left_out = result.content.partition(" left out for length\n")[2]
    titles = left_out.partition(f"\n{_MARKER}>>>")[0].split("\n")
    assert titles[:2] == ["cell [1]", "cell [2]"]
    assert len(titles) == 21
    assert titles[10].endswith(" more]")
    assert estimate_tokens(result.content) < 1_300
    assert len(items_of(result)) == 2_000
    assert len(result.receipt.rows()) < 45
    assert result.receipt.rows()[1][0].endswith(" more")
    assert sum(int(tokens.replace(",", "")) for _, tokens, _ in result.receipt.rows()[:-2] if tokens) <= 1_000


def test_the_model_is_told_what_the_user_is_told_about_a_cell_and_a_page():
    session = [
        ExecutedCell(1, "x = 1", cell_id="a"),
        ExecutedCell(2, "y = x", cell_id="b"),
        ExecutedCell(3, "no x here", "1" * 9_000, cell_id="c"),
        ExecutedCell(4, "x = 2", cell_id="a"),
    ]
    page = Item("notebook", "notebook a.ipynb", "text", ("the file is older than the session; save the notebook",))
    items = [page, *needs(session, ["y"]), Item("file", "file a.txt", "text", ("the first 4 of 9 bytes",))]
    content = composed(items).content
    headings = ["file a.txt", "notebook a.ipynb (the file is older than the session)"]
    headings += ["cell [1] (run again since: [4] replaces [1])", "cell [2]"]
    assert re.findall(f"<<<context {_MARKER} (.*)", content) == headings
    assert composed(items).receipt.rows()[2][0] == "cell [1]"
    (cut,) = select_cells(session[2:3])
    assert cut.notes == ("its output is cut in the middle",)
    assert f"{_MARKER} cell [3]\n" in composed([cut], 10_000).content


def test_a_long_heading_is_cut_within_its_parentheses():
    again = [ExecutedCell(count, "x = 1", cell_id="a") for count in range(1, 200)]
    heading = re.findall(f"<<<context {_MARKER} (.*)", composed(select_cells(again)).content)[0]
    assert re.fullmatch(r"cell \[199\] \(run again since: \[199\] replaces \[1\], .*…\)", heading)


def cut_lines(text: str, tokens: int) -> list[str]:
    """The lines of ``text`` cut to ``tokens``."""
    return budget.cut(text, tokens, estimate_tokens(text), safe_cut).split("\n")


@pytest.mark.parametrize("tokens", [40, 60, 100, 300, 2_000])
def test_a_text_of_lines_is_cut_at_their_ends(tokens):
    lines = [f"column {number}: int64, {number * 37} unique values" for number in range(1_000)]
    first, *kept = cut_lines("\n".join(lines), tokens)
    assert first == lines[0]
    assert kept[-1] == lines[-1]
    assert [line for line in kept if line not in lines] == [line for line in kept if line.endswith("left out here]")]


@given(st.text("ab\n", max_size=3_000), st.integers(0, 600))
def test_a_cut_keeps_the_ends_of_a_text_and_to_its_size(text, tokens):
    result = budget.cut(text, tokens, estimate_tokens(text), safe_cut)
    head, gone, tail = result.partition("\n[about ")
    assert text.startswith(head)
    assert (result == text) == (not gone)
    assert text.endswith(tail.partition(" left out here]\n")[2])
    assert estimate_tokens(result) <= max(tokens, 25)


def test_a_cut_never_falls_into_a_mask_and_long_lines_keep_their_room():
    line = "[masked: GitHub token] " * 400
    for text in (line, f"a\n{line}\nb"):
        for tokens in range(60, 200, 7):
            cut = "\n".join(cut_lines(text, tokens))
            assert cut.count("[masked: ") == cut.count("GitHub token]")
            assert estimate_tokens(cut) > tokens * 0.75


def test_one_token_is_one():
    assert "[about 1 token left out here]" in cut_lines("12345678", 1)


def test_a_secret_that_only_one_item_names_is_masked_in_all():
    """Also where the one that names it is left out for length."""
    items = [
        Item("cell", "cell [1]", "password = 'x7Kq9vT2w'\n" + "# more\n" * 400),
        Item("cell", "cell [2]", "it is x7Kq9vT2w"),
    ]
    assert "x7Kq9vT2w" not in composed(items, 10_000).content
    assert "x7Kq9vT2w" not in composed(items, 70).content


@pytest.mark.thorough
def test_a_session_of_two_thousand_cells_keeps_within_the_budget():
    for line in ("df['c{0}'] = df['a'] * {0}\nprint(df)", "v{0} = v{1} + 1", "def f{0}(x):\n    return f{1}(x) + df"):
        session = [ExecutedCell(1, "import pandas as pd\ndf = v1 = f1 = pd.DataFrame()")]
        session += [
            ExecutedCell(number, line.format(number, number - 1), f"{number}\n" * 20) for number in range(2, 2_001)
        ]
        for items in (select_cells(session), needs(session, ["df", "v2000", "f2000"])):
            assert estimate_tokens(composed(items, 8_000).content) < 8_300
            assert items[0].title == "cell [1]"
