"""Documents as context: PDF, Word, tables, folders, patterns, lines; and files that are damaged or made to harm."""

from __future__ import annotations

import io
import os
import zipfile

import pypdf
import pytest

from deepseek_magic.context import documents, selectors
from deepseek_magic.context.reader import Reader
from deepseek_magic.context.sources.file import MOST_FILES, read
from deepseek_magic.errors import QuestionError
from deepseek_magic.guard import Guard
from deepseek_magic.notebook.running import RunningNotebook
from tests.context.conftest import text_of

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def pdf_of(*pages: str) -> bytes:
    """A PDF of pages that hold a line each, written by hand."""
    count = len(pages)
    kids = " ".join(f"{3 + 2 * n} 0 R" for n in range(count))
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", f"<< /Type /Pages /Kids [{kids}] /Count {count} >>"]
    font = "<< /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>"
    for number, line in enumerate(pages):
        objects.append(f"<< /Type /Page /Parent 2 0 R /Resources {font} /Contents {4 + 2 * number} 0 R >>")
        stream = f"BT /F 12 Tf 72 700 Td ({line}) Tj ET"
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    out, places = io.BytesIO(), []
    out.write(b"%PDF-1.4\n")
    for number, body in enumerate(objects, 1):
        places.append(out.tell())
        out.write(f"{number} 0 obj\n{body}\nendobj\n".encode())
    start = out.tell()
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    out.write(f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}".encode())
    out.write(f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode())
    return out.getvalue()


def word_of(body: str, before: str = "") -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "word/document.xml", f'{before}<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>'
        )
    return made.getvalue()


def test_pdf_by_page(reader, tmp_path):
    (tmp_path / "a.pdf").write_bytes(pdf_of("The first page", "The second page", ""))
    text = text_of(reader, "a.pdf")
    assert text == "--- page 1 ---\nThe first page\n\n--- page 2 ---\nThe second page\n\n--- page 3 ---\n" + (
        "(no text: a picture, perhaps)"
    )
    small = Reader(RunningNotebook(None, {}), {}, Guard("off", {}), tokens=100)
    (tmp_path / "b.pdf").write_bytes(pdf_of(*["x" * 300] * 9))
    (item,) = read(small, "b.pdf")
    assert item.notes == ("b.pdf: the first 3 of 9 pages",)
    (tmp_path / "c.pdf").write_bytes(b"%PDF-1.4 and no more")
    with pytest.raises(QuestionError, match=r"c.pdf cannot be read"):
        read(reader, "c.pdf")


def test_word(reader, tmp_path):
    paragraph = "<w:p>{}<w:r><w:t>{}</w:t></w:r></w:p>"
    heading = paragraph.format('<w:pPr><w:pStyle w:val="Heading2"/></w:pPr>', "A heading")
    row = f"<w:tr><w:tc>{paragraph.format('', 'a')}</w:tc><w:tc>{paragraph.format('', 'b')}</w:tc></w:tr>"
    (tmp_path / "a.docx").write_bytes(word_of(f"{heading}{paragraph.format('', 'Words.')}<w:tbl>{row}{row}</w:tbl>"))
    assert text_of(reader, "a.docx") == "## A heading\n\nWords.\n\n| a | b |\n| a | b |"
    bomb = "<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]>"
    for name, data in (("b", b"PK not an archive"), ("c", word_of("&b;", bomb)), ("d", word_of("<w:p>"))):
        (tmp_path / f"{name}.docx").write_bytes(data)
        with pytest.raises(QuestionError, match=rf"{name}.docx cannot be read") as raised:
            read(reader, f"{name}.docx")
        assert "\n" not in str(raised.value)


def test_a_document_that_unpacks_to_too_much(reader, tmp_path, monkeypatch):
    monkeypatch.setattr(documents, "MOST_UNPACKED", 1_000)
    (tmp_path / "a.docx").write_bytes(word_of("<w:p/>" * 1_000))
    with pytest.raises(QuestionError, match="its text has more than"):
        read(reader, "a.docx")


def test_a_package_that_is_not_installed(reader, tmp_path, monkeypatch):
    (tmp_path / "a.pdf").write_bytes(b"%PDF")
    (tmp_path / "a.parquet").write_bytes(b"PAR1")
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    monkeypatch.setattr(documents.importlib.util, "find_spec", lambda _name: None)
    for name, package in (("a.pdf", "pypdf"), ("a.parquet", "pandas")):
        with pytest.raises(QuestionError, match=f"needs {package}, which is not installed: python -m pip install"):
            read(reader, name)
    assert text_of(reader, "a.csv") == "a,b\n1,2\n"


