"""One execution as it goes on: what was printed and shown, within bounds, with no half of a secret left."""

from __future__ import annotations

import base64

import pytest

from deepseek_magic.notebook.recording import CELL_LIMIT, PIECE_LIMIT, OutputPiece, Recording, picture_in


def recording() -> Recording:
    return Recording.of("x\n", {})


def shown(text: str, kind: str = "text/plain") -> dict[str, str]:
    return {kind: text}


def test_streams_and_displays_are_joined_in_order():
    made = recording()
    for name, text in (("stdout", "a"), ("stdout", "b\n"), ("stderr", "c\n"), ("stdout", "d")):
        made.stream(name, text)
    made.display(shown("e"), {})
    made.display(shown("f"), {"deepseek_magic": {}})
    made.display({"application/vnd.jupyter.widget-view+json": {}, "text/plain": "IntSlider()"}, {})
    made.finish(3, "ValueError: g", failed=True)
    cell = made.cell()
    assert (cell.count, cell.source, cell.failed) == (3, "x", True)
    assert cell.output == "ab\nc\nd\ne\nValueError: g"


@pytest.mark.parametrize("size", [1, 7, 1_000, 50_000])
def test_a_long_stream_keeps_its_ends_however_it_comes(size):
    text = "".join(f"line {number}\n" for number in range(20_000))
    whole, piece = OutputPiece("stdout"), OutputPiece("stdout")
    whole.add(text)
    for start in range(0, len(text), size) if size > 1 else ():
        piece.add(text[start : start + size])
    if size == 1:
        for character in text:
            piece.add(character)
    assert len(piece) <= PIECE_LIMIT
    assert piece.text == whole.text
    head, gone, tail = piece.text.partition("\n[… ")
    count = int(tail.split(" ")[0].replace(",", ""))
    tail = tail.partition("left out …]\n")[2]
    assert gone
    assert text.startswith(head)
    assert text.rstrip("\n").endswith(tail)
    assert abs(len(head) + count + len(tail) - len(text)) <= 4  # line ends beside the cut


def test_a_word_across_a_cut_goes_with_the_middle():
    for before in range(PIECE_LIMIT // 2 - 40, PIECE_LIMIT // 2 + 10):
        piece = OutputPiece("stdout")
        piece.add("a " * (before // 2) + "SECRET-0123456789 " + "b " * PIECE_LIMIT)
        assert ("SECRET-0123456789" in piece.text) == ("SEC" in piece.text)


def test_a_progress_bar_is_only_its_last_state():
    made = recording()
    for step in range(100):
        made.stream("stderr", f"\r\x1b[32m{step} %\x1b[0m")
    assert made.cell().output == "99 %"


def test_many_pieces_lose_those_in_the_middle():
    made = recording()
    for number in range(1_000):
        made.display(shown(f"piece {number} " + "x" * 200), {})
    output = made.cell().output
    assert len(made) <= CELL_LIMIT
    assert len(made.pieces) <= 200
    assert output.startswith("piece 0 ")
    assert output.splitlines()[-1].startswith("piece 999 ")
    assert output.count("left out …]") == 1


def test_a_display_is_updated_in_its_place():
    made = recording()
    made.display(shown("old"), {}, "id")
    made.stream("stdout", "between")
    assert made.update(shown("new"), {}, "id")
    assert made.cell().output == "new\nbetween"
    assert not made.update(shown("new"), {}, "other")
    assert not made.update(shown("new"), {}, "")


@pytest.mark.parametrize(("wait", "between"), [(False, ""), (True, "old")])
def test_output_is_cleared_at_once_or_with_the_next(wait, between):
    made = recording()
    made.stream("stdout", "old")
    made.clear(wait)
    assert made.cell().output == between
    made.stream("stdout", "new")
    assert made.cell().output == "new"


def test_forgotten_output_says_how_much_it_was():
    made = recording()
    made.stream("stdout", "x" * 1_234)
    made.forget()
    assert made.cell().output == "[… 1,234 characters left out …]"


@pytest.mark.parametrize(
    ("parent", "cell_id", "ignored"),
    [
        ({}, "", False),
        ({"metadata": {"cellId": "a"}, "header": {"msg_id": "m"}}, "a", False),
        ({"metadata": {"cellId": 7, "tags": "no list"}}, "", False),
        ({"metadata": {"tags": ["deepseek: ignore"]}}, "", True),
        ({"metadata": None}, "", False),
    ],
)
def test_what_the_front_end_says_of_the_cell(parent, cell_id, ignored):
    made = Recording.of("x = 1", parent)
    assert (made.cell_id, made.ignored) == (cell_id, ignored)


def test_pictures_are_bytes():
    assert picture_in({"image/png": base64.b64encode(b"abc").decode()}) == b"abc"
    assert picture_in({"image/jpeg": b"abc"}) == b"abc"
    assert picture_in({"image/png": "é", "image/jpeg": b"abc"}) == b"abc"
    assert picture_in({"text/plain": "x"}) == b""
