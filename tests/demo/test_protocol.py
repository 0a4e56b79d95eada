"""Chat on the wire: streams, figures, limits, thinking, JSON mode, the cache."""

from __future__ import annotations

import json
from typing import Any

import pytest

from deepseek_magic.text import estimate_tokens
from tests.demo.speak import KEY, OFF, chat, send, user

LARGER = "Which is larger, 9.11 or 9.9? Think first."
TABLE = "Compare a list, a tuple, a set and a dict in a small table."
ON = {"thinking": {"type": "enabled"}}
NOTICE = "*This is the embedded endpoint of deepseek_magic, not a model"
IMAGE = {"type": "image_url", "image_url": {"url": "https://example.org/a.png", "detail": "low"}}


@pytest.mark.parametrize("base", ["", "/v1", "/beta"])
def test_the_three_bases_answer_alike(endpoint: Any, base: str) -> None:
    """Chat, the list of models, one model and the balance."""
    assert chat(endpoint, TABLE, base).text == chat(endpoint, TABLE).text
    names = [model["id"] for model in send(endpoint, "GET", f"{base}/models").json["data"]]
    assert names == ["deepseek-flash", "deepseek-v4-pro"]
    for name in names:
        assert send(endpoint, "GET", f"{base}/models/{name}").json["id"] == name
    assert send(endpoint, "GET", f"{base}/models/deepseek-chat").status == 404
    (info,) = send(endpoint, "GET", f"{base}/user/balance").json["balance_infos"]
    assert all(isinstance(amount, str) for amount in info.values())


def test_a_whole_reply_has_the_documented_fields(endpoint: Any) -> None:
    """Also those that a client might only read in passing."""
    said = chat(endpoint, LARGER, **ON)
    body = said.json
    assert list(body) == ["id", "object", "created", "model", "system_fingerprint", "choices", "usage"]
    assert (body["object"], body["model"], said.finish) == ("chat.completion", "deepseek-flash", "stop")
    assert list(said.message) == ["role", "content", "reasoning_content"]
    assert "reasoning_content" not in chat(endpoint, LARGER).message
    assert len(said.headers["x-ds-trace-id"]) == 32
    assert said.headers["content-type"] == "application/json"


@pytest.mark.parametrize("alias", ["deepseek-v4-flash", "deepseek-v4-flash-vision-exp"])
def test_an_alias_is_served_by_the_model_it_stands_for(endpoint: Any, alias: str) -> None:
    """And says so in the reply."""
    assert chat(endpoint, "Hi", model=alias).json["model"] == "deepseek-flash"


def test_the_stream_joins_to_the_whole_reply(endpoint: Any) -> None:
    """Thinking first, then text; the role in the first chunk alone; ids and names the same throughout."""
    whole = chat(endpoint, LARGER, **ON).message
    said = chat(endpoint, LARGER, stream=True, **ON)
    assert said.headers["content-type"].startswith("text/event-stream")
    assert said.body.startswith(b": keep-alive\n\ndata: {")
    assert said.joined("reasoning_content") == whole["reasoning_content"]
    assert said.joined("content") == whole["content"]
    deltas = [chunk["choices"][0]["delta"] for chunk in said.chunks]
    assert deltas[0] == {"role": "assistant", "content": None, "reasoning_content": ""}
    assert [delta for delta in deltas[1:] if "role" in delta] == []
    kinds = ["r" if delta.get("reasoning_content") else "c" for delta in deltas[1:]]
    assert kinds == sorted(kinds, reverse=True)
    assert len({(chunk["id"], chunk["created"], chunk["model"], chunk["object"]) for chunk in said.chunks}) == 1
    assert {tuple(sorted(delta)) for delta in deltas[1:]} == {("content", "reasoning_content")}
    assert all((delta["content"] is None) != (delta["reasoning_content"] is None) for delta in deltas[1:])
    finishes = [chunk["choices"][0]["finish_reason"] for chunk in said.chunks]
    assert finishes == [None] * (len(finishes) - 1) + ["stop"]
    pieces = [delta.get("content") or delta.get("reasoning_content") for delta in deltas[1:-1]]
    assert all(1 <= len(piece) <= 5 for piece in pieces)


def test_without_thinking_the_stream_has_no_such_field(endpoint: Any) -> None:
    """Not even as null."""
    said = chat(endpoint, LARGER, stream=True)
    assert b"reasoning_content" not in said.body
    assert said.chunks[0]["choices"][0]["delta"] == {"role": "assistant", "content": ""}


