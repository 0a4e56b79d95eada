"""Conversations out of the notebook's own file: the next question is asked with what stands on the page."""

from __future__ import annotations

import json

import nbformat
import pytest
from PIL import Image

from deepseek_magic.chat.question import Question
from deepseek_magic.errors import QuestionError
from deepseek_magic.record.placed import sealed
from deepseek_magic.settings.parameters import Settings
from tests.app.asking import texts
from tests.app.pages import Page, PageCell
from tests.chat.scripted import call, calling
from tests.faults import document, reply

SECRET = "".join(("ghp", "_", "Zq7Wm3Rt9Lx5Vb1Nc8Hd4Jf6Gs2Kp0Ty3Ua"))
AS_TEXT = (
    "all as text, with the questions as the cells hold them now: values, context, thinking and calls of functions "
    "were not kept"
)


@pytest.fixture
def page(server, shell, tmp_path):
    """A notebook whose kernels ask the server."""
    environ = {"DEEPSEEK_API_KEY": "sk-of-the-page-1", "DEEPSEEK_BASE_URL": server.url}
    made = Page(shell, tmp_path / "work.ipynb", environ)
    yield made
    made.session.close()


def next_asked(page, server, options=""):
    """The texts of the messages with which a next question is asked."""
    count = len(server.requests)
    page.run(PageCell("next", f"%deepseek {options} next?"))
    return texts(server.requests[count])


def test_the_next_question_is_asked_with_the_turns_of_the_page(page, server):
    """Plain ones are as they were asked, whatever the form of the cell."""
    page.ask("%deepseek one")
    page.ask("%%deepseek --think off two\n\nlines\nof it")
    page.ask("# why\nreply = %deepseek three".replace("# why\n", ""))
    page.ask("%deepseek --no-memory apart")
    page.ask("%deepseek --chat other elsewhere")
    page.ask("%deepseek four\n%deepseek five")
    before = next_asked(page, server)
    said = page.restored()
    assert said == f"Restored from work.ipynb: main (5 turns), other (1 turn); {AS_TEXT}."
    assert next_asked(page, server) == before
    assert next_asked(page, server, "--chat other")[:2] == ["elsewhere", "answer to elsewhere"]
    turns = page.session.conversations["main"].transcript.turns
    assert [turn.number for turn in turns] == [1, 2, 3, 4, 5, 6]
    assert {turn.served.model for turn in turns} == {"deepseek-flash"}
    assert {turn.origin for turn in turns[:5]} == {"imported"}


def test_a_restored_turn_is_asked_again_in_its_place(page, server):
    """Its cell is the same."""
    first = page.ask("%deepseek one")
    page.ask("%deepseek two")
    page.restored()
    first.source = "%deepseek one again"
    page.run(first)
    assert texts(server.requests[-1]) == ["one again"]
    assert next_asked(page, server)[:4] == ["one again", "answer to one again", "two", "answer to two"]


SEARCH = calling(call("web_search", '{"query": "it"}', "call_s"))


def found(*urls):
    return document({"results": [{"title": f"{SECRET} {url}", "url": url, "summary": "so"} for url in urls]})


def test_pages_of_the_web_keep_their_numbers_without_a_record(page, server):
    """Also those of a reply that was cut, of which no more is kept: a later page gets a number of its own."""
    server.enqueue(SEARCH, found("https://a.example/", "https://b.example/"), reply("So [2]."))
    page.ask("%deepseek --web one")
    server.enqueue(SEARCH, found("https://c.example/"), reply("And [3]", finish="length"))
    page.ask("%deepseek --web two")
    page.restored()
    turns = page.session.conversations["main"].transcript.turns
    assert [[(one.number, one.url) for one in turn.sources] for turn in turns] == [
        [(1, "https://a.example/"), (2, "https://b.example/")],
        [(3, "https://c.example/")],
    ]
    assert not any(SECRET in one.title for turn in turns for one in turn.sources)
    server.enqueue(SEARCH, found("https://d.example/"), reply("So [4]."))
    page.ask("%deepseek --web three")
    last = page.session.conversations["main"].transcript.turns[-1]
    assert [(one.number, one.url) for one in last.sources] == [(4, "https://d.example/")]


