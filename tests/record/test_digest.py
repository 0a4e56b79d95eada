"""When two requests are the same: one test for each thing that counts, and for each that does not."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepseek_magic.api.dialects import DEEPSEEK
from deepseek_magic.api.encode import encode
from deepseek_magic.api.messages import FimRequest, ImagePart, Message, TextPart, Tool, ToolCall
from deepseek_magic.context.items import Item
from deepseek_magic.context.wrapping import new_marker, wrap
from deepseek_magic.guard import Guard
from deepseek_magic.record.digest import digest_of
from deepseek_magic.settings.keys import checked_key
from tests.record.made import asked, request, settings

DATA = Item("variable", "df (DataFrame, 3 × 2)", "a b c")
PIXEL = ImagePart("data:image/png;base64,AAAA")


def whole(*messages, **more):
    return digest_of(request(*messages, **more)).whole


def rounds(call_id="call_1", reasoning="", marker="", result="42"):
    """The messages of a question whose answer took a call of a tool."""
    marker = marker or new_marker()
    return (
        asked("What is it?", [DATA], marker),
        Message("assistant", "I look.", reasoning, (ToolCall(call_id, "look", '{"name": "df"}'),)),
        Message("tool", wrap([("result of look", result)], marker=marker), tool_call_id=call_id),
        Message("assistant", "It is 42.", reasoning),
        Message("user", "Sure?"),
    )


# What does not count.


def test_the_marker_of_the_wrapping():
    """Two conversations wrap the same data with two markers."""
    assert whole(asked("Why?", [DATA])) == whole(asked("Why?", [DATA]))


def test_the_marker_broken_inside_of_data():
    """Data that quotes the prompt, whose marker is broken there."""
    made = []
    for _ in range(2):
        marker = new_marker()
        made.append(whole(asked("Why?", [Item("file", "log.txt", f"sent {marker} and {marker.upper()}")], marker)))
    assert made[0] == made[1]


def test_the_marker_as_the_model_quotes_it():
    """A kept answer quotes the marker of the conversation in which it was given."""
    quoted = Message("assistant", f"The block {new_marker()} holds it.")
    other = Message("assistant", f"The block {new_marker()} holds it.")
    marker = new_marker()
    first, last = asked("Why?", [DATA], marker), Message("user", "And?")
    assert whole(first, quoted, last) == whole(first, other, last)


def test_ids_of_calls():
    """An endpoint gives calls other ids each time; which result answers which call counts."""
    assert whole(*rounds("call_1")) == whole(*rounds("call_other"))
    two = (ToolCall("a", "f", "{}"), ToolCall("b", "f", "{}"))
    first = [Message("user", "?"), Message("assistant", "", "", two)]
    results = [Message("tool", "one", tool_call_id="a"), Message("tool", "two", tool_call_id="b")]
    swapped = [Message("tool", "one", tool_call_id="b"), Message("tool", "two", tool_call_id="a")]
    assert whole(*first, *results) != whole(*first, *swapped)


def test_the_thinking_that_goes_back():
    """It is sent where the endpoint demands it, and is another one in each run."""
    tool = (Tool.of("look", "Look.", {"type": "object"}),)
    assert whole(*rounds(reasoning="hm"), tools=tool) == whole(*rounds(reasoning="well"), tools=tool)


def test_numbers_of_masks():
    """The second password of one kernel is the first of another; that two are different ones still counts."""
    one = [Message("user", "[masked: password 3] and [masked: password]")]
    same = [Message("user", "[masked: password] and [masked: password 2]")]
    equal = [Message("user", "[masked: password] and [masked: password]")]
    assert whole(*one) == whole(*same) != whole(*equal)


def test_numbers_of_masks_that_the_model_quotes():
    """A kept answer quotes the number that the mask had in another kernel."""
    first, last = Message("user", "Is [masked: password 4] good?"), Message("user", "Why?")
    answers = [Message("assistant", f"[masked: password{n}] is short.") for n in ("", " 4")]
    assert whole(first, answers[0], last) == whole(first, answers[1], last)


def test_masks_as_the_guard_makes_them():
    """The guard of another kernel masked something else before."""
    text = "password = 'hunter2-Correct-Horse'"
    other = Guard("mask", {})
    other.clean("password = 'another-Zebra-91-x'")
    made = [asked(text, guard=guard) for guard in (Guard("mask", {}), other)]
    assert made[0] != made[1], "the number is not another one: this test shows nothing"
    assert whole(made[0]) == whole(made[1])


def test_the_key_and_what_is_not_sent():
    """The key, and the limits on waiting, cost and size."""
    base = request(Message("user", "?"))
    for changes in (
        {"key": None},
        {"key": checked_key("sk-other", base.settings.base_url, "a test")},
        {"timeout": 3.0},
        {"max_cost": 0.5},
        {"max_characters": 100},
        {"context_tokens": 100},
    ):
        assert digest_of(base.changed(**changes)).whole == digest_of(base).whole, changes


def test_the_port_of_a_server_on_this_machine():
    """The embedded endpoint, a tunnel and a test listen at another port each time."""
    urls = ("http://127.0.0.1:4001", "http://localhost:4002")
    assert len({whole(Message("user", "?"), base_url=url) for url in urls}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("<A object at 0x7f1234567890>", "<A object at 0x55d0aa>"),
        ("File /tmp/ipykernel_123/45.py", "File /tmp/ipykernel_9/7.py"),
        ("<ipython-input-3-abc>", "<ipython-input-4-def>"),
        ("Cell In[3], line 2", "Cell In[12], line 2"),
    ],
)
def test_what_the_kernel_puts_into_data(one, other):
    """Addresses, names of compiled files and execution counts in data; in the user's own words they count."""
    made = [whole(asked("Why?", [Item("cell", "cell [3]", text)])) for text in (one, other)]
    assert made[0] == made[1]
    assert whole(asked(one)) != whole(asked(other))


