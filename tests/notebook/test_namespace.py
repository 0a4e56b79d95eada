"""What an expression was meant to be: its names, attributes and keys, and nothing that has to be gone through."""

from __future__ import annotations

import pandas as pd
import pytest

from deepseek_magic.notebook.namespace import nearest


class Stream:
    """Hands out what it holds once, as a file does."""

    def __init__(self) -> None:
        self.rows = iter(["text", "other"])

    def __getitem__(self, key):
        raise KeyError(key)

    def __iter__(self):
        return self.rows


NAMES = {
    "frame": pd.DataFrame({"review": [1]}),
    "table": {"rows": {"name": 1}, "nam": 2, "names[0]": 3},
    "stream": Stream(),
    "long": {"key" * 4_000: 1},
}


@pytest.mark.parametrize(
    ("expression", "meant"),
    [
        ("frame['reviw']", "review"),
        ("table['row']", "rows"),
        ("table [ 'naem' ]", "nam"),
        ("frme", "frame"),
        ("frame.colums", "columns"),
        ("table['rows']['nam']", ""),
        ("table['names[1]']", ""),
        ("stream['txt']", ""),
        ("long['key' * 3_999]", ""),
    ],
)
def test_what_was_meant_is_near_and_there(expression, meant):
    """Of two brackets it is not known which failed, and a key that there is was not missed."""
    with pytest.raises((KeyError, NameError, AttributeError)) as raised:
        eval(expression, dict(NAMES))
    assert nearest(raised.value, expression, NAMES) == meant


def test_nothing_is_taken_from_what_hands_out_its_rows_once():
    """A mapping and the columns of a table may be gone through, other objects of the user's not."""
    stream = Stream()
    with pytest.raises(KeyError) as raised:
        stream["txt"]
    assert nearest(raised.value, "stream['txt']", {"stream": stream}) == ""
    assert list(stream) == ["text", "other"]
