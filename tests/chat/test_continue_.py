"""Going on with a reply: the request for the rest, and when the rest is let through."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deepseek_magic.api.dialects import COMPATIBLE, DEEPSEEK, VLLM
from deepseek_magic.api.encode import encode
from deepseek_magic.api.events import Finished, TextDelta
from deepseek_magic.api.messages import Message, Tool
from deepseek_magic.chat.continue_ import continued, joined_to
from deepseek_magic.chat.turn import Turn
from tests.chat.test_join import LONG, TAIL
from tests.requesting import chat

QUESTION = (Message("system", "Be brief."), Message("user", "Why?"))


def cut_turn(text="The answer is", reasoning=""):
    turn = Turn(1, "Why?")
    turn.fold([TextDelta(text)])
    if reasoning:
        turn._reasoning.append(reasoning)
    return turn


def test_the_request_of_the_prefix_completion_is_as_documented():
    request = chat("deepseek-flash", QUESTION, thinking="high", max_tokens=99, temperature=0.5)
    body = encode(continued(request, cut_turn("The answer is \n", "Let me think."), DEEPSEEK, None), DEEPSEEK)
    assert body == {
        "model": "deepseek-flash",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Why?"},
            {"role": "assistant", "content": "The answer is", "prefix": True},
        ],
        "stream": True,
        "stream_options": {"include_usage": True},
        "thinking": {"type": "disabled"},
        "temperature": 0.5,
        "max_tokens": 99,
    }


def test_with_thinking_the_thinking_so_far_goes_along():
    body = encode(continued(chat("deepseek-flash", QUESTION), cut_turn(reasoning="Let me."), DEEPSEEK, "low"), DEEPSEEK)
    assert body["thinking"] == {"type": "enabled"}
    assert body["reasoning_effort"] == "low"
    assert body["messages"][-1] == {
        "role": "assistant",
        "content": "The answer is",
        "reasoning_content": "Let me.",
        "prefix": True,
    }


def test_vllm_is_asked_by_its_own_fields():
    body = encode(continued(chat("m", QUESTION, thinking="off"), cut_turn(), VLLM, None), VLLM)
    assert body["messages"][-1] == {"role": "assistant", "content": "The answer is"}
    assert body["continue_final_message"] is True
    assert body["add_generation_prompt"] is False
    assert body["chat_template_kwargs"] == {"thinking": False}


def test_elsewhere_it_is_asked_for_in_words_with_the_end():
    body = encode(continued(chat("m", QUESTION), cut_turn(f"{LONG}\n"), COMPATIBLE, None), COMPATIBLE)
    assert [message["role"] for message in body["messages"]] == ["system", "user", "assistant", "user"]
    assert body["messages"][2]["content"] == LONG
    assert body["messages"][3]["content"].endswith(f"\n\n{TAIL}")
    assert set(body) == {"model", "messages", "stream", "stream_options"}


def test_a_beginning_that_was_given_to_the_model_gives_way_to_what_it_made_of_it():
    begun = chat("deepseek-flash", (*QUESTION, Message("assistant", "```python\n", prefix=True)), stop=("```",))
    request = continued(begun, cut_turn("```python\nx = 1\n"), DEEPSEEK, None)
    assert request.messages == (*QUESTION, Message("assistant", "```python\nx = 1", prefix=True))
    assert request.settings.stop == ("```",)


def test_after_rounds_of_calls_the_rest_of_the_last_round_is_asked_for():
    turn = cut_turn("First I look.")
    calls = (Message("assistant", "First I look."), Message("tool", "42", tool_call_id="a"))
    turn.end_round(calls)
    base = chat("deepseek-flash", (*QUESTION, *calls), tools=(Tool("look"),))
    assert continued(base, turn, DEEPSEEK, None) == base
    assert continued(replace(base, messages=QUESTION), turn, DEEPSEEK, None) == base
    turn.fold([TextDelta("\n\nIt is 4")])
    request = continued(base, turn, DEEPSEEK, None)
    assert request.messages == (*base.messages, Message("assistant", "It is 4", prefix=True))
    assert request.tools == base.tools


def rest_of(text, pieces, *, exact, reason="stop"):
    """What the turn's text is after the pieces, and whether each was let through before the next came."""
    turn = cut_turn(text)
    early = []

    def batches():
        for piece in pieces:
            before = len(turn.text.rstrip())
            yield [TextDelta(piece)]
            early.append(len(turn.text.rstrip()) > before)
        yield [Finished(reason)]

    ends = []
    for batch in joined_to(turn, batches(), exact=exact):
        turn.fold(batch)
        ends += [event for event in batch if isinstance(event, Finished)]
    assert ends == [Finished(reason)]
    return turn.text, early


def test_where_the_endpoint_goes_on_itself_everything_is_let_through_at_once():
    text, early = rest_of("The answer is \n", [" 4", "2."], exact=True)
    assert text == "The answer is 42."
    assert early == [True, True]


def test_in_words_the_rest_is_let_through_once_it_is_clear_where_it_joins():
    more = f"{TAIL} point. " + "More and more. " * 60
    text, early = rest_of(LONG, [more[i : i + 7] for i in range(0, len(more), 7)], exact=False)
    assert text == f"{LONG} point. " + "More and more. " * 60
    assert not any(early[:80])
    assert all(early[90:])


def test_in_words_a_short_rest_comes_at_the_end():
    assert rest_of(LONG, [TAIL, " po", "int."], exact=False)[0] == f"{LONG} point."


@pytest.mark.parametrize("more", [TAIL[:5], TAIL[:-3], TAIL, LONG[:30], f"\n{TAIL[:20]}"])
def test_in_words_a_rest_that_is_cut_in_its_repetition_adds_nothing(more):
    assert rest_of(f"{LONG}\n", [more], exact=False, reason="length") == (f"{LONG}\n", [False])


def test_in_words_a_whole_rest_that_looks_like_a_repetition_stays():
    assert rest_of("No. Yes. No", ["."], exact=False)[0] == "No. Yes. No."
    assert rest_of(LONG, [TAIL[:3]], exact=False)[0] != LONG


def test_a_long_reply_that_is_said_anew_from_its_beginning_is_not_doubled():
    whole = " ".join(f"Sentence number {n} of many." for n in range(200))
    pieces = [whole[i : i + 9] for i in range(0, len(whole), 9)]
    assert rest_of(whole[:3000], pieces, exact=False)[0] == whole


@pytest.mark.parametrize("exact", [True, False])
def test_a_rest_that_never_comes_leaves_the_beginning_as_it_was(exact):
    assert rest_of("The answer is \n", [], exact=exact)[0] == "The answer is \n"