def test_what_a_pdf_hides(reader, tmp_path, capfd):
    """One that is encrypted, one of pictures, one that is damaged: each one line, and nothing is printed."""
    (tmp_path / "a.pdf").write_bytes(pdf_of("one", "two"))
    for name, password in (("locked", "secret"), ("open", "")):
        writer = pypdf.PdfWriter(clone_from=str(tmp_path / "a.pdf"))
        writer.encrypt(password, "owner", algorithm="RC4-128")
        writer.write(tmp_path / f"{name}.pdf")
    with pytest.raises(QuestionError, match=r"locked.pdf cannot be read \(it is encrypted: save a copy without a"):
        read(reader, "locked.pdf")
    assert "one" in text_of(reader, "open.pdf")
    pictures = pypdf.PdfWriter()
    pictures.add_blank_page(100, 100)
    pictures.write(tmp_path / "scan.pdf")
    (item,) = read(reader, "scan.pdf")
    assert item.notes == ("scan.pdf: no page of it holds text: they may be pictures",)
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.4\nnonsense")
    with pytest.raises(QuestionError, match=r"broken\.pdf cannot be read"):
        read(reader, "broken.pdf")
    assert capfd.readouterr() == ("", "")


def test_of_a_long_word_document_the_beginning(reader, tmp_path):
    (tmp_path / "a.docx").write_bytes(word_of("<w:p><w:r><w:t>word</w:t></w:r></w:p>" * 30_000 + "<damaged>"))
    (item,) = read(reader, "a.docx")
    assert item.text.startswith("word\n\nword\n\n")
    assert item.notes == ("a.docx: the first 63,004 characters",)


def test_a_path_that_looks_like_something_else(reader, tmp_path):
    """Commas, spaces, a colon before a number, a drive letter: all of them belong to the path."""
    for name in ("a, b.txt", "c:d.txt", "e 10-40.txt"):
        (tmp_path / name).write_text(name)
        (selector,) = selectors.chosen([f"file:{name}"], "-c")
        assert text_of(reader, selector.argument) == name
    (tmp_path / "a, b.txt").write_text("one\ntwo\n")
    assert text_of(reader, "a, b.txt:2") == "two\n"
    for drive in ("C:10", r"C:\none\a.txt:3-4"):
        with pytest.raises(QuestionError, match="cannot be read"):
            read(reader, drive)


def test_folders_and_patterns(reader, tmp_path):
    (tmp_path / "d").mkdir()
    for name in ("b.py", "a.py", ".env", "c.bin"):
        (tmp_path / "d" / name).write_bytes(b"x = 1" if name != "c.bin" else b"\0\0")
    (tmp_path / "d" / "e").mkdir()
    assert text_of(reader, "d") == "e/\na.py (5 bytes)\nb.py (5 bytes)\nc.bin (2 bytes)\n[1 hidden entry]"
    assert [item.title for item in read(reader, "d/*.py")] == [f"file d{os.sep}a.py", f"file d{os.sep}b.py"]
    assert len(read(reader, "d/*")) == 2
    assert reader.notices[-1].startswith("Left out: -c file:d")
    (tmp_path / "[x].py").write_text("literal")
    assert text_of(reader, "[x].py") == "literal"
    with pytest.raises(QuestionError, match="no file matches"):
        read(reader, "d/*.txt")
    for number in range(MOST_FILES + 2):
        (tmp_path / f"n{number}.txt").write_text("x")
    assert len(read(reader, "n*.txt")) == MOST_FILES
    assert reader.notices[-1] == "Left out: 2 more files that match n*.txt."


def test_lines(reader, tmp_path):
    (tmp_path / "a.txt").write_text("".join(f"line {number}\n" for number in range(1, 101)))
    (item,) = read(reader, "a.txt:10-12")
    assert (item.title, item.text) == ("file a.txt, lines 10-12", "line 10\nline 11\nline 12\n")
    assert text_of(reader, "a.txt:7") == "line 7\n"
    assert text_of(reader, "a.txt:12-11") == "line 11\nline 12\n"
    assert text_of(reader, "a.txt:500-600") == "(no such lines)"
    with pytest.raises(QuestionError, match="cannot be read"):
        read(reader, "none.txt:1-2")
    if os.name != "nt":
        (tmp_path / "a.txt:1-2").write_text("of that name")
        assert text_of(reader, "a.txt:1-2") == "of that name"


@pytest.mark.parametrize("address", ["https://example.org/a.pdf", "ftp://x/y", "file:///etc/passwd"])
def test_an_address_is_refused(reader, address):
    with pytest.raises(QuestionError, match="is an address of the web: --web lets the model read pages"):
        read(reader, address)
