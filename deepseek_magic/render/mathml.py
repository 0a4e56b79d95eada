r"""Formulas as MathML, for pages on which no MathJax runs.

``latex2mathml`` makes a tree of elements, of which nothing is passed on: the formula is built again from a list of
elements and attributes of MathML Core (https://www.w3.org/TR/mathml-core/), every value of which is checked. It has no
link, no class, no id, and no style but the few of ours.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import unescape

from .math_building import Building
from .tex import prepared

# As `html` and `style` leave a formula; any other dollar they mark. `escape` leaves no "<" in it.
_FORMULA = re.compile(r"<span>(\$\$?)([^<]*)\1</span>")
# Fonts whose brackets, roots and braces grow. Where there is none of them, the browser's own choice.
_FONTS = "font-family:'Latin Modern Math','STIX Two Math','Cambria Math','DejaVu Math TeX Gyre',math"
_KEPT = 400


@lru_cache(_KEPT)  # the open end of a reply is painted many times
def mathml(tex: str, *, display: bool) -> str | None:
    """Return ``tex``, which stands between delimiters, as a ``<math>`` element; ``None`` if it stays TeX.

    Args:
        tex: the formula.
        display: whether it stands on a line of its own.
    """
    # most replies hold no formula, and most front ends typeset TeX
    from latex2mathml.converter import Converter

    how = "block" if display else "inline"
    try:
        ready = prepared(tex)
        tree = Converter(display=how).convert_to_element(ready.tex)
        body = "".join(Building(ready.words).row(list(tree), 0))
    # It raises what it likes where TeX is not as it expects: IndexError, StopIteration, RecursionError, its own.
    except Exception:  # noqa: BLE001
        return None
    return f'<math display="{how}" style="{_FONTS}">{body}</math>'


def in_both_ways(html: str) -> str:
    """Return finished ``html`` whose formulas are MathML, and TeX where that is taken away.

    Measured: a page that keeps our style shows the first part, and nothing typesets what is in a template. The lab's
    sanitiser takes the style and MathML away, and leaves what is in the template: the letters of the formula stay
    hidden, and MathJax finds the TeX. What cannot be converted stays TeX.
    """
    return _FORMULA.sub(_both, html)


def _both(found: re.Match[str]) -> str:
    made = mathml(unescape(found[2]), display=found[1] == "$$")
    if made is None:
        return found[0]
    # MathJax looks into the words of MathML
    ignored = ' class="tex2jax_ignore mathjax_ignore"' if "$" in made or "\\" in made else ""
    return f'<span hidden="hidden"{ignored} style="display:contents">{made}</span><template>{found[0]}</template>'
