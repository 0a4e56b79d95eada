"""Values that stand further on in the line of their name, and literals there that are none."""

from __future__ import annotations

import pytest

from deepseek_magic.guard.later_values import by_later
from deepseek_magic.guard.secret_names import find_names


def found(text: str) -> list[str]:
    return list(dict.fromkeys(text[start:end] for start, end, _ in by_later(text, find_names(text))))


@pytest.mark.parametrize(
    "text",
    [
        'password = os.getenv("PW") or "tiger7"',
        'password = a if b else "tiger7"',
        'parser.add_argument("--password", default="tiger7")',
        "const password = process.env.PW || 'tiger7';",
        'password: SecretStr = SecretStr("tiger7")',
        'find(By.NAME, "password").send_keys("tiger7")',
        'archive.setpassword(b"tiger7")',
        'client.with_password("tiger7")',
        'password, user = "tiger7", "bob"',
        'user, password = "bob", "tiger7"',
        'user, password, host = names[0], "tiger7", "h"',
        'user, password = "tiger7".split(":")',
    ],
)
def test_the_value_is_found(text):
    assert found(text) == ["tiger7"]


@pytest.mark.parametrize(
    "text",
    [
        'password = getpass("" if quiet else "Enter it 2 times: ")',
        'password = input() or "none"',
        'user, password = "bob77", None',
        'password, user = None, "bob77"',
        'get_password("bob77")',
        'check_password("bob77")',
        'password = pw\nuser = x or "bob77"',
        'password = pw  # or "bob77"',
        'find(By.NAME, "password").send_keys(pw)',
    ],
)
def test_another_literal_is_none(text):
    assert found(text) == []
