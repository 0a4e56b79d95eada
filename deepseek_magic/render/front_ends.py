"""What front ends need done to the HTML of a reply."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Maths = Literal["auto", "tex", "mathml"]


@dataclass(frozen=True, slots=True)
class Needs:
    """What the HTML of a reply needs before a front end shows it.

    Attributes:
        colours: whether code needs colours of its own: nothing there colours Pygments' classes.
        mathml: whether formulas need to be MathML: no MathJax runs there.
    """

    colours: bool = False
    mathml: bool = False
