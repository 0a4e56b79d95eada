"""The values of a request: frozen, hashable, and what is derived from them."""

from __future__ import annotations

import json

from deepseek_magic.api.messages import FimRequest, ImagePart, Message, Request, TextPart, Tool, ToolCall
from deepseek_magic.settings.parameters import Settings

IMAGE = ImagePart("https://example.org/a.png", "low", 20, 10)
MIXED = Message("user", (TextPart("One."), IMAGE, TextPart("Two.")))


def test_the_text_and_the_images_of_a_message():
    """Parts of text are joined by a line break, images are apart, and a string is returned byte for byte."""
    assert (MIXED.text, MIXED.images) == ("One.\nTwo.", (IMAGE,))
    plain = Message("user", " as\r\ntyped \ud800")
    assert (plain.text, plain.images) == (" as\r\ntyped \ud800", ())
    assert Message("assistant", ()).text == ""


def test_the_schema_of_a_tool_is_text_whose_bytes_stay():
    """The schema is written in the order given, with every character as it is, and read back it is the same."""
    schema = {"type": "object", "properties": {"b": {"description": "größer"}, "a": {}}}
    tool = Tool.of("f", "does", schema)
    assert tool.parameters == '{"type": "object", "properties": {"b": {"description": "größer"}, "a": {}}}'
    assert json.loads(tool.parameters) == schema
    assert tool == Tool("f", "does", tool.parameters)
    assert not tool.strict


def test_what_a_request_says_of_itself():
    """Only a prefix in the last place makes it go on with a reply."""
    settings = Settings(model="m")
    begun = Message("assistant", "The", prefix=True)
    assert not Request(settings, ()).continues
    assert Request(settings, (MIXED, begun)).continues
    assert not Request(settings, (begun, MIXED)).continues


def test_arguments_of_a_server_which_may_be_secret_do_not_show():
    assert "of-a-server" not in repr(Request(Settings(), (), told_apart='["a", "--key", "of-a-server"]'))


def test_a_changed_request_is_another_one():
    """Settings change by name, the rest goes along, and the original stays."""
    request = Request(Settings(model="m"), (MIXED,), "json_object", (Tool("a"),), "auto")
    changed = request.changed(model="n", thinking="off")
    assert (changed.settings.model, changed.settings.thinking) == ("n", "off")
    assert changed == Request(changed.settings, (MIXED,), "json_object", (Tool("a"),), "auto")
    assert request.settings == Settings(model="m")


def test_requests_are_keys():
    """Equal requests hash alike, so that a set holds one of them."""
    calls = (ToolCall("1", "f", "{}"),)
    requests = [Request(Settings(), (MIXED, Message("assistant", tool_calls=calls))) for _ in range(2)]
    assert len({*requests, *(FimRequest(Settings(), "a", "b") for _ in range(2))}) == 2
