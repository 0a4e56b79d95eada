"""Keys and passwords that are given by place: what is called decides, and what the value looks like."""

from __future__ import annotations

import pytest

from deepseek_magic.guard.positional_keys import by_position

HEX = "3f2504e04f8941d39a0c0305e82c33018a1b2c3d"
MIXED = "qT7xLm2Rb9Kz4WvN8cJh"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"Census('{HEX}')", HEX),
        (f"Census(u'{HEX}', year=2020)", HEX),
        (f"a.b.Client(1, x.y[0], key='{HEX[:3]}', '{MIXED}')", MIXED),
        (f"Client('{MIXED}'", ""),  # not a call that is read to the end of the argument
        (f"client('{MIXED}')", ""),  # a function of any kind
        (f"pyowm.OWM('{HEX}')", HEX),
        (f"OWM('{HEX}')", ""),  # as VALUES of SQL
        (f"set_api_key('{HEX}')", HEX),
        (f"Web3('{HEX}')", HEX),
        (f"Commit('{HEX}')", ""),
        (f"Client(Commit('{HEX}'))", ""),
        (f"Census('{HEX[:39]}')", ""),  # of no length that keys have
        (f"Census('{'ab' * 20}')", ""),
        (f"Census('{MIXED.lower()}')", ""),
        (f"Census(1, 2, 3, 4, 5, 6, '{HEX}')", ""),
        ("SMTP('host1.example.com', 'x7Kq9vT2w')", "x7Kq9vT2w"),
        ("SMTP('x7Kq9vT2w')", ""),
        ("FTP('host', 'anna1984', 'x7Kq9vT2w')", "x7Kq9vT2w"),
        ("SMTP(user, 'letmein')", ""),
    ],
)
def test_what_is_found(text: str, found: str) -> None:
    assert "".join(text[one.start : one.end] for one in by_position(text)) == found


def test_a_call_is_read_for_a_few_arguments() -> None:
    """However many brackets are open: the same arguments are not read again and again."""
    text = "Client(" * 20_000 + f"'{MIXED}', " * 20_000
    assert len(list(by_position(text))) == 6
