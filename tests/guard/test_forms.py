"""The data files of the guard: every form and place has an example that is masked and a likeness that is not."""

from __future__ import annotations

import subprocess
import sys

import pytest

from deepseek_magic.guard import Guard
from deepseek_magic.guard.data_files import read

FORMS, PLACES = read("forms")["forms"], read("forms")["places"]
PREFIXED = [(form["kind"], prefix, form["example"], form["harmless"]) for form in FORMS for prefix in form["prefixes"]]


@pytest.mark.parametrize(("kind", "prefix", "example", "harmless"), PREFIXED)
def test_a_form(kind, prefix, example, harmless):
    """The mask is known as one (a finding), so the kind is in the closed list."""
    cleaned = Guard("mask", {}).clean(f"it is {prefix}{example} here")
    assert cleaned.text == f"it is [masked: {kind}] here"
    assert [finding.kind for finding in cleaned.findings] == [kind]
    text = f"it is {prefix}{harmless} here"
    assert Guard("mask", {}).clean(text).text == text


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place["hints"][0])
def test_a_place(place):
    cleaned = Guard("mask", {}).clean("it is " + "".join(place["example"]))
    assert place["kind"] in [finding.kind for finding in cleaned.findings]
    text = f"it is {place['harmless']}"
    assert Guard("mask", {}).clean(text).text == text


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place["hints"][0])
def test_a_hint_stands_in_what_it_is_searched_for(place):
    assert any(hint in "".join(place["example"]) for hint in place["hints"])


def test_no_word_stands_twice():
    for kind, row in read("words").items():
        assert len(set(row["words"])) == len(row["words"]), kind
        assert all(word == word.casefold() for word in row["words"]), kind


@pytest.mark.kernel
def test_the_data_files_are_read_when_they_are_needed():
    code = (
        "from deepseek_magic.guard import Guard, Redactor; from deepseek_magic.guard.data_files import read; "
        "import re; guard = Guard('off', {}); Redactor(guard).text('a', name=''); print(read.cache_info().misses); "
        "Guard('mask', {}).clean('a'); print(read.cache_info().misses)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["0", "2"]
