"""Values that are given to a secret name: which part of the text is the value, and what only looks like one."""

from __future__ import annotations

import pytest

from deepseek_magic.guard.assignments import by_name
from deepseek_magic.guard.secret_names import find_names


def values(text: str) -> list[str]:
    """What is found in ``text``."""
    return [text[start:end] for start, end, _ in by_name(text, find_names(text))]


@pytest.mark.parametrize(
    "text",
    [
        'password = "tiger7"',
        "password: str = 'tiger7'",
        'password = """tiger7"""',
        'password == "tiger7"',
        '{"password": "tiger7"}',
        'os.environ["DB_PASSWORD"] = "tiger7"',
        'os.environ.setdefault("DB_PASSWORD", "tiger7")',
        'login(password="tiger7", user="bob")',
        'print("password:", "tiger7")',
        "mysql --password tiger7 --user bob",
        "PASSWORD=tiger7\nUSER=bob\n",
        "export PASSWORD=tiger7 # of the test",
        "<password>tiger7</password>",
        "password: tiger7",
    ],
)
def test_the_value_is_found_and_nothing_beside_it(text: str) -> None:
    assert values(text) == ["tiger7"]


@pytest.mark.parametrize(
    "text",
    [
        "password = pw",
        "password = password1",
        "password: SecretStr",
        'password = get_password("tiger7")',
        "password = config.password",
        'password = f"{user}"',
        'password = "changeme"',
        'print("password:", pw)',
        'token = "production"',
        "password",
    ],
)
def test_code_and_placeholders_are_not_values(text: str) -> None:
    assert values(text) == []


def test_a_password_that_holds_the_word_secret_is_no_name_of_a_variable() -> None:
    assert values("DB_PASSWORD=hunter2secret9\nUSER=bob\n") == ["hunter2secret9"]
    assert values("token=s3_secret_key") == values("password = old_password2") == []


def test_each_literal_of_a_list_is_one() -> None:
    assert values('passwords = ["tiger7", "lion88"]\nuser = "bob99"') == ["tiger7", "lion88"]


def test_joined_literals_are_one_value() -> None:
    assert values('password = "ti" "ger7"') == ['ti" "ger7']
    assert values('password = "ti" + \\\n    "ger7"') == ['ti" + \\\n    "ger7']


def test_an_escaped_quote_does_not_end_the_value() -> None:
    assert values(r'password = "tig\"er7"; x = "y"') == [r"tig\"er7"]


def test_a_value_ends_where_its_line_or_the_text_is_cut() -> None:
    assert values('password = "tiger7') == ["tiger7"]
    assert values('password = "tiger7\nuser = bob') == ["tiger7"]


def test_a_plain_word_is_one_in_a_file_and_not_in_code() -> None:
    assert values("PASSWORD=letmein") == ["letmein"]
    assert values("password = letmein") == []


def test_the_mark_behind_a_bare_value_is_not_part_of_it() -> None:
    assert values("The password is tiger789.") == ["tiger789"]
    assert values("(password=tiger7)") == ["tiger7"]


def test_the_kind_is_that_of_the_name() -> None:
    text = 'api_key = "aB3dE5fG7hI9"'
    assert [kind for _, _, kind in by_name(text, find_names(text))] == ["API key"]
