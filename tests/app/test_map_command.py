"""A map's line, and the rehearsal that sends nothing."""

from __future__ import annotations

import pytest

from deepseek_magic.app.map_command import parsed, rehearsal
from deepseek_magic.app.mapping import Wanted, job_of
from deepseek_magic.batch.values import Values
from deepseek_magic.errors import OptionError
from deepseek_magic.render.progress import say_nothing
from tests.batch.asking import session


@pytest.mark.parametrize(
    ("line", "cell", "source", "options", "prompt"),
    [
        ("df.a Say: {value}", None, "df.a", {}, "Say: {value}"),
        ("df['a b'] -j 3 Say {value}", None, "df['a b']", {"jobs": 3}, "Say {value}"),
        ("-m m f(x, y) {value}", None, "f(x, y)", {"model": "m"}, "{value}"),
        ('words "Is {value} good?"', None, "words", {}, "Is {value} good?"),
        ('words "a" or "b": {value}', None, "words", {}, '"a" or "b": {value}'),
        ("words --stop a --stop b", "Say\n{value}\n", "words", {"stop": ("a", "b")}, "Say\n{value}"),
        ("words Begin.", "{value}\n", "words", {}, "Begin.\n\n{value}"),
    ],
)
def test_a_line_is_read(line, cell, source, options, prompt):
    """The first expression is the source, options stand on either side of it, and the rest is the prompt."""
    found = parsed(line, cell)
    assert (found[0], found[1], found[2].strip()) == (source, options, prompt)


def test_a_line_without_values_is_refused():
    """The error shows how a map is written."""
    with pytest.raises(OptionError, match="needs the values first, like: %deepseek_map df"):
        parsed("", "Say {value}")


def test_a_rehearsal_sends_nothing_and_shows_the_first_prompt(server):
    """Equal values count once, and the system text stands before the prompt."""
    wanted = Wanted("Say {value}", {"system": "Be brief."})
    text = rehearsal(job_of(session(server), {}, Values(["a", "b", "a"]), wanted, say_nothing))
    assert text.startswith("This would ask 2 of 3 values: about ")
    assert text.endswith("nothing was sent):\n\nBe brief.\n\nSay a")
    assert server.requests == []
