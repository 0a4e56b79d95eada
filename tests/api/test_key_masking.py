"""The key in what an endpoint says."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from itertools import chain, islice, pairwise
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepseek_magic.api.client import Client
from deepseek_magic.api.dialects import DEEPSEEK
from deepseek_magic.api.events import Event, Finished, ReasoningDelta, Served, TextDelta, ToolCallDelta
from deepseek_magic.api.filters.filtering import filtered
from deepseek_magic.api.filters.key_masking import KeyMask
from deepseek_magic.api.filters.key_pieces import KeyPieces
from deepseek_magic.api.messages import Message
from deepseek_magic.errors import AuthenticationFailed, StreamBroken
from deepseek_magic.settings.keys import Secret, checked_key
from tests.faults import api_error, document, error
from tests.requesting import chat

SECRET = "sk-0123456789abcdef"


def masked(events: Iterator[Event], secret: Secret, size: int = 1) -> Iterator[Event]:
    """The events masked, ``size`` of them a batch."""
    mask = KeyMask(KeyPieces(secret))
    batches = iter(lambda: list(islice(events, size)), [])
    return chain.from_iterable(filtered(batches, mask.feed, mask.flush))


def text_of(events: Iterator[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def in_pieces(text: str, cuts: list[int]) -> Iterator[Event]:
    places = [0, *sorted(cut % (len(text) + 1) for cut in cuts), len(text)]
    for start, end in pairwise(places):
        if start < end:
            yield TextDelta(text[start:end])


SIZES = st.integers(1, 12)


@given(
    st.text("sk-0123 x", max_size=30),
    st.text("sk-0123 x", max_size=30),
    st.lists(st.integers(0, 99), max_size=9),
    SIZES,
)
def test_it_is_masked_wherever_it_is_cut(before: str, after: str, cuts: list[int], size: int) -> None:
    """At most its harmless beginning stands before the mask."""
    said = text_of(masked(in_pieces(before + SECRET + after, cuts), Secret(SECRET), size))
    assert SECRET[3:] not in said
    assert said.startswith(before)
    assert said.endswith("****" + after)


@given(st.text("sk-0123456 x", max_size=60), st.lists(st.integers(0, 99), max_size=20), SIZES)
def test_other_text_stays_as_it_is(text: str, cuts: list[int], size: int) -> None:
    """Also where it looks like the beginning of the key."""
    assert text_of(masked(in_pieces(text, cuts), Secret(SECRET), size)) == text


def test_the_end_of_a_word_does_not_wait() -> None:
    """A stream may pause after any token."""
    events = masked(iter([TextDelta("it begins"), TextDelta(" now")]), Secret(SECRET))
    assert next(events) == TextDelta("it begins")


def _take(events: Iterator[Event], seen: list[Event]) -> None:
    for event in events:
        seen.append(event)  # extend would lose them to the error


def test_text_held_back_is_handed_on_when_the_stream_breaks() -> None:
    """What has arrived is never thrown away."""

    def broken() -> Iterator[Event]:
        yield ReasoningDelta("a sk-012")
        yield TextDelta("b sk-0123")
        raise StreamBroken("gone")

    seen: list[Event] = []
    events = masked(broken(), Secret(SECRET))
    with pytest.raises(StreamBroken):
        _take(events, seen)
    assert "".join(event.text for event in seen if isinstance(event, ReasoningDelta)) == "a sk-012"
    assert text_of(iter(seen)) == "b sk-0123"


MADE = "sk-7f3a9c1e5b2d4860af17c93e5d2b8641"
PIECES = {
    "the beginning": MADE[:14],
    "all but the end": MADE[:-1],
    "all but the beginning": MADE[4:],
    "the middle": MADE[8:24],
    "the whole": MADE,
    "in a URL": quote(f"{MADE[:10]}/+{MADE[10:]}", safe=""),
    "base64": base64.b64encode(MADE.encode()).decode(),
    "base64 of a header": base64.b64encode(f"Bearer {MADE}".encode()).decode(),
    "base64 for URLs": base64.urlsafe_b64encode(f"u:{MADE}".encode()).decode(),
    "hexadecimal": MADE.encode().hex(),
    "hexadecimal in capitals": MADE.encode().hex().upper(),
    "two halves": f"{MADE[:17]} and then {MADE[17:]}",
}


def pieces_in(text: str, secret: str) -> list[str]:
    """What of eight characters is in both."""
    forms = (secret, base64.b64encode(secret.encode()).decode(), secret.encode().hex(), secret.encode().hex().upper())
    return [text[i : i + 8] for i in range(len(text) - 7) if any(text[i : i + 8] in form for form in forms)]


@pytest.mark.parametrize("name", PIECES)
@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 99), max_size=9), SIZES)
def test_pieces_are_masked_wherever_they_are_cut(name: str, cuts: list[int], size: int) -> None:
    secret = Secret(f"{MADE[:10]}/+{MADE[10:]}" if name == "in a URL" else MADE)
    said = text_of(masked(in_pieces(f"The key {PIECES[name]} is wrong.", cuts), secret, size))
    assert not pieces_in(said, secret.reveal())
    assert said.startswith("The key ")
    assert said.endswith(" is wrong.")
    assert "****" in said
    assert len(said) < len(f"The key {PIECES[name]} is wrong.")


@pytest.mark.parametrize("gap", ["…", "...", "*****", " ... ", "[…]", ""])
@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 99), max_size=9), SIZES)
def test_the_end_behind_a_beginning_is_masked_too(gap: str, cuts: list[int], size: int) -> None:
    """As in "sk-7f3a9c1e5b…8641"."""
    said = text_of(masked(in_pieces(f"no: {MADE[:14]}{gap}{MADE[-4:]}; bye", cuts), Secret(MADE), size))
    assert "8641" not in said
    assert said.endswith("; bye")
    assert not pieces_in(said, MADE)


@given(st.text("sk-7f3a9c1e ", max_size=7), st.lists(st.integers(0, 99), max_size=9), SIZES)
def test_what_is_shorter_than_a_piece_stays(text: str, cuts: list[int], size: int) -> None:
    assert text_of(masked(in_pieces(text, cuts), Secret(MADE), size)) == text


@pytest.mark.parametrize("key", [MADE, SECRET])
@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 99), max_size=9), SIZES)
def test_it_is_masked_in_the_arguments_of_calls(key: str, cuts: list[int], size: int) -> None:
    """A function of the user's might send them anywhere."""
    pieces = [one.text for one in in_pieces(f'{{"url": "http://x.invalid/?k={key}"}}', cuts)]
    events = [ToolCallDelta(n % 2, arguments=piece) for piece in pieces for n in range(2)]
    found = list(masked(iter([*events, Finished("tool_calls")]), Secret(key), size))
    for index in range(2):
        joined = "".join(one.arguments for one in found if isinstance(one, ToolCallDelta) and one.index == index)
        assert not pieces_in(joined, key)
        assert joined.startswith('{"url": "http://x.invalid/?k=')
        assert joined.endswith('****"}')
    assert found[-1] == Finished("tool_calls")


