"""The decoder of event streams: the standard's examples, and the same result however the bytes are cut.

Named after the examples of the HTML standard, section 9.2.6, "Interpreting an event stream".
"""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepseek_magic.api import sse
from deepseek_magic.api.sse import MAX_EVENT_BYTES, Comment, ServerSentEvent, SSEDecoder
from deepseek_magic.errors import StreamBroken
from tests.growth import is_linear


def decode(*chunks: bytes, flush: bool = True) -> list[object]:
    decoder = SSEDecoder()
    found = [thing for chunk in chunks for thing in decoder.feed(chunk)]
    return found + (list(decoder.flush()) if flush else [])


def data(*texts: str) -> list[ServerSentEvent]:
    return [ServerSentEvent(text) for text in texts]


def test_the_example_of_a_stock_ticker():
    assert decode(b"data: YHOO\ndata: +2\ndata: 10\n\n") == data("YHOO\n+2\n10")


def test_the_example_of_four_blocks():
    stream = b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n"
    assert decode(stream, flush=False) == [Comment("test stream"), *data("first event", "second event")]
    assert decode(stream) == [Comment("test stream"), *data("first event", "second event", " third event")]


def test_the_example_of_empty_data():
    assert decode(b"data\n\ndata\ndata\n\ndata:", flush=False) == data("", "\n")


def test_the_example_of_identical_events():
    assert decode(b"data:test\n\ndata: test\n\n") == data("test", "test")


def test_the_example_of_named_events():
    stream = b"event: add\ndata: 73857293\n\nevent: remove\ndata: 2153\n\ndata: none\n\n"
    assert decode(stream) == [
        ServerSentEvent("73857293", "add"),
        ServerSentEvent("2153", "remove"),
        ServerSentEvent("none"),
    ]


def test_an_event_without_data_is_nothing():
    assert decode(b"event: add\n\ndata: x\n\n") == data("x")


def test_other_fields_are_ignored():
    assert decode(b"retry: 10\nid: 3\nfoo: bar\n data: no\nDATA: no\ndata: yes\n\n") == data("yes")


def test_a_byte_order_mark_is_dropped_at_the_start_alone():
    assert decode(b"\xef\xbb\xbfdata: a\n\n\xef\xbb\xbfdata: b\n\ndata: \xef\xbb\xbfc\n\n") == data("a", "\ufeffc")


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
def test_every_line_end(end):
    stream = b"data: a\ndata: b\n\n: c\n\ndata: d\n\n".replace(b"\n", end)
    assert decode(stream) == [*data("a\nb"), Comment("c"), *data("d")]


@pytest.mark.parametrize("character", ["\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\x00"])
def test_no_other_character_ends_a_line(character):
    assert decode(f"data: a{character}b\n\n".encode()) == data(f"a{character}b")


def test_an_event_is_handed_on_with_the_byte_that_ends_it():
    decoder = SSEDecoder()
    assert list(decoder.feed(b"data: a\n")) == []
    assert list(decoder.feed(b"\n")) == data("a")
    assert list(decoder.feed(b"data: b\r")) == []
    assert list(decoder.feed(b"\r")) == data("b")
    assert list(decoder.feed(b"\n")) == []


def test_keep_alives_are_told_at_once():
    assert decode(b": keep-alive\n", b"\n", b":\n\n", flush=False) == [Comment("keep-alive"), Comment("")]


def test_what_the_end_cuts_off_is_handed_on():
    assert decode(b"data: a\n\ndata: b") == data("a", "b")
    assert decode(b"data: a\r") == data("a")
    assert decode(b"") == []


def test_bytes_that_are_no_utf_8_are_replaced():
    assert decode(b"data: a\xff\xfeb\n\n") == data("a\ufffd\ufffdb")


WHOLE = (
    "\ufeff: hi\r\n\r\ndata: Grüße, 世界 🚀\r\ndata:\u2028two\u0085\n\revent: e\r"
    'data:x\r\r\n: keep-alive\n\ndata\n\nid: 7\ndata: {"a":"b"}\n\ndata: open'
).encode()


def test_byte_by_byte_is_the_same_as_whole():
    assert decode(*(bytes([byte]) for byte in WHOLE)) == decode(WHOLE)


def test_every_cut_in_two_is_the_same_as_whole():
    for place in range(len(WHOLE) + 1):
        assert decode(WHOLE[:place], WHOLE[place:]) == decode(WHOLE)


LINES = st.sampled_from(
    [
        b"data: ",
        b"data:",
        b"event: e",
        b"id",
        b": c",
        b"\n",
        b"\r",
        b"\r\n",
        "é🚀".encode(),
        b"\xff",
        b"x",
        b":",
        b"\xef\xbb\xbf",
    ]
)


@given(st.lists(LINES).map(b"".join), st.lists(st.integers(0, 80)))
def test_random_streams_at_random_cuts(stream, cuts):
    places = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    pieces = [stream[start:end] for start, end in itertools.pairwise(places)]
    assert decode(*pieces) == decode(stream)


@given(st.lists(st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"])), min_size=1))
def test_any_text_comes_out_as_it_went_in(lines):
    stream = "".join(f"data: {line}\n" for line in lines) + "\n"
    assert decode(stream.encode()) == data("\n".join(lines))


@pytest.mark.slow
def test_work_is_linear_in_the_bytes_of_a_line():
    """Of a line that comes byte by byte."""

    def work(count: int) -> None:
        decoder = SSEDecoder()
        for _ in range(count):
            list(decoder.feed(b"x"))
        list(decoder.feed(b"\n"))

    assert is_linear(work, 10_000)


def feed(decoder: SSEDecoder, chunk: bytes, times: int) -> int:
    """Feed ``chunk`` so many times; returns how many things came of it."""
    return sum(len(list(decoder.feed(chunk))) for _ in range(times))


def test_a_line_without_end_is_given_up():
    decoder = SSEDecoder()
    with pytest.raises(StreamBroken, match="2 MB"):
        feed(decoder, b"x" * 65536, MAX_EVENT_BYTES // 65536 + 1)


def test_an_event_without_end_is_given_up():
    decoder = SSEDecoder()
    line = b"data: " + b"x" * 65530 + b"\n"
    with pytest.raises(StreamBroken, match="2 MB"):
        feed(decoder, line, MAX_EVENT_BYTES // 65536 + 1)


def test_a_long_stream_of_short_events_is_no_long_event():
    decoder = SSEDecoder()
    line = b"data: " + b"x" * 65530 + b"\n\n"
    assert feed(decoder, line, MAX_EVENT_BYTES // 65536 + 10) == 42


def test_a_long_queue_of_comments_is_no_long_event():
    """Comments in a row, without the blank lines between them that most servers send."""
    decoder = SSEDecoder()
    line = b": " + b"x" * 65533 + b"\n"
    assert feed(decoder, line, MAX_EVENT_BYTES // 65536 + 10) == 42


def test_the_limit_is_far_above_any_event():
    assert sse.MAX_EVENT_BYTES >= 1 << 20
