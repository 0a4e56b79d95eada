"""%deepseek_history: what was asked before is found, shown as replies are, and asked again only by a cell."""

from __future__ import annotations

import pytest

from deepseek_magic.app.ask import Ask, ask
from deepseek_magic.commands.call import Call
from deepseek_magic.commands.history_command import command
from deepseek_magic.errors import OptionError, QuestionError
from deepseek_magic.record.database import Database
from deepseek_magic.record.json_lines import write
from tests.app.pages import CellKernel
from tests.faults import reply

SECRET = "".join(("ghp", "_", "Zq7Wm3Rt9Lx5Vb1Nc8Hd4Jf6Gs2Kp0Ty3Ua"))


@pytest.fixture
def history(session, shell, tmp_path):
    """Runs %deepseek_history over the questions that ``ask`` puts; ``kernel`` has what is in the next cell."""

    class History:
        kernel = CellKernel(shell)
        record = tmp_path / "answers.db"

        def ask(self, *questions):
            for text in questions:
                ask(session, Ask(text, {"quiet": True, "no_memory": True}, {"record": str(self.record)}))

        def __call__(self, line=""):
            (shown,) = command(Call(session, {"record": str(self.record)}, self.kernel, line)).show
            return shown if isinstance(shown, str) else shown.data["text/plain"]

        def html(self, line=""):
            return command(Call(session, {"record": str(self.record)}, self.kernel, line)).show[0].data["text/html"]

    return History()


def test_it_lists_the_newest_first(history):
    history.ask("first of rivers", "of hills", "second of rivers")
    lines = history().splitlines()
    assert lines[0] == "3 questions, the newest first:"
    assert [line.split(" · ")[0] for line in lines[1::2]] == ["3", "2", "1"]
    assert lines[2] == "    answer to second of rivers"
    assert history("RIVERS").splitlines()[0] == "2 questions with these words, the newest first:"
    one = history('"first of" rivers')
    assert one.startswith("1 question with these words, the newest first:\n1 · 20")
    assert one.endswith("· deepseek-flash · first of rivers\n\nfirst of rivers\n\nanswer to first of rivers")


def test_more_than_a_page_is_said(history):
    history.ask(*(f"question {n}" for n in range(22)))
    assert history("question").startswith("The newest 20 questions with these words; more words find older ones:\n22 ·")
    assert history().count("\n") == 40


def test_it_is_folded_and_as_safe_as_a_reply(history, server):
    """Each entry is closed, and nothing in it is HTML of a model's."""
    server.enqueue(reply("<script>alert(1)</script> **bold** [x](javascript:alert(1))"))
    history.ask("<img src=x onerror=alert(1)> why?")
    html = history.html()
    assert html.count("<details>") == 1
    assert "<strong>bold</strong>" in html
    assert not any(found in html for found in ("<script", "<img", 'href="javascript', "open>"))


def test_controls_do_not_reach_a_terminal(history, server):
    server.enqueue(reply("a\x1b]0;title\x07b\u202ec"))
    history.ask("why?")
    assert not set("\x1b\x07\u202e") & set(history())


def test_what_is_very_long_is_cut_with_a_line(history, server):
    server.enqueue(reply("x" * 30_000))
    history.ask("why?")
    assert "(… 10,000 more characters: %deepseek_record export writes all of it)" in history()


def test_a_question_goes_into_the_next_cell(history, server):
    """Nothing is asked until that cell is run; braces in it stay as they are."""
    history.ask("What is {this}?\n\nAnd that?", f"Why does {SECRET} fail?")
    count = len(server.requests)
    assert history("1 --again") == (
        "Question 1 is in the next cell, as it was asked, without its options and its context."
    )
    assert history.kernel.next_cell == "%%deepseek --raw\nWhat is {this}?\n\nAnd that?"
    assert history("--again 2").endswith("Note: it holds masked values: put them back in.")
    assert SECRET not in history.kernel.next_cell
    assert len(server.requests) == count


def test_a_question_that_looks_like_other_code_is_named(history):
    history.ask("evil \u202e code")
    assert "Note: this holds characters that cannot be seen" in history("1 --again")


@pytest.mark.parametrize(
    ("line", "why", "kind"),
    [
        ("nothing", "the record holds nothing with nothing", QuestionError),
        ("9 --again", "the record has no question 9: %deepseek_history lists", QuestionError),
        ("x --again", "expected N --again, with the number of a question, found 'x --again'", OptionError),
    ],
)
def test_what_is_not_there(history, line, why, kind):
    history.ask("one")
    with pytest.raises(kind, match=why):
        history(line)


def test_an_empty_record_and_none(history, session):
    with pytest.raises(QuestionError, match="the record holds no reply yet"):
        history()
    history.record = ""
    with pytest.raises(QuestionError, match=r"there is no record: %config DeepSeek.record = 'answers.db'"):
        history()


def test_a_file_of_lines_is_searched_as_well(history, tmp_path):
    """Its numbers are places in the file."""
    history.ask("first of rivers", "of hills")
    database = Database(history.record)
    write(tmp_path / "lines.jsonl", database.newest())
    database.close()
    history.record = tmp_path / "lines.jsonl"
    assert "first of rivers" in history("rivers")
    number = history("hills").splitlines()[1].split(" · ")[0]
    history(f"{number} --again")
    assert history.kernel.next_cell.endswith("\nof hills")


def test_lines_that_are_not_used_are_told_once(history, session, tmp_path):
    history.ask("of hills")
    database = Database(history.record)
    write(tmp_path / "lines.jsonl", database.newest())
    database.close()
    with (tmp_path / "lines.jsonl").open("a", encoding="utf-8") as file:
        file.write("{\n")
    asked = Call(session, {"record": str(tmp_path / "lines.jsonl")}, history.kernel, "hills")
    assert command(asked).show[1:] == ("1 line of lines.jsonl not used: each is not JSON.",)
    assert command(asked).show[1:] == ()
