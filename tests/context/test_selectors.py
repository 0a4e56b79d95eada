"""The forms of ``-c``: what is read, and what a word that is none was meant to be."""

from __future__ import annotations

import pytest

from deepseek_magic.context.selectors import EXPECTED, FORMS, Selector, chosen, read, refusal
from deepseek_magic.context.sources import SOURCES
from deepseek_magic.errors import OptionError


@pytest.mark.parametrize(
    ("spec", "found"),
    [
        ("cells", [("cells", None)]),
        ("cells:3, vars", [("cells", 3), ("vars", None)]),
        ("cells:3-9,error", [("cells", (3, 9)), ("error", None)]),
        ("vars,file:a, b.csv", [("vars", None), ("file", "a, b.csv")]),
        ("none", [("none", None)]),
    ],
)
def test_what_is_read(spec, found):
    assert [(one.source, one.argument) for one in read(spec)] == found


def test_each_is_chosen_once_and_none_is_not_combined():
    assert chosen(["vars,cells", "cells,vars"], "-c") == (Selector("vars"), Selector("cells"))
    assert chosen(["none"], "-c") == ()
    with pytest.raises(OptionError, match="none cannot be combined"):
        chosen(["none,cells"], "-c")


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("last", "; did you mean cells:1 (the last cell)?"),
        ("last:4", "; did you mean cells:4 (the last 4 cells)?"),
        ("Previous", "; did you mean cells:1 (the last cell)?"),
        ("cell:3", "; did you mean cells:3-3 (cell [3])?"),
        ("In[12]", "; did you mean cells:12-12 (cell [12])?"),
        ("3-9", "; did you mean cells:3-9?"),
        ("cells:9..3", "; did you mean cells:3-9?"),
        ("all", "; did you mean cells,vars?"),
        ("cel", "; did you mean cells?"),
        ("Vars", "; did you mean vars?"),
        ("variable", "; did you mean vars?"),
        ("data/a.csv", "; did you mean file:data/a.csv?"),
        ("notes.txt", "; did you mean file:notes.txt?"),
        ("vars:df,n", "; did you mean -v df,n?"),
        ("sales", "; -v sales sends a variable"),
        ("profile:a.csv", "; did you mean file:profile:a.csv?"),
        ("CSV:a.csv", "; did you mean file:a.csv?"),
        ("-2", "; did you mean cells:2 (the last 2 cells)?"),
        ("-01", "; did you mean cells:1 (the last cell)?"),
        ("-0", ""),
        ("last:0", ""),
        ("cells:0", ""),
        ("cells:x", ""),
        ("%%%", ""),
    ],
)
def test_a_word_that_is_none_gets_what_it_was_meant_to_be(word, hint):
    said = refusal("-c", word)
    assert said.partition(f"found {word!r}")[2] == hint
    with pytest.raises(OptionError):
        chosen([word], "-c")
    if "did you mean" in hint and "-v" not in hint:
        chosen([hint.removeprefix("; did you mean ").partition(" ")[0].rstrip("?")], "-c")


def test_a_known_source_shows_its_own_forms_and_others_all_of_them():
    assert all(form in refusal("-c", "cells:0") for form in SOURCES["cells"].forms)
    assert "vars" not in refusal("-c", "cells:0")
    assert EXPECTED in refusal("-c", "%%%")
    assert all(form in EXPECTED for form in FORMS)
