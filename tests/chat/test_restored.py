"""Which replies of a page are the turns of a conversation, and the turns that are made of them."""

from __future__ import annotations

from dataclasses import replace

from deepseek_magic.api.events import Called
from deepseek_magic.chat.restored import Remembered, changed_by, last_run, transcript_of
from deepseek_magic.context.wrapping import new_marker, wrap
from deepseek_magic.record.kept import Kept, Round, ToolAnswer
from deepseek_magic.record.placed import Mark, Placed, named

MARKER = new_marker()


def at(turn, second=0, cell="", asker="", question="?", **more):
    """A saved reply, answered in that second."""
    answered = f"2026-11-29T20:00:{second:02}Z"
    fields = {"state": "complete", "origin": "model", "fresh": False, "text": f"{turn} of {second}", **more}
    placed = Placed("main", turn, cell, answered=answered, model="m", request="", **fields)
    return Remembered(placed, question, named(turn, placed.text, cell), asker or cell)


def texts(found):
    turns, older = last_run(found)
    return [one.placed.text for one in turns], older


def test_each_turn_has_its_latest_reply():
    """Whatever the order on the page."""
    found = [at(2, 1, "b"), at(1, 3, "a"), at(1, 0, "a")]
    assert texts(found) == (["1 of 3", "2 of 1"], 0)


def test_two_cells_with_one_number_are_of_two_kernels():
    """Everything before the later one is older, with or without an id of the cell."""
    first = [at(1, 0, "a"), at(2, 1, "b"), at(3, 2, "c")]
    assert texts([*first, at(1, 5, "d"), at(2, 6, "e")]) == (["1 of 5", "2 of 6"], 3)
    bare = [at(1, 0, asker="a"), at(2, 1, asker="b"), at(1, 5, asker="d")]
    assert texts(bare) == (["1 of 5"], 2)


def test_a_reply_that_is_edited_gone_on_with_or_shown_again_stands_in_another_cell():
    """Its question is that of the cell that asked."""
    asked = at(1, 0, asker="a", question="What?")
    for later in (
        at(1, 4, asker="b", question="", origin="edited"),
        replace(at(1, 4, question=""), asker=""),
        replace(asked, question="", asker=""),
    ):
        ((one,), older) = last_run([asked, later])
        assert (one.question, one.asker, older) == ("What?", "a", 0)
        assert one.placed == later.placed
    again = at(1, 9, asker="a", question="What?")
    assert texts([asked, at(1, 4, asker="b", question="", origin="edited"), again]) == (["1 of 9"], 0)


def test_the_message_of_an_edited_turn_is_that_which_was_sent():
    """With its context, as the record has it."""
    asked = replace(at(1, 0, "a"), sent="data and ?")
    edited = at(1, 4, "a", question="", origin="edited", text="mine")
    (turn,) = transcript_of(last_run([asked, edited])[0], MARKER).turns
    assert [message.content for message in turn.messages()] == ["data and ?", "mine"]
    assert turn.origin == "edited"


def test_what_the_record_has_is_taken_whole():
    """Calls with their results, and the data in the message, wrapped with the marker of today."""
    kept = Kept(
        request="0" * 64,
        text="I look.It is 42.",
        answered="2026-11-29T20:00:00Z",
        thinking="Hm. So.",
        rounds=(Round(7, 3, (ToolAnswer("look", "{}", "result of look", "42"),)),),
        calls=(Called("look()", "42", 0.5),),
    )
    sent = f"{wrap([('x', '1')], marker=new_marker())}\n\nLook"
    one = replace(at(1, text=kept.text), kept=kept, sent=sent)
    (turn,) = transcript_of([one], MARKER).turns
    asked, called, result, said = turn.messages()
    assert asked.content == f"{wrap([('x', '1')], marker=MARKER)}\n\nLook"
    assert [call.name for call in called.tool_calls] == ["look"]
    assert result.text == wrap([("result of look", "42")], marker=MARKER)
    assert (said.content, said.reasoning, turn.origin) == ("It is 42.", " So.", "model")


def test_numbers_states_and_staleness_stay():
    """A later question goes on with the next number."""
    found = [at(1, 9, "a"), at(3, 2, "c", state="cut"), at(4, 10, "d", fresh=True)]
    transcript = transcript_of(last_run(found)[0], MARKER)
    assert [(turn.number, turn.state, turn.stale, turn.fresh) for turn in transcript.turns] == [
        (1, "complete", False, False),
        (3, "cut", True, False),
        (4, "complete", False, True),
    ]
    assert transcript.open("next").number == 5


def test_what_commands_changed_is_changed_again():
    """A copy has what it was copied from, also where that is gone there later, and says what it lacks."""
    a, b, c = at(1, 0, "a"), at(2, 1, "b"), at(3, 2, "c")
    elsewhere = at(3, 5, "d")
    at_six, edited, later = "2026-11-29T20:00:06Z", at(2, 5, "b", text="edited"), at(2, 9, "b")
    marks = [
        Mark("main", at_six, gone=(b.named,)),
        Mark("copy", at_six, copy_of="main", turns=(a.named, c.named, named(9, "written over", "x"))),
        Mark("main", at_six, gone=(c.named, a.named)),
        Mark("copy", at_six, gone=(elsewhere.named,)),
    ]
    found, missing = changed_by(marks, {"main": [a, b, edited, c, later], "copy": [elsewhere]})
    assert ({name: [one.placed.text for one in each] for name, each in found.items()}, missing) == (
        {"main": [later.placed.text], "copy": [a.placed.text, c.placed.text]},
        1,
    )
