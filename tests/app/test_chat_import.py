"""Files that are not what was written are refused in one line, and change nothing."""

from __future__ import annotations

import json

import pytest

from deepseek_magic.app import chat_records
from deepseek_magic.app.chat_export import as_jsonl, as_markdown, as_notebook
from deepseek_magic.app.chat_import import read
from deepseek_magic.app.chat_records import Records, TurnRecord
from deepseek_magic.errors import OptionError, QuestionError

RECORDS = Records("main", "Be brief.", (TurnRecord(1, "q", "a", model="m"), TurnRecord(2, "r", "b", model="m")))
HEAD = '{"deepseek_magic": "conversation", "form": 1, "name": "main"}\n'
TURN = {"turn": 1, "model": "m", "question": "q", "answer": "a"}


def line(**changes):
    fields = {**TURN, **changes}
    return json.dumps({name: value for name, value in fields.items() if value is not None}) + "\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is not JSON"),
        ("[]\n", "is not a conversation that %deepseek_chat export wrote"),
        ('{"role": "user"}\n', "is not a conversation that"),
        (HEAD.replace("1", "2"), "it has form 2, and this version knows forms up to 1: update deepseek_magic"),
        (HEAD.replace("1", '"1"'), "expected form 1, found '1'"),
        (HEAD.replace('"main"', "7"), "expected a string"),
        (HEAD + "{", "line 2 is not JSON"),
        (HEAD + "7\n", "line 2: expected a turn"),
        (HEAD + "[" * 200_000, "is not"),
        (HEAD + line(answer=None), "has no answer"),
        (HEAD + line(question=" "), "has no question"),
        (HEAD + line(answer=["a"]), "expected a string"),
        (HEAD + line(model=None), "for 'model'"),
        (HEAD + line(model="m" * 201), "at most 200 characters for 'model'"),
        (HEAD + line(turn=0), "expected the number of the turn"),
        (HEAD + line(turn=True), "expected the number of the turn"),
        (HEAD + line(turn=2) + line(turn=2), "turn 2 comes after turn 2"),
        (HEAD + line(state="failed"), "expected one of complete, cut, interrupted"),
        (HEAD + line(state=["x"]), "expected one of"),
        (HEAD + line(origin="system"), "expected one of model, edited, imported"),
        (HEAD + line(fresh="yes"), "expected true or false"),
        (HEAD + line(tool_calls=[]), "expected no more than"),
        (HEAD + line(role="system"), "expected no more than"),
    ],
)
def test_lines_that_were_not_written_so_are_refused(tmp_path, content, said):
    place = tmp_path / "a.jsonl"
    place.write_text(content)
    with pytest.raises(QuestionError) as caught:
        read(place)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def changed(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new, 1)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("<!-- part-1 {", "<!-- part-1 [", "is not a conversation that"),
        ('"form": 1', '"form": 9', "update deepseek_magic"),
        ("<!-- part-1 answer -->", "<!-- part-1 system -->", "do not divide it"),
        ("<!-- part-1 answer -->\n", "", "do not divide it"),
        ('{"turn": 1', '{"turn": 5', "turn 2 comes after turn 5"),
        ('{"turn": 1,', '{"turn": 1', "a comment is not JSON"),
        ("<!-- part-1 system -->", "words\n\n<!-- part-1 system -->", "do not divide it"),
    ],
)
def test_markdown_that_is_ambiguous_is_refused(tmp_path, old, new, said):
    place = tmp_path / "a.md"
    place.write_text(changed(as_markdown(RECORDS), old, new))
    with pytest.raises(QuestionError, match=said):
        read(place)
    place.write_text("# A page\n\nof somebody's\n")
    with pytest.raises(QuestionError, match="is not a conversation that"):
        read(place)


def test_markdown_with_other_line_ends_is_read(tmp_path):
    place = tmp_path / "a.md"
    place.write_bytes(as_markdown(RECORDS).replace("\n", "\r\n").encode())
    assert read(place) == RECORDS


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda notebook: notebook["metadata"].pop("deepseek_magic"), "is not a conversation that"),
        (lambda notebook: notebook["metadata"]["deepseek_magic"].update(form=2), "update deepseek_magic"),
        (lambda notebook: notebook["cells"][3].update(outputs=[]), "has no answer"),
        (lambda notebook: notebook["cells"][3].update(source="print(1)"), "has no question"),
        (lambda notebook: notebook["cells"][3].update(source=7), "is not a notebook"),
        (lambda notebook: notebook["cells"][3]["outputs"].append(notebook["cells"][3]["outputs"][0]), "has no answer"),
        (lambda notebook: notebook["cells"][3]["metadata"]["deepseek_magic"].update(cell="x"), "no more than"),
        (lambda notebook: notebook["cells"][3].update(metadata=None), "is not a notebook"),
        (lambda notebook: notebook.update(cells=7), "is not a notebook"),
    ],
)
def test_a_notebook_that_was_changed_so_is_refused(tmp_path, change, said):
    notebook = json.loads(as_notebook(RECORDS))
    change(notebook)
    place = tmp_path / "a.ipynb"
    place.write_text(json.dumps(notebook))
    with pytest.raises(QuestionError, match=said):
        read(place)


def test_a_notebook_that_jupyter_saved_is_read(tmp_path):
    notebook = json.loads(as_notebook(RECORDS))
    for cell in notebook["cells"]:
        cell["source"] = cell["source"].splitlines(keepends=True)
        for output in cell.get("outputs", ()):
            output["data"]["text/plain"] = output["data"]["text/plain"].splitlines(keepends=True)
    place = tmp_path / "a.ipynb"
    place.write_text(json.dumps(notebook))
    assert read(place) == RECORDS


def test_files_that_cannot_be_read(tmp_path, monkeypatch):
    with pytest.raises(OptionError, match=r"expected a file that ends in \.jsonl, \.ipynb, \.md"):
        read(tmp_path / "a.html")
    with pytest.raises(
        QuestionError, match=r"cannot be read \(No such file or directory\): check the path, which is taken from"
    ):
        read(tmp_path / "a.jsonl")
    with pytest.raises(QuestionError, match="cannot be read"):
        read(tmp_path / "a\0.jsonl")
    (tmp_path / "b.jsonl").write_bytes(b"\xff\xfe")
    with pytest.raises(QuestionError, match="is not a file that"):
        read(tmp_path / "b.jsonl")
    with (tmp_path / "c.jsonl").open("wb") as file:
        file.truncate(chat_records.MOST_BYTES + 1)
    with pytest.raises(QuestionError, match="holds more than 50 MB"):
        read(tmp_path / "c.jsonl")
    turns = "".join(line(turn=number) for number in range(1, chat_records.MOST_TURNS + 2))
    (tmp_path / "d.jsonl").write_text(HEAD + turns)
    with pytest.raises(QuestionError, match=r"it holds 10,001 turns: expected at most 10,000"):
        read(tmp_path / "d.jsonl")


def test_jsonl_is_read_with_blank_lines_and_without_its_last_line_end(tmp_path):
    place = tmp_path / "a.jsonl"
    place.write_text(as_jsonl(RECORDS).replace("\n", "\n\n").rstrip("\n"))
    assert read(place) == RECORDS
