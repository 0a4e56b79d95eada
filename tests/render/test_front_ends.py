"""The table of front ends: how each is recognised, and what follows from it."""

from __future__ import annotations

import pytest

from deepseek_magic.render.back_ends import BACK_ENDS
from deepseek_magic.render.back_ends.display import DisplayRenderer
from deepseek_magic.render.back_ends.headless import HeadlessRenderer
from deepseek_magic.render.choose import FrontEnd, Screen, suitable
from deepseek_magic.render.front_ends import FRONT_ENDS, LAB, NAMES, Limits, Needs, known_as, recognised

SIGNS = [
    ({"__vsc_ipynb_file__"}, set(), {}, "vscode"),
    ({"__vsc_ipynb_file__"}, set(), {"JPY_SESSION_NAME": "/a.ipynb"}, "vscode"),  # on a server of its own choice
    (set(), set(), {"VSCODE_PID": "1"}, "vscode"),
    (set(), set(), {"VSCODE_PID": "1", "JPY_SESSION_NAME": "/a.ipynb"}, "lab"),  # started from its terminal
    (set(), {"google.colab"}, {}, "colab"),
    (set(), {"google.colab"}, {"VSCODE_PID": "1"}, "colab"),
    (set(), set(), {"KAGGLE_KERNEL_RUN_TYPE": "Interactive"}, "kaggle"),
    (set(), set(), {"DATABRICKS_RUNTIME_VERSION": "15.4"}, "databricks"),
    (set(), set(), {"DEEPNOTE_PROJECT_ID": "x"}, "deepnote"),
    (set(), set(), {"PYCHARM_HOSTED": "1"}, "pycharm"),
    (set(), set(), {"PYCHARM_HOSTED": "1", "JPY_SESSION_NAME": "/a.ipynb"}, "lab"),
    ({"google"}, {"google"}, {"VSCODE": "1", "JPY_SESSION_NAME": "/a.ipynb"}, "lab"),
    (set(), set(), {}, "lab"),
]


@pytest.mark.parametrize(("names", "modules", "environ", "name"), SIGNS)
def test_each_is_recognised(names: set[str], modules: set[str], environ: dict[str, str], name: str) -> None:
    assert recognised(names, modules, environ).name == name


def test_the_table_is_whole() -> None:
    assert len(NAMES) == len(FRONT_ENDS) == len({one.title for one in FRONT_ENDS})
    assert {one.back_end for one in FRONT_ENDS} <= set(BACK_ENDS)
    assert {name for *_, name in SIGNS} | {"notebook", "nbclient", "terminal"} == set(NAMES)
    assert (known_as("colab"), known_as("auto")) == (next(one for one in FRONT_ENDS if one.name == "colab"), None)
    for one in FRONT_ENDS:
        assert one.updates != "none" or one.back_end == "headless"  # a reply that is shown in updates would be lost
        assert one.basis == "measured" or one.needs() == Needs(
            True, True, one.limits.size
        )  # right wherever it is opened


def test_limits_are_figures_that_are_kept() -> None:
    """A reply sends 40 messages a second at most (CONTRIBUTING.md, Limits)."""
    limits = {one.name: one.limits for one in FRONT_ENDS}
    assert all(not one.messages or one.messages > 40 for one in limits.values())
    assert {name: str(one) for name, one in limits.items() if one != Limits()} == {
        "vscode": "30 lines of plain text",
        "colab": "10 MB an output, 1,000 messages a second",
        "databricks": "10 MB an output",
        "notebook": "1,000 messages a second",
        "lab": "1,000 messages a second",
    }
    assert str(Limits()) == "none known"


def test_formulas_are_as_the_user_says() -> None:
    assert (LAB.needs(), LAB.needs("tex"), LAB.needs("mathml")) == (Needs(), Needs(), Needs(mathml=True))
    vscode = known_as("vscode")
    assert vscode is not None
    assert (vscode.needs().mathml, vscode.needs("tex").mathml) == (True, False)


@pytest.mark.parametrize("one", FRONT_ENDS, ids=NAMES)
def test_the_back_end_follows_the_table(one) -> None:
    page = FrontEnd(in_kernel=True, known=one, needs=one.needs())
    assert suitable(page) == one.back_end
    assert suitable(FrontEnd(in_kernel=True, watched=False, known=one)) == "headless"
    assert suitable(FrontEnd(in_kernel=True, watched=False, known=one, is_named=True)) == one.back_end
    made = Screen().renderer("auto", lambda: page)._renderer  # type: ignore[attr-defined]
    kinds = {"display": DisplayRenderer, "headless": HeadlessRenderer}
    assert type(made) is kinds.get(one.back_end, type(made))