def test_pages_in_a_form_that_is_not_known_are_left_out(page, server):
    """The reply is not."""
    server.enqueue(SEARCH, found("https://a.example/"), reply("So [1]", finish="length"))
    cell = page.ask("%deepseek --web one")
    said = cell.outputs[0].metadata.deepseek_magic
    for sources in ([[1, "t", "javascript:x", "", ""]], [[0, "t", "https://a.example/", "", ""]], [[1]], "x", None):
        said.sources = sources
        cell.outputs[0].metadata.deepseek_magic = sealed({**said}, "So [1]")
        page.restored()
        (turn,) = page.session.conversations["main"].transcript.turns
        assert (turn.text, turn.sources) == ("So [1]", ())


@pytest.mark.parametrize("record", ["answers.db", ""])
def test_calls_context_and_values_come_from_the_record(page, server, record, tmp_path):
    """Exactly; without one they are text, and it is said."""
    if record:
        page.config["record"] = str(tmp_path / record)
    page.kernel.shell.user_ns.update(rows=[1, 2, 3], n=7, look=lambda name: f"{name} is 42")
    page.ask("%deepseek -v rows How many in {n}?")
    server.enqueue(
        calling(call("look", '{"name": "x"}', "call_7"), text="I look.", reasoning="Let me look. "),
        reply("It is 42.", "So."),
    )
    page.ask("%deepseek --tools look Look at it")
    next_asked(page, server, "--tools look")
    before = server.requests[-1].json["messages"]
    said = page.restored()
    next_asked(page, server, "--tools look")
    after = server.requests[-1].json["messages"]
    if not record:
        assert said == f"Restored from work.ipynb: main (2 turns); {AS_TEXT}."
        assert [one["content"] for one in after] == [
            *("How many in {n}?", before[1]["content"], "Look at it", "I look.\n\nIt is 42.", "next?"),
        ]
        assert not any(one.get("tool_calls") or one.get("reasoning_content") for one in after)
        return
    assert said == "Restored from work.ipynb: main (2 turns); exactly, from the record."
    assert [one["role"] for one in after] == [one["role"] for one in before]
    assert [one.get("reasoning_content") for one in after] == [one.get("reasoning_content") for one in before]
    functions = [
        [one["tool_calls"][0]["function"] for one in these if "tool_calls" in one] for these in (after, before)
    ]
    assert functions[0] == functions[1]
    digests = [neutral(json.dumps(these)) for these in (after, before)]
    assert digests[0] == digests[1]


def neutral(sent):
    """What was sent, without the marker of the wrapping and the ids of calls."""
    import re

    return re.sub(r"m\d{16}|call_\w+", "", sent)


def test_another_users_notebook_is_text_only_and_masked(page, server):
    """Whatever it claims; the question is masked as any that is sent."""
    page.kernel.shell.user_ns["look"] = lambda name: f"{name} is 42"
    server.enqueue(calling(call("look", '{"name": "x"}', "call_7"), reasoning="Hm. "), reply(f"Use {SECRET}"))
    page.ask(f"%deepseek --tools look What is {SECRET}?")
    page.restored()
    said = next_asked(page, server)
    assert len(said) == 3
    assert all(SECRET not in text and "[masked: " in text for text in said[:2])


def test_what_was_edited_cut_or_shown_again_is_found(page, server):
    """The latest counts, and its question stands in the cell that asked."""
    page.ask("%deepseek one")
    server.enqueue(reply("half of", finish="length"))
    cut = page.ask("%deepseek two")
    page.ask("%deepseek_chat show 2")
    page.ask("%%deepseek_chat edit 1\nedited")
    before = next_asked(page, server)
    page.restored()
    assert next_asked(page, server) == before == ["one", "edited", "two", "half of", "next?"]
    assert [turn.origin for turn in page.session.conversations["main"].transcript.turns][:2] == ["edited", "imported"]
    server.enqueue(reply(" it", finish="stop"))
    page.restart()
    page.run(cut)
    assert cut.outputs[0].metadata.deepseek_magic["state"] == "complete"