def test_usage_stands_on_the_last_choice(endpoint: Any) -> None:
    """With ``include_usage`` null before; without it absent before."""
    asked = chat(endpoint, TABLE, stream=True, stream_options={"include_usage": True}).chunks
    assert [chunk["usage"] for chunk in asked[:-1]] == [None] * (len(asked) - 1)
    bare = chat(endpoint, TABLE, stream=True).chunks
    assert [chunk for chunk in bare[:-1] if "usage" in chunk] == []
    whole = chat(endpoint, TABLE).json["usage"]
    for chunks in (asked, bare):
        assert chunks[-1]["choices"][0]["finish_reason"] == "stop"
        assert chunks[-1]["usage"]["total_tokens"] == whole["total_tokens"]


def test_the_figures_follow_the_estimate_and_add_up(endpoint: Any) -> None:
    """Completion includes thinking; prompt is hit plus miss."""
    said = chat(endpoint, LARGER, **ON)
    used, message = said.json["usage"], said.message
    thinking = estimate_tokens(message["reasoning_content"])
    assert used["completion_tokens_details"]["reasoning_tokens"] == thinking
    assert used["completion_tokens"] == thinking + estimate_tokens(message["content"])
    assert used["prompt_tokens"] == estimate_tokens(LARGER)
    assert used["total_tokens"] == used["prompt_tokens"] + used["completion_tokens"]
    assert used["prompt_cache_hit_tokens"] + used["prompt_cache_miss_tokens"] == used["prompt_tokens"]
    assert used["prompt_tokens_details"]["cached_tokens"] == used["prompt_cache_hit_tokens"]


@pytest.mark.parametrize(
    ("fields", "level"),
    [
        ({"thinking": None}, "high"),
        (ON, "high"),
        ({"thinking": {"type": "adaptive"}}, "high"),
        (OFF, "off"),
        ({**ON, "reasoning_effort": "none"}, "off"),
        ({**OFF, "reasoning_effort": "max"}, "off"),
        ({**ON, "reasoning_effort": "minimal"}, "low"),
        ({**ON, "reasoning_effort": "low"}, "low"),
        ({**ON, "reasoning_effort": "medium"}, "high"),
        ({**ON, "reasoning_effort": "xhigh"}, "high"),
        ({**ON, "reasoning_effort": "ultra"}, "max"),
    ],
)
def test_thinking_is_understood_as_documented(endpoint: Any, fields: Any, level: str) -> None:
    """On unless switched off; the levels and their other names."""
    said = chat(endpoint, "Unknown question", **fields)
    assert f"| thinking, as understood | {level} |" in said.text
    assert ("reasoning_content" in said.message) == (level != "off")


def test_more_effort_thinks_longer(endpoint: Any) -> None:
    """For samples and for descriptions alike."""
    for question in (LARGER, "Unknown question"):
        lengths = [
            len(chat(endpoint, question, **ON, reasoning_effort=level).message["reasoning_content"])
            for level in ("low", "high", "max")
        ]
        assert lengths == sorted(set(lengths))


@pytest.mark.parametrize("budget", [1, 7, 40, 100])
@pytest.mark.parametrize("thinking", [ON, OFF])
def test_max_tokens_cuts_thinking_and_text(endpoint: Any, budget: int, thinking: Any) -> None:
    """Thinking spends first; what is cut says ``length`` and costs no more than the budget."""
    whole, said = (chat(endpoint, LARGER, **thinking, **more) for more in ({}, {"max_tokens": budget}))
    thought, text = said.message.get("reasoning_content", ""), said.text
    assert said.json["usage"]["completion_tokens"] == max(1, estimate_tokens(thought) + estimate_tokens(text)) <= budget
    assert said.finish == ("length" if budget < whole.json["usage"]["completion_tokens"] else "stop")
    assert whole.message.get("reasoning_content", "").startswith(thought)
    assert whole.text.startswith(text)
    if thinking is ON:
        assert text == ""
        streamed = chat(endpoint, LARGER, stream=True, max_tokens=budget, **thinking)
        assert streamed.joined("reasoning_content") == thought
        assert streamed.chunks[-1]["choices"][0]["finish_reason"] == "length"


