"""Going on with a reply: the request, and the seam, without a repeated word and without a lost one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepseek_magic.api.dialects import COMPATIBLE, DEEPSEEK, VLLM
from deepseek_magic.api.encode import encode
from deepseek_magic.api.events import Finished, TextDelta
from deepseek_magic.api.messages import Message, Tool
from deepseek_magic.chat.continue_ import continued, joined_to
from deepseek_magic.chat.join import end_of, joined
from deepseek_magic.chat.transcript import Turn
from tests.requesting import chat

LONG = (
    "The method of least squares fits a line to the points. It makes the sum of the squared distances "
    "as small as it can be, and that sum has one lowest"
)
TAIL = end_of(LONG)
CODE = "Here it is:\n\n```python\ndef mean(values):\n    total = sum(values)"
TABLE = "| year | count |\n|---|---|\n| 2021 | 17 |\n| 2022 |"
ZEROS = "| a | b |\n|---|---|\n" + "| 0 | 0 |\n" * 12 + "| 0 | 0 |"
CJK = "最小二乘法是一种数学优化技术。它通过最小化误差的平方和寻找数据的最佳函数"

# The beginning, what the model sent, and what goes behind the beginning.
SEAMS = {
    "the end, word for word": (LONG, f"{TAIL} point.", " point."),
    "the end after blank lines": (LONG, f"\n\n{TAIL} point.", " point."),
    "prose before the end": (LONG, f"Sure, here is the rest:\n\n{TAIL} point.", " point."),
    "more than the end": (LONG, f"squares fits a line to the points. {LONG[55:]} point.", " point."),
    "everything anew": (LONG, f"{LONG} point.", " point."),
    "the last words only": (LONG, "has one lowest point.", " point."),
    "the last word only": (LONG, "lowest point.", " point."),
    "the last words after a blank": (LONG, " one lowest point.", " point."),
    "the last words after prose": (LONG, "Of course! Continuing:\n\none lowest point.", " point."),
    "the end, wrapped otherwise": (LONG, f"{TAIL.replace(' ', chr(10), 3)} point.", " point."),
    "the end in an ellipsis": (LONG, f"…{TAIL} point.", " point."),
    "the end in quotes": (LONG, f"> {TAIL} point.", " point."),
    "nothing repeated": (LONG, " point. It is found by calculus.", " point. It is found by calculus."),
    "nothing repeated, no blank": (LONG, "point.", " point."),
    "nothing repeated, after prose": (LONG, "Here is the rest of the answer:\n\nvalley.", " valley."),
    "a comma": (LONG, ", and it is found", ", and it is found"),
    "a new paragraph": (LONG, "\n\nThat is all.", "\n\nThat is all."),
    "nothing at all": (LONG, "", ""),
    "only the end": (LONG, TAIL, ""),
    "the end occurs twice": (LONG, f"{TAIL} point. Again: {TAIL} point.", f" point. Again: {TAIL} point."),
    "a word that was cut": ("The sum has a minim", "minimum there.", "um there."),
    "a word that was cut, its end": ("They are in the cont", "continent's north.", "inent's north."),
    "a short word that was cut": ("It is an", "answer.", " answer."),
    "the end is one word": ("Yes", "Yes, it is.", ", it is."),
    "the end is one letter": ("I", "I am here.", " am here."),
    "a repeated word of the language": ("He said that", "that was all.", " was all."),
    "chance letters": ("It was so", "old that it broke.", " old that it broke."),
    "inside a fence, its line": (CODE, "    total = sum(values)\n    return total\n```", "\n    return total\n```"),
    "inside a fence, opened anew": (
        CODE,
        "```python\n    total = sum(values)\n    return total\n```\n",
        "\n    return total\n```\n",
    ),
    "inside a fence, opened anew, nothing repeated": (
        CODE,
        "```python\n\n    return 1\n```\n",
        "\n    return 1\n```\n",
    ),
    "inside a fence, all of it anew": (CODE, f"{CODE[13:]}\n    return 1\n```", "\n    return 1\n```"),
    "inside a fence, prose and a fence": (
        CODE,
        "Sure, here is the rest of the code:\n\n```python\n    total = sum(values)\n    return 1\n```",
        "\n    return 1\n```",
    ),
    "inside a fence, goes on": (CODE, "\n    return total\n```\n", "\n    return total\n```\n"),
    "inside a fence, in mid-word": (f"{CODE}\n    ret", "    return total\n```", "urn total\n```"),
    "a fence that follows prose stays": ("See:", "```python\nx = 1\n```\n", "```python\nx = 1\n```\n"),
    "a closed fence": ("```\nx\n```", "\n```\ny\n```", "\n```\ny\n```"),
    "inside a table, its row": (TABLE, "| 2022 | 19 |\n| 2023 | 23 |", " 19 |\n| 2023 | 23 |"),
    "inside a table, its end": (TABLE, " 19 |\n", " 19 |\n"),
    "inside a table, all of it": (TABLE, f"{TABLE} 19 |\n", " 19 |\n"),
    "a table of equal rows": (ZEROS, f"{end_of(ZEROS)}\n| 0 | 0 |\n| 1 | 1 |", "\n| 0 | 0 |\n| 1 | 1 |"),
    "a table of equal rows, all of it": (ZEROS, f"{ZEROS}\n| 0 | 0 |\nEnd.", "\n| 0 | 0 |\nEnd."),
    "a list, its item": ("- one\n- two\n- thr", "- three\n- four", "ee\n- four"),
    "a list, its next item": ("- one\n- two", "\n- three", "\n- three"),
    "Chinese": (CJK, f"{CJK[-20:]}匹配。", "匹配。"),
    "Chinese, nothing repeated": (CJK, "匹配。", "匹配。"),
    "Japanese, the last characters": ("これは最小二乗法", "最小二乗法です。", "です。"),
    "Thai, nothing repeated": ("สวัสดี", "ครับ", "ครับ"),
    "an emoji": ("Well done 🚀", "🚀 indeed", "🚀 indeed"),
    "maths": (r"Then $\sum_i (y_i - \hat y_i)^2", r"\sum_i (y_i - \hat y_i)^2$ is least.", "$ is least."),
    "signs of a pattern": ("f(x) = a*x + (b", "f(x) = a*x + (b + c)", " + c)"),
    "no beginning": ("", "All of it.", "All of it."),
}


@pytest.mark.parametrize("name", SEAMS)
def test_the_seam(name):
    text, more, rest = SEAMS[name]
    assert joined(text, more) == rest


@pytest.mark.parametrize(
    ("blank", "more", "rest"),
    [
        ("\n", "- three\n", "\n- three\n"),
        ("\n\n", "That is all.", "\n\nThat is all."),
        (" ", "point", " point"),
        ("\n", "\n- three\n", "\n- three\n"),
        ("\n", "- two\n- three\n", "\n- three\n"),
    ],
)
def test_blank_space_at_the_end_of_the_beginning_is_put_back_where_the_rest_brings_none(blank, more, rest):
    assert joined("- one\n- two", more, blank) == rest


SENTENCES = st.lists(st.text("abcdefg .,\n|`#-", min_size=1, max_size=12), min_size=14, max_size=40).map(" ".join)


@given(SENTENCES, st.integers(20, 200))
def test_what_a_model_does_as_it_was_told_joins_to_the_whole(whole, cut):
    """Wherever it was cut: the end is repeated, and the rest follows."""
    text = whole[:cut].rstrip()
    end = end_of(text)
    if len(end) < 12:
        assert joined(text, whole[: len(text)] + whole[len(text) :]) in (whole[len(text) :], whole)
        return
    assert text + joined(text, end + whole[len(text) :]) == whole


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
