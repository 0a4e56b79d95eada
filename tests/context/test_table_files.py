"""Tables in files as context: described, in part where they are long, and refused where they would fill the memory."""

from __future__ import annotations

import zipfile

import pandas
import pytest

from deepseek_magic.context import table_files, workbooks
from deepseek_magic.context.sources.file import read
from deepseek_magic.errors import QuestionError
from tests.context.conftest import text_of


def test_tables(reader, tmp_path):
    frame = pandas.DataFrame({"city": ["Oslo", "Rome"] * 50, "degrees": range(100)})
    frame.to_csv(tmp_path / "a.csv", index=False)
    frame.to_csv(tmp_path / "a.tsv", index=False, sep="\t")
    frame.to_parquet(tmp_path / "a.parquet")
    with pandas.ExcelWriter(tmp_path / "a.xlsx") as book:
        frame.to_excel(book, sheet_name="one", index=False)
        frame.head(3).to_excel(book, sheet_name="two", index=False)
    for name in ("a.csv", "a.tsv", "a.parquet", "a.xlsx"):
        text = text_of(reader, name)
        assert "100 rows" in text
        assert "degrees" in text
        assert len(text) < 2_000
    assert "sheet two:" in text_of(reader, "a.xlsx")
    assert text_of(reader, "a.csv:2-3") == "Oslo,0\nRome,1\n"
    (tmp_path / "b.csv").write_text("only a header\n")
    assert text_of(reader, "b.csv") == "only a header\n"
    (tmp_path / "c.csv").write_text('a,b\n1,2\n"1,2,3,4\n5,6,7\n')
    assert text_of(reader, "c.csv").startswith("a,b")
    for name in ("d.parquet", "d.xlsx"):
        (tmp_path / name).write_bytes(b"damaged")
        with pytest.raises(QuestionError, match=rf"{name} cannot be read"):
            read(reader, name)


def test_of_a_long_table_the_beginning(reader, tmp_path, monkeypatch):
    monkeypatch.setattr(table_files, "MOST_VALUES", 40)
    monkeypatch.setattr(workbooks, "MOST_CELLS", 40)
    frame = pandas.DataFrame({"city": ["Oslo", "Rome"] * 50, "degrees": range(100)})
    frame.to_csv(tmp_path / "a.csv", index=False)
    frame.to_excel(tmp_path / "a.xlsx", sheet_name="one", index=False)
    for name, rows, said in (("a.csv", 20, "a.csv"), ("a.xlsx", 20, "sheet one")):
        (item,) = read(reader, name)
        assert f"(the first {rows} rows)\nDataFrame, {rows} rows" in item.text
        assert item.notes == ("the table, described", f"{said}: the first {rows} rows")


def test_a_small_file_that_holds_very_much_is_refused_before_it_is_read(reader, tmp_path, monkeypatch):
    monkeypatch.setattr(table_files, "MOST_STORED", 1_000)
    monkeypatch.setattr(workbooks, "MOST_PARSED", 1_000_000)
    pandas.DataFrame({"a": [0] * 600, "b": [0] * 600}).to_parquet(tmp_path / "a.parquet")
    pandas.DataFrame({"a": [1]}).to_excel(tmp_path / "a.xlsx")
    assert "1 row" in text_of(reader, "a.xlsx")
    with zipfile.ZipFile(tmp_path / "a.xlsx", "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/theme/theme2.xml", b" " * 2_000_000)
    with pytest.raises(QuestionError, match=r"a.parquet has 600 rows of 2 columns: load a part of it, and use -v"):
        read(reader, "a.parquet")
    with pytest.raises(
        QuestionError,
        match=r"a.xlsx has 2 MB in its part xl/theme/theme2.xml when that is unpacked: load a part of it, and use -v",
    ):
        read(reader, "a.xlsx")