def test_the_last_kernel_counts_where_two_asked(page, server, monkeypatch):
    """What stands on the page of an earlier one is not part of the conversation, and is counted."""
    times = iter(f"2026-11-29T20:00:{second:02}Z" for second in range(60))
    monkeypatch.setattr("deepseek_magic.chat.footer.now_in_utc", lambda: next(times))
    for text in ("one", "two", "three"):
        page.ask(f"%deepseek {text}")
    page.restart()
    page.ask("%deepseek uno", 0)
    page.ask("%deepseek due")
    said = page.restored()
    assert "main (2 turns)" in said
    assert said.endswith("; not restored: 3 (of an earlier kernel).")
    assert next_asked(page, server)[:-1] == ["uno", "answer to uno", "due", "answer to due"]


def test_a_conversation_that_starts_afresh_does_so_again(page, server):
    page.ask("%deepseek one")
    page.ask("%deepseek --new two")
    page.restored()
    assert next_asked(page, server) == ["two", "answer to two", "next?"]
    assert len(page.session.conversations["main"].transcript.turns) == 3


def changed(page, **block):
    """Change the first block of the file by hand."""
    made = nbformat.read(page.path, 4)
    output = made.cells[0].outputs[0]
    output.data["text/plain"] = block.pop("text", output.data["text/plain"])
    output.metadata.deepseek_magic.update(block)
    nbformat.write(made, page.path)


@pytest.mark.parametrize(
    ("block", "why"),
    [
        ({"text": "evil"}, "was changed since it was saved"),
        ({"turn": 7}, "was changed since it was saved"),
        ({"conversation": "other"}, "was changed since it was saved"),
        ({"state": "cut"}, "was changed since it was saved"),
        ({"version": 2}, "is of a newer version"),
        ({"version": "x"}, "is of another version"),
        ({"seal": None}, "was changed since it was saved"),
    ],
)
def test_a_changed_foreign_or_newer_block_is_skipped_with_a_line(page, server, block, why):
    page.ask("%deepseek one")
    page.ask("%deepseek two")
    page.save()
    changed(page, **block)
    page.restart()
    (said,) = page.run(PageCell("elsewhere", "%deepseek_chat restore"))
    assert said.endswith(f"; not restored: 1 ({why}).")
    assert next_asked(page, server) == ["two", "answer to two", "next?"]


@pytest.mark.parametrize("text", ["Half of an answ", "answer to two"])
def test_a_reply_that_had_not_ended_is_no_turn_and_it_is_said(page, server, text):
    """The file was saved in mid-reply, or the front end drops the metadata of updates."""
    page.ask("%deepseek one")
    cell = page.ask("%deepseek two")
    question = Question("two", Settings(), cell.name)
    cell.outputs[0].update(data={"text/plain": text}, metadata=question.opening("main"))
    said = page.restored()
    assert "main (1 turn)" in said
    assert said.endswith("; not restored: 1 (had not ended when the notebook was saved).")
    assert next_asked(page, server) == ["one", "answer to one", "next?"]


def test_with_the_setting_it_happens_before_the_first_question_and_is_said(page, server, capsys):
    """Once; later questions find what is there."""
    page.ask("%deepseek one")
    page.save()
    page.restart()
    page.config["restore"] = True
    assert next_asked(page, server) == ["one", "answer to one", "next?"]
    assert capsys.readouterr().out.startswith("Restored from work.ipynb: main (1 turn); all as text")
    next_asked(page, server)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("content", [None, "{", '{"cells": [], "nbformat": 4, "nbformat_minor": 5, "metadata": {}}'])
def test_with_the_setting_a_question_is_asked_whatever_the_file_is(page, server, content, capsys):
    """There may be none yet."""
    if content is not None:
        page.path.write_text(content, encoding="utf-8")
    page.config["restore"] = True
    assert next_asked(page, server) == ["next?"]
    said = capsys.readouterr().out
    assert said.startswith("No conversation was restored: ") or content is not None
    with pytest.raises(QuestionError):
        page.run(PageCell("elsewhere", "%deepseek_chat restore"))


