"""The samples, the conversation, continuing and filling in."""

from __future__ import annotations

import ast
import re
from typing import Any

import pytest

from deepseek_magic.demo.composing import COMPUTED, SIGNATURE
from deepseek_magic.demo.sample_files import parse, samples
from tests.demo.speak import OFF, chat, send, user
from tests.sizes import part_of

LIMIT = "What is the central limit theorem? Explain it to a student in a few lines, with a formula."
SHOW = "And show me in Python that it works."
TABLE = "Compare a list, a tuple, a set and a dict in a small table."
CSV = "How do I read a large CSV file with pandas without running out of memory?"
LARGER = "Which is larger, 9.11 or 9.9? Think first."
SO_FAR = "In one sentence, what did we talk about so far?"
NOTICE = "*This is the embedded endpoint of deepseek_magic, not a model"


def talk(endpoint: Any, *questions: str, **fields: Any) -> list[str]:
    """Ask one question after the other in one conversation; the replies."""
    messages: list[dict[str, Any]] = []
    for question in questions:
        messages += user(question)
        messages.append({"role": "assistant", "content": chat(endpoint, messages, **fields).text})
    return [message["content"] for message in messages[1::2]]


@pytest.mark.parametrize(
    ("question", "signs"),
    [
        (LIMIT, [r"\$\$\n.*\\frac", r"\$\\mu\$", "^## ", "^- "]),
        (TABLE, [r"\|---\|", r"\*\*dict\*\*"]),
        (CSV, ["^## ", "^   - ", "^     - ", "```python", r"^- \[x\]", "^> ", r"\]\(https://", r"^1\. "]),
        (LARGER, [r"\*\*9\.9 is larger"]),
    ],
)
def test_a_sample_shows_what_it_is_for(endpoint: Any, question: str, signs: list[str]) -> None:
    """Maths, tables, nested lists, code, task lists, quotes and links stand in the replies that promise them."""
    said = chat(endpoint, question, thinking={"type": "enabled"})
    assert said.text.endswith(SIGNATURE)
    for sign in signs:
        assert re.search(sign, said.text, re.MULTILINE | re.DOTALL), sign
    assert len(said.message["reasoning_content"]) > 100


def test_matching_ignores_case_space_and_the_last_mark(endpoint: Any) -> None:
    """Other differences matter."""
    usual = chat(endpoint, TABLE).text
    assert chat(endpoint, "  compare A LIST, a tuple,\n a set and a  dict in a small table ").text == usual
    assert chat(endpoint, TABLE.replace("small", "big")).text.startswith(NOTICE)


def test_a_follow_up_needs_what_it_follows(endpoint: Any) -> None:
    """In its conversation it is the sample; alone it is an unknown question."""
    assert "rng.exponential" in talk(endpoint, LIMIT, SHOW)[1]
    assert "rng.exponential" in talk(endpoint, LIMIT, "Something else", SHOW)[2]
    assert chat(endpoint, SHOW).text.startswith(NOTICE)


def test_the_summary_is_made_of_the_conversation(endpoint: Any) -> None:
    """Known questions by their topics, unknown ones by their words; questions about the conversation do not count."""
    last = talk(endpoint, LIMIT, SHOW, TABLE, CSV, LARGER, SO_FAR)[-1]
    assert last == (
        "So far we talked about the central limit theorem, a simulation of it in Python, Python's four containers, "
        "reading a large CSV file with pandas and which of 9.11 and 9.9 is larger: 5 questions, as this request "
        f"holds them.\n\n{COMPUTED}"
    )
    assert "`Who am I?`: one question" in talk(endpoint, "Who am I?", SO_FAR, SO_FAR)[-1]
    assert "no earlier question" in talk(endpoint, SO_FAR)[0]


def test_a_follow_up_shows_that_earlier_turns_came(endpoint: Any) -> None:
    """What was asked first, and shorter."""
    replies = talk(endpoint, "Who am I?", TABLE, "What did I ask first?", "And in one sentence?", "Unknown")
    assert "You asked first: `Who am I?`." in replies[2]
    assert "it was about Python's four containers" in replies[3]
    assert "1. `Who am I?`\n2. `Compare a list" in replies[4]


def test_code_in_samples_is_python() -> None:
    """Every block that says so parses."""
    blocks = [block for sample in samples() for block in re.findall("```python\n(.*?)```", sample.reply, re.DOTALL)]
    assert len(blocks) >= 3
    for block in blocks:
        ast.parse(block)


