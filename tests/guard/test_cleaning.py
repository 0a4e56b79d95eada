"""The guard itself: its modes, its masks, and that it shows nothing of what it knows."""

from __future__ import annotations

import copy
import hashlib
import pickle
import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepseek_magic.errors import ConfigurationError, QuestionError, SecretFound
from deepseek_magic.guard import Cleaned, Guard, MaskedSecret, mask_spans, safe_cut
from deepseek_magic.guard.masks import kinds, mask
from deepseek_magic.settings.keys import Secret
from tests.guard.made import FORMED, password
from tests.sizes import scaled

AWS = FORMED["AWS key"]
SECRET = password(Random(1))


def test_findings_say_what_and_where():
    key = AWS(Random(1))
    cleaned = Guard("mask", {}).clean(f"a {key} b")
    assert cleaned == Cleaned("a [masked: AWS key] b", (MaskedSecret("AWS key", 2, 19),))
    with pytest.raises(FrozenInstanceError):
        cleaned.findings[0].kind = "x"


def test_different_secrets_of_a_kind_are_numbered_and_the_same_is_the_same():
    one, two = AWS(Random(1)), AWS(Random(2))
    guard = Guard("mask", {})
    assert guard.clean(f"{one} {two} {one}").text == "[masked: AWS key] [masked: AWS key 2] [masked: AWS key]"
    assert guard.clean(f"{two} alone").text == "[masked: AWS key 2] alone"


def test_off_lets_everything_through():
    text = f"password = '{SECRET}' {AWS(Random(1))}"
    assert Guard("off", {"A_TOKEN": SECRET}, [Secret(SECRET)]).clean(text) == Cleaned(text, ())


def test_refuse_says_what_where_and_what_to_do_and_not_the_secret():
    guard = Guard("refuse", {"A_TOKEN": SECRET})
    key = AWS(Random(1))
    with pytest.raises(SecretFound) as caught:
        guard.clean(f"one\ntwo\nkey {key}\n{SECRET}", "cell [3]")
    assert str(caught.value) == (
        "cell [3] holds a secret (AWS key, value of A_TOKEN; line 3), so nothing was sent: take it out, "
        "or have it masked by %config DeepSeek.guard = 'mask'"
    )
    assert isinstance(caught.value, QuestionError)
    shown = repr(caught.value) + "".join(traceback.format_exception(caught.value))
    assert key not in shown
    assert SECRET not in shown
    assert guard.clean("nothing [masked: AWS key] here").text == "nothing [masked: AWS key] here"


def test_a_mode_that_does_not_exist_is_refused():
    with pytest.raises(ConfigurationError, match="'mask', 'refuse', 'off'"):
        Guard("on", {})


def test_it_shows_nothing_of_what_it_knows():
    guard = Guard("mask", {"A_TOKEN": SECRET}, [Secret(SECRET + "x")])
    cleaned = guard.clean(f"password = '{SECRET}y'")
    for shown in (
        repr(guard),
        str(guard),
        f"{guard}",
        repr(cleaned),
        repr(guard._known),
        pickle.dumps(cleaned).decode("latin-1"),
    ):
        assert SECRET not in shown
    for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="knows secrets"):
            attempt(guard)


def test_a_secret_does_not_hide_in_a_mask():
    """What only looks like a mask is cleaned like any other text."""
    key = AWS(Random(1))
    for text in (
        f"[masked: {key}]",
        f"[masked: value of {key}]",
        f"[masked: AWS key {key}]",
        f"[masked: password]{key}",
    ):
        assert key not in Guard("mask", {}).clean(text).text


def test_masks_of_another_guard_stay():
    """A saved notebook holds masks of an earlier session."""
    text = "password = '[masked: value of DB_PASSWORD]'\ntoken: [masked: token 3]\nKEY=[masked: value of MY_KEY 2]"
    assert Guard("mask", {}).clean(text).text == text


def test_what_stands_beside_a_mask_goes_as_well():
    assert Guard("mask", {}).clean(f"password = '[masked: password]{SECRET}'").text == "password = '[masked: password]'"


_MASKED = st.lists(
    st.builds(mask, st.sampled_from([*sorted(kinds()), "value of DB_PASSWORD"]), st.integers(1, 99))
    | st.text(max_size=9),
    max_size=8,
).map("".join)


@given(_MASKED, st.integers(-5, 400), st.booleans())
def test_a_cut_never_falls_into_a_mask(text, place, forward):
    cut = safe_cut(text, place, forward=forward)
    assert not any(start < cut < end for start, end in mask_spans(text))
    wished = max(0, min(place, len(text)))
    assert cut == wished or (cut > wished) == forward
    assert mask_spans(text[:cut]) + [(start + cut, end + cut) for start, end in mask_spans(text[cut:])] == mask_spans(
        text
    )


def test_threads_share_one_numbering():
    keys = [AWS(Random(seed)) for seed in range(40)]
    guard = Guard("mask", {})
    with ThreadPoolExecutor(8) as pool:
        texts = list(pool.map(lambda key: guard.clean(f"x {key}").text, keys * 5))
    assert len(set(texts)) == 40
    assert texts[:40] * 5 == texts


@pytest.mark.slow
@pytest.mark.parametrize(
    "unit",
    [
        "sk-",
        "eyJ",
        "eyJhbGciOiJI.",
        "password='",
        "://a:b@",
        "-----BEGIN RSA PRIVATE KEY-----\n",
        "password=[",
        "M",
        "\\",
        " ",
        "[masked: ",
        "1:AA",
        "Cookie: a=",
        "token, ",
        "A" * 63 + "\n-----END PRIVATE KEY-----",
        "(password,",
        "password or ",
        "a, password = ",
        "connect(a, ",
        "password x7Kq9vT2w ",
        "(password) VALUES ('a', ",
        "array(dtype=[('password', ",
        "'a' + ",
        "join(['a', ",
        "mysql -p",
        "echo a|",
        "docker login -p ",
        "x  y\ndtype: object\n",
        "密码是",
        "?key=",
    ],
)
def test_a_long_hostile_text_comes_to_an_end(unit):
    """Each of these made a careless pattern take the square of its length, which here would be minutes."""
    size = scaled(150_000, 30_000)
    text = (unit * (size // len(unit)))[:size]
    guard = Guard("mask", {"A_TOKEN": SECRET})
    once = guard.clean(text).text
    assert guard.clean(once).text == once


def test_what_was_clean_is_searched_again_once_more_is_known():
    """As a file of secrets, and after another text has named the value: what was found before does not count then."""
    guard, text = Guard("mask", {}), f"one: {SECRET}"
    assert guard.clean(text).text == text
    assert SECRET not in guard.clean(text, secrets_file=True).text
    guard = Guard("mask", {})
    assert guard.clean(text).text == guard.clean(text).text == text
    guard.clean(f"password = '{SECRET}'")
    assert SECRET not in guard.clean(text).text


@pytest.mark.parametrize(
    "guessed", ["Client('{}')", '{{"sort": 1, "door_key": "{}"}}', "access_token = '{}'", "session_id = '{}'"]
)
def test_what_is_guessed_pushes_out_nothing_that_is_named(guessed):
    """However much looks generated: a password that is named later is masked where it stands alone."""
    guard = Guard("mask", {})
    digests = [hashlib.sha256(str(number).encode()).hexdigest() for number in range(250)]
    first = guard.clean("\n".join(map(guessed.format, digests)))
    assert len(first.findings) == 250
    assert guard.clean(f"it was {digests[0]} then").findings
    guard.clean(f"password = '{SECRET}'")
    assert guard.clean(f"sent {SECRET} there").text == "sent [masked: password] there"
