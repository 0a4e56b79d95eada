"""Writes the README's tables of options and of front ends: ``python -m tests.readme``."""

from __future__ import annotations

import re
from pathlib import Path

from deepseek_magic.app.options import help_markdown
from deepseek_magic.render.front_ends import FRONT_ENDS, KnownFrontEnd

README = Path(__file__).parents[1] / "README.md"
TABLE = re.compile(r"(?<=<!-- options)(:[^\n]*-->\n).*?(?=\n<!-- /options -->)", re.DOTALL)


FRONT_ENDS_TABLE = re.compile(r"(?<=<!-- front ends)(:[^\n]*-->\n).*?(?=\n<!-- /front ends -->)", re.DOTALL)


def front_ends_markdown() -> str:
    """Return the README's table of front ends."""
    updates = {
        "all": "yes",
        "text": "text; metadata unsure",
        "cell": "of the cell that runs",
        "none": "none: published once",
    }
    lines = [
        "| name | front end | back end | formulas | updates | limits | known by |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| `{one.name}` | {one.title} | `{one.back_end}` | {_maths(one)} | {updates[one.updates]} | {one.limits} | "
        f"{one.basis} |"
        for one in sorted(FRONT_ENDS, key=lambda one: ("measured", "documented", "guessed").index(one.basis))
    ]
    return "\n".join(lines)


def _maths(one: KnownFrontEnd) -> str:
    return "as typed" if one.back_end == "terminal" else "TeX (MathJax)" if one.typesets else "MathML"


def main() -> None:
    """Replace what stands between the marks."""
    text = README.read_text(encoding="utf-8")
    text = TABLE.sub(lambda found: found[1] + help_markdown(), text)
    text = FRONT_ENDS_TABLE.sub(lambda found: found[1] + front_ends_markdown(), text)
    README.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
