"""The table of front ends: how each is recognised, and what it needs.

JupyterLab, Notebook 7, nbclient and terminals are measured in the tests. The others cannot be run there: their rows
come from their documentation and issue threads, which comments name, or are a guess on the safe side. The safe side is
MathML for formulas, which is shown wherever the notebook is opened, and colours in the HTML for code.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

Basis = Literal["measured", "documented", "guessed"]


@dataclass(frozen=True, slots=True)
class Needs:
    """What has to be done to the HTML of a reply for a front end.

    Attributes:
        colours: whether code needs inline colours, because there are no styles for Pygments' classes.
        mathml: whether formulas must be MathML, because no MathJax runs there.
        most: the most bytes of an output; 0 for no limit.
    """

    colours: bool = False
    mathml: bool = False
    most: int = 0


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a front end on output; 0 if none is known.

    Attributes:
        size: the bytes of one output above which it is cut or dropped.
        messages: the messages a second above which they are dropped.
        lines: the lines of plain text above which the rest is folded; HTML is not.
    """

    size: int = 0
    messages: int = 0
    lines: int = 0

    def __str__(self) -> str:
        """Return the limits in a few words."""
        known = (
            f"{self.size // 1_000_000} MB an output" if self.size else "",
            f"{self.messages:,} messages a second" if self.messages else "",
            f"{self.lines} lines of plain text" if self.lines else "",
        )
        return ", ".join(filter(None, known)) or "none known"


@dataclass(frozen=True, slots=True)
class KnownFrontEnd:
    """A front end.

    Attributes:
        name: its name for ``%config DeepSeek.front_end``.
        title: its name for people.
        back_end: the back end for replies there.
        typesets: whether MathJax typesets the TeX in HTML outputs.
        colours: whether it has rules for Pygments' classes.
        updates: which updates of an output arrive: "all"; "text", if their metadata may be dropped; "cell", only those
            of the running cell; or "none": an output must be published once, complete.
        limits: its limits on output, as far as they are known.
        basis: how all this is known.
        names: names in the user's namespace by which it is recognised.
        modules: loaded modules by which it is recognised.
        variables: environment variables by which it is recognised; ``*`` at the end matches any rest of the name.
    """

    name: str
    title: str
    back_end: str
    typesets: bool
    colours: bool
    updates: Literal["all", "text", "cell", "none"]
    limits: Limits
    basis: Basis
    names: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()

    def needs(self, maths: str = "auto") -> Needs:
        """Return what HTML needs here; ``maths`` is "tex" or "mathml" if the user set how formulas are shown."""
        mathml = not self.typesets if maths == "auto" else maths == "mathml"
        return Needs(not self.colours, mathml, self.limits.size)


#: The values of ``updates`` for which updates of any cell arrive at any time.
EVERYWHERE = ("all", "text")
#: The default of a Jupyter server (``iopub_msg_rate_limit``). Its limit on bytes is only for printed text.
_SERVER = Limits(messages=1000)
_UNKNOWN = Limits()
#: In the order in which they are tried: the first that matches counts.
FRONT_ENDS: tuple[KnownFrontEnd, ...] = (
    # microsoft/vscode-jupyter#7801 (no MathJax in HTML), #8621 (metadata of an update); microsoft/vscode#130837 (HTML
    # of any height); its setting `notebook.output.textLineLimit`.
    KnownFrontEnd(
        "vscode",
        "VS Code",
        "widget",
        typesets=False,
        colours=False,
        updates="text",
        limits=Limits(lines=30),
        basis="documented",
        names=("__vsc_ipynb_file__",),
        variables=("VSCODE_*",),
    ),
    # googlecolab/colabtools#3941 and #594 (a frame without MathJax for each output), #21 (10 MB of an output; the rates
    # of a Jupyter server).
    KnownFrontEnd(
        "colab",
        "Colab",
        "display",
        typesets=False,
        colours=False,
        updates="text",
        limits=Limits(size=10_000_000, messages=1000),
        basis="documented",
        modules=("google.colab",),
        variables=("COLAB_RELEASE_TAG",),
    ),
    # jupyter-widgets/ipywidgets#2360 (widgets are not in the saved notebook); the rest is a guess.
    KnownFrontEnd(
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
    # docs.databricks.com, "Known limitations of Databricks notebooks" (10 MB of output a cell unless it is set
    # otherwise; no state of widgets in another session) and "IPython kernel" (updates of the current cell only). That
    # no MathJax runs in its HTML is a guess.
    KnownFrontEnd(
        "databricks",
        "Databricks",
        "display",
        typesets=False,
        colours=False,
        updates="cell",
        limits=Limits(size=10_000_000),
        basis="documented",
        variables=("DATABRICKS_RUNTIME_VERSION",),
    ),
    # vizzuhq/ipyvizzu#100 (a frame for each output); the rest is a guess.
    KnownFrontEnd(
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
    # AnswerDotAI/fastprogress#61, DS-3383 of the JetBrains tracker (updates of a display have no effect). That no
    # MathJax runs in its HTML is a guess.
    KnownFrontEnd(
        "pycharm",
        "PyCharm, DataSpell",
        "headless",
        typesets=False,
        colours=False,
        updates="none",
        limits=_UNKNOWN,
        basis="documented",
        variables=("PYCHARM_HOSTED",),
    ),
    KnownFrontEnd(
        "nbclient",
        "nbclient, nbconvert, papermill",
        "headless",
        typesets=True,
        colours=True,
        updates="all",
        limits=_UNKNOWN,
        basis="measured",
    ),
    KnownFrontEnd(
        "terminal",
        "a terminal",
        "terminal",
        typesets=True,
        colours=True,
        updates="all",
        limits=_UNKNOWN,
        basis="measured",
    ),
    KnownFrontEnd(
        "notebook",
        "Notebook 7",
        "widget",
        typesets=True,
        colours=True,
        updates="all",
        limits=_SERVER,
        basis="measured",
    ),
    KnownFrontEnd(
        "lab",
        "JupyterLab",
        "widget",
        typesets=True,
        colours=True,
        updates="all",
        limits=_SERVER,
        basis="measured",
    ),
)
_BY_NAME = {one.name: one for one in FRONT_ENDS}
LAB, NBCLIENT, TERMINAL = _BY_NAME["lab"], _BY_NAME["nbclient"], _BY_NAME["terminal"]
NAMES: tuple[str, ...] = tuple(_BY_NAME)


def known_as(name: str) -> KnownFrontEnd | None:
    """Return the front end named ``name``; ``None`` for "auto" and unknown names."""
    return _BY_NAME.get(name)


def recognised(names: Collection[str], modules: Collection[str], environ: Mapping[str, str]) -> KnownFrontEnd:
    """Return the front end of an interactive kernel.

    A kernel may inherit variables of the program that started Jupyter, such as the terminal of VS Code or PyCharm. So
    if a notebook server set ``JPY_SESSION_NAME``, the variables of others do not count. Notebook 7 cannot be
    distinguished from JupyterLab, and shows replies in the same way.

    Args:
        names: the names in the user's namespace.
        modules: the names of the loaded modules.
        environ: the kernel's environment.
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
