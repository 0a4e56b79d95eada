"""Names that say "secret": which do, how certain that is, and where they stand in a text."""

from __future__ import annotations

import pytest

from deepseek_magic.guard.secret_names import Certainty, classify_label, classify_name, find_names

PASSWORD = (Certainty.PASSWORD, "password")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("password", PASSWORD),
        ("dbPassword", PASSWORD),
        ("DB_PASS", PASSWORD),
        ("client_secret", (Certainty.SECRET, "secret")),
        ("credentials", (Certainty.SECRET, "credentials")),
        ("api_key", (Certainty.SECRET, "API key")),
        ("private_key", (Certainty.SECRET, "private key")),
        ("AWS_SECRET_ACCESS_KEY", (Certainty.SECRET, "secret key")),
        ("csrf_token", (Certainty.RANDOM, "token")),
        ("session_id", (Certainty.LONG, "session")),
        ("sid", (Certainty.LONG, "session")),
    ],
)
def test_a_name_says_how_certain_and_of_which_kind(name: str, said: tuple[Certainty, str]) -> None:
    assert classify_name(name) == said


@pytest.mark.parametrize(
    "name", ["", "user", "key", "primary_key", "max_tokens", "password_length", "token_count", "key_file", "compass"]
)
def test_other_names_say_nothing(name: str) -> None:
    assert classify_name(name) is None


def test_any_part_of_a_label_may_say_it() -> None:
    assert classify_label("user / password") == PASSWORD
    assert classify_label(("user", 3, "password")) == PASSWORD
    assert [classify_label(label) for label in (3, None, ("user", 3), ["password"])] == [None] * 4


def test_no_code_of_a_label_is_run() -> None:
    class Label(str):
        def __getitem__(self, place: object) -> str:
            raise AssertionError

    assert classify_label(Label("password")) == PASSWORD


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('x = 1; db_password = "a"', ["db_password"]),
        ("the API key: b", ["API key"]),
        ("a key: b, many tokens", []),
        ("PASSWORD and apiKey", ["PASSWORD", "apiKey"]),
        (r"'\npassword: x'", ["password"]),
        ("İ password", ["password"]),
    ],
)
def test_names_are_found_where_they_stand(text: str, names: list[str]) -> None:
    assert [text[found.start : found.end] for found in find_names(text)] == names
