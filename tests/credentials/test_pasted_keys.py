"""A key in the source of a cell is noticed, each one once."""

from __future__ import annotations

from types import SimpleNamespace

from deepseek_magic.credentials.pasted_keys import PastedKeys
from deepseek_magic.settings.keys import checked_key

FORMED = "sk-" + "0123456789abcdef" * 2


def shell(*cells: str) -> SimpleNamespace:
    return SimpleNamespace(history_manager=SimpleNamespace(input_hist_raw=["", *cells]))


def test_the_key_in_use_is_found_in_an_earlier_cell_and_in_this_one_once() -> None:
    key = checked_key("not-of-any-known-form-8842", "https://a.example", "a test")
    cells = ["import os", f"os.environ['X'] = '{key.secret.reveal()}'", "%deepseek hi"]
    looks = PastedKeys()
    said = looks.notice(shell(*cells), key, masked=True)
    assert said.startswith("There is a key in cell [2]; it is masked in what is sent.")
    assert "revoke it where a.example gave it, delete it here" in said
    assert key.secret.reveal() not in said
    assert looks.notice(shell(*cells), key, masked=True) == ""
    cells.append(f"%deepseek what is {key.secret.reveal()}?")
    assert looks.notice(shell(*cells), key, masked=False).startswith("There is a key in this cell; the guard is off")


def test_a_cell_is_named_once_whichever_key_is_in_use() -> None:
    """As with a profile that is used for some questions."""
    keys = [checked_key(f"not-of-any-known-form-{n}", f"https://{n}.example", "a test") for n in range(2)]
    cells = [*(f"k = '{key.secret.reveal()}'" for key in keys), f"k = '{FORMED}'", "%deepseek hi"]
    looks = PastedKeys()
    said = looks.notice(shell(*cells), keys[0], masked=True)
    assert "in cell [1] and cell [3];" in said
    assert "revoke it at platform.deepseek.com (API keys) or where 0.example gave it, delete it" in said
    assert "in cell [2];" in looks.notice(shell(*cells), keys[1], masked=True)
    assert [looks.notice(shell(*cells), key, masked=True) for key in (*keys, None)] == [""] * 3
    assert "in this cell;" in looks.notice(shell(cells[0]), keys[0], masked=True)  # of a history that was cleared


def test_a_key_of_deepseeks_form_is_found_without_any_in_use() -> None:
    said = PastedKeys().notice(shell(f"k = '{FORMED}'", "%deepseek hi"), None, masked=True)
    assert "cell [1]" in said
    assert "revoke it at platform.deepseek.com (API keys)" in said
    for harmless in ("sk-...", "sk-learn", f"{FORMED}0", f"a{FORMED}", "task-0123456789abcdef0123456789abcdef"):
        assert PastedKeys().notice(shell(harmless), None, masked=True) == ""


def test_a_short_key_of_a_local_server_is_a_word_like_any_other() -> None:
    key = checked_key("hello", "http://127.0.0.1:1", "a test")
    assert PastedKeys().notice(shell("hello"), key, masked=True) == ""
    assert PastedKeys().notice(None, key, masked=True) == ""
