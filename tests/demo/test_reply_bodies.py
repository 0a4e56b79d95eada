"""The bodies that are sent: one reply as a document and as a stream, with the same figures."""

from __future__ import annotations

import json
from typing import Any

from deepseek_magic.demo.reply_bodies import (
    DONE,
    KEEP_ALIVE,
    Output,
    SampleCall,
    SentReply,
    balance,
    encoded,
    event,
    models,
)

CALL = SampleCall("add", '{"a": 1, "b": 2}', "call_1")


def sent(output: Output, **fields: Any) -> SentReply:
    """This output as a reply to a prompt of 10 tokens, 4 of them from the cache."""
    return SentReply("deepseek-flash", output, 10, 4, reply_id="r", created=1, **fields)


def chunks(reply: SentReply, *, include_usage: bool = False) -> list[Any]:
    """The JSON of the events between the first comment and the end."""
    first, *events, last = reply.events(include_usage=include_usage)
    assert (first, last) == (KEEP_ALIVE, DONE)
    return [json.loads(one.removeprefix(b"data: ")) for one in events]


def test_a_document_holds_text_thinking_and_calls() -> None:
    body = json.loads(sent(Output("Hm.", "Three.", (CALL,), "tool_calls"), thinking=True).whole())
    (choice,) = body["choices"]
    assert (choice["finish_reason"], choice["message"]["content"]) == ("tool_calls", "Three.")
    assert choice["message"]["reasoning_content"] == "Hm."
    assert choice["message"]["tool_calls"] == [
        {"index": 0, "id": "call_1", "type": "function", "function": {"name": "add", "arguments": CALL.arguments}}
    ]
    assert "reasoning_content" not in json.loads(sent(Output("", "Three.")).whole())["choices"][0]["message"]


def test_the_figures_add_up() -> None:
    usage = json.loads(sent(Output("Hm.", "Three."), thinking=True).whole())["usage"]
    assert (usage["prompt_tokens"], usage["prompt_cache_hit_tokens"], usage["prompt_cache_miss_tokens"]) == (10, 4, 6)
    assert usage["total_tokens"] == 10 + usage["completion_tokens"]
    assert 0 < usage["completion_tokens_details"]["reasoning_tokens"] < usage["completion_tokens"]
    assert json.loads(sent(Output("", "")).whole())["usage"]["completion_tokens"] == 1


def test_a_stream_joins_to_the_document() -> None:
    found = chunks(sent(Output("I add them.", "One and two make three.", (CALL,), "tool_calls"), thinking=True))
    deltas = [one["choices"][0]["delta"] for one in found]
    assert "".join(delta.get("reasoning_content") or "" for delta in deltas) == "I add them."
    assert "".join(delta.get("content") or "" for delta in deltas) == "One and two make three."
    calls = [call for delta in deltas for call in delta.get("tool_calls", ())]
    assert (calls[0]["id"], calls[0]["function"]) == ("call_1", {"name": "add", "arguments": ""})
    assert "".join(call["function"]["arguments"] for call in calls) == CALL.arguments
    assert [one["choices"][0]["finish_reason"] for one in found] == [None] * (len(found) - 1) + ["tool_calls"]


def test_the_usage_stands_on_the_last_chunk() -> None:
    reply = sent(Output("", "Three."))
    *first, last = chunks(reply, include_usage=True)
    assert [one["usage"] for one in first] == [None] * len(first)
    assert last["usage"] == json.loads(reply.whole())["usage"]
    assert not any("usage" in one for one in chunks(reply)[:-1])


def test_a_filled_gap_is_a_text_completion() -> None:
    reply = sent(Output("", "x = 1"), fills=True)
    body = json.loads(reply.whole())
    assert (body["object"], body["choices"][0]["text"]) == ("text_completion", "x = 1")
    assert "".join(one["choices"][0]["text"] for one in chunks(reply)) == "x = 1"


def test_json_is_compact_and_a_lone_surrogate_becomes_a_question_mark() -> None:
    assert encoded({"a": "é\ud800"}) == '{"a":"é?"}'.encode()
    assert event([1]) == b"data: [1]\n\n"


def test_the_lists_of_models_and_the_balance() -> None:
    assert [one["id"] for one in models()["data"]] == ["deepseek-flash", "deepseek-v4-pro"]
    assert [one["input_modalities"] for one in models()["data"]] == [["text", "image"], ["text"]]
    assert balance()["balance_infos"][0]["total_balance"] == "5.00"
