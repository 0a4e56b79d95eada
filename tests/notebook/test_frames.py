"""Where an exception passed through: lines as they were typed."""

from __future__ import annotations

import pytest

from deepseek_magic.notebook.error.frames import typed_line


@pytest.mark.parametrize(
    ("typed", "ran", "line", "wanted"),
    [
        ("a\nb", "a\nb\n", 2, 2),
        ("\n\na\nb", "a\nb\n", 2, 4),
        ("%time a\nb", "get_ipython().run_line_magic('time', 'a')\nb\n", 1, 1),
        ("%%capture\na\nb", "a\nb\n", 2, 3),
        ("\n%%time\na\nb", "get_ipython().run_cell_magic('time', '', 'a\\nb')\n", 1, 2),
        ("x = !ls \\\n  -l\nb\nc", "x = get_ipython().getoutput('ls   -l')\nb\nc\n", 2, 3),
        ("x = !ls \\\n  -l\nb\nc", "x = get_ipython().getoutput('ls   -l')\nb\nc\n", 1, 0),
        ("a", "a\n", 7, 0),
    ],
)
def test_lines_as_they_were_typed(typed, ran, line, wanted):
    assert typed_line(typed.split("\n"), ran.split("\n"), line) == wanted
