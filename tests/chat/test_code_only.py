"""Code and no prose: the request that begins the reply, the fences, and the one repair."""

from __future__ import annotations

import pytest

from deepseek_magic.api.dialects import COMPATIBLE, DEEPSEEK, VLLM
from deepseek_magic.api.encode import encode
from deepseek_magic.api.events import Finished, TextDelta
from deepseek_magic.api.filters.filtering import filtered
from deepseek_magic.api.messages import ImagePart, Message, TextPart
from deepseek_magic.chat.code_only import CodeOnly, code_of
from deepseek_magic.chat.turn import Turn
from tests.requesting import chat

REPAIR = "This does not compile: '(' was never closed in line 1. Give the whole code again, corrected."
QUESTION = (Message("system", "Be brief."), Message("user", "Add two numbers."))


def problem_of(text):
    try:
        compile(code_of(text), "<test>", "exec")
    except SyntaxError as error:
        return f"{error.msg} in line {error.lineno}"
    return ""


def never(_event):
    raise AssertionError("nothing is shown apart")


def notes_of(plan, turn):
    return plan.outcome(turn, chat("m", QUESTION)).notes


def answered(plan, turn, *pieces, reason="stop"):
    """Let the turn take in a reply."""
    batches = ([event] for event in (*map(TextDelta, pieces), Finished(reason)))
    for batch in filtered(batches, plan.filter, plan.held):
        turn.fold(batch)


def test_the_reply_is_begun_with_a_fence_and_stops_at_the_next():
    request = CodeOnly(DEEPSEEK, problem_of).prepare(chat("deepseek-flash", QUESTION))
    assert encode(request, DEEPSEEK) == {
        "model": "deepseek-flash",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Add two numbers."},
            {"role": "assistant", "content": "```python\n", "prefix": True},
        ],
        "stream": True,
        "stream_options": {"include_usage": True},
        "thinking": {"type": "disabled"},
        "stop": ["\n```"],
    }


@pytest.mark.parametrize(
    ("given", "sent"),
    [(("END",), ["END", "\n```"]), (("```",), ["```"]), (("\n```",), ["\n```"]), (("a", "b"), ["a", "b", "\n```"])],
)
def test_a_stop_of_the_users_is_kept(given, sent):
    request = CodeOnly(DEEPSEEK, problem_of).prepare(chat("deepseek-flash", QUESTION, stop=given))
    assert encode(request, DEEPSEEK)["stop"] == sent


def test_thinking_that_was_asked_for_stays():
    request = CodeOnly(DEEPSEEK, problem_of).prepare(chat("deepseek-flash", QUESTION, thinking="high"))
    body = encode(request, DEEPSEEK)
    assert body["thinking"] == {"type": "enabled"}
    assert body["reasoning_effort"] == "high"
    assert "reasoning_content" not in body["messages"][-1]


def test_vllm_is_told_in_its_own_fields():
    body = encode(CodeOnly(VLLM, problem_of).prepare(chat("m", QUESTION)), VLLM)
    assert body["messages"][-1] == {"role": "assistant", "content": "```python\n"}
    assert body["continue_final_message"] is True
    assert body["stop"] == ["\n```"]
    assert "thinking" not in body


def test_elsewhere_it_is_asked_for_in_words():
    body = encode(CodeOnly(COMPATIBLE, problem_of).prepare(chat("m", QUESTION)), COMPATIBLE)
    assert set(body) == {"model", "messages", "stream", "stream_options"}
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert body["messages"][-1]["content"].startswith("Add two numbers.\n\nAnswer with code only")


def test_elsewhere_the_words_go_with_pictures_too():
    image = ImagePart("https://example.org/a.png")
    asked = (Message("user", (TextPart("Draw this."), image)),)
    request = CodeOnly(COMPATIBLE, problem_of).prepare(chat("m", asked))
    assert "Answer with code only" in request.messages[-1].text
    assert request.messages[-1].images == (image,)


def test_the_text_is_one_code_block():
    plan, turn = CodeOnly(DEEPSEEK, problem_of), Turn(1, "?")
    answered(plan, turn, "x = ", "1\n")
    assert turn.text == "```python\nx = 1\n```\n"
    other = Turn(1, "?")
    answered(CodeOnly(DEEPSEEK, problem_of), other, "x = 1")
    assert other.text == "```python\nx = 1\n```\n"


@pytest.mark.parametrize("reason", ["length", "insufficient_system_resource"])
def test_code_that_was_cut_stays_open_and_is_not_judged(reason):
    plan, turn = CodeOnly(DEEPSEEK, problem_of), Turn(1, "?")
    answered(plan, turn, "x = (", reason=reason)
    assert turn.text == "```python\nx = ("
    assert plan.follow_up(turn, plan.prepare(chat("m", QUESTION)), never) is None
    assert notes_of(plan, turn) == ()