def test_a_budget_that_just_suffices_cuts_nothing(endpoint: Any) -> None:
    """One token less does."""
    needed = chat(endpoint, LARGER, **ON).json["usage"]["completion_tokens"]
    assert chat(endpoint, LARGER, **ON, max_tokens=needed).finish == "stop"
    assert chat(endpoint, LARGER, **ON, max_tokens=needed - 1).finish == "length"


@pytest.mark.parametrize("stop", ["places", ["nowhere", "places", "two"], ["\n\n"]])
def test_stop_strings_end_the_text_before_them(endpoint: Any, stop: Any) -> None:
    """The first one met wins, it is not given out, and the reason is ``stop``."""
    whole, said = chat(endpoint, LARGER), chat(endpoint, LARGER, stop=stop)
    listed = [stop] if isinstance(stop, str) else stop
    until = min(found for one in listed if (found := whole.text.find(one)) >= 0)
    assert (said.text, said.finish) == (whole.text[:until], "stop")


def test_json_mode_gives_an_object(endpoint: Any) -> None:
    """Made from the schema or the example in the prompt, else about what was received."""
    mode = {"response_format": {"type": "json_object"}}
    schema = {
        "type": "object",
        "properties": {"city": {"type": "string"}, "days": {"type": "integer"}, "sky": {"enum": ["sun", "rain"]}},
    }
    asked = f"Plan 3 days in Paris with rain. Reply as JSON of this schema: {json.dumps(schema)}"
    assert json.loads(chat(endpoint, asked, **mode).text) == {"city": "Paris", "days": 3, "sky": "rain"}
    example = 'Answer in json like {"a": [1, 2]} please'
    assert json.loads(chat(endpoint, example, **mode).text) == {"a": [1, 2]}
    value = json.loads(chat(endpoint, "Some json, please", **mode).text)
    assert value["note"] == "embedded endpoint, not a model"
    assert value["messages"] == [{"role": "user", "characters": 17}]


def test_the_cache_serves_what_was_sent_or_said_before(endpoint: Any) -> None:
    """A first request hits nothing; a conversation that only grows hits everything but its new question."""
    first = chat(endpoint, TABLE)
    assert first.json["usage"]["prompt_cache_hit_tokens"] == 0
    turns = [*user(TABLE), {"role": "assistant", "content": first.text}]
    second = chat(endpoint, [*turns, *user("And then?")]).json["usage"]
    assert second["prompt_cache_hit_tokens"] == estimate_tokens(TABLE) + estimate_tokens(first.text)
    assert second["prompt_cache_miss_tokens"] == estimate_tokens("And then?")
    changed = chat(endpoint, [{"role": "system", "content": "New."}, *turns, *user("And then?")]).json["usage"]
    assert changed["prompt_cache_hit_tokens"] == 0
    other = chat(endpoint, [*turns, *user("And then?")], user_id="somebody-else").json["usage"]
    assert other["prompt_cache_hit_tokens"] == 0


def test_images_are_taken_by_flash(endpoint: Any) -> None:
    """They are counted and mentioned."""
    parts = [{"type": "text", "text": "What is this?"}, IMAGE]
    said = chat(endpoint, [{"role": "user", "content": parts}])
    assert "`What is this?`, 1 image |" in said.text
    assert said.json["usage"]["prompt_tokens"] == estimate_tokens("What is this?") + 384


def test_an_unknown_question_is_answered_with_what_came(endpoint: Any) -> None:
    """Roles, sizes, the words themselves, the settings, and that no model is here; never the key."""
    question = "Tell me about `x | y` and\n```python\nprint('世界 🚀')\n```"
    messages = [{"role": "system", "content": "Be brief."}, *user(question)]
    said = chat(endpoint, messages, temperature=0.5, seed=3, **ON)
    assert said.text.startswith(NOTICE)
    assert "| 1 | system | 9 | 3 | `Be brief.` |" in said.text
    assert f"| 2 | user | {len(question)} | {estimate_tokens(question)} |" in said.text
    assert f"````text\n{question}\n````" in said.text
    assert "| `temperature` | `0.5` | without effect while thinking |" in said.text
    assert "| `seed` | `3` | unknown to the API, ignored |" in said.text
    assert KEY not in said.text


def test_a_long_message_is_cut_and_says_so(endpoint: Any) -> None:
    """The size given is the true one."""
    said = chat(endpoint, "word " * 2000)
    assert "The other 6,000 of its 10,000 characters are left out here." in said.text
