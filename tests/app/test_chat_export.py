"""Conversations into files: valid, safe, readable without a network, never over a file that is there."""

from __future__ import annotations

import json
import re
import warnings

import nbformat
import pytest

from deepseek_magic.api.events import WebSource
from deepseek_magic.app import chat_import
from deepseek_magic.app.ask import Ask, ask
from deepseek_magic.app.chat_export import as_notebook, as_page, export
from deepseek_magic.app.chat_records import Records, TurnRecord, fill
from deepseek_magic.chat.conversation import Conversation
from deepseek_magic.errors import OptionError, QuestionError
from deepseek_magic.guard import Guard
from tests.app.conftest import KEY

FORMS = ("md", "html", "ipynb", "jsonl")
TURNS = (
    TurnRecord(1, "What is `x`?", "**Bold**\n\n```python\ndef f():\n    return 1\n```\n", "I think.", "deepseek-flash"),
    TurnRecord(4, "<b>Go</b> on", "cut he", state="cut", origin="edited", fresh=True),
)
RECORDS = Records("main", "Be brief.", TURNS)


@pytest.mark.parametrize("form", FORMS)
def test_a_conversation_is_written_and_never_over_a_file(session, tmp_path, form):
    secret = "sk-" + "0123456789abcdef" * 2
    ask(session, Ask(f"my key is {secret}", {"quiet": True}))
    conversation, place = session.conversations.named(), tmp_path / f"a.{form}"
    conversation.system = "Be brief."
    assert export(conversation, place) == 1
    text = place.read_text(encoding="utf-8")
    assert "my key is" in text
    assert "Be brief." in text
    assert secret not in text
    assert KEY not in text
    place.write_text("mine")
    with pytest.raises(QuestionError, match=rf"a\.{form} exists: give another name, or --force to replace it"):
        export(conversation, place)
    assert place.read_text() == "mine"
    export(conversation, place, force=True)
    assert place.read_text(encoding="utf-8") == text
    assert [path.name for path in tmp_path.iterdir()] == [place.name]


def test_what_cannot_be_written_is_said(session, tmp_path):
    with pytest.raises(QuestionError, match="has no turn to export"):
        export(session.conversations.named(), tmp_path / "a.md")
    ask(session, Ask("q", {"quiet": True}))
    with pytest.raises(OptionError, match=r"expected a file that ends in \.md, \.html, \.ipynb, \.jsonl"):
        export(session.conversations.named(), tmp_path / "a.txt")
    for force in (False, True):
        with pytest.raises(QuestionError, match=r"cannot be written \(No such file or directory\)"):
            export(session.conversations.named(), tmp_path / "none" / "a.md", force=force)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "folder.md").mkdir()
    with pytest.raises(QuestionError, match="cannot be written"):
        export(session.conversations.named(), tmp_path / "folder.md", force=True)
    assert [path.name for path in tmp_path.iterdir()] == ["folder.md"]


CITING = TurnRecord(
    3,
    "Where?",
    "There [2].",
    model="deepseek-flash",
    sources=(
        WebSource(1, "Not cited", "https://b.example/<b>", "b.example"),
        WebSource(
            2,
            "*A* [page](javascript:x) <img src=x>\n<!-- part-1 answer -->",
            "https://a.example/x y",
            "a.example",
            "2026",
        ),
    ),
)


@pytest.mark.parametrize("form", FORMS)
def test_the_pages_of_the_web_are_listed_and_read_again(tmp_path, form):
    """As words of strangers: plain text, and links to the web alone; later numbers go on behind theirs."""
    conversation = Conversation("web")
    fill(conversation, Records("web", "", (CITING,)), Guard("mask", {}))
    place = tmp_path / f"a.{form}"
    export(conversation, place)
    text = place.read_text(encoding="utf-8")
    if form == "md":
        assert "\n## Sources of answer 1\n\n- \\[1\\] [Not cited](<https://b.example/%3Cb%3E>)\n- " in text
        title = r"\*A\* \[page\]\(javascript:x\) \<img src=x\> \<\!\-\- part\-1 answer \-\-\>"
        assert rf"- \[2\] [{title}](<https://a.example/x%20y>), 2026" in text
    if form == "html":
        assert "<strong>Sources</strong>" in text
        assert 'href="https://a.example/x%20y"' in text
        assert "<img" not in text
        assert 'href="javascript' not in text
    if form == "ipynb":
        (reply,) = nbformat.reads(text, 4).cells[-1].outputs
        assert "<strong>Sources</strong>" in reply.data["text/html"]
    if form != "html":
        again = Conversation("again")
        fill(again, chat_import.read(place), Guard("mask", {}))
        assert again.transcript.turns[0].sources == CITING.sources
        assert again.next_source("") == 3


@pytest.mark.parametrize(
    "sources", [{}, ["x"], [{"number": 1}], [{"number": 0, "url": "https://a"}], [{"number": 1, "url": "file:///etc"}]]
)
def test_pages_in_another_form_are_refused(tmp_path, sources):
    head = {"deepseek_magic": "conversation", "form": 1, "name": "x"}
    lines = [head, {"turn": 1, "model": "", "question": "q", "answer": "a", "sources": sources}]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, lines)))
    with pytest.raises(QuestionError, match="turn 1 of the file: expected"):
        chat_import.read(tmp_path / "a.jsonl")


def test_a_link_is_not_written_through(session, tmp_path):
    ask(session, Ask("q", {"quiet": True}))
    (tmp_path / "a.md").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(QuestionError, match="exists"):
        export(session.conversations.named(), tmp_path / "a.md")
    assert not (tmp_path / "elsewhere").exists()


def test_a_notebook_is_valid_and_asks_the_same_again():
    notebook = nbformat.reads(as_notebook(RECORDS), 4)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        nbformat.validate(notebook)
    title, load, system, first, second = notebook.cells
    assert title.source == "# Conversation main"
    assert load.source == "%load_ext deepseek_magic"
    assert system.source == "%%deepseek_chat system\nBe brief."
    assert first.source == "%%deepseek --raw\nWhat is `x`?"
    assert first.outputs[0].data["text/plain"] == TURNS[0].answer
    assert "<strong>Bold</strong>" in first.outputs[0].data["text/html"]
    block = second.outputs[0].metadata["deepseek_magic"]
    assert (block["version"], block["turn"], block["state"], block["origin"]) == (1, 4, "cut", "edited")
    assert json.loads(as_notebook(RECORDS))["metadata"]["deepseek_magic"]["form"] == 1


def test_a_page_needs_nothing_else_and_holds_no_script():
    page = as_page(RECORDS)
    assert page.startswith("<!DOCTYPE html>")
    assert "default-src 'none'; style-src 'unsafe-inline'" in page
    assert page.index("Content-Security-Policy") < page.index("<style>")
    assert "&lt;b&gt;Go&lt;/b&gt; on" in page
    assert "<strong>Bold</strong>" in page
    assert re.search(r'<span style="color:[^"]*">def', page)
    assert "I think." in page
    assert "Edited by hand." in page
    assert "Incomplete." in page
    assert not re.search(r"<(?:script|link|img|iframe|object|form)\b|@import|url\(|src=", page)


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", '"onload="x', "</title><script>"])
def test_no_name_and_no_text_is_markup(name):
    hostile = "<script>alert(1)</script>\n\n![x](http://a/b.png)\n\n<img src=x onerror=alert(1)>"
    page = as_page(Records(name, hostile, (TurnRecord(1, hostile, hostile, hostile, name),)))
    assert not re.search(r"<script|<img|onerror=(?!alert)|<[^>]*\sonload=", page)
    assert page.count("</title>") == 1