def test_a_conversation_that_has_turns_is_left_alone(page):
    """One line says what to do."""
    page.ask("%deepseek one")
    page.save()
    with pytest.raises(QuestionError, match=r"conversation main has turns already: %deepseek_chat reset forgets them"):
        page.run(PageCell("elsewhere", "%deepseek_chat restore"))


def test_where_the_file_is_not_known(page, shell):
    """A terminal, papermill."""
    del shell.user_ns["__vsc_ipynb_file__"]
    with pytest.raises(QuestionError, match="the notebook's file is not known in this front end"):
        page.run(PageCell("elsewhere", "%deepseek_chat restore"))


def test_a_file_without_ids_of_cells_is_restored_as_well(page, server):
    """By the place of each reply in its cell."""
    page.kernel.identity = lambda: ""
    page.ask("%deepseek one\n%deepseek two")
    page.ask("%deepseek three")
    assert "main (3 turns)" in page.restored(ids=False)
    assert next_asked(page, server)[:-1] == [
        *("one", "answer to one", "two", "answer to two", "three", "answer to three"),
    ]


def test_a_question_that_no_cell_holds_is_counted(page):
    """Its cell was written over."""
    cell = page.ask("%deepseek one")
    page.ask("%deepseek two")
    cell.source = "print('something else')"
    assert page.restored().endswith("; not restored: 1 (the question is in no cell).")


def test_an_exported_notebook_is_restored(page, server, tmp_path):
    """What was written as a notebook is one."""
    page.ask("%deepseek one")
    page.run(PageCell("elsewhere", f"%deepseek_chat export {tmp_path / 'out.ipynb'}"))
    (tmp_path / "out.ipynb").replace(page.path)
    page.restart()
    page.run(PageCell("elsewhere", "%deepseek_chat restore"))
    assert next_asked(page, server) == ["one", "answer to one", "next?"]


def test_the_system_text_of_a_conversation_is_named(page):
    """It is not taken from a file: it is set by running its cell."""
    page.ask("%deepseek_chat system Be brief.")
    page.ask("%deepseek one")
    assert page.restored().endswith("; system texts of conversations are set again by running their cells.")


def test_the_record_has_the_system_text_and_the_pictures(page, server, tmp_path):
    """As they were when the last turn was asked; the line shows the text, which counts from then on."""
    page.config["record"] = str(tmp_path / "answers.db")
    page.kernel.shell.user_ns["dot"] = Image.new("RGB", (6, 4), "red")
    page.ask("%deepseek_chat system Be brief.")
    page.ask("%deepseek what is {dot}?")
    next_asked(page, server)
    before = server.requests[-1].json["messages"]
    assert [part["type"] for part in before[1]["content"]] == ["text", "image_url"]
    assert page.restored().endswith("; exactly, from the record; with the system text of main (Be brief.).")
    next_asked(page, server)
    after = server.requests[-1].json["messages"]
    assert neutral(json.dumps(after)) == neutral(json.dumps(before))
    page.ask("%deepseek_chat system none")
    page.ask("%deepseek two")
    assert "system text of main" not in page.restored()


def test_system_texts_that_are_not_restored_are_told_beside_those_that_are(page, tmp_path):
    """Those of the conversations that the record does not have."""
    page.ask("%deepseek_chat other")
    page.ask("%%deepseek_chat system\nBe kind.")
    page.ask("%deepseek one")
    page.ask("%deepseek_chat main")
    page.config["record"] = str(tmp_path / "answers.db")
    page.ask("%deepseek_chat system Be brief.")
    page.ask("%deepseek two")
    said = page.restored()
    assert "with the system text of main (Be brief.)" in said
    assert said.endswith("; the other system texts are set again by running their cells.")


def test_the_system_text_in_a_record_that_others_may_have_written_is_not_taken(page, server, tmp_path):
    page.config["record"] = str(tmp_path / "answers.db")
    page.ask("%deepseek_chat system Be brief.")
    page.ask("%deepseek one")
    page.run(PageCell("elsewhere", f"%deepseek_record export {tmp_path / 'answers.jsonl'}"))
    page.config["record"] = str(tmp_path / "answers.jsonl")
    assert page.restored().endswith("; system texts of conversations are set again by running their cells.")
    assert next_asked(page, server)[0] == "one"
