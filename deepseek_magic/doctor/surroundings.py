"""Check where questions are asked from: the kernel, the front end, the widget manager, the versions."""

from __future__ import annotations

import importlib.util
import platform
import re
from collections.abc import Iterator
from importlib import metadata

from deepseek_magic.render.back_ends import BACK_ENDS
from deepseek_magic.render.choose import FrontEnd, suitable
from deepseek_magic.text import one_line
from deepseek_magic.version import __version__

from .findings import Finding

_BOUND = re.compile(r"\s*([A-Za-z0-9._-]+)(?:\[[^\]]*\])?\s*>=\s*([0-9][0-9.]*)\s*(?:;(.*))?\s*")
_OLDER_PYTHON = re.compile(r"python_version\s*<\s*['\"]3\.(\d+)['\"]")


def check(front_end: FrontEnd, renderer: str) -> Iterator[Finding]:
    """Yield findings on ``front_end``; ``renderer`` is the configured back end."""
    yield _kernel(front_end)
    shown = renderer if renderer in BACK_ENDS else suitable(front_end)
    yield Finding("front end", "fine", f"{_named(front_end)}; replies are shown by the back end {shown}")
    if front_end.in_kernel and front_end.watched:
        yield _widgets(shown, in_page=front_end.known.name in ("lab", "notebook"))
    yield from versions()


def _kernel(front_end: FrontEnd) -> Finding:
    shells = ("ipython", "ipykernel") if front_end.in_kernel else ("ipython",)
    parts = [f"Python {platform.python_version()}", *(f"{one} {found}" for one in shells if (found := installed(one)))]
    return Finding("kernel", "fine", f"{', '.join(parts)} on {platform.system()}")


def _named(front_end: FrontEnd) -> str:
    if not front_end.in_kernel:
        return "a terminal"
    if not front_end.watched:
        return "an unattended run"
    maths = "formulas are MathML" if front_end.needs.mathml else "formulas are for MathJax"
    how = "as DeepSeek.front_end says" if front_end.is_named else "as recognised; DeepSeek.front_end overrides it"
    basis = "" if front_end.known.basis == "measured" else f", what is known of it is {front_end.known.basis}"
    return f"{front_end.known.title} ({how}{basis}), {maths}"


def _widgets(shown: str, *, in_page: bool) -> Finding:
    """Return the finding on ipywidgets; ``in_page``: the page loads their manager from a local installation."""
    if importlib.util.find_spec("ipywidgets") is None:
        return Finding(
            "widgets",
            "wrong" if shown == "widget" else "look",
            "ipywidgets is not installed: replies are repainted twice a second",
            "pip install ipywidgets, restart the kernel and load the page again",
        )
    if in_page and installed("jupyterlab_widgets") is None:
        return Finding(
            "widgets",
            "wrong",
            "their manager for the page, jupyterlab_widgets, is not installed beside ipywidgets",
            "pip install jupyterlab_widgets where the server runs, and load the page again; until then "
            "%config DeepSeek.renderer = 'display'",
        )
    return Finding(
        "widgets", "fine", f"ipywidgets {installed('ipywidgets')}{', with its manager for the page' if in_page else ''}"
    )


def installed(name: str) -> str | None:
    """Return the installed version of the distribution ``name``; ``None`` if it is not installed."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def versions() -> Iterator[Finding]:
    """Yield findings on the versions of the packages that this one needs."""
    try:
        needs = metadata.requires("deepseek-magic") or []
    except metadata.PackageNotFoundError:
        yield Finding(
            "versions", "not checked", f"deepseek_magic {__version__} runs from a folder, not as an installed package"
        )
        return
    wrong = list(broken_bounds(needs))
    if wrong:
        remedy = f"pip install --upgrade {' '.join(name for name, _ in wrong)}, and restart the kernel"
        yield Finding("versions", "wrong", "; ".join(what for _, what in wrong).replace("; ", ", "), remedy)
    else:
        yield Finding("versions", "fine", f"deepseek_magic {__version__}, and all that it needs")


def broken_bounds(needs: list[str]) -> Iterator[tuple[str, str]]:
    """Yield each distribution in ``needs`` that is missing or too old, and which of the two.

    Args:
        needs: requirements as a distribution states them; those of extras count only if they are installed.
    """
    for need in needs:
        found = _BOUND.fullmatch(need)
        if found is None:
            continue
        name, bound, marker = found[1], found[2], found[3] or ""
        older = _OLDER_PYTHON.search(marker)
        if older and int(platform.python_version_tuple()[1]) >= int(older[1]):
            continue
        here = installed(name)
        if here is None:
            if "extra" not in marker:
                yield name, f"{name} is not installed"
        elif _numbers(here) < _numbers(bound):
            yield name, f"{name} is {one_line(here, 20)}, older than {bound}"


def _numbers(version: str) -> tuple[int, ...]:
    found = re.match(r"\d+(?:\.\d+)*", version)
    numbers = tuple(map(int, found[0].split("."))) if found else ()
    return (*numbers, *(0,) * (6 - len(numbers)))
