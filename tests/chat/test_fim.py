"""Fill in the middle: what stands around the gap, what is sent of it, and the code that comes out."""

from __future__ import annotations

import pytest

from deepseek_magic.api.dialects import DEEPSEEK, OLLAMA
from deepseek_magic.api.encode import encode
from deepseek_magic.api.events import Finished, Served, TextDelta
from deepseek_magic.api.filters.filtering import filtered
from deepseek_magic.api.messages import Message, Request
from deepseek_magic.chat.fim import MARK, Fill, around
from deepseek_magic.commonmark.code_blocks import code_blocks
from deepseek_magic.errors import ConfigurationError, QuestionError
from deepseek_magic.guard import Guard
from deepseek_magic.settings.parameters import Settings

SECRET = "sk-0123456789abcdef0123456789abcdef"
BEFORE, AFTER = "def f(x):\n    y = ", "\n    return y"


def gap(before=BEFORE, after=AFTER, **options):
    request = Request(Settings(**options), (Message("user", f"{before}{MARK}{after}"),))
    return Fill(before, after, Guard("mask", {})).prepare(request)


def shown(before, after, *pieces, reason="stop"):
    plan = Fill(before, after, Guard("mask", {}))
    batches = ([event] for event in (Served("a", "b", "c"), *map(TextDelta, pieces), Finished(reason)))
    made = [event for batch in filtered(batches, plan.filter, plan.held) for event in batch]
    return "".join(event.text for event in made if isinstance(event, TextDelta))


@pytest.mark.parametrize(
    ("code", "parts"),
    [
        (f"a{MARK}b", ("a", "b")),
        (f"{MARK}\nb", ("", "\nb")),
        (f"a\n{MARK}", ("a\n", "")),
        (f"  {MARK}\nx", ("  ", "\nx")),
    ],
)
def test_the_code_around_the_mark(code, parts):
    assert around(code) == parts


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("a = 1", "found none"),
        (f"{MARK}a{MARK}", "found 2"),
        (MARK, "there is none"),
        (f" \n{MARK}\n ", "there is none"),
        ("", "found none"),
    ],
)
def test_what_is_no_code_with_one_gap(code, words):
    with pytest.raises(QuestionError, match=words):
        around(code)


def test_the_request_is_as_documented():
    assert encode(gap(), DEEPSEEK) == {
        "model": "deepseek-flash",
        "prompt": BEFORE,
        "suffix": AFTER,
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def test_what_the_user_asks_for_is_sent_and_nothing_else():
    options = {"model": "deepseek-v4-pro", "max_tokens": 64, "temperature": 0.0, "top_p": 0.9, "stop": ("\n\n",)}
    assert encode(gap(after="", **options), DEEPSEEK) == {
        "model": "deepseek-v4-pro",
        "prompt": BEFORE,
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": 64,
        "temperature": 0.0,
        "top_p": 0.9,
        "stop": ["\n\n"],
    }


def test_more_than_the_endpoint_fills_in_is_refused():
    with pytest.raises(ConfigurationError, match="4096"):
        encode(gap(max_tokens=4097), DEEPSEEK)
    with pytest.raises(ConfigurationError, match="not known to support fill-in-the-middle"):
        encode(gap(), OLLAMA)


def test_secrets_are_masked_in_what_is_sent_alone():
    body = encode(gap(f"key = {SECRET!r}\n{BEFORE}", f"{AFTER}  # {SECRET}"), DEEPSEEK)
    assert SECRET not in str(body)
    assert body["prompt"].endswith(BEFORE)
    assert SECRET in shown(f"key = {SECRET!r}\n", "", "x = 1")


def test_the_whole_code_is_shown_as_one_block():
    assert shown(BEFORE, AFTER, "x", " + 1") == f"```python\n{BEFORE}x + 1{AFTER}\n```\n"
    assert shown("a = ", "\n", "1") == "```python\na = 1\n```\n"
    assert shown(BEFORE, AFTER) == ""


def test_a_fill_that_was_cut_has_the_mark_where_it_stops():
    text = shown(BEFORE, AFTER, "x", reason="length")
    assert text == f"```python\n{BEFORE}x{MARK}{AFTER}\n```\n"
    assert around(code_blocks(text)[0].source.rstrip("\n")) == (f"{BEFORE}x", AFTER)


def test_code_with_fences_in_it_is_one_block():
    text = shown('s = """\n```\n', '\n```\n"""', "inside")
    (block,) = code_blocks(text)
    assert block.source.rstrip("\n") == 's = """\n```\ninside\n```\n"""'