WORDS = "Use sk-no-key-required or the placeholder-key-of-mine; 0123456789abcdef0123 and deadbeefdeadbeef are hashes."


@pytest.mark.parametrize("key", [MADE, "sk-no-key-needed-here", "my-placeholder-key-for-a-local-server"])
@settings(max_examples=15, deadline=None)
@given(cuts=st.lists(st.integers(0, 199), max_size=30), size=SIZES)
def test_harmless_text_stays(key: str, cuts: list[int], size: int) -> None:
    """A key that somebody wrote by hand is masked only as a whole: its pieces are words."""
    assert text_of(masked(in_pieces(WORDS, cuts), Secret(key), size)) == WORDS


def test_nothing_of_the_key_is_in_the_attributes_of_what_finds_it() -> None:
    found = KeyPieces(Secret(MADE))
    for name in KeyPieces.__slots__:
        assert not pieces_in(repr(getattr(found, name)), MADE)


def test_errors_and_lists_hold_no_pieces(server) -> None:
    """An endpoint that shows what it refuses, in every place that it has."""
    key = checked_key(MADE, server.url, "a test")
    client = Client(server.url, key, DEEPSEEK, sleep=id)
    for name, piece in PIECES.items():
        if name == "in a URL":
            continue
        server.enqueue(error(401, api_error(f"no {piece}…{MADE[-4:]}"), headers=(("x-request-id", f"1-{MADE[:-1]}"),)))
        with pytest.raises(AuthenticationFailed) as failed:
            list(client.stream(chat("deepseek-flash", (Message("user", "hello"),)), 5))
        assert not pieces_in(f"{failed.value} {vars(failed.value)}", MADE)
        assert name.startswith("base64") or "8641" not in str(failed.value)
        server.enqueue(document({"data": [{"id": f"m-{piece}", "name": piece}]}))
        assert not pieces_in(repr(client.models(5)), MADE)
    client.close()


def test_names_and_reasons_are_masked() -> None:
    """They end up in footer and metadata."""
    events = [Served(SECRET, f"a-{SECRET}", SECRET), Finished(SECRET)]
    assert list(masked(iter(events), Secret(SECRET))) == [Served("****", "a-****", "****"), Finished("****")]
