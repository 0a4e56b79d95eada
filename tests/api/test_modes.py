"""The client in each mode, over real HTTP: continuing, filling, seeing, the servers of others, models and balance."""

from __future__ import annotations

from decimal import Decimal
from itertools import chain

import pytest

from deepseek_magic.api.client import Client
from deepseek_magic.api.dialects import COMPATIBLE, DEEPSEEK, VLLM, dialect_of
from deepseek_magic.api.events import Finished, Opened, ReasoningDelta, Served, TextDelta, UsageReport
from deepseek_magic.api.images import image_part
from deepseek_magic.api.messages import Message, TextPart, Tool
from deepseek_magic.errors import (
    AuthenticationFailed,
    BadRequest,
    ConfigurationError,
    ConnectionFailed,
    QuestionError,
    UnexpectedResponse,
)
from deepseek_magic.settings.keys import checked_key
from deepseek_magic.settings.parameters import Settings
from tests.api.test_encode import MODES
from tests.api.test_images import png
from tests.faults import api_error, chunk, document, error, finish, named, refused, stream
from tests.requesting import chat, fim

TABLE = "Compare a list, a tuple, a set and a dict in a small table."
FILL = fim("deepseek-v4-pro", "def fibonacci(n):\n", "\nprint(fibonacci(3))\n")


def text(events, kind=TextDelta):
    return "".join(event.text for event in events if isinstance(event, kind))


def events_of(client, request, sent=None):
    return chain.from_iterable(client.stream(request, 5, sent))


def ask(client, request):
    try:
        return list(events_of(client, request))
    finally:
        client.close()


def off(*messages, **fields):
    return chat("deepseek-flash", messages, "off", **fields)


@pytest.mark.parametrize("base", ["", "/v1", "/beta"])
def test_a_reply_cut_anywhere_and_continued_equals_the_whole(endpoint, base):
    client = Client(endpoint.url + base, None, DEEPSEEK)
    question = Message("user", TABLE)
    whole = text(events_of(client, off(question)))
    assert len(whole) > 300
    assert [request.path for request in endpoint.requests] == [f"{base}/chat/completions"]
    for cut in range(10, len(whole), 10):
        begun = Message("assistant", whole[:cut], prefix=True)
        assert whole[:cut] + text(events_of(client, off(question, begun))) == whole
    client.close()
    assert endpoint.requests[-1].path == "/beta/chat/completions"


@pytest.mark.parametrize("mode", MODES)
def test_the_endpoint_takes_the_body_of_each_mode_as_documented(endpoint, mode):
    """It checks every field as the reference has it, and what arrived is what was documented."""
    request, expected = MODES[mode]
    events = ask(Client(endpoint.url, None, DEEPSEEK), request)
    assert [event for event in events if isinstance(event, Finished)]
    assert endpoint.requests[0].body == {"model": "deepseek-flash", **expected}
    assert endpoint.requests[0].path == ("/beta" if request.continues else "") + "/chat/completions"


def test_thinking_that_was_begun_is_continued(endpoint):
    client = Client(endpoint.url, None, DEEPSEEK)
    question = Message("user", "Which is larger, 9.11 or 9.9? Think first.")
    events = list(events_of(client, chat("deepseek-flash", (question,))))
    thought = text(events, ReasoningDelta)
    begun = Message("assistant", "", thought[:20], prefix=True)
    rest = ask(client, chat("deepseek-flash", (question, begun)))
    assert thought[:20] + text(rest, ReasoningDelta) == thought
    assert text(rest) == text(events)


def test_no_beginning_is_sent_where_it_cannot_be_continued(server):
    request = chat("m", (Message("user", "Hi"), Message("assistant", "Hel", prefix=True)))
    with pytest.raises(ConfigurationError, match="cannot continue"):
        ask(Client(server.url, None, COMPATIBLE), request)
    assert server.requests == []
    ask(Client(f"{server.url}/v1", None, VLLM), request)
    assert server.requests[0].path == "/v1/chat/completions"
    assert server.requests[0].json["continue_final_message"] is True


