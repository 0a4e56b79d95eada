"""``-c file:PATH``: what is read, in which encoding, how much of it, and what is refused."""

from __future__ import annotations

import codecs
import io
import sys

import pytest

from deepseek_magic.context.reader import Reader
from deepseek_magic.context.sources.file import SOURCE, read
from deepseek_magic.errors import QuestionError
from deepseek_magic.guard import Guard
from deepseek_magic.notebook.running import RunningNotebook


def reader(tokens: int = 9_000) -> Reader:
    return Reader(RunningNotebook(None, {}), {}, Guard("off", {}), tokens=tokens)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("Größe\n".encode(), "Größe\n"),
        (codecs.BOM_UTF8 + "Größe".encode(), "Größe"),
        (codecs.BOM_UTF16_LE + "Größe".encode("utf-16-le"), "Größe"),
        (codecs.BOM_UTF16_BE + "Größe".encode("utf-16-be"), "Größe"),
        ("Größe".encode("cp1252"), "Größe"),
        (b"a\tb\r\n\x0c", "a\tb\r\n\x0c"),
        (b"", "(empty)"),
    ],
)
def test_text_of_every_day_is_read(tmp_path, data, text):
    path = tmp_path / "a.txt"
    path.write_bytes(data)
    (item,) = read(reader(), str(path))
    assert (item.kind, item.title, item.text, item.notes) == ("file", "file a.txt", text, ())


@pytest.mark.parametrize("data", [b"a\0b", bytes(range(32)) * 9, b"\x89PNG\r\n\x1a\n\0\0", b"\x01" * 100])
def test_what_is_not_text_is_refused(tmp_path, data):
    path = tmp_path / "a.bin"
    path.write_bytes(data)
    with pytest.raises(QuestionError, match="is not a text file"):
        read(reader(), str(path))


def test_a_source_behind_a_path_is_a_part_of_the_path(tmp_path):
    (tmp_path / "a.txt").touch()
    with pytest.raises(
        QuestionError, match=r"file:PATH takes all that follows: give it as the last, or by another -c$"
    ):
        read(reader(), f"{tmp_path / 'a.txt'},error")
    with pytest.raises(QuestionError, match=r"cannot be read .*: check the path"):
        read(reader(), f"{tmp_path / 'b.txt'},error")


@pytest.mark.parametrize(("name", "words"), [("none.txt", "cannot be read"), ("a\0b", "read")])
def test_what_cannot_be_read_says_from_where(tmp_path, monkeypatch, name, words):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(QuestionError, match=words) as caught:
        read(reader(), name)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("character", ["a", "ß", "字"])
def test_of_a_huge_file_the_beginning_is_read_and_no_half_character(tmp_path, character):
    path = tmp_path / "a.txt"
    path.write_text(character * 100_000, encoding="utf-8")
    (item,) = read(reader(tokens=100), str(path))
    text, _, left = item.text.partition("\n[the file goes on: ")
    assert set(text) == {character}
    assert 690 <= len(text.encode()) <= 700
    assert left == f"{path.stat().st_size:,} bytes in all, 700 of them are here]"
    assert item.notes == (f"file a.txt: the first 700 of {path.stat().st_size:,} bytes",)


def test_a_file_of_secrets_is_known_also_behind_a_link(tmp_path):
    (tmp_path / ".env").write_text("A=1")
    (tmp_path / "link.txt").symlink_to(tmp_path / ".env")
    (tmp_path / "plain.txt").write_text("A=1")
    secret = [read(reader(), str(tmp_path / name))[0].secrets_file for name in (".env", "link.txt", "plain.txt")]
    assert secret == [True, True, False]


def test_standard_input_is_read_as_a_file(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("Größe".encode())))
    (item,) = read(reader(), "-")
    assert (item.title, item.text) == ("standard input", "Größe")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"  \n")))
    assert read(reader(), "-") == []
    monkeypatch.setattr(sys, "stdin", io.StringIO("no buffer"))
    with pytest.raises(QuestionError, match="there is none here"):
        read(reader(), "-")


def test_the_path_is_the_whole_rest():
    assert SOURCE.parse(" a, b.txt ") == "a, b.txt"
    for argument in (None, "", " "):
        with pytest.raises(ValueError, match=r"^(None|\s*)$"):
            SOURCE.parse(argument)