@pytest.mark.parametrize("lacking", ["question: ", "topic: ", "--- thinking ---", "--- reply ---"])
def test_a_sample_that_lacks_a_part_is_refused(lacking: str) -> None:
    """Whoever adds one learns what is missing."""
    whole = "question: Why?\ntopic: why\n--- thinking ---\nHm.\n--- reply ---\nBecause.\n"
    assert parse("why", whole).questions == ("why",)
    with pytest.raises(ValueError, match="the sample why lacks"):
        parse("why", whole.replace(lacking, "x"))


@pytest.mark.slow
@pytest.mark.parametrize("question", [LIMIT, TABLE, CSV, LARGER, "An unknown question with 世界 and 🚀"])
@pytest.mark.parametrize("stream", [False, True])
def test_a_reply_cut_anywhere_and_continued_is_whole(endpoint: Any, question: str, stream: bool) -> None:
    """At every tenth character (every one of the first fifty), by prefix, with other settings than before."""
    whole = chat(endpoint, question, temperature=0.3).text
    for cut in part_of([*range(1, 50), *range(50, len(whole), 10 if stream else 37), len(whole)]):
        begun = [*user(question), {"role": "assistant", "content": whole[:cut], "prefix": True}]
        said = chat(endpoint, begun, "/beta", stream=stream or None, max_tokens=9000)
        rest = said.joined("content") if stream else said.text
        assert whole[:cut] + rest == whole


def test_a_reply_is_continued_again_and_again(endpoint: Any) -> None:
    """Each time cut by its budget, until it ends by itself."""
    whole = chat(endpoint, CSV).text
    text, finish = "", "length"
    while finish == "length":
        begun = user(CSV) if not text else [*user(CSV), {"role": "assistant", "content": text, "prefix": True}]
        said = chat(endpoint, begun, "/beta", max_tokens=100)
        text, finish = text + said.text, said.finish
    assert text == whole


def test_thinking_that_was_cut_is_continued(endpoint: Any) -> None:
    """The prefix may carry the thinking so far; then the rest of it and the whole text come."""
    on = {"thinking": {"type": "enabled"}}
    whole = chat(endpoint, LARGER, **on).message
    begun = {"role": "assistant", "content": "", "prefix": True, "reasoning_content": whole["reasoning_content"][:99]}
    said = chat(endpoint, [*user(LARGER), begun], "/beta", **on).message
    assert whole["reasoning_content"][:99] + said["reasoning_content"] == whole["reasoning_content"]
    assert said["content"] == whole["content"]


def test_code_only_by_prefix_and_stop(endpoint: Any) -> None:
    """The sample's code where it has some, else a line that parses."""
    for question, sign in ((CSV, "usecols="), ("Write code for something unknown", "not a model")):
        begun = [*user(question), {"role": "assistant", "content": "```python\n", "prefix": True}]
        said = chat(endpoint, begun, "/beta", stop=["```"])
        assert said.finish == "stop"
        assert ast.parse(said.text).body
        assert sign in said.text


def test_a_prefix_that_nothing_begins_with_is_told(endpoint: Any) -> None:
    """Also where the request holds nothing else."""
    begun = {"role": "assistant", "content": "Zebras are", "prefix": True}
    for messages in ([*user(TABLE), begun], [begun]):
        assert "knows no reply that begins with these 10 characters" in chat(endpoint, messages, "/beta").text


def fill(endpoint: Any, prompt: str, suffix: str = "", **fields: Any) -> Any:
    body = {"model": "deepseek-v4-pro", "prompt": prompt, "suffix": suffix, **fields}
    return send(endpoint, "POST", "/beta/completions", body)


@pytest.mark.parametrize(
    ("prompt", "suffix"),
    [
        ("def fibonacci(n):\n", "\nprint(fibonacci(3))"),
        ("def fibonacci(n):", "\nprint(fibonacci(3))"),
        ("def fibonacci(n):\n    ", "\n\nprint(fibonacci(3))"),
        ("for i in range(3):\n    for j in range(3):\n", "    print(i)\n"),
        ("class A:\n    def f(self):\n        ", ""),
        ("x = ", "\nprint(x)"),
        ("x = 1\n", "y = 2"),
        ("x = [1,", ", 2]"),
        ("if True:\n    x = 1\n", "    y = 2"),
        ("", "x = 1"),
    ],
)
def test_code_with_a_gap_parses_when_filled(endpoint: Any, prompt: str, suffix: str) -> None:
    """A body after a colon, a value in mid-line, a comment between lines."""
    said = fill(endpoint, prompt, suffix)
    assert said.json["object"] == "text_completion"
    assert said.json["choices"][0]["text"]
    ast.parse(prompt + said.json["choices"][0]["text"] + suffix)