@pytest.mark.parametrize("base", ["", "/v1", "/beta"])
def test_a_gap_is_filled(endpoint, base):
    client = Client(endpoint.url + base, None, DEEPSEEK)
    sent = []
    events = list(events_of(client, FILL, lambda: sent.append("sent")))
    client.close()
    assert "return n" in text(events)
    assert sent == ["sent"]
    assert [event.reason for event in events if isinstance(event, Finished)] == ["stop"]
    assert [event.model for event in events if isinstance(event, Served)] == ["deepseek-v4-pro"]
    assert all(event.usage.completion for event in events if isinstance(event, UsageReport))
    (request,) = endpoint.requests
    assert request.path == "/beta/completions"
    assert request.body == {
        "model": "deepseek-v4-pro",
        "prompt": FILL.prompt,
        "suffix": FILL.suffix,
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def test_a_gap_that_is_cut(endpoint):
    client = Client(endpoint.url, None, DEEPSEEK)
    events = list(events_of(client, fim("deepseek-v4-pro", FILL.prompt, FILL.suffix, max_tokens=2)))
    client.close()
    assert [event for event in events if isinstance(event, Finished)] == [Finished("length")]


def test_a_refusal_to_fill_is_the_same_as_any(server):
    server.enqueue(error(400, api_error("no such thing")))
    client = Client(server.url, checked_key("sk-a-key-of-tests", server.url, "a test"), DEEPSEEK)
    with pytest.raises(BadRequest, match="no such thing"):
        list(events_of(client, FILL))
    client.close()
    assert server.requests[0].headers["authorization"] == "Bearer sk-a-key-of-tests"


def test_an_image_is_seen_by_who_can(endpoint):
    picture = Message("user", (TextPart("What is in it?"), image_part(png())))
    client = Client(endpoint.url, None, DEEPSEEK)
    assert "What is in it?" in text(events_of(client, off(picture)))
    with pytest.raises(QuestionError, match="cannot see images"):
        client.stream(chat("deepseek-v4-pro", (picture,)), 5)
    client.close()
    assert len(endpoint.requests) == 1


def test_a_tool_is_called_and_its_result_told_while_thinking(endpoint):
    schema = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    fields = {"tools": (Tool.of("get_weather", "", schema),)}
    question = Message("user", "What is the weather in Paris?")
    client = Client(endpoint.url, None, DEEPSEEK)
    list(client.stream(chat("deepseek-flash", (question,), **fields), 5))
    answered = (question, Message("assistant", "Hello"), question)
    assert [e for e in events_of(client, chat("deepseek-flash", answered, **fields)) if isinstance(e, Opened)]
    client.close()
    assert endpoint.requests[1].body["messages"][1]["reasoning_content"] == ""


def test_thinking_left_in_the_answer_is_set_apart_elsewhere(server):
    fault = named("think-tag-split")
    entry = (*fault, *fault)
    server.enqueue(*entry)
    here = ask(Client(server.url, None, DEEPSEEK), off(Message("user", "Hi")))
    there = ask(Client(server.url, None, COMPATIBLE), chat("m", (Message("user", "Hi"),)))
    assert text(here).startswith("<think>")
    assert not text(here, ReasoningDelta)
    assert text(here) == f"<think>{text(there, ReasoningDelta)}</think>{text(there)}"


def test_thinking_without_an_opening_tag_is_set_apart_on_the_users_word(server):
    fault = named("think-tag-closing-only")
    server.enqueue(*fault, *fault)
    as_sent = ask(Client(server.url, None, COMPATIBLE), chat("m", (Message("user", "Hi"),)))
    spoken = dialect_of(Settings(base_url=server.url, model="m", think_tags="open"))
    apart = ask(Client(server.url, None, spoken), chat("m", (Message("user", "Hi"),)))
    assert text(as_sent) == f"{text(apart, ReasoningDelta)}</think>{text(apart)}"
    assert text(apart, ReasoningDelta)


def test_the_rest_of_a_reply_holds_no_thinking(server):
    spoken = dialect_of(Settings(base_url=server.url, model="m", dialect="vllm", think_tags="open"))
    begun = (Message("user", "Hi"), Message("assistant", "Hel", prefix=True))
    server.enqueue(stream(chunk({"content": "lo"}), *finish()))
    events = ask(Client(server.url, None, spoken), chat("m", begun))
    assert (text(events), text(events, ReasoningDelta)) == ("lo", "")


def test_half_a_tag_survives_a_break(server):
    server.enqueue(stream(chunk({"content": "<think>a</thi"}), chunk({}, "length"), *finish("length")))
    events = ask(Client(server.url, None, COMPATIBLE), chat("m", (Message("user", "Hi"),)))
    assert text(events, ReasoningDelta) == "a</thi"


def test_models_and_balance_of_the_endpoint(endpoint):
    client = Client(f"{endpoint.url}/beta", None, DEEPSEEK)
    assert [(model.name, model.images) for model in client.models(5)] == [
        ("deepseek-flash", True),
        ("deepseek-v4-pro", False),
    ]
    assert [amount.total for amount in client.balance(5).amounts] == [Decimal("5.00")]
    client.close()
    assert [request.path for request in endpoint.requests] == ["/models", "/user/balance"]


def test_models_and_balance_in_every_shape(server):
    names = ("models-plain", "models-rich")
    client = Client(f"{server.url}/v1", None, COMPATIBLE)
    for name in names:
        server.enqueue(*named(name))
        assert "deepseek-flash" in [model.name for model in client.models(5)]
    for name, currencies in (("balance-two-currencies", ["CNY", "USD"]), ("balance-none", [])):
        server.enqueue(*named(name))
        assert [amount.currency for amount in client.balance(5).amounts] == currencies
    server.enqueue(*named("balance-not-available"))
    assert not client.balance(5).available
    client.close()
    assert {request.path for request in server.requests} == {"/v1/models", "/v1/user/balance"}


def listing(*names):
    return document({"object": "list", "data": [{"id": name, "object": "model"} for name in names]})


def test_the_one_model_is_asked_for_once(server):
    server.repeat(listing("meta/llama"))
    client = Client(f"{server.url}/v1", None, COMPATIBLE)
    assert [client.sole_model(5) for _ in range(3)] == ["meta/llama"] * 3
    assert len(server.requests) == 1
    client.close()


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (listing("a", "b"), r"2 models \(a, b\)"),
        (listing(), "lists no model"),
        (error(404, {"detail": "Not Found"}), "answered /models with HTTP 404.*name one with -m|name one with -m.*404"),
        (error(500, "oh no", "text/plain"), "HTTP 500"),
        (document("<html>", content_type="text/html"), "does not say which models"),
        (document({"data": None}), "does not say which models"),
    ],
)
def test_a_server_that_does_not_name_one_model(server, fault, words):
    server.repeat(fault)
    client = Client(f"{server.url}/v1", None, COMPATIBLE)
    with pytest.raises(ConfigurationError, match=words) as caught:
        client.sole_model(5)
    assert "-m" in str(caught.value)
    server.repeat(listing("a"))
    assert client.sole_model(5) == "a"
    client.close()


def test_a_server_that_cannot_be_asked_for_its_models(server):
    server.repeat(error(401, api_error("no")))
    client = Client(server.url, None, COMPATIBLE)
    with pytest.raises(AuthenticationFailed):
        client.sole_model(5)
    client.close()
    with refused() as url, pytest.raises(ConnectionFailed):
        Client(url, None, COMPATIBLE).sole_model(5)


def test_a_model_list_that_is_none(server):
    server.enqueue(document({"models": 5}))
    client = Client(server.url, None, dialect_of(Settings(base_url=server.url, model="m")))
    with pytest.raises(UnexpectedResponse, match="lists no models"):
        client.models(5)
    client.close()