def test_what_does_not_compile_is_asked_for_once_more():
    plan, turn = CodeOnly(DEEPSEEK, problem_of), Turn(1, "?")
    request = plan.prepare(chat("deepseek-flash", QUESTION, temperature=0.5))
    answered(plan, turn, "x = (\n")
    repair = plan.follow_up(turn, request, never)
    assert turn.text == ""
    assert encode(repair, DEEPSEEK) == {
        **encode(request, DEEPSEEK),
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Add two numbers."},
            {"role": "assistant", "content": "```python\nx = (\n```\n"},
            {"role": "user", "content": REPAIR},
            {"role": "assistant", "content": "```python\n", "prefix": True},
        ],
    }
    answered(plan, turn, "x = (1)\n")
    assert plan.follow_up(turn, repair, never) is None
    assert turn.text == "```python\nx = (1)\n```\n"
    assert len(notes_of(plan, turn)) == 1
    assert "this is the second" in notes_of(plan, turn)[0]


def test_what_still_does_not_compile_is_left_with_a_note():
    plan, turn = CodeOnly(DEEPSEEK, problem_of), Turn(1, "?")
    request = plan.prepare(chat("deepseek-flash", QUESTION))
    answered(plan, turn, "x = (\n")
    repair = plan.follow_up(turn, request, never)
    answered(plan, turn, "y = (\n")
    assert plan.follow_up(turn, repair, never) is None
    assert turn.text == "```python\ny = (\n```\n"
    (note,) = notes_of(plan, turn)
    assert note == (
        "This code does not compile: '(' was never closed in line 1. It is the second version; "
        "the first did not compile either."
    )


def test_a_repair_that_breaks_off_stays_open():
    plan, turn = CodeOnly(DEEPSEEK, problem_of), Turn(1, "?")
    request = plan.prepare(chat("deepseek-flash", QUESTION))
    answered(plan, turn, "x = (\n")
    plan.follow_up(turn, request, never)
    turn.fold(plan.filter([TextDelta("x = 1")]))
    assert not plan.held()
    assert turn.text == "```python\nx = 1"


def test_a_repair_that_brings_nothing_is_said():
    plan, turn = CodeOnly(DEEPSEEK, problem_of), Turn(1, "?")
    request = plan.prepare(chat("deepseek-flash", QUESTION))
    answered(plan, turn, "x = (\n")
    repair = plan.follow_up(turn, request, never)
    answered(plan, turn)
    assert plan.follow_up(turn, repair, never) is None
    turn.fall_back()
    assert turn.text == "```python\nx = (\n```\n"
    (note,) = notes_of(plan, turn)
    assert "nothing came" in note


def test_in_words_the_block_in_the_reply_is_judged_and_the_prose_is_kept():
    plan, turn = CodeOnly(COMPATIBLE, problem_of), Turn(1, "?")
    request = plan.prepare(chat("m", QUESTION))
    answered(plan, turn, "Here:\n\n```python\nx = (\n```\n")
    repair = plan.follow_up(turn, request, never)
    assert [message.role for message in repair.messages] == ["system", "user", "assistant", "user"]
    answered(plan, turn, "```python\nx = 1\n```\n")
    assert plan.follow_up(turn, repair, never) is None
    assert turn.text == "```python\nx = 1\n```\n"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("```python\nx = 1\n", "x = 1"),
        ("```\nx = 1\n", "x = 1"),
        ("\n```py\nx = 1", "x = 1"),
        ("x = 1\n   ```\nIt prints 1.\n", "x = 1"),
        ("x = '```'\n", "x = '```'"),
        ("`x`\n", "`x`"),
        ("``", "``"),
        ("```python", ""),
        ("", ""),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_a_fence_of_the_models_own_is_none_of_the_code(text, code, size):
    plan, turn = CodeOnly(DEEPSEEK, problem_of), Turn(1, "?")
    answered(plan, turn, *(text[start : start + size] for start in range(0, len(text), size)))
    assert code_of(turn.text) == code
    assert turn.text.count("```python\n") == (1 if code else 0)
    assert turn.text.count("```") % 2 == 0 or "'```'" in code


def test_the_second_version_that_was_stopped_is_not_called_wrong():
    plan, turn = CodeOnly(DEEPSEEK, problem_of), Turn(1, "?")
    request = plan.prepare(chat("deepseek-flash", QUESTION))
    answered(plan, turn, "x = (\n")
    plan.follow_up(turn, request, never)
    turn.fold(plan.filter([TextDelta("x = 1")]))
    assert notes_of(plan, turn) == (
        "The first version did not compile ('(' was never closed in line 1); this is the second.",
    )