def test_filling_streams_stops_and_counts(endpoint: Any) -> None:
    """As chat does."""
    prompt = "def fibonacci(n):\n"
    whole = fill(endpoint, prompt).json["choices"][0]["text"]
    streamed = fill(endpoint, prompt, stream=True).chunks
    assert "".join(chunk["choices"][0]["text"] for chunk in streamed) == whole
    assert streamed[-1]["choices"][0]["finish_reason"] == "stop"
    assert streamed[-1]["usage"]["prompt_tokens"] > 0
    assert fill(endpoint, prompt, max_tokens=3).json["choices"][0]["finish_reason"] == "length"
    assert fill(endpoint, prompt, stop="\n").json["choices"][0]["text"] == whole.partition("\n")[0]


WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "days": {"type": "integer", "minimum": 1, "maximum": 9}},
            "required": ["city"],
        },
    },
}
CLOCK = {"type": "function", "function": {"name": "clock", "parameters": {"type": "object", "properties": {}}}}


def called(said: Any) -> list[tuple[str, str]]:
    calls = said.message.get("tool_calls") or ()
    return [(call["function"]["name"], call["function"]["arguments"]) for call in calls]


@pytest.mark.parametrize(
    ("question", "choice", "expected"),
    [
        ("What is the weather in Paris for 3 days?", None, [("get_weather", '{"city": "Paris", "days": 3}')]),
        (
            "What is the weather in 'St. Gallen' for 30 days?",
            None,
            [("get_weather", '{"city": "St. Gallen", "days": 9}')],
        ),
        ("Use get_weather and clock", None, [("get_weather", '{"city": "city", "days": 5}'), ("clock", "{}")]),
        ("Call a tool", None, [("get_weather", '{"city": "city", "days": 5}')]),
        ("Who are you?", None, []),
        ("What is the weather in Paris?", "none", []),
        ("Who are you?", "required", [("get_weather", '{"city": "city", "days": 5}')]),
        ("Who are you?", {"type": "function", "function": {"name": "clock"}}, [("clock", "{}")]),
    ],
)
def test_tools_are_called_when_asked_for(endpoint: Any, question: str, choice: Any, expected: Any) -> None:
    """By name, by a word of the name, or by the choice; the arguments fit the schema and the question."""
    said = chat(endpoint, question, tools=[WEATHER, CLOCK], tool_choice=choice)
    assert called(said) == expected
    assert said.finish == ("tool_calls" if expected else "stop")


def test_tool_calls_stream_in_pieces_and_results_are_told(endpoint: Any) -> None:
    """Id, type and name first, then the arguments; after the result an answer about it, thinking passed back."""
    on: dict[str, Any] = {"tools": [WEATHER], "thinking": {"type": "enabled"}}
    question = user("What is the weather in Paris?")
    chunks = chat(endpoint, question, stream=True, **on).chunks
    deltas = [
        chunk["choices"][0]["delta"]["tool_calls"][0]
        for chunk in chunks
        if "tool_calls" in chunk["choices"][0]["delta"]
    ]
    assert deltas[0]["function"] == {"name": "get_weather", "arguments": ""}
    assert deltas[0]["type"] == "function"
    assert all(set(delta) == {"index", "function"} for delta in deltas[1:])
    arguments = "".join(delta["function"]["arguments"] for delta in deltas)
    assert arguments == '{"city": "Paris", "days": 5}'
    assert chunks[-1]["choices"][0]["finish_reason"] == "tool_calls"
    call = {"id": deltas[0]["id"], "type": "function", "function": {"name": "get_weather", "arguments": arguments}}
    turn = {"role": "assistant", "content": "", "reasoning_content": "So.", "tool_calls": [call]}
    result = {"role": "tool", "tool_call_id": deltas[0]["id"], "content": '{"sky": "grey"}'}
    said = chat(endpoint, [*question, turn, result], **on)
    assert f"`get_weather` was called with `{arguments}`" in said.text
    assert '{"sky": "grey"}' in said.text
    assert said.finish == "stop"


def test_arguments_are_cut_by_the_budget(endpoint: Any) -> None:
    """Then they are not JSON, as on the real wire."""
    said = chat(endpoint, "What is the weather in Paris?", tools=[WEATHER], max_tokens=4, **OFF)
    assert said.finish == "length"
    assert '{"city": "Paris", "days": 5}'.startswith(called(said)[0][1])


def test_one_sample_is_long(endpoint: Any) -> None:
    """Two thousand characters, for whoever wants to see a reply stream, cut it and continue it."""
    assert len(chat(endpoint, CSV).text) >= 2000
