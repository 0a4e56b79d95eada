"""What stands around the question, and what follows it, each under its name with its tokens."""

from __future__ import annotations

from dataclasses import replace

from deepseek_magic.api.messages import FimRequest, Message, Request, ToolCall
from deepseek_magic.chat.sent_parts import Around, receipt_of
from deepseek_magic.context.receipt import Entry, Receipt
from deepseek_magic.settings.parameters import Settings
from deepseek_magic.text import estimate_tokens

ASKED = Receipt((Entry("question", "question", estimate_tokens("Why is that?")),))
USER = Message("user", "Why is that?")
SYSTEM = Entry("system", "system text", 0)


def rows(*messages, around=None, noted=(), composed=ASKED, content="Why is that?"):
    request = Request(Settings(), messages)
    return [row[:2] for row in receipt_of(request, composed, content, around or Around(), noted).rows()]


def test_rules_are_a_part_of_the_system_text():
    system = Message("system", "The rules of the house are long. Be brief.")
    rules = Entry("rules", "house rules", estimate_tokens("The rules of the house are long."))
    whole = estimate_tokens(system.text)
    found = rows(system, USER, around=Around((SYSTEM, rules)))
    assert found[:2] == [("house rules", str(rules.tokens)), ("system text", str(whole - rules.tokens))]
    assert rows(system, USER, around=Around((SYSTEM, replace(rules, tokens=whole))))[1][0] == "question"


def test_messages_before_the_question_are_told_apart_by_their_number():
    before = ((Entry("summary", "summary of 3 turns", 0), 2), (Entry("turns", "1 earlier turn", 0), 1))
    said = (Message("user", "one"), Message("assistant", "two two"), Message("user", "three three three"))
    assert rows(*said, USER, around=Around((), before, 1)) == [
        ("summary of 3 turns", str(estimate_tokens("one") + estimate_tokens("two two"))),
        ("1 earlier turn", str(estimate_tokens("three three three"))),
        ("question", str(ASKED.tokens)),
    ]


def test_what_the_question_ends_with_is_no_part_of_its_tokens():
    whole = replace(ASKED, entries=(Entry("question", "question", 30),))
    found = rows(USER, composed=whole, around=Around(added=(("schema", "word " * 10),)))
    assert found == [("question", str(30 - int(found[1][1]))), found[1]]
    assert found[1][0] == "schema"


def test_what_a_kept_reply_took_is_as_it_was_kept():
    calls = (Entry("tool", "definition of f", 7), Entry("calls", "the model's calls", 8), Entry("result", "f", 9))
    assert rows(USER, noted=calls) == [
        ("definition of f", "7"), ("question", str(ASKED.tokens)), ("the model's calls", "8"), ("f", "9"),
    ]  # fmt: skip
    made = Message("assistant", "", tool_calls=(ToolCall("a", "f", "{}"),))
    found = rows(USER, made, Message("tool", "1", tool_call_id="a"), noted=(calls[0], calls[2]))
    assert [what for what, _ in found] == ["definition of f", "question", "the model's calls", "f"]


def test_a_gap_has_code_on_one_side_at_least():
    receipt = receipt_of(FimRequest(Settings(), "x = ", ""), ASKED, "", Around(), ())
    assert [row[0] for row in receipt.rows()] == ["code before the gap"]
