"""The tools that look into a notebook: what they return, that they mask secrets, and that they call nothing."""

from __future__ import annotations

import pytest

from deepseek_magic.app.notebook_tools import NotebookTools, Offering, tool_box
from deepseek_magic.context.reader import Reader
from deepseek_magic.errors import OptionError
from deepseek_magic.guard import Guard
from deepseek_magic.notebook.kernel import Kernel
from deepseek_magic.notebook.running import RunningNotebook
from deepseek_magic.reach.consent import Consent

SECRET = "".join(("ghp", "_", "Zq7Wm3Rt9Lx5Vb1Nc8Hd4Jf6Gs2Kp0Ty3Ua"))
LOOKS = ["list_variables", "inspect_value", "head", "source_of", "help_on", "search_cells"]


class Trap:
    """A class whose objects run code wherever they are touched."""

    def __getattr__(self, name):
        raise AssertionError(name)

    __len__ = __iter__ = __repr__ = __str__ = __getattr__


def double(number: int) -> int:
    """Return twice the number."""
    return 2 * number


def offering(shell) -> Offering:
    return Offering(Kernel(shell), Consent(watched=True, yes=False))


NAMES = {"number": 41, "words": ["a", "b", "c"], "double": double, "trap": Trap(), "password": SECRET}


@pytest.fixture
def tools(shell):
    guard = Guard("mask", {})
    return NotebookTools(Reader(RunningNotebook(shell, {}), NAMES, guard, tokens=6_000))


def test_variables_are_listed_by_type(tools):
    """One line for each, in order, and none of their values."""
    listed = tools.list_variables().splitlines()
    assert listed[:3] == ["number: int", "words: list", "double: function"]
    assert listed[3].endswith("Trap")
    assert SECRET not in tools.list_variables()


def test_a_value_is_described_and_its_secret_is_masked(tools):
    """The value itself is there, a secret is not, and no code of the value's runs."""
    assert "41" in tools.inspect_value("number")
    assert SECRET not in tools.inspect_value("password")
    assert "Trap" in tools.inspect_value("trap")


@pytest.mark.parametrize(("rows", "said", "shown"), [(2, 2, "ab"), (0, 1, "a"), (1000, 50, "abc")])
def test_the_head_has_at_least_one_and_at_most_fifty(tools, rows, said, shown):
    """What the model asks for is held to the limits, and the words say which number it got."""
    text = tools.head("words", rows)
    assert text.startswith(f"the first {said} of ")
    assert [word for word in "abc" if f"'{word}'" in text or f'"{word}"' in text] == list(shown)


def test_source_and_help(tools):
    """A function is told by its source and its docstring; a value has no source."""
    assert "return 2 * number" in tools.source_of("double")
    assert tools.help_on("double").endswith("\n\nReturn twice the number.")
    with pytest.raises(LookupError, match=r"^there is no source of 'number', an int$"):
        tools.source_of("number")


def test_a_name_that_is_not_there_is_answered_with_those_that_are(tools):
    """The model gets what it may ask for next."""
    with pytest.raises(LookupError, match=r"^there is no variable 'df'; there are number, words, double, trap"):
        tools.head("df", 1)


def test_nothing_was_executed_so_nothing_is_found(tools):
    """Without cells the search says so."""
    assert tools.search_cells("x") == "no executed cell holds it"


def test_the_tools_of_one_request(shell):
    """The word for the notebook stands for six tools, a function for itself, however often they are named."""
    box = tool_box(offering(shell), ["notebook", "double", "notebook"], NAMES, Guard("off", {}))
    assert [tool.name for tool, _ in box.tools()] == [*LOOKS, "double"]


@pytest.mark.parametrize(
    ("wanted", "names", "words"),
    [
        (["missing"], NAMES, "^--tools missing: there is no function of that name; define it first$"),
        (["notebook", "head"], {"head": double}, "^--tools head: one of the tools of notebook has this name, too"),
        ([f"f{n}" for n in range(129)], {f"f{n}": double for n in range(129)}, "^--tools names 129 functions: expect"),
    ],
)
def test_tools_that_cannot_be_offered_are_refused(shell, wanted, names, words):
    """The error names the tool and what to do about it."""
    with pytest.raises(OptionError, match=words):
        tool_box(offering(shell), wanted, names, Guard("off", {}))
