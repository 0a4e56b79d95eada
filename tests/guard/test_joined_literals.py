"""Keys that are written as several literals: found across the joints, and nothing is read across anything else."""

from __future__ import annotations

import pytest

from deepseek_magic.guard import Guard
from deepseek_magic.settings.keys import Secret

KEY = "sk-" + "1a2b3c4d" * 4
HALVES = KEY[:15], KEY[15:]
JOINED = [
    "f('{0}' + '{1}')",
    'f("{0}"+"{1}")',
    "f('{0}' '{1}')",
    "f(\n    '{0}'\n    '{1}'\n)",
    "f('{0}'\n  + '{1}')",
    "f('{0}' + \\\n    '{1}')",
    "f(b'{0}' b'{1}')",
    "f('{0}' f'{1}')",
    "f(''.join(['{0}', '{1}']))",
    r'"f(\"{0}\" + \"{1}\")\n",',
]
APART = [
    "f('{0}', '{1}')",
    "f('{0}')\ng('{1}')",
    "'{0}' == '{1}'",
    "x = '{0}'; y = '{1}'",
    "f('{0}' + x + '{1}')",
]


@pytest.mark.parametrize("written", JOINED)
def test_a_key_is_one_across_its_literals(written):
    text = Guard("mask", {}).clean(written.format(*HALVES)).text
    before, _, after = written.partition("{0}")
    assert text == f"{before}[masked: DeepSeek key]{after.partition('{1}')[2]}"


@pytest.mark.parametrize("written", APART)
def test_what_is_not_joined_is_not_read_together(written):
    text = written.format("sk-1a2b", "3c4d" * 7)
    assert Guard("mask", {}).clean(text).text == text


def test_a_known_value_is_found_across_them():
    cleaned = Guard("mask", {}, [Secret("x7Kq9vT2wLm4")]).clean("f('x7Kq9v' + 'T2wLm4')").text
    assert cleaned == "f('[masked: key of the endpoint]')"


def test_more_than_one_chain():
    text = "a('{0}' + '{1}')\nb('x1' + 'y2')\nc('{0}' '{1}')".format(*HALVES)
    assert Guard("mask", {}).clean(text).text == (
        "a('[masked: DeepSeek key]')\nb('x1' + 'y2')\nc('[masked: DeepSeek key]')"
    )
