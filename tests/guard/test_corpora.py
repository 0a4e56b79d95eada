"""Every kind of secret in every context is masked; what only looks like one comes through unchanged."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepseek_magic.guard import Guard, mask_spans
from tests.guard.harmless import HARMLESS
from tests.guard.made import FORMED, NAMED, PLACES, password, private_key

_SEEDS = st.integers(0, 10**6).map(Random)


def leaked(secret: str, text: str, size: int = 8) -> bool:
    """Whether the secret, or as much as ``size`` characters of it, is in the text."""
    return secret in text or any(secret[start : start + size] in text for start in range(len(secret) - size + 1))


def clean(text: str) -> str:
    guard = Guard("mask", {})
    cleaned = guard.clean(text)
    assert guard.clean(cleaned.text) == cleaned
    for finding in cleaned.findings:
        assert cleaned.text[finding.start : finding.end].startswith(f"[masked: {finding.kind}")
    return cleaned.text


@pytest.mark.parametrize("text", HARMLESS)
def test_what_only_looks_like_a_secret_stays(text):
    assert clean(text) == text


def test_they_stay_side_by_side_as_well():
    """What stands before and after changes nothing."""
    assert clean("\n\n".join(HARMLESS)) == "\n\n".join(HARMLESS)
    assert len(HARMLESS) >= 60


@pytest.mark.parametrize("kind", FORMED)
def test_a_key_of_known_form_is_masked_in_every_context(kind):
    for place, context in PLACES.items():
        secret = FORMED[kind](Random(kind + place))
        text = clean(context.format(secret))
        assert not leaked(secret, text), place


@pytest.mark.parametrize(
    "kind", [kind for kind in FORMED if kind not in ("Groq", "DigitalOcean", "GitHub token, fine")]
)
def test_its_kind_is_said(kind):
    secret = FORMED[kind](Random(kind))
    assert clean(f"see {secret}.").startswith(f"see [masked: {kind}]")


@pytest.mark.parametrize("context", NAMED)
def test_a_value_is_masked_where_its_name_or_its_place_tells(context):
    for seed in range(8):
        secret = password(Random(f"{context}{seed}"))
        assert not leaked(secret, clean(NAMED[context].format(secret)))


@given(st.sampled_from(sorted(NAMED)), _SEEDS, st.text(max_size=60), st.text(max_size=60))
def test_whatever_stands_around_it(context, random, before, after):
    """Anything at all, on the lines above and below."""
    secret = password(random)
    text = clean(f"{before}\n{NAMED[context].format(secret)}\n{after}")
    assert not leaked(secret, text)


_DELIMITERS = st.sampled_from(
    ["\n", " ", "'", '"', "`", "(", "=", ": ", "\t", "<b>", "|", "/", "\\n", "\x1b[0m", "「", "…"]
)


@given(st.sampled_from(sorted(FORMED)), _SEEDS, *[st.text(max_size=40), _DELIMITERS] * 2)
def test_a_known_form_survives_in_no_text(kind, random, before, opening, after, closing):
    secret = FORMED[kind](random)
    assert not leaked(secret, clean(before + opening + secret + closing + after))


@pytest.mark.parametrize("edge", ["RSA ", "", "EC ", "OPENSSH ", "ENCRYPTED ", "PGP "])
@pytest.mark.parametrize(
    "written",
    [
        lambda key: key,
        lambda key: "\n".join(f"    {line}" for line in key.splitlines()),
        lambda key: f"key = {key!r}\nx = 1",
        lambda key: f'{{"private_key": "{key}"}}'.replace("\n", "\\n"),
        lambda key: f'"{{\\"k\\": \\"{key}\\"}}"'.replace("\n", "\\\\n"),
        lambda key: "\r\n".join(key.splitlines()),
        lambda key: "\n".join(f'"{line}\\n"' for line in key.splitlines()),
        lambda key: "\n".join(f"{number:7} {line}" for number, line in enumerate(key.splitlines(), 1)),
        lambda key: key[:700],
        lambda key: key[:-5],
        lambda key: f"start\n{key[:500]}\n\nAnd then some prose follows the key that was cut.",
        lambda key: key[len(key) // 2 :],
        lambda key: key[90:],
        lambda key: key + "\n" + key,
    ],
    ids=range(14),
)
def test_a_private_key_is_masked_however_it_is_written(edge, written):
    """Whole, indented, in literals, numbered, and cut at either end."""
    key = private_key(Random(edge), edge)
    text = clean(written(key))
    for line in key.splitlines()[1:-1]:
        assert not leaked(line, text)
    assert "[masked: private key" in text


def test_what_follows_a_cut_key_stays():
    text = clean(f"a\n{private_key(Random(1))[:500]}\n\nAnd then some prose follows.")
    assert text.startswith("a\n[masked: private key]")
    assert "And then some prose follows." in text


@given(_SEEDS, st.integers(9, 40))
def test_a_key_that_was_shortened_is_still_one(random, size):
    """A cell of a table is cut to fifty characters, a repr to eighty: what is left of the key goes as well."""
    secret = FORMED["API key"](random)[:size]
    for mark in ("...", "…", ""):
        text = clean(f"value {secret}{mark}")
        assert secret[3:] not in text or size < 12


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("postgres://bob:p{0}@h/db", "postgres://bob:[masked: connection string]@h/db"),
        ("https://bob:p{0}@h/db", "https://bob:[masked: password in a URL]@h/db"),
        ("postgres://bob:p/{0}@h/db", "postgres://bob:[masked: connection string]@h/db"),
        ("postgres://bob:p@{0}#x@h/db?a=b@c", "postgres://bob:[masked: connection string]@h/db?a=b@c"),
        ("x = connect(password='{0}', port=1)", "x = connect(password='[masked: password]', port=1)"),
        ("Server=h;Pwd={0};Encrypt=yes", "Server=h;Pwd=[masked: password];Encrypt=yes"),
        ("?user=bob&password={0}&x=1", "?user=bob&password=[masked: password]&x=1"),
        ("DB_PASSWORD={0}\nPORT=1", "DB_PASSWORD=[masked: password]\nPORT=1"),
        ("Authorization: Bearer {0}\nHost: h", "Authorization: Bearer [masked: authorization]\nHost: h"),
        ("Cookie: sid={0}; theme=dark\nHost: h", "Cookie: [masked: cookie]\nHost: h"),
        ('password = ("{0}"\n            "{0}")', 'password = ("[masked: password]")'),
    ],
)
def test_no_more_is_masked_than_the_secret(text, expected):
    """The model still reads host, user and structure."""
    assert clean(text.format("x7Kq9vT2w")) == expected


def test_a_secret_that_is_named_once_is_masked_everywhere():
    """The cell names it, its output does not."""
    guard = Guard("mask", {})
    secret = password(Random(3))
    cleaned = guard.clean(f"password = '{secret}'\nprint(password)\n\n{secret}\n")
    assert cleaned.text == "password = '[masked: password]'\nprint(password)\n\n[masked: password]\n"
    assert guard.clean(f"again {secret}").text == "again [masked: password]"
    guard = Guard("mask", {})
    assert guard.clean(f"token = '{secret}'").text == "token = '[masked: token]'"
    assert guard.clean(f"({secret})").text == "([masked: token])"


def test_a_piece_of_what_was_named_is_masked_only_where_the_whole_stands():
    """The value of a name may be no secret after all; then its beginning must not spoil the rest of the text."""
    text = clean("{'pwd': 'app.core2x.magics.osm'}\napp.core2x.magics.auto and app.core2x.magics.osm")
    assert text == "{'pwd': '[masked: password]'}\napp.core2x.magics.auto and [masked: password]"


def test_a_plain_word_is_masked_where_it_is_named_and_nowhere_else():
    text = clean("password = 'postgres'\n# start postgres on port 5432")
    assert text == "password = '[masked: password]'\n# start postgres on port 5432"


@given(st.lists(st.sampled_from([*HARMLESS, *(context.format("x7Kq9vT2w") for context in NAMED.values())]), max_size=6))
def test_cleaning_what_is_clean_changes_nothing(texts):
    once = clean("\n".join(texts))
    assert Guard("mask", {}).clean(once).text == once


@given(st.text(alphabet="[masked: pword]AKI1234567890 \n\"'=:", max_size=80))
def test_every_text_is_clean_after_one_cleaning(text):
    once = clean(f"password={text}")
    assert all(once[start:end].startswith("[masked: ") for start, end in mask_spans(once))
    assert clean(once) == once
