"""JSON mode on servers that do not have it, and statuses and headers that are no answers."""

from __future__ import annotations

import pytest

from deepseek_magic.errors import BadRequest, ConnectionFailed, UnexpectedResponse
from deepseek_magic.structured.plan import Structured
from deepseek_magic.structured.shape import Shape
from tests.chat.scripted import asker
from tests.faults import Fault, api_error, deltas, error, finish, reply, stream

SHAPE = Shape.of(dict)
REFUSED = [
    error(400, {"error": {"message": "Unsupported value", "param": "response_format"}}),
    error(422, {"detail": [{"loc": ["body", "response_format", "type"], "msg": "Input should be 'text'"}]}),
    error(422, api_error("response_format: unsupported value json_object")),
    error(400, api_error("Prompt must contain the word 'json' to use 'response_format' of type 'json_object'.")),
]


@pytest.mark.parametrize("refused", REFUSED)
def test_a_server_without_json_mode_is_asked_without_it(server, refused):
    server.enqueue(refused, reply('{"a": 1}'), reply('{"a": 2}'))
    with asker(server.url, model="some-model") as asked:
        first, second = (asked.ask("a value, in JSON", Structured(SHAPE, asked.dialect)) for _ in range(2))
    assert (first.json, second.json) == ({"a": 1}, {"a": 2})
    assert first.notices == ("The server refused JSON mode (response_format), so the reply was asked for without it.",)
    assert second.notices == ()
    formats = [request.json.get("response_format") for request in server.requests]
    assert formats == [{"type": "json_object"}, None, None]  # it is remembered: a map does not pay twice for each value


BY_SCHEMA = error(400, {"error": "'response_format.type' must be 'json_schema' or 'text'"})


def test_a_server_that_takes_a_schema_is_given_it(server):
    server.enqueue(BY_SCHEMA, reply('{"a": 1}'), reply('{"a": 2}'))
    shape = Shape.of({"type": "object", "properties": {"a": {"type": "integer"}}})
    with asker(server.url, model="some-model") as asked:
        first, second = (asked.ask("a value, in JSON", Structured(shape, asked.dialect)) for _ in range(2))
    assert (first.json, second.json) == ({"a": 1}, {"a": 2})
    assert first.notices == second.notices == ()
    by_schema = {"type": "json_schema", "json_schema": {"name": "reply", "schema": shape.schema}}
    formats = [request.json.get("response_format") for request in server.requests]
    assert formats == [{"type": "json_object"}, by_schema, by_schema]


def test_one_that_refuses_the_schema_too_is_asked_without(server):
    refused = error(400, api_error("Invalid schema for response_format 'reply'"))
    server.enqueue(BY_SCHEMA, refused, reply('{"a": 1}'), reply('{"a": 2}'))
    with asker(server.url, model="some-model") as asked:
        first, second = (asked.ask("a value, in JSON", Structured(SHAPE, asked.dialect)) for _ in range(2))
    assert (first.json, second.json) == ({"a": 1}, {"a": 2})
    assert first.notices == ("The server refused JSON mode (response_format), so the reply was asked for without it.",)
    kinds = [(request.json.get("response_format") or {}).get("type") for request in server.requests]
    assert kinds == ["json_object", "json_schema", None, None]


def test_another_refusal_is_not_asked_again(server):
    server.enqueue(error(400, api_error("the context is too long")))
    with asker(server.url, model="some-model") as asked, pytest.raises(BadRequest, match="too long"):
        asked.ask("a value, in JSON", Structured(SHAPE, asked.dialect))
    assert len(server.requests) == 1


@pytest.mark.parametrize("size", [3_000, 30_000])
def test_json_behind_blanks_of_json_mode_is_read(server, size):
    """DeepSeek puts as many spaces as characters in the place of what is not JSON."""
    server.enqueue(reply(" " * size + '{"a": 1}', pieces=50, burst=100))
    with asker(server.url, model="some-model") as asked:
        assert asked.ask("a value, in JSON", Structured(SHAPE, asked.dialect)).json == {"a": 1}
    assert len(server.requests) == 1


def test_nothing_but_blanks_is_no_json(server):
    server.enqueue(*[reply(" " * 3_000, pieces=50)] * 2)
    with asker(server.url, model="some-model") as asked, pytest.raises(Exception, match="the model wrote no JSON"):
        asked.ask("a value, in JSON", Structured(SHAPE, asked.dialect))


STATUSES = {
    101: "changes to another protocol",
    204: "no content",
    205: "no content",
    206: "a part of an answer",
    304: "nothing is new",
    202: "which a reply does not have",
    300: "which a reply does not have",
}


@pytest.mark.parametrize("status", STATUSES)
def test_a_status_that_is_no_answer_has_words_of_its_own(server, status):
    server.enqueue(Fault((), status, content_type=None, framing="content-length"))
    with asker(server.url) as asked, pytest.raises(UnexpectedResponse) as failed:
        asked.ask("hello")
    assert f"answered HTTP {status}" in str(failed.value)
    assert STATUSES[status] in str(failed.value)


def test_two_lengths_have_words_of_their_own(server):
    said = b"".join([*deltas("hello"), *finish()])
    server.repeat(stream(said, framing="content-length", headers=(("Content-Length", "7"),)))
    with asker(server.url) as asked, pytest.raises(ConnectionFailed, match="two different lengths"):
        asked.ask("hello")
    server.repeat(stream(said, framing="content-length", headers=(("Content-Length", str(len(said))),)))
    with asker(server.url) as asked:
        assert asked.ask("hello").text == "hello"


def test_a_reply_is_cut_at_the_setting_and_kept(server):
    server.enqueue(reply("word " * 1000))
    with asker(server.url, max_characters=100) as asked:
        answer = asked.ask("hello")
    assert 100 < len(answer.text) <= 104
    (notice,) = answer.notices
    assert "longer than DeepSeek.max_characters allows" in notice
