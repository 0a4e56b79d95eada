"""Writes the README's table of options from the table of parameters: ``python -m tests.readme``."""

from __future__ import annotations

import re
from pathlib import Path

from deepseek_magic.app.options import help_markdown

README = Path(__file__).parents[1] / "README.md"
TABLE = re.compile(r"(?<=<!-- options)(:[^\n]*-->\n).*?(?=\n<!-- /options -->)", re.DOTALL)


def main() -> None:
    """Replace what stands between the marks."""
    text = README.read_text(encoding="utf-8")
    README.write_text(TABLE.sub(lambda found: found[1] + help_markdown(), text), encoding="utf-8")


if __name__ == "__main__":
    main()