def test_execution_counts_in_the_titles_of_cells():
    """Run All after a restart counts from 1."""
    made = [
        whole(asked("Why?", [Item("cell", f"cell [{n}]", "x = 1", (f"run again since: [{n}] replaces [{n - 1}]",))]))
        for n in (7, 3)
    ]
    assert made[0] == made[1]


# What counts.


@pytest.mark.parametrize(
    "changes",
    [
        {"base_url": "https://example.org", "dialect": "deepseek"},
        {"model": "deepseek-v4-pro"},
        {"temperature": 0.5},
        {"top_p": 0.5},
        {"max_tokens": 7},
        {"stop": ("END",)},
        {"thinking": "high"},
        {"response_format": "json_object"},
        {"tool_choice": "none"},
        {"tools": (Tool.of("look", "Look.", {"type": "object"}),)},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_endpoint_model_settings_and_tools(changes):
    """Each is a part of its own."""
    base, other = digest_of(request(Message("user", "?"))), digest_of(request(Message("user", "?"), **changes))
    assert base.whole != other.whole
    differing = {name for name in base.parts | other.parts if base.parts.get(name) != other.parts.get(name)}
    assert len(differing) == 1


@pytest.mark.parametrize("part", ["name", "description", "parameters", "strict"])
def test_the_definition_of_a_tool(part):
    """Name, description, schema and strictness."""
    fields = {"name": "look", "description": "Look.", "parameters": '{"type": "object"}', "strict": False}
    change = {"parameters": '{"type": "object", "properties": {}}', "strict": True}.get(part, "other")
    one, other = Tool(**fields), Tool(**{**fields, part: change})
    assert whole(Message("user", "?"), tools=(one,)) != whole(Message("user", "?"), tools=(other,))


def test_the_order_of_the_keys_of_a_schema():
    """JSON objects have no order."""
    one = Tool("f", parameters='{"type": "object", "title": "f"}')
    other = Tool("f", parameters='{"title": "f", "type": "object"}')
    assert whole(Message("user", "?"), tools=(one,)) == whole(Message("user", "?"), tools=(other,))


@pytest.mark.parametrize(
    "messages",
    [
        [Message("user", "Why? ")],
        [Message("system", "Be brief."), Message("user", "Why?")],
        [Message("user", "Hi"), Message("assistant", "Ho"), Message("user", "Why?")],
        [Message("user", "Why?"), Message("assistant", "```", prefix=True)],
        [asked("Why?", [DATA])],
        [Message("user", (TextPart("Why?"), PIXEL))],
    ],
)
def test_messages_context_and_images(messages):
    """One more, or another character of one."""
    assert whole(*messages) != whole(Message("user", "Why?"))


@pytest.mark.parametrize("image", [ImagePart("data:image/png;base64,BBBB"), ImagePart(PIXEL.url, "low")])
def test_the_content_of_an_image(image):
    """Its bytes, and how closely it is looked at; not its size in pixels, which the bytes give."""
    sized = ImagePart(PIXEL.url, width=3, height=4)
    made = [whole(Message("user", (TextPart("?"), one))) for one in (PIXEL, sized, image)]
    assert made[0] == made[1] != made[2]


def test_the_order_of_the_context():
    """Other order, other request."""
    marker, other = new_marker(), Item("variable", "x", "1")
    texts = [
        wrap([(item.title, item.text) for item in items], marker=marker) for items in ([DATA, other], [other, DATA])
    ]
    assert whole(Message("user", texts[0])) != whole(Message("user", texts[1]))


def test_a_gap():
    """A fill-in is asked with what stands before and after the gap."""
    made = [digest_of(FimRequest(settings(), *texts)).whole for texts in (("a", "b"), ("a", "b"), ("ab", ""))]
    assert made[0] == made[1] != made[2]


def test_a_server_that_names_its_model_itself():
    """Where the user named none, the model is the server's, and is not asked of it to recognise a request."""
    url = {"base_url": "http://localhost:8080/v1"}
    assert whole(Message("user", "?"), **url) == whole(Message("user", "?"), model="llama", **url)
    named = {**url, "model_named": True}
    assert whole(Message("user", "?"), **named) != whole(Message("user", "?"), model="llama", **named)


def test_items_of_context_have_parts_of_their_own():
    """The part of an item is called by a digest; its name is at hand for today's request only."""
    made = digest_of(request(asked("?", [DATA, Item("cell", "cell [3]", "x"), Item("cell", "cell [4]", "y")])))
    assert set(made.names.values()) == {"df", "cell [3]", "cell [4]"}
    assert set(made.names) <= set(made.parts)
    assert "df" not in json.dumps(dict(made.parts))


def test_very_many_items_share_a_part():
    """The parts stand in each saved reply."""
    made = digest_of(request(asked("?", [Item("cell", f"cell [{n}]", "x") for n in range(1, 400)])))
    assert len(made.parts) < 60
    assert len(json.dumps(dict(made.parts))) < 2_000


PIECES = ["a", "\n", "~", "m", "0", "[masked: password 2]", "<<<context ", ">>>", "\ud800", "é"]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=6).map("".join)
ROLES = st.sampled_from(["user", "assistant", "system"])
MESSAGES = st.lists(st.builds(Message, ROLES, TEXTS), min_size=1, max_size=4)


@given(one=MESSAGES, other=MESSAGES)
def test_equal_bodies_and_no_others_have_equal_digests(one, other):
    """Where little that is left alone can stand (one mask, no marker), the digest says what the body says."""

    def body(messages):
        content = json.dumps(encode(request(*messages), DEEPSEEK)).replace("\\ud800", "\\ufffd")
        return content.replace("[masked: password 2]", "[masked: password]")

    assert (body(one) == body(other)) == (whole(*one) == whole(*other))


@given(texts=st.lists(TEXTS, max_size=3), own=TEXTS)
def test_wrapped_data_is_the_same_in_each_conversation(texts, own):
    """Whatever stands in the data, and whatever the marker is."""
    items = [Item("file", f"f{n}.txt", text) for n, text in enumerate(texts)]
    made = {whole(asked(f"{own}?", items)) for _ in range(3)}
    assert len(made) == 1
