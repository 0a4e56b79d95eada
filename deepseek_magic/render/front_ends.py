"""The front ends in which replies are shown: what is known of each, and what its HTML needs.

JupyterLab, Notebook 7, nbclient and terminals are measured in the tests. The others cannot be run there: what is said
of them is what their documentation and their issue threads say, or a guess on the safe side. MathML is that for
formulas, because it is drawn or typeset wherever the notebook is opened, and colours in the HTML are that for code.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

Basis = Literal["measured", "documented", "guessed"]


@dataclass(frozen=True, slots=True)
class Needs:
    """What the HTML of a reply needs before a front end shows it.

    Attributes:
        colours: whether code needs colours of its own: nothing there colours Pygments' classes.
        mathml: whether formulas need to be MathML: no MathJax runs there.
    """

    colours: bool = False
    mathml: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """A front end.

    Attributes:
        name: as ``%config DeepSeek.front_end`` takes it.
        title: its name for people.
        back_end: what shows replies there.
        typesets: whether MathJax typesets the TeX in HTML outputs.
        colours: whether it has rules for Pygments' classes.
        updates: which updates of an output arrive: "all", "text" where their metadata may be dropped, or "unsure".
            Where they may not arrive at all an output is published once, complete.
        limits: what is known of its limits of output, in a few words.
        basis: how that is known.
        names: names in the user's namespace that it is recognised by.
        modules: modules that are loaded there.
        variables: variables of the environment; the beginning of a name ends in ``*``.
    """

    name: str
    title: str
    back_end: str
    typesets: bool
    colours: bool
    updates: Literal["all", "text", "unsure"]
    limits: str
    basis: Basis
    names: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()

    def needs(self, maths: str = "auto") -> Needs:
        """Return what HTML needs here; ``maths`` is "tex" or "mathml" where the user says how formulas are shown."""
        return Needs(not self.colours, not self.typesets if maths == "auto" else maths == "mathml")


_STREAMING = "1,000 messages a second"
_UNKNOWN = "not known"
#: By the order in which they are looked for: the first that fits is it.
FRONT_ENDS: tuple[Known, ...] = (
    Known(
        "vscode",
        "VS Code",
        "widget",
        typesets=False,
        colours=False,
        updates="text",
        limits="long plain text is folded; HTML is not",
        basis="documented",
        names=("__vsc_ipynb_file__",),
        variables=("VSCODE_*",),
    ),
    Known(
        "colab",
        "Colab",
        "display",
        typesets=False,
        colours=False,
        updates="text",
        limits="a frame for each output",
        basis="documented",
        modules=("google.colab",),
        variables=("COLAB_RELEASE_TAG",),
    ),
    Known(
        "kaggle",
        "Kaggle",
        "display",
        typesets=False,
        colours=False,
        updates="text",
        limits=_UNKNOWN,
        basis="guessed",
        variables=("KAGGLE_KERNEL_RUN_TYPE",),
    ),
    Known(
        "databricks",
        "Databricks",
        "headless",
        typesets=False,
        colours=False,
        updates="unsure",
        limits=_UNKNOWN,
        basis="guessed",
        variables=("DATABRICKS_RUNTIME_VERSION",),
    ),
    Known(
        "deepnote",
        "Deepnote",
        "display",
        typesets=False,
        colours=False,
        updates="text",
        limits=_UNKNOWN,
        basis="guessed",
        variables=("DEEPNOTE_PROJECT_ID",),
    ),
    Known(
        "pycharm",
        "PyCharm, DataSpell",
        "headless",
        typesets=False,
        colours=False,
        updates="unsure",
        limits=_UNKNOWN,
        basis="guessed",
        variables=("PYCHARM_HOSTED",),
    ),
    Known(
        "nbclient",
        "nbclient, nbconvert, papermill",
        "headless",
        typesets=True,
        colours=True,
        updates="all",
        limits="none",
        basis="measured",
    ),
    Known(
        "terminal",
        "a terminal",
        "terminal",
        typesets=True,
        colours=True,
        updates="all",
        limits="none",
        basis="measured",
    ),
    Known(
        "notebook",
        "Notebook 7",
        "widget",
        typesets=True,
        colours=True,
        updates="all",
        limits=_STREAMING,
        basis="measured",
    ),
    Known(
        "lab",
        "JupyterLab",
        "widget",
        typesets=True,
        colours=True,
        updates="all",
        limits=_STREAMING,
        basis="measured",
    ),
)
_BY_NAME = {one.name: one for one in FRONT_ENDS}
LAB, NBCLIENT, TERMINAL = _BY_NAME["lab"], _BY_NAME["nbclient"], _BY_NAME["terminal"]
NAMES: tuple[str, ...] = tuple(_BY_NAME)


def known_as(name: str) -> Known | None:
    """Return the front end of this ``name``; ``None`` for "auto" and what is not known."""
    return _BY_NAME.get(name)


def recognised(names: Collection[str], modules: Collection[str], environ: Mapping[str, str]) -> Known:
    """Return the front end of a kernel in which somebody works.

    Args:
        names: what the user's namespace holds.
        modules: the names of the modules that are loaded.
        environ: the kernel's environment.

    What a kernel inherits may be of the program from which Jupyter was started, such as the terminal of VS Code or
    PyCharm: there the notebook's server says its own word, ``JPY_SESSION_NAME``, and the variables of others count for
    nothing. Notebook 7 cannot be told from JupyterLab, and shows replies in the same way.
    """
    inherited = "JPY_SESSION_NAME" in environ
    for one in FRONT_ENDS:
        if any(name in names for name in one.names) or any(module in modules for module in one.modules):
            return one
    for one in FRONT_ENDS:
        if any(_is_set(variable, environ) for variable in one.variables) and not (
            inherited and one.name in _WITH_TERMINALS
        ):
            return one
    return LAB


_WITH_TERMINALS = frozenset({"vscode", "pycharm"})


def _is_set(variable: str, environ: Mapping[str, str]) -> bool:
    if variable.endswith("*"):
        return any(name.startswith(variable[:-1]) for name in environ)
    return variable in environ
